//! One small tree for every language: only what can carry a value or an act.

use std::rc::Rc;

/// The name of the argument in which Perl's `print` gets its file handle.
pub(super) const HANDLE: &str = "=handle";

/// An expression or a statement; a statement is an expression nobody asks for its value.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    /// Something without a value that can be known.
    Unknown,
    Text(Rc<str>),
    Number(i64),
    /// A regular expression, as written.
    Pattern(Rc<str>),
    /// A variable with its sigil, a function or a module.
    Name(Rc<str>),
    /// A module by its own name, whatever the variables say.
    Module(Rc<str>),
    /// Pieces of an interpolated string.
    Join(Vec<Expr>),
    /// Backticks and their kind: run by a shell, the output is the value.
    Shell(Box<Expr>),
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    /// `*x`, `...x`: the elements of a list in the place of one element.
    Spread(Box<Expr>),
    /// Members, subscripts and calls, from left to right. Flat, because chains are long.
    Access(Box<Expr>, Vec<Step>),
    /// Operands of one operator, from left to right.
    Binary(Op, Vec<Expr>),
    Negative(Box<Expr>),
    Assign {
        target: Box<Expr>,
        op: Option<Op>,
        value: Box<Expr>,
    },
    Function(Rc<Function>),
    /// A named function.
    Define(Rc<str>, Rc<Function>),
    /// One after the other; the last is the value.
    Block(Vec<Expr>),
    /// Runs or does not.
    Maybe(Box<Expr>),
    /// A loop over elements, or a comprehension; its value is the list of the body's values.
    Each {
        target: Box<Expr>,
        items: Box<Expr>,
        body: Box<Expr>,
    },
    /// A loop on a condition; without one it has no end.
    Loop {
        test: Option<Box<Expr>>,
        body: Box<Expr>,
    },
    Return(Box<Expr>),
    /// Makes the members of a module callable without its name.
    Open(Rc<str>),
    /// A pipeline: each gets the value before it as its input.
    Pipe(Vec<Expr>),
    /// Output sent to a file or a program: awk and PowerShell.
    Redirect {
        output: Box<Expr>,
        how: Redirect,
        target: Box<Expr>,
    },
}

/// Where a [`Expr::Redirect`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirect {
    File,
    Append,
    /// The text of the target is run by a shell that reads the output.
    Command,
}

/// One link of an access chain.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Member(Rc<str>),
    Index(Expr),
    Slice(Vec<Option<Expr>>),
    Call(Vec<Arg>),
}

/// An argument with its name, if it has one.
#[derive(Debug, Clone)]
pub(super) struct Arg {
    pub(super) name: Option<Rc<str>>,
    pub(super) value: Expr,
}

impl Arg {
    pub(super) fn plain(value: Expr) -> Self {
        Arg { name: None, value }
    }
}

/// A function or block of the script.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) params: Vec<Expr>,
    pub(super) body: Expr,
}

/// What an operator does to constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// Sum of numbers, concatenation of texts and lists.
    Add,
    /// Concatenation, of numbers too.
    Concat,
    Subtract,
    /// Product of numbers, repetition of texts and lists.
    Multiply,
    Repeat,
    Divide,
    /// Remainder of numbers, formatting of texts.
    Percent,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    /// Either operand.
    Either,
    /// The last operand; the others only decide.
    Then,
    /// The first operand; the others say what it is.
    First,
    /// `in`, `==`, `<`: true or false.
    Compare,
    /// PowerShell's `-f`.
    Format,
    /// PowerShell's `-join`.
    Glue,
    /// PowerShell's `-split`.
    Split,
    /// PowerShell's `-replace`, with a list of two on the right.
    Replace,
    /// From one number to another.
    Range,
    /// `=~` with a substitution or translation: rewrites the left side.
    Bind,
    /// `|>`: the left side is the first argument of the right.
    Feed,
}

impl Expr {
    pub(super) fn text(text: &str) -> Expr {
        Expr::Text(Rc::from(text))
    }

    pub(super) fn name(name: &str) -> Expr {
        Expr::Name(Rc::from(name))
    }

    /// A call of the function called `name`.
    pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
        let args = args.into_iter().map(Arg::plain).collect();
        Expr::Access(Box::new(Expr::name(name)), vec![Step::Call(args)])
    }

    pub(super) fn assign(target: Expr, value: Expr) -> Expr {
        Expr::Assign {
            target: Box::new(target),
            op: None,
            value: Box::new(value),
        }
    }

    /// This expression with one more link.
    pub(super) fn then(self, step: Step) -> Expr {
        match self {
            Expr::Access(base, mut steps) => {
                steps.push(step);
                Expr::Access(base, steps)
            }
            base => Expr::Access(Box::new(base), vec![step]),
        }
    }

    /// The members of `items` as one expression: itself if it is one.
    pub(super) fn block(mut items: Vec<Expr>) -> Expr {
        match items.len() {
            1 => items.remove(0),
            _ => Expr::Block(items),
        }
    }
}
