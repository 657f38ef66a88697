//! What a terminal does not show, or takes back after showing it.

use super::seek::seek;
use super::shape::Shape;
use super::view::{Veil, View};

/// Longer stretches are cut.
const LONGEST: usize = 4096;

/// Concealed stretches, and sequences that do more than show text.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    pub(crate) veils: Vec<Veil>,
    /// Shape and the bytes it is about.
    pub(crate) shapes: Vec<(Shape, usize, usize)>,
}

/// Looks at the control characters of `text`.
pub(crate) fn look(text: &str) -> Terminal {
    let mut terminal = Terminal::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = seek(&bytes[at..], |b| matches!(b, 0x1b | 0x08)) {
        at += next;
        at += match bytes[at] {
            0x08 => terminal.backspaces(bytes, at),
            _ => match bytes.get(at + 1) {
                Some(b'[') => terminal.sequence(bytes, at),
                Some(b']') => terminal.command(bytes, at),
                _ => 1,
            },
        };
    }
    terminal
}

impl Terminal {
    fn veil(&mut self, start: usize, end: usize, view: View) {
        if end > start {
            self.veils.push(Veil {
                start,
                end,
                view,
                words: 1,
            });
        }
    }

    /// One that follows the last at once is one with it.
    fn shape(&mut self, shape: Shape, start: usize, end: usize) {
        match self.shapes.last_mut() {
            Some(last) if last.0 == shape && last.2 == start => last.2 = end,
            _ => self.shapes.push((shape, start, end)),
        }
    }

    /// Takes back what stands before.
    fn backspaces(&mut self, bytes: &[u8], at: usize) -> usize {
        let count = bytes[at..].iter().take_while(|b| **b == 0x08).count();
        if count > 1 {
            let start = line_start(bytes, at);
            self.veil(start, at, View::Terminal);
            self.shape(Shape::TerminalHidden, start, at + count);
        }
        count
    }

    /// `ESC [ numbers letter`.
    fn sequence(&mut self, bytes: &[u8], at: usize) -> usize {
        let numbers = bytes[at + 2..]
            .iter()
            .take(64)
            .take_while(|b| (0x20..0x40).contains(*b))
            .count();
        let Some(&action) = bytes.get(at + 2 + numbers) else {
            return 2;
        };
        let end = at + 3 + numbers;
        let numbers = &bytes[at + 2..at + 2 + numbers];
        match action {
            b'm' if conceals(numbers, bytes, end) => {
                let length = concealed(&bytes[end..]);
                self.veil(end, end + length, View::Terminal);
                self.shape(Shape::TerminalHidden, at, end + length);
                return end - at + length;
            }
            // Erases the line or moves up over it.
            b'K' | b'J' if numbers != b"0" && !numbers.is_empty() => self.erased(bytes, at),
            b'A' | b'F' => self.erased(bytes, at),
            _ => {}
        }
        end - at
    }

    fn erased(&mut self, bytes: &[u8], at: usize) {
        let mut end = at;
        while end > 0 && matches!(bytes[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        let start = line_start(bytes, end);
        self.veil(start, end, View::Terminal);
    }

    /// `ESC ] number ; …`: links, the title, the clipboard.
    fn command(&mut self, bytes: &[u8], at: usize) -> usize {
        let inside = &bytes[at + 2..bytes.len().min(at + 2 + LONGEST)];
        let length = inside
            .iter()
            .position(|b| matches!(b, 0x07 | 0x1b | b'\n'))
            .unwrap_or(inside.len());
        let inside = &inside[..length];
        if inside.starts_with(b"8;") {
            self.veil(at + 4, at + 2 + length, View::Address);
        } else if inside.starts_with(b"52;") || inside.starts_with(b"50;") {
            self.shape(Shape::TerminalControl, at, at + 2 + length);
        }
        2 + length
    }
}

/// Whether the numbers hide text or give it the colour of its ground. The ground may be set by the
/// next sequence.
fn conceals(numbers: &[u8], bytes: &[u8], end: usize) -> bool {
    let next = bytes
        .get(end..)
        .and_then(|rest| rest.strip_prefix(b"\x1b["))
        .map_or(&b""[..], |rest| {
            let length = rest.iter().take(32).position(|b| *b == b'm').unwrap_or(0);
            &rest[..length]
        });
    let mut colours = Colours::default();
    colours.read(numbers);
    colours.read(next);
    colours.hidden || (colours.ink.is_some() && colours.ink == colours.ground)
}

#[derive(Default)]
struct Colours {
    hidden: bool,
    ink: Option<Vec<u8>>,
    ground: Option<Vec<u8>>,
}

impl Colours {
    fn read(&mut self, numbers: &[u8]) {
        let parts: Vec<&[u8]> = numbers.split(|b| matches!(b, b';' | b':')).collect();
        let mut at = 0;
        while at < parts.len() {
            let long = match (parts[at], parts.get(at + 1).copied()) {
                (b"38" | b"48", Some(b"2")) => 5,
                (b"38" | b"48", Some(b"5")) => 3,
                _ => 1,
            };
            let value = || parts[at + 1..parts.len().min(at + long)].join(&b';');
            match parts[at] {
                b"8" => self.hidden = true,
                b"38" => self.ink = Some(value()),
                b"48" => self.ground = Some(value()),
                [b'3' | b'9', digit] if *digit <= b'7' => {
                    self.ink = Some(vec![parts[at][0] / b'9', *digit]);
                }
                [b'4', digit] if *digit <= b'7' => self.ground = Some(vec![0, *digit]),
                [b'1', b'0', digit] if *digit <= b'7' => self.ground = Some(vec![1, *digit]),
                _ => {}
            }
            at += long;
        }
    }
}

/// How long the hidden text is: to the next sequence that shows text again.
fn concealed(rest: &[u8]) -> usize {
    let rest = &rest[..rest.len().min(LONGEST)];
    let mut at = 0;
    while let Some(next) = seek(&rest[at..], |b| b == 0x1b) {
        at += next;
        let shows = [
            &b"\x1b[0m"[..],
            b"\x1b[m",
            b"\x1b[28m",
            b"\x1b[39m",
            b"\x1b[0;",
            b"\x1b[49m",
        ];
        if at > 0 && shows.iter().any(|end| rest[at..].starts_with(end)) {
            return at;
        }
        at += 1;
    }
    rest.len()
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let line = bytes[at.saturating_sub(LONGEST)..at]
        .iter()
        .rev()
        .take_while(|b| !matches!(b, b'\n' | b'\r' | 0x08 | 0x1b))
        .count();
    at - line
}

#[cfg(test)]
mod tests {
    use super::look;

    fn hidden(text: &str) -> Vec<&str> {
        look(text)
            .veils
            .into_iter()
            .map(|veil| &text[veil.start..veil.end])
            .collect()
    }

    #[test]
    fn hidden_and_same_coloured_text_is_seen() {
        assert_eq!(hidden("a\u{1b}[8mb\u{1b}[0mc"), ["b"]);
        assert_eq!(hidden("a\u{1b}[30;40mb\u{1b}[0mc"), ["b"]);
        assert_eq!(
            hidden("\u{1b}[38;2;0;0;0m\u{1b}[48;2;0;0;0mb\u{1b}[0m"),
            ["\u{1b}[48;2;0;0;0mb"]
        );
    }

    #[test]
    fn text_that_is_taken_back_is_seen() {
        assert_eq!(hidden("a\nbc\u{8}\u{8}d"), ["bc"]);
        assert_eq!(hidden("a\nbc\r\u{1b}[2Kd"), ["bc"]);
    }

    #[test]
    fn coloured_text_is_no_secret() {
        assert_eq!(
            hidden("\u{1b}[31merror\u{1b}[0m: \u{1b}[1;33mwarning\u{1b}[0m"),
            <[&str; 0]>::default()
        );
    }

    #[test]
    fn the_clipboard_is_not_the_business_of_output() {
        assert_eq!(look("\u{1b}]52;c;cm0gLXJm\u{7}").shapes.len(), 1);
        assert_eq!(look("\u{1b}]0;title\u{7}").shapes.len(), 0);
    }
}
