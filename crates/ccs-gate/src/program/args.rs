//! Arguments in the manner of getopt.

use crate::value::Value;

/// Options and words of a command line.
#[derive(Debug, Default)]
pub(crate) struct Args<'v> {
    /// Options with their values: `-o`, `--output`; a value that is attached or in the next word.
    options: Vec<(&'v str, Option<&'v str>)>,
    /// Everything else.
    pub(crate) words: Vec<&'v Value>,
}

impl<'v> Args<'v> {
    /// Reads arguments; `takes` lists the options that have a value, such as `-o` or `--output`.
    pub(crate) fn read(args: &'v [Value], takes: &[&str]) -> Self {
        let mut read = Self::default();
        let mut rest = args.iter();
        while let Some(value) = rest.next() {
            let text = value.text.as_str();
            if text == "--" {
                read.words.extend(rest.by_ref());
            } else if let Some(long) = text.strip_prefix("--") {
                let (name, attached) = split(text, long);
                let takes = attached.is_none() && takes.contains(&name);
                let value = if takes {
                    rest.next().map(|value| value.text.as_str())
                } else {
                    attached
                };
                read.options.push((name, value));
            } else if text.len() > 1 && text.starts_with('-') {
                read.cluster(text, takes, &mut rest);
            } else {
                read.words.push(value);
            }
        }
        read
    }

    /// `-abc`, `-ovalue`, `-o value`.
    fn cluster(&mut self, text: &'v str, takes: &[&str], rest: &mut std::slice::Iter<'v, Value>) {
        for (at, letter) in text.char_indices().skip(1) {
            let end = at + letter.len_utf8();
            let taking = takes
                .iter()
                .any(|take| take.len() == end - at + 1 && take[1..] == text[at..end]);
            if !taking {
                self.options.push((&text[at..end], None));
                continue;
            }
            let attached = Some(&text[end..]).filter(|value| !value.is_empty());
            let value = attached.or_else(|| rest.next().map(|value| value.text.as_str()));
            self.options.push((&text[at..end], value));
            return;
        }
    }

    /// Whether any of the options is given: letters for short ones, `--name` for long ones, which
    /// may be abbreviated down to three letters.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.options
            .iter()
            .any(|(given, _)| names.iter().any(|name| same(given, name)))
    }

    /// The value of the first of the options that has one.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&'v str> {
        self.values(names).next()
    }

    /// Every value of the options.
    pub(crate) fn values(&self, names: &[&str]) -> impl Iterator<Item = &'v str> {
        self.options
            .iter()
            .filter(move |(given, _)| names.iter().any(|name| same(given, name)))
            .filter_map(|(_, value)| *value)
    }

    /// The words as texts.
    pub(crate) fn texts(&self) -> impl DoubleEndedIterator<Item = &'v str> + '_ {
        self.words.iter().map(|value| value.text.as_str())
    }
}

fn split<'t>(text: &'t str, long: &'t str) -> (&'t str, Option<&'t str>) {
    match long.find('=') {
        Some(at) => (&text[..at + 2], Some(&long[at + 1..])),
        None => (text, None),
    }
}

fn same(given: &str, name: &str) -> bool {
    given == name || (given.len() >= 5 && name.starts_with("--") && name.starts_with(given))
}

/// The index of the first word that is not an option, in the manner of programs that run another
/// one (`timeout -k 5 10 cmd`).
pub(crate) fn first_word(args: &[Value], takes: &[&str]) -> usize {
    let mut at = 0;
    while let Some(value) = args.get(at) {
        let text = value.text.as_str();
        if text == "--" {
            return at + 1;
        }
        if !text.starts_with('-') || text.len() < 2 {
            return at;
        }
        at += 1 + usize::from(wants_next(text, takes));
    }
    args.len()
}

/// Whether an option takes the next word.
fn wants_next(text: &str, takes: &[&str]) -> bool {
    if text.starts_with("--") {
        return takes.contains(&text);
    }
    let letters = &text[1..];
    let found = letters.char_indices().find(|(_, letter)| {
        takes.iter().any(|take| {
            take.strip_prefix('-')
                .is_some_and(|take| take.chars().eq([*letter]))
        })
    });
    found.is_some_and(|(at, letter)| at + letter.len_utf8() == letters.len())
}

#[cfg(test)]
mod tests {
    use super::{Args, first_word};
    use crate::value::Value;

    fn values(text: &str) -> Vec<Value> {
        text.split(' ').map(Value::known).collect()
    }

    #[test]
    fn options_are_told_from_words() {
        let line = values("-rfo out a --recurs --name=x -- -z");
        let args = Args::read(&line, &["-o"]);
        assert!(args.has(&["r"]) && args.has(&["f"]) && args.has(&["--recursive"]));
        assert_eq!(args.value(&["o"]), Some("out"));
        assert_eq!(args.value(&["--name"]), Some("x"));
        assert_eq!(args.texts().collect::<Vec<_>>(), ["a", "-z"]);
    }

    #[test]
    fn the_inner_command_is_found() {
        assert_eq!(first_word(&values("-k 5 10 rm"), &["-k"]), 2);
        assert_eq!(first_word(&values("-nu root -- rm"), &["-u"]), 3);
        assert_eq!(first_word(&values("-uroot rm"), &["-u"]), 1);
        assert_eq!(first_word(&values("-n"), &[]), 1);
    }
}
