//! Words become arguments.

use std::borrow::Cow;

use super::{Eval, Io, brace};
use crate::shell::ast::{Node, Part, Script, Word};
use crate::shell::parse;
use crate::value::{HOLE, Labels, Value};

/// The field that is being built, and those that are finished.
#[derive(Default)]
struct Fields {
    done: Vec<Value>,
    current: Value,
    /// Something, if only an empty string, belongs to the current field.
    started: bool,
}

impl Fields {
    fn add(&mut self, value: &Value) {
        self.current.push(value);
        self.started = true;
    }

    fn add_text(&mut self, text: &str) {
        self.current.push_str(text);
        self.started = true;
    }

    fn finish(&mut self) {
        if self.started {
            self.done.push(std::mem::take(&mut self.current));
        }
        self.started = false;
    }

    /// Adds text that is split at the field separators.
    fn add_split(&mut self, value: &Value, separators: &str) {
        if separators.is_empty() {
            return self.add(value);
        }
        let mut pieces = value.text.split(|c| separators.contains(c));
        if let Some(first) = pieces.next() {
            self.add_piece(first, value.labels);
        }
        for piece in pieces {
            self.finish();
            self.add_piece(piece, value.labels);
        }
    }

    fn add_piece(&mut self, text: &str, labels: Labels) {
        if !text.is_empty() {
            self.add(&Value {
                text: text.to_owned(),
                labels,
            });
        }
    }
}

impl Eval<'_> {
    /// The fields that words expand to.
    pub(crate) fn words(&mut self, words: &[Word<'_>]) -> Vec<Value> {
        let mut done = Vec::with_capacity(words.len());
        for word in words {
            self.fields(word, &mut done);
        }
        done
    }

    fn fields(&mut self, word: &Word<'_>, done: &mut Vec<Value>) {
        if let [Part::Bare(text)] = word.parts.as_slice()
            && !text.contains(['{', '~'])
        {
            return done.push(Value::known(*text));
        }
        for parts in brace::expand(word) {
            let mut fields = Fields::default();
            for (index, part) in parts.iter().enumerate() {
                self.part(part, index == 0, true, &mut fields);
            }
            fields.finish();
            done.append(&mut fields.done);
        }
    }

    /// One text, without splitting: what an assignment or a here-string gets.
    pub(crate) fn text(&mut self, word: &Word<'_>) -> Value {
        self.nested(|eval| {
            let mut fields = Fields::default();
            for (index, part) in word.parts.iter().enumerate() {
                eval.part(&brace::Piece::Whole(part), index == 0, false, &mut fields);
            }
            fields.current
        })
    }

    fn part(&mut self, piece: &brace::Piece<'_, '_>, first: bool, split: bool, out: &mut Fields) {
        let part = match piece {
            brace::Piece::Text(text) => return self.bare(text, first, out),
            brace::Piece::Whole(part) => *part,
        };
        match part {
            Part::Bare(text) => self.bare(text, first, out),
            Part::Quoted(text) => out.add_text(text),
            Part::Param(param, quoted) => {
                let values = self.param(param, *quoted);
                // a default in quotes is one word
                let whole = param.operands.first().is_some_and(|word| {
                    word.parts
                        .iter()
                        .all(|part| matches!(part, Part::Quoted(_)))
                });
                let whole = whole && param.operator.trim_start_matches(':') == "-";
                self.several(values, *quoted || !split || whole, out);
            }
            Part::Command(script, quoted) => {
                let value = self.captured(|eval| eval.script(script, &eval.inherited()));
                self.several(vec![value], *quoted || !split, out);
            }
            Part::Backtick(text, quoted) => {
                let value = self.backtick(text, *quoted);
                self.several(vec![value], *quoted || !split, out);
            }
            Part::Process(script, write) => {
                let path = self.process(script, *write);
                out.add_text(&path);
            }
            Part::Arithmetic(word) => {
                let value = self.arithmetic(word);
                out.add(&value);
            }
        }
    }

    fn bare(&mut self, text: &str, first: bool, out: &mut Fields) {
        match text.strip_prefix('~').filter(|_| first) {
            Some(rest) => {
                let (user, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let home = self.home_of(user);
                out.add_text(&home);
                out.add_text(path);
            }
            None => out.add_text(text),
        }
    }

    /// Adds the values of an expansion, each its own field if there are several.
    fn several(&mut self, values: Vec<Value>, whole: bool, out: &mut Fields) {
        let separators = if whole {
            String::new()
        } else {
            self.separators()
        };
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                out.finish();
            }
            out.add_split(value, &separators);
        }
    }

    fn separators(&self) -> String {
        match self
            .state
            .variables
            .get("IFS")
            .and_then(|variable| variable.values.first())
        {
            Some(value) if value.is_known() => value.text.clone(),
            _ => " \t\n".to_owned(),
        }
    }

    /// The home folder of a user; of this one if `user` is empty.
    pub(crate) fn home_of(&self, user: &str) -> String {
        let own = self.facts.home.unwrap_or("/home/user");
        match user {
            "" => own.to_owned(),
            "+" => self.state.cwd.clone(),
            "-" => HOLE.to_string(),
            "root" => "/root".to_owned(),
            _ if own.rsplit('/').next() == Some(user) => own.to_owned(),
            _ => format!("/home/{user}"),
        }
    }

    /// A path of a tool that may begin with a tilde, as in a shell.
    pub(crate) fn with_home(&self, path: &str) -> String {
        match path.strip_prefix('~') {
            Some(rest) => {
                let (user, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                self.home_of(user) + rest
            }
            None => path.to_owned(),
        }
    }

    /// Runs something whose output becomes text, in a shell of its own.
    pub(crate) fn captured(&mut self, run: impl FnOnce(&mut Self) -> Value) -> Value {
        let mut value = self.subshell(run);
        let end = value.text.trim_end_matches(['\n', '\r']).len();
        value.text.truncate(end);
        value
    }

    /// What a command inside another one's words finds on standard input.
    fn inherited(&self) -> Io {
        Io {
            stdin: self.input.clone(),
            socket: None,
        }
    }

    fn backtick(&mut self, text: &str, quoted: bool) -> Value {
        let mut script = String::with_capacity(text.len());
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let next = letters.peek().copied();
            let escaped = letter == '\\'
                && (matches!(next, Some('`' | '$' | '\\')) || (quoted && next == Some('"')));
            script.extend(if escaped {
                letters.next()
            } else {
                Some(letter)
            });
        }
        self.captured(|eval| eval.run_text(&script, &eval.inherited()))
    }

    /// `<(…)` becomes the path of a file that holds the output; `>(…)` of one that is its input.
    fn process(&mut self, script: &crate::shell::ast::Script<'_>, write: bool) -> String {
        self.processes += 1;
        let path = format!("/dev/fd/{}", 62 + self.processes);
        let io = if write {
            Io::with(Value::unknown(Labels::OUTPUT))
        } else {
            Io::default()
        };
        let value = self.subshell(|eval| eval.script(script, &io));
        if !write {
            self.state.files.insert(path.clone(), value);
        }
        path
    }

    /// Runs what is expanded inside; the number itself is known only if it is written out.
    fn arithmetic(&mut self, word: &Word<'_>) -> Value {
        let value = self.text(word);
        let digits = value.text.trim();
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return Value::known(digits);
        }
        Value::unknown(Labels::NONE)
    }

    /// The text of a here-document.
    pub(crate) fn here(&mut self, text: &str, quoted: bool) -> Value {
        if quoted || !text.contains(['$', '`', '\\']) {
            return Value::known(text);
        }
        self.deeper(|eval| {
            let document = crate::shell::document(text);
            eval.with_bodies(&document, |eval| eval.printed(&document.script))
        })
    }

    /// The words of a script's simple commands, one after the other.
    fn printed(&mut self, script: &Script<'_>) -> Value {
        let mut value = Value::default();
        for item in &script.items {
            if let Node::Simple(simple) = &item.node {
                let words = simple.words.iter();
                words.for_each(|word| value.push(&self.text(word)));
            }
        }
        value
    }

    /// Reads a text as a list of commands and runs it.
    pub(crate) fn run_text(&mut self, text: &str, io: &Io) -> Value {
        let text = if text.contains(HOLE) {
            Cow::Owned(fill(text))
        } else {
            Cow::Borrowed(text)
        };
        self.deeper(|eval| {
            let document = parse(&text);
            let value = eval.document(&document, io);
            eval.unread(document.unread);
            value
        })
    }
}

/// A hole in a script becomes an expansion that gives a hole: the rest can still be read.
fn fill(text: &str) -> String {
    text.replace(HOLE, "${\u{1a}}")
}
