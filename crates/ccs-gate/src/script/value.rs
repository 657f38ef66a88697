//! What an expression can stand for: constants as far as they are known, and where the rest
//! came from.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::budget::{Budget, TEXT};
use super::expr::Function;

/// How many different texts a value may have before it counts as unknown.
const ALTERNATIVES: usize = 4;

/// How deep lists may nest.
const NESTING: u8 = 12;

/// Where a value came from, as far as that matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taint(u8);

impl Taint {
    pub(super) const NONE: Taint = Taint(0);
    /// Fetched by a request.
    pub(super) const NET: Taint = Taint(1);
    /// Read from a raw socket.
    pub(super) const SOCKET: Taint = Taint(2);
    /// Result of a decoding step that could not be followed.
    pub(super) const DECODED: Taint = Taint(4);
    /// The whole environment.
    pub(super) const ENVIRON: Taint = Taint(8);

    pub(super) fn and(self, other: Taint) -> Taint {
        Taint(self.0 | other.0)
    }

    pub(super) fn has(self, other: Taint) -> bool {
        self.0 & other.0 != 0
    }
}

/// One to four texts a value may be; NUL within them is unknown text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Texts {
    pub(super) all: Vec<Rc<str>>,
    pub(super) taint: Taint,
}

impl Texts {
    pub(super) fn of(text: &str) -> Texts {
        Texts::tainted(text, Taint::NONE)
    }

    pub(super) fn tainted(text: &str, taint: Taint) -> Texts {
        Texts {
            all: vec![Rc::from(text)],
            taint,
        }
    }

    pub(super) fn unknown(taint: Taint) -> Texts {
        Texts::tainted("\0", taint)
    }

    /// The first of them: what stands for all where only one can.
    pub(super) fn first(&self) -> &Rc<str> {
        &self.all[0]
    }

    /// Each text changed by `change`; duplicates fall together.
    pub(super) fn map(&self, change: impl Fn(&str) -> String) -> Texts {
        let mut all: Vec<Rc<str>> = Vec::with_capacity(self.all.len());
        for text in &self.all {
            let changed: Rc<str> = Rc::from(change(text));
            if !all.contains(&changed) {
                all.push(changed);
            }
        }
        Texts {
            all,
            taint: self.taint,
        }
    }

    /// Every combination of `self` followed by `other`.
    pub(super) fn followed_by(&self, other: &Texts, budget: &mut Budget) -> Texts {
        let taint = self.taint.and(other.taint);
        if self.all.len() * other.all.len() > ALTERNATIVES {
            return Texts::unknown(taint);
        }
        let mut all = Vec::new();
        for left in &self.all {
            for right in &other.all {
                all.push(joined(left, right, budget));
            }
        }
        Texts { all, taint }
    }
}

/// The two texts in one, cut to the longest allowed.
fn joined(left: &str, right: &str, budget: &mut Budget) -> Rc<str> {
    if left.len() + right.len() > TEXT || !budget.spend_bytes(left.len() + right.len()) {
        let fits = (0..=left.len().min(256))
            .rev()
            .find(|at| left.is_char_boundary(*at));
        return Rc::from(format!("{}\0", &left[..fits.unwrap_or(0)]));
    }
    // Two unknown pieces side by side are one.
    if left.ends_with('\0') && right.starts_with('\0') {
        return Rc::from(format!("{left}{}", &right[1..]));
    }
    Rc::from(format!("{left}{right}"))
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Unknown(Taint),
    Text(Texts),
    Number(i64),
    Pattern(Rc<str>),
    List(Rc<List>),
    Map(Rc<Map>),
    /// A name of the language or a library, dotted.
    Path(Rc<str>),
    Object(Rc<Object>),
    Function(Rc<Function>),
}

/// Elements in order.
#[derive(Debug)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
    /// There may be more elements, or none.
    pub(super) open: bool,
    depth: u8,
}

/// Keys and values in order; a key that is not known is NUL.
#[derive(Debug)]
pub(super) struct Map {
    pub(super) pairs: Vec<(Rc<str>, Value)>,
    depth: u8,
}

/// Something of a library that has methods.
#[derive(Debug)]
pub(super) struct Object {
    /// As the tables call it: `socket`, `file`, `process` …
    pub(super) kind: Cell<&'static str>,
    /// Its path, address or command.
    pub(super) texts: RefCell<Texts>,
    /// The act that writes to this file, by position.
    pub(super) act: Cell<Option<usize>>,
    /// A shell that reads commands from its standard input.
    pub(super) shell: Cell<bool>,
}

impl Value {
    pub(super) fn text(text: &str) -> Value {
        Value::Text(Texts::of(text))
    }

    pub(super) fn unknown() -> Value {
        Value::Unknown(Taint::NONE)
    }

    pub(super) fn list(items: Vec<Value>) -> Value {
        Value::listed(items, false)
    }

    /// A list; with `open` there may be more or fewer elements.
    pub(super) fn listed(items: Vec<Value>, open: bool) -> Value {
        let depth = items.iter().map(Value::depth).max().unwrap_or(0) + 1;
        if depth > NESTING {
            return Value::Unknown(items.iter().fold(Taint::NONE, |t, v| t.and(v.taint())));
        }
        Value::List(Rc::new(List { items, open, depth }))
    }

    pub(super) fn map(pairs: Vec<(Rc<str>, Value)>) -> Value {
        let depth = pairs.iter().map(|(_, v)| v.depth()).max().unwrap_or(0) + 1;
        if depth > NESTING {
            return Value::Unknown(pairs.iter().fold(Taint::NONE, |t, (_, v)| t.and(v.taint())));
        }
        Value::Map(Rc::new(Map { pairs, depth }))
    }

    pub(super) fn object(kind: &'static str, texts: Texts) -> Value {
        Value::Object(Rc::new(Object {
            kind: Cell::new(kind),
            texts: RefCell::new(texts),
            act: Cell::new(None),
            shell: Cell::new(false),
        }))
    }

    fn depth(&self) -> u8 {
        match self {
            Value::List(list) => list.depth,
            Value::Map(map) => map.depth,
            _ => 0,
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Object(object) => object.kind.get(),
            _ => "",
        }
    }

    pub(super) fn taint(&self) -> Taint {
        match self {
            Value::Unknown(taint) => *taint,
            Value::Text(texts) => texts.taint,
            Value::List(list) => list.items.iter().fold(Taint::NONE, |t, v| t.and(v.taint())),
            Value::Map(map) => map
                .pairs
                .iter()
                .fold(Taint::NONE, |t, (_, v)| t.and(v.taint())),
            Value::Object(object) => kind_taint(object.kind.get()).and(object.texts.borrow().taint),
            Value::Number(_) | Value::Pattern(_) | Value::Path(_) | Value::Function(_) => {
                Taint::NONE
            }
        }
    }

    /// This value as text, the way a string operation would see it.
    pub(super) fn texts(&self) -> Texts {
        match self {
            Value::Text(texts) => texts.clone(),
            Value::Number(n) => Texts::of(&n.to_string()),
            Value::Pattern(pattern) => Texts::of(pattern),
            Value::Object(object) => match object.kind.get() {
                "path" | "command" | "url" => object.texts.borrow().clone(),
                _ => Texts::unknown(self.taint()),
            },
            other => Texts::unknown(other.taint()),
        }
    }

    /// The one text this surely is.
    pub(super) fn constant(&self) -> Option<Rc<str>> {
        match self {
            Value::Text(texts) if texts.all.len() == 1 && !texts.first().contains('\0') => {
                Some(texts.first().clone())
            }
            Value::Number(n) => Some(Rc::from(n.to_string())),
            Value::Object(object) if object.kind.get() == "path" => {
                let texts = object.texts.borrow();
                (!texts.first().contains('\0')).then(|| texts.first().clone())
            }
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Value::Number(n) => Some(*n),
            Value::Text(texts) => texts.first().trim().parse().ok(),
            _ => None,
        }
    }

    /// Either this or `other`.
    pub(super) fn or(&self, other: &Value) -> Value {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => {
                let mut all = a.all.clone();
                all.extend(b.all.iter().filter(|t| !a.all.contains(t)).cloned());
                let taint = a.taint.and(b.taint);
                if all.len() > ALTERNATIVES {
                    return Value::Text(Texts::unknown(taint));
                }
                Value::Text(Texts { all, taint })
            }
            (Value::Unknown(a), Value::Unknown(b)) => Value::Unknown(a.and(*b)),
            // What is known says more than what is not, unless the unknown has a history.
            (Value::Unknown(t), known) | (known, Value::Unknown(t)) => match known {
                Value::Text(texts) => {
                    let mut texts = texts.clone();
                    texts.taint = texts.taint.and(*t);
                    Value::Text(texts)
                }
                _ if *t == Taint::NONE => known.clone(),
                _ => Value::Unknown(t.and(known.taint())),
            },
            (_, later) => later.clone(),
        }
    }

    /// The elements a loop over this value sees; `true` if they are all of them.
    pub(super) fn elements(&self) -> (Vec<Value>, bool) {
        match self {
            Value::List(list) => (list.items.clone(), !list.open),
            Value::Map(map) => {
                let keys = map.pairs.iter().map(|(key, _)| Value::text(key));
                (keys.collect(), true)
            }
            Value::Object(object) if object.kind.get() == "path" => {
                (vec![Value::Text(object.texts.borrow().clone())], false)
            }
            Value::Text(_) | Value::Path(_) | Value::Object(_) => (vec![self.clone()], false),
            other => (vec![Value::Unknown(other.taint())], false),
        }
    }
}

/// What reading from an object of this kind brings.
fn kind_taint(kind: &str) -> Taint {
    match kind {
        "socket" | "server" | "webserver" => Taint::SOCKET,
        "response" | "http" => Taint::NET,
        "environ" => Taint::ENVIRON,
        _ => Taint::NONE,
    }
}
