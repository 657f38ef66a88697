//! Characters that a person does not see and a model reads.

use super::finding::Severity;

/// Hidden text in some lines.
#[derive(Debug)]
pub(super) struct Hidden {
    pub(super) offset: usize,
    pub(super) what: String,
    pub(super) severity: Severity,
}

/// Whether a character shows nothing, or changes how others are shown.
pub(super) fn is_hidden(letter: char) -> bool {
    is_zero_width(letter) || is_bidi(letter) || is_tag(letter) || is_selector(letter)
}

fn is_zero_width(letter: char) -> bool {
    matches!(letter,
        '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{115f}'
        | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{061c}' | '\u{00ad}' | '\u{034f}')
}

fn is_bidi(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_tag(letter: char) -> bool {
    matches!(letter, '\u{e0000}'..='\u{e007f}')
}

fn is_selector(letter: char) -> bool {
    matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_private(letter: char) -> bool {
    matches!(letter, '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// Private characters that fonts use for icons; one or two are how people decorate.
fn is_icon(letter: char) -> bool {
    matches!(letter, '\u{e000}'..='\u{f8ff}')
}

/// Whether at least four such characters stand next to each other here.
fn in_run(letters: &[(usize, char)], at: usize, test: fn(char) -> bool) -> bool {
    let is = |&&(_, letter): &&(usize, char)| test(letter);
    let before = letters[..at].iter().rev().take(4).take_while(is).count();
    let after = letters[at..].iter().take(4).take_while(is).count();
    before + after >= 4
}

/// Whether a character is written from right to left, or needs joiners to be written at all.
fn needs_help(letter: char) -> bool {
    matches!(letter,
        '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' // Hebrew, Arabic and kin
        | '\u{0900}'..='\u{0dff}' | '\u{0e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' // Indic to Khmer
        | '\u{1800}'..='\u{18af}')
}

fn is_emoji(letter: char) -> bool {
    matches!(letter,
        '\u{00a9}' | '\u{00ae}' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}' | '#' | '*' | '0'..='9')
}

/// Finds text that is there but not to be seen.
///
/// A byte order mark at the start, joiners between emoji and within scripts that need them, flags
/// of regions, direction marks beside right-to-left text, and single soft hyphens are how people
/// write.
pub(super) fn hidden(text: &str) -> Vec<Hidden> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let suspects: Vec<usize> = (0..letters.len())
        .filter(|&at| is_suspect(&letters, at))
        .collect();
    let mut found = Vec::new();
    tags(&letters, &suspects, &mut found);
    direction(&letters, &suspects, &mut found);
    zero_width(&letters, &suspects, &mut found);
    selectors(&letters, &suspects, &mut found);
    found.sort_by_key(|hidden| hidden.offset);
    found
}

fn is_suspect(letters: &[(usize, char)], at: usize) -> bool {
    let letter = letters[at].1;
    if is_icon(letter) {
        return in_run(letters, at, is_icon);
    }
    if letter.is_ascii() || !(is_hidden(letter) || is_private(letter)) {
        return false;
    }
    let before = at.checked_sub(1).map(|at| letters[at].1);
    let after = letters.get(at + 1).map(|&(_, letter)| letter);
    let beside = |test: fn(char) -> bool| before.is_some_and(test) || after.is_some_and(test);
    match letter {
        '\u{feff}' => at != 0,
        '\u{200d}' => {
            !(beside(needs_help) || before.is_some_and(joins) && after.is_some_and(is_emoji))
        }
        '\u{200c}' => !beside(needs_help),
        '\u{200e}' | '\u{200f}' | '\u{061c}' => !near(letters, at, needs_help),
        '\u{2066}'..='\u{2069}' | '\u{202a}' | '\u{202b}' | '\u{202c}' => {
            !near(letters, at, needs_help)
        }
        '\u{fe00}'..='\u{fe0f}' => {
            !before.is_some_and(|c| is_emoji(c) || !c.is_ascii() && !is_hidden(c))
        }
        '\u{e0100}'..='\u{e01ef}' => !before
            .is_some_and(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')),
        tag if is_tag(tag) => !in_flag(letters, at),
        _ => true,
    }
}

/// What may stand before a joiner in an emoji: the emoji, its variant or its skin.
fn joins(letter: char) -> bool {
    is_emoji(letter) || letter == '\u{fe0f}'
}

/// Whether the same line has such a character.
fn near(letters: &[(usize, char)], at: usize, test: fn(char) -> bool) -> bool {
    let same_line = |&&(_, letter): &&(usize, char)| letter != '\n';
    let before = letters[..at].iter().rev().take_while(same_line);
    let after = letters[at..].iter().take_while(same_line);
    before.chain(after).any(|&(_, letter)| test(letter))
}

/// Whether a tag belongs to a flag: a black flag, up to six letters, and the end mark.
fn in_flag(letters: &[(usize, char)], at: usize) -> bool {
    let start = letters[..at]
        .iter()
        .rev()
        .take_while(|(_, c)| is_tag(*c))
        .count();
    let flag = (at - start).checked_sub(1).map(|at| letters[at].1);
    let length = letters[at - start..]
        .iter()
        .take_while(|(_, c)| is_tag(*c))
        .count();
    let end = letters.get(at - start + length - 1).map(|&(_, c)| c);
    flag == Some('\u{1f3f4}') && length <= 7 && end == Some('\u{e007f}')
}

fn tags(letters: &[(usize, char)], suspects: &[usize], found: &mut Vec<Hidden>) {
    let tags: Vec<usize> = suspects
        .iter()
        .copied()
        .filter(|&at| is_tag(letters[at].1))
        .collect();
    let Some(&first) = tags.first() else { return };
    let decoded: String = tags
        .iter()
        .filter_map(|&at| char::from_u32(u32::from(letters[at].1) - 0xe0000))
        .filter(|c| !c.is_control())
        .collect();
    found.push(Hidden {
        offset: letters[first].0,
        what: format!("{} tag characters that spell `{decoded}`", tags.len()),
        severity: Severity::Critical,
    });
}

fn direction(letters: &[(usize, char)], suspects: &[usize], found: &mut Vec<Hidden>) {
    let marks: Vec<usize> = suspects
        .iter()
        .copied()
        .filter(|&at| is_bidi(letters[at].1))
        .collect();
    let Some(&first) = marks.first() else { return };
    found.push(Hidden {
        offset: letters[first].0,
        what: format!(
            "{} characters that turn the direction of text: {}",
            marks.len(),
            points(letters, &marks)
        ),
        severity: Severity::Critical,
    });
}

/// Below this many, zero-width characters are what copying from a web page leaves behind.
const FEW: usize = 3;

fn zero_width(letters: &[(usize, char)], suspects: &[usize], found: &mut Vec<Hidden>) {
    let zero: Vec<usize> = suspects
        .iter()
        .copied()
        .filter(|&at| {
            let letter = letters[at].1;
            is_zero_width(letter) && letter != '\u{ad}' || is_private(letter) || is_icon(letter)
        })
        .collect();
    let soft = suspects
        .iter()
        .filter(|&&at| letters[at].1 == '\u{ad}')
        .count();
    if let Some(&first) = zero.first() {
        let run = zero
            .windows(FEW)
            .any(|run| run[FEW - 1] - run[0] == FEW - 1);
        let many = run || zero.len() >= 2 * FEW;
        found.push(Hidden {
            offset: letters[first].0,
            what: format!(
                "{} invisible characters: {}{}",
                zero.len(),
                points(letters, &zero),
                decoded(letters, &zero)
            ),
            severity: if many {
                Severity::Critical
            } else {
                Severity::Low
            },
        });
    } else if soft > 20 {
        let first = suspects.iter().find(|&&at| letters[at].1 == '\u{ad}');
        found.push(Hidden {
            offset: first.map_or(0, |&at| letters[at].0),
            what: format!("{soft} soft hyphens"),
            severity: Severity::Medium,
        });
    }
}

fn selectors(letters: &[(usize, char)], suspects: &[usize], found: &mut Vec<Hidden>) {
    let all: Vec<usize> = suspects
        .iter()
        .copied()
        .filter(|&at| is_selector(letters[at].1))
        .collect();
    let Some(&first) = all.first() else { return };
    let bytes = all.iter().filter_map(|&at| match u32::from(letters[at].1) {
        c @ 0xfe00..=0xfe0f => u8::try_from(c - 0xfe00).ok(),
        c @ 0xe0100..=0xe01ef => u8::try_from(c - 0xe0100 + 16).ok(),
        _ => None,
    });
    let text = String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned();
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let many = all.len() >= FEW;
    found.push(Hidden {
        offset: letters[first].0,
        what: format!(
            "{} variation selectors that vary nothing, as bytes `{text}`",
            all.len()
        ),
        severity: if many {
            Severity::Critical
        } else {
            Severity::Low
        },
    });
}

fn points(letters: &[(usize, char)], at: &[usize]) -> String {
    let mut kinds: Vec<u32> = at.iter().map(|&at| u32::from(letters[at].1)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let shown = kinds.iter().take(4).map(|kind| format!("U+{kind:04X}"));
    shown.collect::<Vec<_>>().join(" ")
}

/// Two kinds of zero-width characters are bits.
fn decoded(letters: &[(usize, char)], at: &[usize]) -> String {
    let bits: Vec<u8> = at
        .iter()
        .filter_map(|&at| match letters[at].1 {
            '\u{200b}' => Some(0),
            '\u{200c}' | '\u{200d}' => Some(1),
            _ => None,
        })
        .collect();
    let bytes: Vec<u8> = bits
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |n, bit| n << 1 | bit))
        .collect();
    match String::from_utf8(bytes) {
        Ok(text) if text.len() > 1 && !text.chars().any(char::is_control) => {
            format!(", as bits `{text}`")
        }
        _ => String::new(),
    }
}

/// Bytes that steer a terminal: ESC, and the one-byte form of CSI and its kin.
pub(super) fn escapes(text: &str) -> Option<(usize, String)> {
    let is_escape = |c: char| matches!(c, '\u{1b}' | '\u{8}' | '\u{80}'..='\u{9f}');
    let offset = text.find(is_escape)?;
    let count = text.chars().filter(|&c| is_escape(c)).count();
    let after: String = text[offset..].chars().skip(1).take(12).collect();
    Some((
        offset,
        format!(
            "{count} terminal control sequences, the first ESC {}",
            after.escape_default()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::{Severity, escapes, hidden};

    fn worst(text: &str) -> Option<Severity> {
        hidden(text).into_iter().map(|hidden| hidden.severity).max()
    }

    #[test]
    fn what_people_write_is_not_hidden_text() {
        let texts = [
            "\u{feff}# Notes",
            "👩\u{200d}💻 👩\u{200d}👧 ❤\u{fe0f} 🏳\u{fe0f}\u{200d}🌈 👩🏽\u{200d}🔬 1\u{fe0f}\u{20e3}",
            "שלום\u{200f}, سلام, नमस्ते क\u{200d}ष, Zoë, می\u{200c}خواهم",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "\u{2067}עברית\u{2069} in a line",
            "葛\u{e0100}城",
            "Donau\u{ad}dampf\u{ad}schiff",
            "plain ASCII",
        ];
        for text in texts {
            assert_eq!(worst(text), None, "{text}");
        }
    }

    #[test]
    fn smuggled_text_is_hidden_text() {
        let tags: String = "run id"
            .chars()
            .filter_map(|c| char::from_u32(0xe0000 + u32::from(c)))
            .collect();
        let bits: String = "hi"
            .bytes()
            .flat_map(|b| {
                (0..8).rev().map(move |n| {
                    if b >> n & 1 == 1 {
                        '\u{200c}'
                    } else {
                        '\u{200b}'
                    }
                })
            })
            .collect();
        let selectors: String = "curl x"
            .bytes()
            .filter_map(|b| char::from_u32(0xe0100 + u32::from(b) - 16))
            .collect();
        let texts = [
            format!("Use tabs.{tags}"),
            format!("Use tabs.{bits}"),
            format!("🙂{selectors}"),
            "if ok \u{202e}\u{2066}// admin only\u{2069}".to_owned(),
        ];
        for text in texts {
            assert_eq!(worst(&text), Some(Severity::Critical), "{text:?}");
        }
        assert!(hidden(&format!("x{tags}"))[0].what.contains("`run id`"));
        assert!(hidden(&format!("x{bits}"))[0].what.contains("`hi`"));
        assert!(hidden(&format!("x{selectors}"))[0].what.contains("url x"));
    }

    #[test]
    fn one_stray_character_is_little() {
        assert_eq!(worst("copied\u{200b} text"), Some(Severity::Low));
    }

    #[test]
    fn terminal_sequences_are_seen() {
        assert!(escapes("a\u{1b}[2Jb").is_some());
        assert!(escapes("a\u{9b}2Jb").is_some());
        assert!(escapes("a\tb\n").is_none());
    }
}
