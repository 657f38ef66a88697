//! What is read from and written to: files, handles, standard streams.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use super::command::is_address;
use crate::script::budget::TEXT;
use crate::script::expr::HANDLE;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};
use crate::script::{Act, Language};

/// Paths that are standard input.
const STANDARD_INPUT: &[&str] = &["/dev/stdin", "php://stdin", "/proc/self/fd/0", "0", "-"];

impl Machine {
    /// A file, address or standard input that is read whole or opened for it.
    pub(super) fn read(&mut self, path: &Value) -> Value {
        if path.kind() == "stdin" {
            return self.standard_input();
        }
        if let Value::List(list) = path {
            let mut last = Value::unknown();
            for item in list.items.clone() {
                last = self.read(&item);
            }
            return last;
        }
        if let Value::Object(object) = path
            && object.kind.get() != "path"
        {
            // A stream that is open already.
            return Value::Unknown(path.taint());
        }
        let texts = path.texts();
        let mut taint = Taint::NONE;
        for text in &texts.all {
            if STANDARD_INPUT.contains(&&**text) {
                return self.standard_input();
            }
            if self.connects_inline(text) {
                taint = taint.and(Taint::SOCKET);
            } else if is_address(text) {
                taint = taint.and(Taint::NET);
                self.act(Act::Connect {
                    to: text.to_string(),
                });
            } else {
                if self.scene.fetched.contains(text) {
                    taint = taint.and(Taint::NET);
                }
                if &**text == "/proc/self/environ" {
                    taint = taint.and(Taint::ENVIRON);
                }
                self.act(Act::Read(text.to_string()));
            }
        }
        Value::Unknown(taint)
    }

    /// `open(path, mode)`.
    pub(super) fn open(
        &mut self,
        path: &Value,
        entry: Entry,
        receiver: Option<&Value>,
        args: &Args,
    ) -> Value {
        if let Some(command) = self.command_in(path) {
            return self.shell(&Value::Text(command));
        }
        let mode = args
            .option(&["mode"])
            .cloned()
            .or_else(|| self.nth(entry.to, receiver, args));
        let mode = mode.and_then(|mode| mode.constant());
        self.opened(path, mode.as_deref().unwrap_or("r"))
    }

    /// The command in a path that begins with a bar, where the language has that.
    pub(super) fn command_in(&self, path: &Value) -> Option<Texts> {
        let bar = matches!(self.language, Language::Ruby | Language::Tcl);
        let texts = path.texts();
        let command = texts.first().strip_prefix('|')?;
        bar.then(|| Texts::tainted(command, texts.taint))
    }

    /// A file opened in a mode as C writes it.
    pub(super) fn opened(&mut self, path: &Value, mode: &str) -> Value {
        let texts = path.texts();
        let writes = mode.contains(['w', 'x', 'W']) || mode == "r+" || mode.contains("CREAT");
        let appends = mode.contains('a') && !mode.contains("ead") || mode.contains("APPEND");
        if !(writes || appends) {
            let content = self.read(path);
            return match content {
                Value::Text(_) => Value::object("stdin", Texts::unknown(Taint::NONE)),
                other => Value::object("file", Texts::unknown(other.taint())),
            };
        }
        let path = texts.first().to_string();
        let act = if appends {
            Act::Append { path, text: None }
        } else {
            Act::Write { path, text: None }
        };
        let at = self.open_act(act);
        let file = Value::object("file", texts);
        if let Value::Object(object) = &file {
            object.act.set(Some(at));
        }
        file
    }

    /// Perl's `open HANDLE, MODE, PATH` in all its forms.
    pub(super) fn open_handle(&mut self, args: &Args) -> Value {
        let texts: Vec<Texts> = args.items.iter().skip(1).map(Value::texts).collect();
        let taint = texts.iter().fold(Taint::NONE, |t, text| t.and(text.taint));
        let object = match texts.as_slice() {
            [] => return Value::unknown(),
            [one] => {
                let one = one.first().trim().to_owned();
                self.open_expression(&one, taint)
            }
            [mode, path, rest @ ..] => {
                let mode = mode.first().trim().to_owned();
                self.open_mode(&mode, path, rest)
            }
        };
        if let Some((0, name)) = args.variables.first() {
            self.set(name, object.clone());
        }
        object
    }

    pub(super) fn open_expression(&mut self, text: &str, taint: Taint) -> Value {
        if let Some(command) = text.strip_prefix('|').or_else(|| text.strip_suffix('|')) {
            return self.shell(&Value::Text(Texts::tainted(command.trim(), taint)));
        }
        let path = text.trim_start_matches(['<', '>', '+', ' ']);
        let mode = &text[..text.len() - path.len()];
        let path = Texts::tainted(path, taint);
        self.open_mode(mode.trim(), &path, &[])
    }

    pub(super) fn open_mode(&mut self, mode: &str, path: &Texts, rest: &[Texts]) -> Value {
        if matches!(mode, "|-" | "-|") {
            if rest.is_empty() {
                return self.shell(&Value::Text(path.clone()));
            }
            let mut argv = vec![Value::Text(path.clone())];
            argv.extend(rest.iter().cloned().map(Value::Text));
            return self.program(&argv);
        }
        if mode.contains('&') || path.first().starts_with('&') {
            // Another name for a handle that is open already.
            return Value::unknown();
        }
        let mode = match mode.split(':').next().unwrap_or("").trim() {
            ">" | "+>" | "+<" => "w",
            ">>" | "+>>" => "a",
            _ => "r",
        };
        self.opened(&Value::Text(path.clone()), mode)
    }

    /// What a value is as the content of a file.
    pub(super) fn content(&mut self, value: &Value) -> String {
        match value {
            Value::List(list) => {
                let items = list.items.clone();
                self.glued(&items, &Texts::of("\n")).first().to_string()
            }
            other => other.texts().first().to_string(),
        }
    }

    /// Output to an object: a file, a socket, a process or standard output.
    pub(super) fn put(&mut self, target: &Value, text: &Value) {
        let Value::Object(object) = target else {
            return;
        };
        let texts = text.texts();
        match object.kind.get() {
            "file" => {
                if texts.taint.has(Taint::NET) {
                    let path = object.texts.borrow().first().clone();
                    self.scene.fetched.push(path);
                }
                let text = self.content(text);
                self.put_in_file(object.act.get(), &text);
            }
            "socket" | "http" | "request" => {
                let to = object.texts.borrow().first().to_string();
                if texts.taint.has(Taint::ENVIRON) {
                    self.act(Act::Env);
                }
                self.act(Act::Send {
                    to,
                    body: texts.first().to_string(),
                });
            }
            "process" | "command" if object.shell.get() => {
                self.shell(text);
            }
            "stdout" => self.print(texts.first().to_string(), texts.taint),
            _ => {}
        }
    }

    pub(super) fn put_in_file(&mut self, act: Option<usize>, more: &str) {
        let Some(act) = act.and_then(|at| self.acts.get_mut(at)) else {
            return;
        };
        if let Act::Write { text, .. } | Act::Append { text, .. } = act {
            let whole = text.get_or_insert_default();
            if whole.ends_with('\0') && more == "\0" {
                // Two unknown pieces are one.
            } else if whole.len() + more.len() <= TEXT && self.budget.spend_bytes(more.len()) {
                whole.push_str(more);
            } else if !whole.ends_with('\0') {
                whole.push('\0');
            }
        }
    }

    /// `print` and its kind, to standard output or a handle.
    pub(super) fn printed(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        let handle = args.option(&[HANDLE, "file", "con"]).cloned();
        let mut items = flat_print(&args.items);
        if items.is_empty() && entry.shape == Shape::PrintLine && self.prints_topic() {
            items.extend(self.variable("$_").or_else(|| self.input.clone()));
        }
        if items.is_empty() {
            items.extend(self.input.clone());
        }
        if items.is_empty() && self.language == Language::Awk {
            items.push(self.field(&Value::Number(0)));
        }
        let mut texts = if entry.shape == Shape::PrintFormat {
            self.formatted(&items)
        } else {
            let glue = match self.language {
                Language::Perl | Language::Php => "",
                Language::Ruby | Language::PowerShell => "\n",
                _ => " ",
            };
            self.glued(&items, &Texts::of(glue))
        };
        if entry.shape == Shape::PrintLine && self.ends_line(args) {
            texts = texts.followed_by(&Texts::of("\n"), &mut self.budget);
        }
        match handle
            .as_ref()
            .or(receiver.filter(|r| matches!(r, Value::Object(_))))
        {
            Some(handle) => self.put(handle, &Value::Text(texts)),
            None => {
                for text in texts.all {
                    self.print(text.to_string(), texts.taint);
                }
            }
        }
        items.pop().unwrap_or_else(Value::unknown)
    }

    /// Whether `print` without arguments prints `$_`.
    pub(super) fn prints_topic(&self) -> bool {
        matches!(self.language, Language::Perl | Language::Ruby)
    }

    pub(super) fn ends_line(&self, args: &Args) -> bool {
        args.option(&["end", "nonewline", "-nonewline"]).is_none()
    }

    /// R's `writeLines(text, connection)`.
    pub(super) fn write_lines(&mut self, args: &Args) -> Value {
        let text = args.items.first().cloned().unwrap_or_else(Value::unknown);
        match args.option(&["con"]).or(args.items.get(1)).cloned() {
            Some(object @ Value::Object(_)) => self.put(&object, &text),
            Some(path) => {
                let text = Some(self.content(&text));
                for path in path.texts().all {
                    let path = path.to_string();
                    let text = text.clone();
                    self.act(Act::Write { path, text });
                }
            }
            None => {
                let text = self.content(&text);
                self.print(text + "\n", Taint::NONE);
            }
        }
        Value::unknown()
    }

    /// Takes note of printed text.
    pub(super) fn print(&mut self, text: String, taint: Taint) {
        if taint.has(Taint::ENVIRON) {
            self.act(Act::Env);
        }
        self.act(Act::Print(text));
    }
}

/// What `print` prints of each argument.
pub(super) fn flat_print(items: &[Value]) -> Vec<Value> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::List(list) if !list.open => all.extend(list.items.iter().cloned()),
            Value::Function(_) => {}
            Value::Path(path) => all.push(Value::Text(Texts {
                all: vec![Rc::from("\0")],
                taint: if path.is_empty() {
                    Taint::NONE
                } else {
                    item.taint()
                },
            })),
            other => all.push(other.clone()),
        }
    }
    all
}
