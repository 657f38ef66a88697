//! Files: what is opened, written, removed, renamed, and what is printed.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use super::command::is_address;
use crate::script::Act;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};

impl Machine {
    pub(super) fn file(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        let main = self.main(&entry, receiver, args);
        match entry.shape {
            Shape::OpenHandle => return self.open_handle(args),
            Shape::Put => {
                let text = self.nth(0, None, args).or_else(|| self.input.clone());
                let text = text.unwrap_or_else(Value::unknown);
                self.put(receiver.unwrap_or(&Value::unknown()), &text);
                return Value::unknown();
            }
            Shape::PipeTo => {
                let target = self.nth(0, None, args).unwrap_or_else(Value::unknown);
                self.put(&target, receiver.unwrap_or(&Value::unknown()));
                return target;
            }
            Shape::PutTo => {
                let text = self
                    .nth(entry.to, receiver, args)
                    .unwrap_or_else(Value::unknown);
                self.put(&main.unwrap_or_else(Value::unknown), &text);
                return Value::unknown();
            }
            Shape::PrintLine | Shape::Print | Shape::PrintFormat => {
                return self.printed(entry, receiver, args);
            }
            Shape::ChmodAll => return self.chmod_all(args),
            Shape::WriteLines => return self.write_lines(args),
            _ => {}
        }
        let Some(main) = main else {
            return Value::unknown();
        };
        match entry.shape {
            Shape::Read => return self.read(&main),
            Shape::Open => return self.open(&main, entry, receiver, args),
            Shape::OpenWrite => return self.opened(&main, "w"),
            Shape::ListItems if is_environment(&main) => {
                self.act(Act::Env);
                return Value::object("environ", Texts::unknown(Taint::ENVIRON));
            }
            Shape::Glob | Shape::ListItems => return glob(&main, receiver),
            Shape::Below => return below(&main),
            Shape::Names => return Value::listed(vec![Value::text("\0")], true),
            Shape::Walk => return walk(&main),
            Shape::Write | Shape::Append => self.write(&main, entry, receiver, args),
            Shape::Rename | Shape::Copy => self.moved(&main, entry, receiver, args),
            Shape::Chmod => {
                let mode = self.nth(entry.to, receiver, args);
                self.chmod(&main, mode);
            }
            Shape::Chown => self.chown(&main, entry, args),
            shape => {
                let tree = shape == Shape::DeleteTree
                    || (shape == Shape::DeleteMaybe
                        && (args.is_on(&["recursive", "recurse", "r", "rec", "rf", "fr"])
                            || self.flag(entry, receiver, args)));
                self.delete_all(&main, entry, args, tree);
            }
        }
        Value::unknown()
    }

    /// A positional flag that makes a removal recursive.
    fn flag(&self, entry: Entry, receiver: Option<&Value>, args: &Args) -> bool {
        let flag = self.nth(entry.to, receiver, args);
        flag.is_some_and(|flag| match flag {
            Value::Path(path) => matches!(&*path, "$true" | "true" | "TRUE" | "T"),
            Value::Number(n) => n != 0,
            Value::Text(texts) => &**texts.first() == "-force",
            _ => false,
        })
    }

    fn write(&mut self, path: &Value, entry: Entry, receiver: Option<&Value>, args: &Args) {
        let kind = args.option(&["itemtype", "type"]).and_then(Value::constant);
        if kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("dir")) {
            return;
        }
        let text = self.nth(entry.to, receiver, args).or_else(|| {
            args.option(&["value", "inputobject", "data", "contents"])
                .cloned()
        });
        let text = text.or_else(|| self.input.clone().filter(|_| !args.items.is_empty()));
        let taint = text.as_ref().map_or(Taint::NONE, Value::taint);
        let text = text.map(|text| self.content(&text));
        let appends = entry.shape == Shape::Append
            || args.is_on(&["append"])
            || args
                .option(&["flag", "mode"])
                .is_some_and(|f| &**f.texts().first() == "a")
            || args
                .items
                .iter()
                .any(|i| matches!(i, Value::Path(p) if &**p == "file_append"));
        for path in path.texts().all {
            if taint.has(Taint::NET) {
                self.scene.fetched.push(path.clone());
            }
            let path = path.to_string();
            let text = text.clone();
            self.act(if appends {
                Act::Append { path, text }
            } else {
                Act::Write { path, text }
            });
        }
    }

    fn delete_all(&mut self, main: &Value, entry: Entry, args: &Args, tree: bool) {
        self.delete(main, tree);
        let from = usize::try_from(entry.at).map_or(usize::MAX, |at| at + 1);
        for more in args.items.iter().skip(from) {
            if matches!(more, Value::Text(_) | Value::List(_)) {
                self.delete(more, tree);
            }
        }
    }

    fn delete(&mut self, path: &Value, tree: bool) {
        if let Value::List(list) = path {
            for item in list.items.clone() {
                self.delete(&item, tree);
            }
            return;
        }
        if matches!(path, Value::Map(_) | Value::Function(_)) {
            return;
        }
        for path in path.texts().all {
            self.act(Act::Delete {
                path: path.to_string(),
                tree,
            });
        }
    }

    fn moved(&mut self, from: &Value, entry: Entry, receiver: Option<&Value>, args: &Args) {
        let to = args
            .option(&["destination", "dest", "dst", "target", "newname"])
            .cloned();
        let to = to.or_else(|| self.nth(entry.to, receiver, args));
        let to = to
            .unwrap_or_else(Value::unknown)
            .texts()
            .first()
            .to_string();
        let sources = match from {
            Value::List(list) => list.items.clone(),
            one => vec![one.clone()],
        };
        for source in sources {
            let from = source.texts().first().to_string();
            let to = to.clone();
            if entry.shape == Shape::Rename {
                self.act(Act::Rename { from, to });
            } else {
                if is_address(&from) {
                    self.act(Act::Connect { to: from });
                    self.scene.fetched.push(Rc::from(to.as_str()));
                } else if !matches!(&source, Value::Object(o) if o.kind.get() != "path") {
                    self.act(Act::Read(from));
                }
                self.act(Act::Write {
                    path: to,
                    text: None,
                });
            }
        }
    }

    fn chmod(&mut self, path: &Value, mode: Option<Value>) {
        let mode = match mode {
            Some(Value::Number(n)) => format!("{n:o}"),
            Some(value) => value.texts().first().to_string(),
            None => "\0".to_owned(),
        };
        for path in path.texts().all {
            let path = path.to_string();
            let mode = mode.clone();
            self.act(Act::Chmod { path, mode });
        }
    }

    fn chmod_all(&mut self, args: &Args) -> Value {
        let mode = args.items.first().cloned();
        for path in super::run::flat(args.items.get(1..).unwrap_or(&[])) {
            self.chmod(&path, mode.clone());
        }
        Value::unknown()
    }

    fn chown(&mut self, main: &Value, entry: Entry, args: &Args) {
        let from = usize::try_from(entry.at).map_or(usize::MAX, |at| at + 1);
        let mut paths = vec![main.clone()];
        if entry.at > 0 {
            paths.extend(args.items.iter().skip(from).cloned());
        }
        for path in super::run::flat(&paths) {
            for path in path.texts().all {
                self.act(Act::Chown {
                    path: path.to_string(),
                });
            }
        }
    }
}

/// PowerShell's drive of environment variables.
fn is_environment(path: &Value) -> bool {
    path.constant().is_some_and(|path| {
        matches!(
            path.to_ascii_lowercase().as_str(),
            "env:" | "env:*" | "env:\\*" | "env:/*"
        )
    })
}

/// The pattern itself, below the receiver if that is a path.
fn glob(pattern: &Value, receiver: Option<&Value>) -> Value {
    let texts = match receiver {
        Some(Value::Object(base)) if base.kind.get() == "path" => {
            let base = base.texts.borrow();
            let pattern = pattern.texts();
            return Value::listed(
                vec![Value::object(
                    "path",
                    base.map(|base| format!("{}/{}", base.trim_end_matches('/'), pattern.first())),
                )],
                true,
            );
        }
        _ => pattern.texts(),
    };
    Value::listed(vec![Value::Text(texts)], true)
}

/// What lies in or below a folder, as paths.
fn below(folder: &Value) -> Value {
    let paths = folder
        .texts()
        .map(|folder| format!("{}/\0", folder.trim_end_matches('/')));
    Value::listed(vec![Value::object("path", paths)], true)
}

/// What `os.walk` yields: a folder, and names of folders and files in it.
fn walk(top: &Value) -> Value {
    let names = || Value::listed(vec![Value::text("\0")], true);
    let entry = Value::list(vec![Value::Text(top.texts()), names(), names()]);
    Value::listed(vec![entry], true)
}
