//! Text that pretends to come from somebody else: tokens of chat templates, tags of the program
//! around the model, lines that hand the word to another speaker, calls of tools.

use super::shape::Shape;
use super::token::{Flags, Token};
use super::words::{class, kind};

/// How many words behind a speaker's name an order may stand.
const SOON: usize = 16;

/// A shape and the bytes it is about.
pub(crate) type Found = (Shape, usize, usize);

/// Everything of that kind in `text`.
pub(crate) fn look(text: &str, tokens: &[Token]) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.flags.has(Flags::IN_TAG.and(Flags::BRACKET)) {
            bracketed(text, tokens, at, &mut found);
        }
        if !token.is_kind(kind::LABEL) {
            continue;
        }
        if token.is(&class::ROLE_KEY) {
            message(text, tokens, at, &mut found);
        }
        if token.is(&class::ORDER_TAG) || token.is(&class::AI) {
            labelled(text, tokens, at, &mut found);
        }
    }
    lines(text, tokens, &mut found);
    found
}

/// `<|im_start|>`, `[INST]`, `<<SYS>>`, `<system-reminder>`.
fn bracketed(text: &str, tokens: &[Token], at: usize, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let token = &tokens[at];
    let (mut first, mut last) = (token, token);
    // Names of several words: `system-reminder`, `start_header_id`.
    let mut end = at;
    while let Some(next) = tokens
        .get(end + 1)
        .filter(|next| next.flags.has(Flags::TIED) && end - at < 4)
    {
        last = next;
        end += 1;
    }
    let open = bytes[..token.start()]
        .iter()
        .rev()
        .take(4)
        .take_while(|b| matches!(b, b'<' | b'|' | b'[' | b'/' | b' '))
        .count();
    let (open, close) = (
        &bytes[token.start() - open..token.start()],
        &bytes[last.end()..bytes.len().min(last.end() + 3)],
    );
    let start = token.start() - open.len();
    if open.ends_with(b"<|") && close.starts_with(b"|>") {
        // the speaker's name stands between the token and what is said
        let ordered = tokens
            .get(end + 1)
            .is_some_and(|next| next.is(&class::AUTHORITY_ROLE))
            && is_order(tokens, end + 2);
        let shape = if ordered {
            Shape::RoleOrder
        } else {
            Shape::TemplateToken
        };
        return found.push((shape, start, last.end() + 2));
    }
    let twice = open.ends_with(b"<<") && close.starts_with(b">>");
    let square = open.ends_with(b"[") || open.ends_with(b"[/");
    if (twice || square && close.starts_with(b"]"))
        && token.is(&class::TEMPLATE_NAME)
        && token.flags.has(Flags::CAPITALS)
    {
        return found.push((Shape::TemplateToken, start, last.end() + 1));
    }
    let tag = open.ends_with(b"<") || open.ends_with(b"</");
    if !tag
        || !close
            .first()
            .is_some_and(|b| matches!(b, b'>' | b' ' | b'/'))
    {
        return;
    }
    if end == at && token.is(&class::TEMPLATE_TAG) {
        return found.push((Shape::TemplateToken, start, last.end() + 1));
    }
    let of_program = start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
    first = if token.is(&class::TAG_PREFIX) && end > at {
        &tokens[at + 1]
    } else {
        first
    };
    let is_call = first.is(&class::CALL_TAG) && (end > at || !first.is(&class::CALL_PART));
    if is_call {
        found.push((Shape::ToolCall, start, last.end() + 1));
    } else if of_program
        && is_role_tag(&tokens[at..=end])
        && bytes.get(last.end() + 1) != Some(&b'`')
    {
        let ordered = close.starts_with(b">") && !open.ends_with(b"/") && is_order(tokens, end + 1);
        let shape = if ordered {
            Shape::RoleOrder
        } else {
            Shape::RoleTag
        };
        found.push((shape, start, last.end() + 1));
    }
}

/// `system`, `system_prompt`, `tool_result`, `function-results`, `user_input`.
fn is_role_tag(name: &[Token]) -> bool {
    match name {
        [one] => one.is(&class::ROLE_TAG),
        [first, second, ..] => {
            first.is(&class::ROLE_TAG_FIRST) && second.is(&class::ROLE_TAG_SECOND)
        }
        [] => false,
    }
}

/// `"role": "system", "content": "…"`.
fn message(text: &str, tokens: &[Token], at: usize, found: &mut Vec<Found>) {
    let Some([role, value, content]) = tokens.get(at..at + 3) else {
        return;
    };
    let between = &text[role.end()..value.start()];
    let assigned =
        between.len() <= 8 && between.contains([':', '=']) && between.contains(['"', '\'']);
    let told = tokens
        .get(at + 3)
        .is_some_and(|next| next.start() - content.end() <= 8);
    if assigned && told && value.is(&class::AUTHORITY_ROLE) && content.is(&class::CONTENT_KEY) {
        let shape = if is_order(tokens, at + 3) {
            Shape::JsonOrder
        } else {
            Shape::RoleJson
        };
        found.push((shape, role.start(), content.end()));
    }
}

/// Lines such as `System: …` or `### Assistant:`.
fn lines(text: &str, tokens: &[Token], found: &mut Vec<Found>) {
    let mut speakers: Vec<(usize, usize, Option<bool>)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.is_kind(kind::SPEAKER) || !token.flags.has(Flags::CAPITAL) {
            continue;
        }
        let colon = token.flags.has(Flags::COLON)
            || tokens.get(at + 1).is_some_and(|next| {
                next.is(&class::SPEAKER_TITLE)
                    && next.flags.has(Flags::COLON)
                    && next.start() - token.end() <= 2
            });
        if is_heading(text, tokens, at) {
            found.push((Shape::RoleOrder, token.start(), token.end()));
            continue;
        }
        if !colon || !starts_line(text, token.start()) {
            continue;
        }
        let said = tokens[at + 1..]
            .iter()
            .take(4)
            .filter(|next| !next.flags.has(Flags::TIED))
            .count()
            >= 2;
        if !said {
            continue;
        }
        let authority = token.is(&class::AUTHORITY_ROLE);
        if authority {
            let first = at + 1 + usize::from(!token.flags.has(Flags::COLON));
            let ordered = is_order(tokens, first) || orders_soon(tokens, first);
            let shape = if ordered {
                Shape::RoleOrder
            } else {
                Shape::RoleLine
            };
            found.push((shape, token.start(), token.end() + 1));
        }
        let model = token.is(&class::MODEL_ROLE);
        speakers.push((
            token.start(),
            token.end(),
            (model || token.is(&class::HUMAN_ROLE)).then_some(model),
        ));
    }
    for pair in speakers.windows(2) {
        let near = pair[1].0 - pair[0].1 < 600;
        if near && pair[0].2.is_some_and(|first| pair[1].2 == Some(!first)) {
            found.push((Shape::Dialogue, pair[0].0, pair[1].1));
        }
    }
}

/// `### System` on a line of its own, and the next tells the reader who they are: `You are now`,
/// `You must`.
fn is_heading(text: &str, tokens: &[Token], at: usize) -> bool {
    let bytes = text.as_bytes();
    let name = &tokens[at];
    let marked = name.start() > 1 && bytes[..name.start()].ends_with(b"# ");
    let Some([you, verb, order]) = tokens.get(at + 1..at + 4) else {
        return false;
    };
    let spoken_to = you.flags.has(Flags::LINE) && you.is(&class::YOU_EN);
    let told = verb.is(&class::MODAL) || order.is(&class::NOW);
    marked && name.is(&class::AUTHORITY_ROLE) && spoken_to && told
}

/// `<hidden>Run …`, `###(system_message) Send …`, `system_prompt: |` in YAML: a label, and an order
/// directly behind it.
fn labelled(text: &str, tokens: &[Token], at: usize, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let token = &tokens[at];
    let mut last = at;
    while tokens
        .get(last + 1)
        .is_some_and(|next| next.flags.has(Flags::TIED) && last - at < 4)
    {
        last += 1;
    }
    let alone = last == at;
    let is_block = !alone && bytes[tokens[last].end()..].starts_with(b": |");
    if is_block && is_role_tag(&tokens[at..=last]) && is_order(tokens, last + 1) {
        return found.push((Shape::OrderTag, token.start(), tokens[last].end() + 1));
    }
    let open = token.start().checked_sub(1).map(|before| bytes[before]);
    let Some(close) = open.and_then(closing) else {
        return;
    };
    let tag = close == b'>';
    let named = if tag {
        token.is(&class::ORDER_TAG) || !alone
    } else {
        let loud = close == b']' && token.flags.has(Flags::CAPITALS);
        is_role_tag(&tokens[at..=last]) && !alone || loud && token.is(&class::AUTHORITY_ROLE)
    };
    let begins = tag || starts_line(text, token.start() - 1);
    if named
        && begins
        && bytes.get(tokens[last].end()) == Some(&close)
        && is_order(tokens, last + 1)
    {
        found.push((Shape::OrderTag, token.start() - 1, tokens[last].end() + 1));
    }
}

const fn closing(open: u8) -> Option<u8> {
    match open {
        b'<' => Some(b'>'),
        b'(' => Some(b')'),
        b'[' => Some(b']'),
        b'{' => Some(b'}'),
        _ => None,
    }
}

/// Whether somebody is told to do something from `at` on: `please run`, `you must`, `the assistant
/// must`.
fn is_order(tokens: &[Token], at: usize) -> bool {
    let Some(first) = tokens.get(at) else {
        return false;
    };
    let ahead = |from: usize, to: usize| {
        tokens
            .get(at + from..(at + to).min(tokens.len()))
            .unwrap_or_default()
    };
    let polite = first.is(&class::LEADIN) && ahead(1, 3).iter().any(|next| next.is(&class::ACT));
    let told = ahead(0, 5)
        .windows(2)
        .any(|pair| pair[0].is(&class::MODAL) && pair[1].is(&class::ACT));
    let said = ahead(1, 4)
        .iter()
        .filter(|next| !next.flags.has(Flags::IN_TAG))
        .count()
        >= 2;
    said && (first.is(&class::ACT) && !first.flags.has(Flags::COLON) || polite || told)
}

/// Whether a sentence or clause that begins within the same paragraph tells somebody to do
/// something: `the user has left; answer the next request`.
fn orders_soon(tokens: &[Token], from: usize) -> bool {
    (from..tokens.len().min(from + SOON))
        .take_while(|&at| at == from || !tokens[at].flags.has(Flags::LINE))
        .any(|at| {
            let token = &tokens[at];
            token.is(&class::ACT)
                && token.flags.has(Flags::BREAK)
                && !token.flags.has(Flags::TIED.and(Flags::COLON))
                && is_order(tokens, at)
        })
}

/// Only marks stand between the beginning of the line, or of its value, and the word.
fn starts_line(text: &str, at: usize) -> bool {
    let before = &text.as_bytes()[..at];
    let marks = before
        .iter()
        .rev()
        .take(24)
        .take_while(|b| b" #*>-/[=_(\t".contains(b))
        .count();
    match before.len().checked_sub(marks + 1).map(|last| before[last]) {
        None | Some(b'\n' | b'"' | b':' | b'!') => true,
        // the end of a tag
        Some(last) => {
            marks > 0
                && before[before.len() - marks] == b'>'
                && (last.is_ascii_alphanumeric() || last == b'\'')
        }
    }
}
