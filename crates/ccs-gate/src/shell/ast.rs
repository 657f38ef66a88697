//! The tree. It borrows from the source and says nothing about what words expand to.

use std::borrow::Cow;

/// A list of commands, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Script<'a> {
    /// The commands in order.
    pub items: Vec<Item<'a>>,
}

/// A command in a list.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    /// The command.
    pub node: Node<'a>,
    /// It runs only if the one before it succeeded or failed (`&&`, `||`).
    pub conditional: bool,
    /// It runs beside what follows (`&`).
    pub background: bool,
    /// The source after it.
    pub rest: &'a str,
}

/// One command.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    /// Assignments, words and redirections.
    Simple(Simple<'a>),
    /// `a | b | c`.
    Pipe(Vec<Node<'a>>),
    /// Everything with a body of its own.
    Compound(Box<Compound<'a>>),
    /// A function definition; the body is read again when it is called.
    Function { name: &'a str, body: &'a str },
}

/// A command with bodies, and the redirections around it.
#[derive(Debug)]
pub(crate) struct Compound<'a> {
    /// Which one.
    pub kind: Kind<'a>,
    /// Redirections of the whole.
    pub redirects: Vec<Redirect<'a>>,
}

/// The compound commands.
#[derive(Debug)]
pub(crate) enum Kind<'a> {
    /// `{ …; }`
    Group(Script<'a>),
    /// `( … )`
    Subshell(Script<'a>),
    /// `if`, with every condition and body in order.
    If(Vec<Script<'a>>),
    /// `while` and `until`: the condition, then the body.
    Loop(Script<'a>, Script<'a>),
    /// `for` and `select`. Without words it goes over the positional parameters.
    For {
        name: &'a str,
        words: Option<Vec<Word<'a>>>,
        body: Script<'a>,
    },
    /// `case`: the subject and the arms; patterns matter only for what they expand.
    Case {
        subject: Word<'a>,
        patterns: Vec<Word<'a>>,
        arms: Vec<Script<'a>>,
    },
    /// `[[ … ]]`, `(( … ))`: only what is expanded inside matters.
    Expression(Vec<Word<'a>>),
}

/// A simple command.
#[derive(Debug, Default)]
pub(crate) struct Simple<'a> {
    /// `NAME=value` before the command word.
    pub assigns: Vec<Assign<'a>>,
    /// The command and its arguments.
    pub words: Vec<Word<'a>>,
    /// Redirections, wherever they stood.
    pub redirects: Vec<Redirect<'a>>,
}

/// `NAME=value`, `NAME+=value`, `NAME=(a b)`, `NAME[i]=value`.
#[derive(Debug)]
pub(crate) struct Assign<'a> {
    /// The variable.
    pub name: &'a str,
    /// `+=`
    pub append: bool,
    /// The subscript, if any.
    pub index: Option<Word<'a>>,
    /// The words assigned: one, or those of an array.
    pub value: Vec<Word<'a>>,
    /// Whether it was written as an array.
    pub array: bool,
}

/// What a redirection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedirectKind {
    /// `<`
    Read,
    /// `>` and `>|`
    Write,
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `<&`
    DupIn,
    /// `>&`
    DupOut,
    /// `&>` and `&>>`, and `>&` with a file name
    Both,
    /// `<<` and `<<-`; the target is the delimiter, the text is in `body`
    Here { quoted: bool },
    /// `<<<`
    HereString,
}

/// One redirection.
#[derive(Debug)]
pub(crate) struct Redirect<'a> {
    /// What it does.
    pub kind: RedirectKind,
    /// The descriptor before it, if written as a number.
    pub fd: Option<u32>,
    /// The file, descriptor or text.
    pub target: Word<'a>,
    /// Index of the here-document's text in [`Document::bodies`].
    pub body: usize,
}

/// A word: text and expansions that the shell joins.
#[derive(Debug, Default)]
pub(crate) struct Word<'a> {
    /// The pieces.
    pub parts: Vec<Part<'a>>,
}

/// A piece of a word.
#[derive(Debug)]
pub(crate) enum Part<'a> {
    /// Unquoted text: tilde, braces and patterns mean something.
    Bare(&'a str),
    /// Text that stands for itself.
    Quoted(Cow<'a, str>),
    /// `$name`, `${…}`
    Param(Box<Param<'a>>, bool),
    /// `$( … )`; true if inside double quotes.
    Command(Script<'a>, bool),
    /// `` `…` ``, not yet unescaped; true if inside double quotes.
    Backtick(&'a str, bool),
    /// `<( … )` and `>( … )`; true for the one that is written to.
    Process(Script<'a>, bool),
    /// `$(( … ))`
    Arithmetic(Word<'a>),
}

/// A parameter expansion.
#[derive(Debug, Default)]
pub(crate) struct Param<'a> {
    /// The variable, or one of `@ * # ? - $ ! 0-9`.
    pub name: &'a str,
    /// `${!name}`
    pub indirect: bool,
    /// `${#name}`
    pub length: bool,
    /// `[…]`
    pub index: Option<Word<'a>>,
    /// The operator after the name: `:-`, `#`, `//`, `^^`, `@`, `:` …, empty if none.
    pub operator: &'a str,
    /// Its operands, split at the unquoted `/` or `:` where the operator has two.
    pub operands: Vec<Word<'a>>,
}

/// A whole text.
#[derive(Debug, Default)]
pub(crate) struct Document<'a> {
    /// The commands.
    pub script: Script<'a>,
    /// Texts of here-documents.
    pub bodies: Vec<Cow<'a, str>>,
    /// What was left unread because a limit was reached.
    pub unread: Option<&'a str>,
}
