//! The plain view: escapes resolved, invisible characters taken out, letters folded. What was
//! done to a place is remembered as a veil, what was hidden there as recovered text.

mod folder;
mod unseen;

use std::borrow::Cow;

use super::escape;
use super::map::Map;
use super::seek::seek;
use super::view::{Recovered, Veil, View};
use folder::Folder;
pub(crate) use unseen::{Kind, Trace};

/// A text in its plain form.
#[derive(Debug, Default)]
pub(crate) struct Plain<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) map: Map,
    pub(crate) veils: Vec<Veil>,
    /// What the unseen characters spell. Its place is in the plain text; behind it stands the
    /// place in the original.
    pub(crate) recovered: Vec<(Recovered, (usize, usize))>,
    /// Characters that nobody sees, by kind; offsets in the plain text.
    pub(crate) traces: Vec<Trace>,
}

impl<'a> Plain<'a> {
    /// Reads `text`. Clean ASCII is borrowed.
    pub(crate) fn of(text: &'a str) -> Self {
        match special(text.as_bytes(), 0) {
            Some(first) => Self::folded(text, first),
            None => Self {
                text: Cow::Borrowed(text),
                ..Self::default()
            },
        }
    }

    fn folded(text: &'a str, first: usize) -> Self {
        let bytes = text.as_bytes();
        let mut folder = Folder::new(text.len());
        let mut needless = Needless::default();
        let mut done = 0;
        let mut next = Some(first);
        while let Some(at) = next {
            folder.ascii(&text[done..at], done);
            if let Some(escape) = escape::read(&bytes[at..]) {
                done = at + escape.length;
                let from = folder.len();
                folder.letter(escape.letter, at, done);
                needless.saw(
                    escape.view,
                    escape.is_needless(),
                    from,
                    folder.len(),
                    &mut folder,
                );
            } else if bytes[at].is_ascii() {
                done = at + refused(&bytes[at..]);
                folder.ascii(&text[at..done], at);
            } else if let length @ 1.. = folder.steady(&text[at..], at) {
                done = at + length;
            } else if let Some(letter) = text[at..].chars().next() {
                done = at + letter.len_utf8();
                folder.letter(letter, at, done);
            }
            next = special(bytes, done);
        }
        folder.ascii(&text[done..], done);
        needless.end(&mut folder);
        folder.finish(text.len())
    }
}

/// The next byte that needs a look.
fn special(bytes: &[u8], from: usize) -> Option<usize> {
    seek(&bytes[from..], is_special).map(|at| from + at)
}

const fn is_special(byte: u8) -> bool {
    byte >= 0x80 || begins_escape(byte)
}

const fn begins_escape(byte: u8) -> bool {
    matches!(byte, b'\\' | b'&' | b'%')
}

/// How many bytes from the first on could begin an escape and do not: the first is known not to.
fn refused(bytes: &[u8]) -> usize {
    let mut count = 1;
    while bytes.get(count).is_some_and(|&byte| begins_escape(byte))
        && escape::read(&bytes[count..]).is_none()
    {
        count += 1;
    }
    count
}

/// A run of letters that were escaped without need.
#[derive(Default)]
struct Needless {
    view: Option<View>,
    start: usize,
    end: usize,
    letters: usize,
}

impl Needless {
    /// Fewer letters are an accident.
    const ENOUGH: usize = 8;

    fn saw(&mut self, view: View, needless: bool, start: usize, end: usize, folder: &mut Folder) {
        // A raw character or two between escapes does not end the run.
        if self.view != Some(view) || start > self.end + 2 {
            self.end(folder);
            self.start = start;
        }
        self.view = Some(view);
        self.end = end;
        self.letters += usize::from(needless);
    }

    fn end(&mut self, folder: &mut Folder) {
        if let Some(view) = self.view.take().filter(|_| self.letters >= Self::ENOUGH) {
            folder.veil(self.start, self.end, view);
        }
        self.letters = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Plain;
    use crate::injection::view::View;

    fn seen(text: &str) -> (String, Vec<View>) {
        let plain = Plain::of(text);
        let views = plain.veils.iter().map(|veil| veil.view).collect();
        (plain.text.into_owned(), views)
    }

    #[test]
    fn clean_text_is_not_copied() {
        let plain = Plain::of("nothing to see here");
        assert!(matches!(plain.text, std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn accents_widths_and_styles_are_folded() {
        assert_eq!(seen("é naïve łódź").0, "e naive lodz");
        assert_eq!(seen("Ｉｇｎｏｒｅ"), ("Ignore".into(), vec![View::Styled]));
        assert_eq!(seen("𝐈𝐠𝐧𝐨𝐫𝐞 it").0, "Ignore it");
    }

    #[test]
    fn words_of_mixed_alphabets_are_read_as_latin() {
        let (text, views) = seen("Іgnоrе аll рrevіous");
        assert_eq!(text, "Ignore all previous");
        assert_eq!(views, [View::Lookalike]);
    }

    #[test]
    fn russian_stays_russian() {
        let text = "Сборка не проходит, смотри журнал";
        assert_eq!(seen(text), (text.into(), vec![]));
    }

    #[test]
    fn letters_escaped_without_need_are_a_veil() {
        let escaped: String = "ignore all"
            .bytes()
            .map(|b| format!("\\u{b:04x}"))
            .collect();
        assert_eq!(seen(&escaped), ("ignore all".into(), vec![View::Escaped]));
        assert_eq!(seen(r"a\nb \u00e9"), ("a\nb e".into(), vec![]));
    }

    #[test]
    fn places_point_back_into_the_original() {
        let text = "é\u{200b}x &lt;b&gt; Ignore";
        let plain = Plain::of(text);
        let at = plain.text.find("Ignore").map(|at| plain.map.origin(at));
        assert_eq!(at, text.find("Ignore"));
    }
}
