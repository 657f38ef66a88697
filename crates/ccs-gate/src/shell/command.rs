//! Lists, pipelines and simple commands.

use super::ast::{
    Assign, Document, Item, Node, Part, Redirect, RedirectKind, Script, Simple, Word,
};
use super::cursor::{Cursor, is_name};

/// Reads a whole text.
pub(crate) fn parse(source: &str) -> Document<'_> {
    let mut cursor = Cursor::new(source);
    let mut script = Script::default();
    while cursor.at < source.len() {
        let before = cursor.at;
        script.items.extend(cursor.script(&[]).items);
        if cursor.at == before {
            cursor.bump(); // a closing word that nothing opened
        }
    }
    if !cursor.pending.is_empty() {
        cursor.at = source.len();
    }
    Document {
        script,
        bodies: cursor.bodies,
        unread: cursor.unread,
    }
}

/// Reads the text of an unquoted here-document: one word in which only `$`, `` ` `` and `\`
/// mean something.
pub(crate) fn document(text: &str) -> Document<'_> {
    let mut cursor = Cursor::new(text);
    let word = cursor.here_word();
    let words = vec![word];
    let simple = Simple {
        words,
        ..Simple::default()
    };
    let item = Item {
        node: Node::Simple(simple),
        conditional: false,
        background: false,
        rest: "",
    };
    Document {
        script: Script { items: vec![item] },
        bodies: cursor.bodies,
        unread: cursor.unread,
    }
}

impl<'a> Cursor<'a> {
    fn here_word(&mut self) -> Word<'a> {
        let mut parts = Vec::new();
        while let Some(byte) = self.byte() {
            if !self.spend() {
                break;
            }
            match byte {
                b'$' => self.dollar(true, &mut parts),
                b'`' => parts.push(self.backtick(true)),
                b'\\' => self.escaped_in_here(&mut parts),
                _ => {
                    let start = self.at;
                    self.skip_until(|b| matches!(b, b'$' | b'`' | b'\\'));
                    parts.push(Part::Quoted(self.since(start).into()));
                }
            }
        }
        Word { parts }
    }

    fn escaped_in_here(&mut self, parts: &mut Vec<Part<'a>>) {
        let start = self.at;
        match self.peek(1) {
            Some(b'\n') => self.at += 2,
            Some(b'$' | b'`' | b'\\') => {
                self.at += 2;
                parts.push(Part::Quoted(self.since(start + 1).into()));
            }
            _ => {
                self.at += 1;
                parts.push(Part::Quoted("\\".into()));
            }
        }
    }

    /// Commands up to one of the closing words, which is left in place.
    pub(super) fn script(&mut self, closing: &[&str]) -> Script<'a> {
        let mut script = Script::default();
        let mut conditional = false;
        loop {
            self.skip_separators(&mut conditional);
            if self.byte().is_none() || self.closes(closing) || !self.spend() {
                return script;
            }
            let before = self.at;
            if let Some(node) = self.pipeline() {
                let background = self.background();
                let rest = self.rest();
                script.items.push(Item {
                    node,
                    conditional,
                    background,
                    rest,
                });
            }
            conditional = false;
            if self.at == before && !self.step_over_stray() {
                return script;
            }
        }
    }

    /// Between commands: blanks, newlines, `;`, `&&` and `||`.
    fn skip_separators(&mut self, conditional: &mut bool) {
        loop {
            self.skip_lines();
            if self.eat("&&") || self.eat("||") {
                *conditional = true;
            } else if self.looking_at(";;") || self.looking_at(";&") {
                return;
            } else if self.byte() == Some(b';')
                || self.byte() == Some(b'&') && self.peek(1) != Some(b'>')
            {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    fn background(&mut self) -> bool {
        self.skip_blanks();
        self.byte() == Some(b'&') && !matches!(self.peek(1), Some(b'&' | b'>'))
    }

    /// A token nothing can begin with, such as a stray `)`: bash would stop, we go on after it.
    fn step_over_stray(&mut self) -> bool {
        match self.byte() {
            Some(b')' | b';') => false,
            Some(_) => {
                self.bump();
                true
            }
            None => false,
        }
    }

    /// Whether one of the closing words comes next, as a word of its own.
    pub(super) fn closes(&self, closing: &[&str]) -> bool {
        closing.iter().any(|word| match word.as_bytes() {
            [b')' | b';', ..] => self.looking_at(word),
            _ => self.at_keyword(word),
        })
    }

    /// Whether the reserved word `word` comes next, unquoted and complete.
    pub(super) fn at_keyword(&self, word: &str) -> bool {
        let after = self.source.as_bytes().get(self.at + word.len());
        self.looking_at(word)
            && after.is_none_or(|&b| super::cursor::is_meta(b) || (word == "{" && b == b'\n'))
    }

    pub(super) fn eat_keyword(&mut self, word: &str) -> bool {
        let found = self.at_keyword(word);
        if found {
            self.at += word.len();
        }
        found
    }

    pub(super) fn pipeline(&mut self) -> Option<Node<'a>> {
        self.prefixes();
        let mut stages = Vec::new();
        loop {
            stages.extend(self.command());
            self.skip_blanks();
            if self.looking_at("||") || self.byte() != Some(b'|') || !self.spend() {
                break;
            }
            self.at += if self.looking_at("|&") { 2 } else { 1 };
            self.skip_lines();
        }
        if stages.len() > 1 {
            Some(Node::Pipe(stages))
        } else {
            stages.pop()
        }
    }

    /// `!` and `time -p` before a pipeline.
    fn prefixes(&mut self) {
        loop {
            self.skip_blanks();
            if self.eat_keyword("time") {
                self.skip_blanks();
                self.eat_keyword("-p");
            } else if !self.eat_keyword("!") {
                return;
            }
        }
    }

    fn command(&mut self) -> Option<Node<'a>> {
        self.skip_blanks();
        self.compound()
            .or_else(|| self.function())
            .or_else(|| self.simple())
    }

    /// Assignments, words and redirections up to the end of the command.
    pub(super) fn simple(&mut self) -> Option<Node<'a>> {
        let mut simple = Simple::default();
        let start = self.at;
        loop {
            self.skip_blanks();
            let before = self.at;
            if let Some(redirect) = self.redirect() {
                simple.redirects.push(redirect);
            } else if let Some(assign) = self.assignment(&simple) {
                simple.assigns.push(assign);
            } else {
                let word = self.word();
                if !word.parts.is_empty() {
                    simple.words.push(word);
                }
            }
            if self.at == before || !self.spend() {
                break;
            }
        }
        (self.at > start).then_some(Node::Simple(simple))
    }

    /// `NAME=…` before the command word, and arrays after it (`declare -a x=(…)`).
    fn assignment(&mut self, simple: &Simple<'_>) -> Option<Assign<'a>> {
        let start = self.at;
        let found = self.assignment_here(simple.words.is_empty());
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn assignment_here(&mut self, leading: bool) -> Option<Assign<'a>> {
        if !self
            .byte()
            .is_some_and(|b| is_name(b) && !b.is_ascii_digit())
        {
            return None;
        }
        let start = self.at;
        self.skip_until(|b| !is_name(b));
        let name = self.since(start);
        let index = if leading && self.plausible_subscript() {
            self.subscript()
        } else {
            None
        };
        let append = self.eat("+=");
        if !append && !self.eat("=") {
            return None;
        }
        let array = self.byte() == Some(b'(');
        if !array && !leading {
            return None;
        }
        let value = if array {
            self.array()
        } else {
            vec![self.word()]
        };
        Some(Assign {
            name,
            append,
            index,
            value,
            array,
        })
    }

    /// `[…]=` within a short distance: otherwise it is a pattern.
    fn plausible_subscript(&self) -> bool {
        let ahead = &self.source.as_bytes()[self.at..];
        let ahead = &ahead[..ahead.len().min(256)];
        ahead.first() == Some(&b'[')
            && ahead
                .windows(2)
                .any(|pair| pair[0] == b']' && matches!(pair[1], b'=' | b'+'))
    }

    pub(super) fn array(&mut self) -> Vec<Word<'a>> {
        self.at += 1;
        let mut words = Vec::new();
        loop {
            self.skip_lines();
            let before = self.at;
            let word = self.word();
            if !word.parts.is_empty() {
                words.push(word);
            }
            if self.at == before {
                break;
            }
        }
        self.eat(")");
        words
    }

    /// A redirection, if one comes next.
    pub(super) fn redirect(&mut self) -> Option<Redirect<'a>> {
        let start = self.at;
        let fd = self.descriptor();
        let Some(kind) = self.redirect_operator() else {
            self.at = start;
            return None;
        };
        self.skip_blanks();
        let strip_tabs = matches!(kind, RedirectKind::Here { .. }) && self.eat("-");
        self.skip_blanks();
        let from = self.at;
        let target = self.word();
        let mut redirect = Redirect {
            kind,
            fd,
            target,
            body: 0,
        };
        if let RedirectKind::Here { .. } = kind {
            let (delimiter, quoted) = delimiter(self.since(from));
            redirect.kind = RedirectKind::Here { quoted };
            redirect.body = self.expect_here(delimiter, strip_tabs);
        }
        Some(redirect)
    }

    /// A number or `{name}` right before `<` or `>`.
    fn descriptor(&mut self) -> Option<u32> {
        let start = self.at;
        if self.byte() == Some(b'{') {
            let ahead = &self.source.as_bytes()[self.at + 1..];
            let name = ahead.iter().take_while(|&&b| is_name(b)).count();
            if name > 0 && ahead.get(name) == Some(&b'}') && is_redirect(ahead.get(name + 1)) {
                self.at += name + 2;
            }
            return None;
        }
        self.skip_until(|b| !b.is_ascii_digit());
        if is_redirect(self.byte().as_ref()) {
            return self.since(start).parse().ok();
        }
        self.at = start;
        None
    }

    fn redirect_operator(&mut self) -> Option<RedirectKind> {
        const OPERATORS: [(&str, RedirectKind); 12] = [
            ("<<<", RedirectKind::HereString),
            ("<<", RedirectKind::Here { quoted: false }),
            ("<&", RedirectKind::DupIn),
            ("<>", RedirectKind::ReadWrite),
            ("<", RedirectKind::Read),
            ("&>>", RedirectKind::Both),
            ("&>", RedirectKind::Both),
            (">>", RedirectKind::Append),
            (">&", RedirectKind::DupOut),
            (">|", RedirectKind::Write),
            (">!", RedirectKind::Write),
            (">", RedirectKind::Write),
        ];
        if self.looking_at("<(") || self.looking_at(">(") {
            return None;
        }
        OPERATORS
            .iter()
            .find(|(text, _)| self.eat(text))
            .map(|&(_, kind)| kind)
    }
}

fn is_redirect(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'<' | b'>'))
}

/// The delimiter of a here-document without its quotes, and whether it had any.
fn delimiter(written: &str) -> (String, bool) {
    let plain: String = written
        .chars()
        .filter(|c| !matches!(c, '\'' | '"' | '\\'))
        .collect();
    let quoted = plain.len() != written.len();
    (plain, quoted)
}
