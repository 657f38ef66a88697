//! Follows the tree of a script with constant values and writes down its acts.
//!
//! Straight code is followed as it would run; both sides of a branch are taken, a loop over
//! known elements is unrolled, any other loop is walked through once. Functions run where they
//! are called; what is never called runs at the end with unknown arguments, because a callback
//! may still do something. Nothing here recurses deeper than [`DEPTH`] and every step is paid
//! from the budget.

mod access;
mod args;
mod assign;
mod call;
mod code;
mod command;
mod control;
mod decoded;
mod file;
mod format;
mod function;
mod index;
mod name;
mod net;
mod operator;
mod perform;
mod remote;
mod run;
mod source;
mod stream;
mod tcl;
mod text;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::budget::Budget;
use super::expr::{Expr, Function};
use super::table::Table;
use super::value::{Taint, Texts, Value};
use super::{Act, Acts, Language, Text, parse};

/// How deep evaluation may nest.
const DEPTH: usize = 120;

/// Most acts one script is said to do.
const ACTS: usize = 200;

/// What has been seen so far that only means something together.
#[derive(Default)]
struct Scene {
    /// A raw socket was connected or listened on.
    socket: bool,
    /// A shell without a command was started.
    bare_shell: bool,
    /// Text that is wholly unknown was executed.
    ran_unknown: bool,
    /// Forks, and waits for something, so far.
    forks: usize,
    waits: usize,
    /// Files that were filled from the network.
    fetched: Vec<Rc<str>>,
}

/// One script being followed.
pub(super) struct Machine {
    language: Language,
    table: &'static Table,
    budget: Budget,
    scopes: Vec<HashMap<Rc<str>, Value>>,
    /// Modules whose members need no prefix.
    opened: Vec<Rc<str>>,
    acts: Vec<Act>,
    stdin: Option<Text>,
    args: Vec<Value>,
    scene: Scene,
    /// Functions seen but not called yet.
    pending: Vec<Rc<Function>>,
    known: HashSet<*const Function>,
    called: HashSet<*const Function>,
    /// Functions being run.
    active: Vec<*const Function>,
    returns: Vec<Option<Value>>,
    depth: usize,
    /// Branches around the current point.
    branches: usize,
    /// What the stage before gave to this stage of a pipeline.
    input: Option<Value>,
    /// Where the unknown pieces of the code came from that is being run.
    code_taint: Taint,
}

impl Machine {
    pub(super) fn new(language: Language, stdin: Option<&str>, args: &[Text]) -> Self {
        Machine {
            language,
            table: Table::of(language),
            budget: Budget::new(),
            scopes: vec![HashMap::new()],
            opened: Vec::new(),
            acts: Vec::new(),
            stdin: stdin.map(str::to_owned),
            args: args.iter().map(|arg| Value::text(arg)).collect(),
            scene: Scene::default(),
            pending: Vec::new(),
            known: HashSet::new(),
            called: HashSet::new(),
            active: Vec::new(),
            returns: Vec::new(),
            depth: 0,
            branches: 0,
            input: None,
            code_taint: Taint::NONE,
        }
    }

    /// Follows a whole script.
    pub(super) fn run(mut self, source: &str) -> Acts {
        if self.language == Language::Java {
            self.jshell(source);
        }
        let tree = parse::program(self.language, source, &mut self.budget);
        self.eval(&tree);
        let mut trees = Vec::new();
        while let Some(function) = self.pending.pop() {
            if !self.called.contains(&Rc::as_ptr(&function)) {
                self.call_function(&function, &[], Taint::NONE);
            }
            // Kept, so that no later function gets the same address.
            trees.push(function);
        }
        if self.scene.socket && (self.scene.bare_shell || self.scene.ran_unknown) {
            self.act(Act::ShellOnSocket);
        }
        Acts {
            complete: !self.budget.spent() && self.acts.len() < ACTS,
            acts: self.acts,
        }
    }

    /// jshell's own command for running a file, which also shows what is no Java.
    fn jshell(&mut self, source: &str) {
        for line in source.lines() {
            let line = line.trim_start_matches("jshell>").trim_start();
            if let Some(path) = line.strip_prefix("/open ") {
                self.act(Act::Read(path.trim().to_owned()));
            }
        }
    }

    /// Writes down an act, once; its position.
    fn act(&mut self, act: Act) -> usize {
        if let Some(at) = self.acts.iter().position(|known| *known == act) {
            return at;
        }
        if self.acts.len() < ACTS {
            self.acts.push(act);
        }
        self.acts.len() - 1
    }

    /// Adds an act that may stand in the list already and will still change; its position.
    fn open_act(&mut self, act: Act) -> usize {
        if self.acts.len() < ACTS {
            self.acts.push(act);
        }
        self.acts.len() - 1
    }

    fn eval(&mut self, expr: &Expr) -> Value {
        if self.depth >= DEPTH || !self.budget.spend(1) {
            self.budget.exhaust();
            return Value::unknown();
        }
        self.depth += 1;
        let value = self.eval_here(expr);
        self.depth -= 1;
        value
    }

    fn eval_here(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Unknown => Value::Unknown(self.code_taint),
            Expr::Text(text) => self.literal(text),
            Expr::Number(n) => Value::Number(*n),
            Expr::Pattern(pattern) => Value::Pattern(pattern.clone()),
            Expr::Name(name) => self.name(name),
            Expr::Module(name) => self.path(name),
            Expr::Join(parts) => self.interpolate(parts),
            Expr::Shell(command) => {
                let command = self.eval(command);
                self.shell(&command)
            }
            Expr::List(items) => Value::list(self.items(items)),
            Expr::Map(pairs) => self.pairs(pairs),
            Expr::Access(base, steps) => self.access(base, steps),
            Expr::Binary(op, operands) => self.binary(*op, operands),
            Expr::Negative(operand) => match self.eval(operand) {
                Value::Number(n) => Value::Number(n.wrapping_neg()),
                other => Value::Unknown(other.taint()),
            },
            Expr::Assign { target, op, value } => self.assign(target, *op, value),
            Expr::Function(function) => {
                self.remember(function);
                Value::Function(function.clone())
            }
            Expr::Define(name, function) => {
                self.remember(function);
                self.set(name, Value::Function(function.clone()));
                Value::unknown()
            }
            Expr::Return(value) => {
                let value = self.eval(value);
                if let Some(returned) = self.returns.last_mut() {
                    let joined = returned.take().map(|before| before.or(&value));
                    *returned = Some(joined.unwrap_or_else(|| value.clone()));
                }
                value
            }
            Expr::Open(module) => {
                let module: Rc<str> = Rc::from(self.table.real(module));
                if self.table.has_module(&module) && !self.opened.contains(&module) {
                    self.opened.push(module);
                }
                Value::unknown()
            }
            _ => self.control(expr),
        }
    }

    /// A literal; its unknown pieces have the history of the code they stand in.
    fn literal(&mut self, text: &Rc<str>) -> Value {
        let taint = if text.contains('\0') {
            self.code_taint
        } else {
            Taint::NONE
        };
        Value::Text(Texts {
            all: vec![text.clone()],
            taint,
        })
    }

    fn interpolate(&mut self, parts: &[Expr]) -> Value {
        let mut whole = Texts::of("");
        for part in parts {
            let value = match part {
                // An address in a Perl string is more likely than an array of that name.
                Expr::Name(name) if name.starts_with('@') && !self.is_set(name) => {
                    Value::text(name)
                }
                part => self.eval(part),
            };
            let texts = match &value {
                Value::List(list) if self.language != Language::Python => self.spaced(&list.items),
                value => value.texts(),
            };
            whole = whole.followed_by(&texts, &mut self.budget);
        }
        Value::Text(whole)
    }

    /// Elements with spaces between them.
    fn spaced(&mut self, items: &[Value]) -> Texts {
        self.glued(items, &Texts::of(" "))
    }

    /// Elements with `glue` between them.
    fn glued(&mut self, items: &[Value], glue: &Texts) -> Texts {
        let mut whole = Texts::of("");
        for (n, item) in items.iter().enumerate() {
            if n > 0 {
                whole = whole.followed_by(glue, &mut self.budget);
            }
            whole = whole.followed_by(&item.texts(), &mut self.budget);
        }
        whole
    }

    /// The values of list elements, spread ones in their place.
    fn items(&mut self, items: &[Expr]) -> Vec<Value> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let spread = matches!(item, Expr::Spread(_));
            let value = self.eval(item);
            match value {
                Value::List(list) if spread || self.language == Language::Perl => {
                    values.extend(list.items.iter().cloned());
                }
                value => values.push(value),
            }
        }
        values
    }

    fn pairs(&mut self, pairs: &[(Expr, Expr)]) -> Value {
        let mut values = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key = self.eval(key);
            let value = self.eval(value);
            values.push((key.texts().first().clone(), value));
        }
        Value::map(values)
    }
}
