//! Commands so plain that one need not be a shell to know what they are: lists and pipelines of
//! words without any quoting, expansion, redirection or keyword.

/// Words that begin or end a compound command, or change how others are read.
const KEYWORDS: &[&str] = &[
    "if",
    "then",
    "else",
    "elif",
    "fi",
    "for",
    "while",
    "until",
    "do",
    "done",
    "case",
    "esac",
    "in",
    "function",
    "select",
    "time",
    "coproc",
    "alias",
    "unalias",
    "exit",
    "exec",
    "return",
    "logout",
    "break",
    "continue",
    "shopt",
    "set",
    "trap",
    "enable",
    "hash",
    "kill",
    "suspend",
    "builtin",
    "command",
    "noglob",
    "nocorrect",
    "repeat",
    "foreach",
    "end",
];

/// A plain command: words, and what stands between commands.
pub(crate) struct Plain<'t> {
    pieces: Vec<Piece<'t>>,
}

#[derive(Clone, Copy)]
enum Piece<'t> {
    Word(&'t str),
    /// `;`, `|`, `&&`, `||` or a line end.
    Between(&'t str),
}

impl<'t> Plain<'t> {
    /// `None` if the text is anything but plain.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = text.trim_start_matches(' ');
        while !rest.is_empty() {
            let piece = between(rest).map_or_else(|| word(rest), Some)?;
            let (Piece::Word(part) | Piece::Between(part)) = piece;
            rest = rest[part.len()..].trim_start_matches(' ');
            pieces.push(piece);
        }
        let plain = Self { pieces };
        plain.is_complete().then_some(plain)
    }

    /// Every operator stands between two words.
    fn is_complete(&self) -> bool {
        let is_word = |piece: Option<&Piece<'_>>| matches!(piece, Some(Piece::Word(_)));
        let mut pairs = self.pieces.windows(2);
        is_word(self.pieces.first())
            && is_word(self.pieces.last())
            && pairs.all(|pair| is_word(pair.first()) || is_word(pair.last()))
    }

    /// The same command with every word spelled another way, and `blank` between words.
    pub(crate) fn spelled(&self, blank: &str, spell: impl Fn(&str) -> String) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Word(word) => spell(word),
            Piece::Between(operator) => (*operator).to_owned(),
        });
        pieces.collect::<Vec<_>>().join(blank)
    }
}

fn between(text: &str) -> Option<Piece<'_>> {
    let operators = ["&&", "||", ";", "|", "\n"];
    let found = operators
        .iter()
        .find(|operator| text.starts_with(**operator))?;
    Some(Piece::Between(&text[..found.len()]))
}

/// The word here, if it is only letters, digits and what means nothing to a shell.
fn word(text: &str) -> Option<Piece<'_>> {
    let means_nothing = |c: char| c.is_ascii_alphanumeric() || "-_./,:@%+".contains(c);
    let end = text.find(|c| !means_nothing(c)).unwrap_or(text.len());
    let word = &text[..end];
    (!word.is_empty() && !KEYWORDS.contains(&word)).then_some(Piece::Word(word))
}
