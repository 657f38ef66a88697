//! Start-up files of sh, bash and zsh: read as far as to know where words and commands begin and
//! end. Nothing is expanded; a word that would be is passed over whole, and says so.

mod lex;

use lex::{Assigned, Lexer, Token, Word};

use super::{Item, Why};

pub(super) fn read(text: &str) -> Vec<Item> {
    let mut reader = Reader {
        items: Vec::new(),
        pending: Vec::new(),
        at: Place::Command,
    };
    let mut lexer = Lexer::new(text.as_bytes());
    while let Some(token) = lexer.next() {
        match token {
            Token::Word(word) => reader.word(word),
            Token::End => reader.end(),
        }
    }
    reader.end();
    reader.items
}

/// Where in a command the next word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At its beginning, perhaps after assignments.
    Command,
    /// Behind `export` or one of its kin.
    Declaration,
    /// Behind another program's name.
    Arguments,
}

struct Reader {
    items: Vec<Item>,
    /// Assignments that a program's name may still follow.
    pending: Vec<Item>,
    at: Place,
}

impl Reader {
    fn word(&mut self, word: Word) {
        match (self.at, &word.assigned) {
            (Place::Arguments, _) | (Place::Declaration, Assigned::No) => {}
            (Place::Declaration, _) => self.items.extend(item(word)),
            (Place::Command, Assigned::No) => self.command(&word),
            (Place::Command, _) => self.pending.extend(item(word)),
        }
    }

    fn command(&mut self, word: &Word) {
        let text = word.value.as_ref().map_or(&b""[..], |value| &value[..]);
        match text {
            b"if" | b"then" | b"else" | b"elif" | b"while" | b"until" | b"do" | b"!" | b"{"
            | b"}" | b"time" => {}
            b"export" | b"declare" | b"typeset" | b"readonly" | b"local" => {
                self.for_one_command();
                self.at = Place::Declaration;
            }
            _ => {
                self.for_one_command();
                self.at = Place::Arguments;
            }
        }
    }

    fn for_one_command(&mut self) {
        let pending = self.pending.drain(..);
        self.items.extend(pending.map(|item| Item {
            value: Err(Why::OneCommand),
            ..item
        }));
    }

    fn end(&mut self) {
        self.items.append(&mut self.pending);
        self.at = Place::Command;
    }
}

fn item(word: Word) -> Option<Item> {
    let Assigned::Name {
        name,
        append,
        array,
    } = word.assigned
    else {
        return None;
    };
    let value = match (append, array) {
        (true, _) => Err(Why::Append),
        (_, true) => Err(Why::Array),
        _ => word.value,
    };
    Some(Item {
        name: Some(name),
        line: word.line,
        span: word.span,
        value,
    })
}
