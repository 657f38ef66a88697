//! Execution: shells, programs and code.

use super::Machine;
use super::args::Args;
use super::command::{SHELLS, base_name, echoed, fetches, is_bare_shell};
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};
use crate::script::{Act, Language};

impl Machine {
    pub(super) fn execute(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        let main = self.main(&entry, receiver, args);
        let from = usize::try_from(entry.at).unwrap_or(0);
        match entry.shape {
            Shape::Shell => match main {
                Some(command) => self.shell_or_words(&command),
                None => Value::unknown(),
            },
            Shape::System => self.system(args.items.get(from..).unwrap_or(&[]), args),
            Shape::Subprocess => self.subprocess(main, args),
            Shape::Program => {
                let argv = flat(args.items.get(from..).unwrap_or(&[]));
                self.program(&argv)
            }
            Shape::Spawn => self.spawn(main, self.nth(entry.to, receiver, args), args),
            Shape::Execv => {
                let list = args.items.get(from + 1).map(|list| list.elements().0);
                let mut argv: Vec<Value> = main.into_iter().collect();
                argv.extend(list.unwrap_or_default().into_iter().skip(1));
                self.program(&argv)
            }
            Shape::Execl => {
                let mut argv: Vec<Value> = main.into_iter().collect();
                argv.extend(flat(args.items.get(from + 2..).unwrap_or(&[])));
                self.program(&argv)
            }
            Shape::Words => match main {
                Some(Value::List(list)) => self.program(&flat(&list.items)),
                Some(command) if args.items.len() > 1 && entry.to == -1 => {
                    let mut argv = vec![command];
                    argv.extend(flat(&args.items[1..]));
                    self.program(&argv)
                }
                Some(command) => self.words(&command),
                None => Value::unknown(),
            },
            Shape::Start => match main.or_else(|| receiver.cloned()) {
                Some(prepared) => self.start(&prepared, args),
                None => Value::unknown(),
            },
            // Tcl's `eval` joins its words.
            Shape::Code if self.language == Language::Tcl => {
                let code = self.glued(&args.items.clone(), &Texts::of(" "));
                self.code(&Value::Text(code))
            }
            Shape::Code => match main {
                Some(code) => self.code_or_function(&code),
                None => Value::unknown(),
            },
            Shape::ForkFile => {
                self.scene.forks += 1;
                main.map_or(Value::unknown(), |path| self.code_file(&path))
            }
            Shape::CodeFile => match main {
                Some(path) => self.code_file(&path),
                None => Value::unknown(),
            },
            Shape::CodeLater => match main {
                Some(code) => match code.constant() {
                    Some(text) => self.function_of(&text, Vec::new()),
                    None => self.code_or_function(&code),
                },
                None => Value::unknown(),
            },
            Shape::Load => {
                if let Some(data) = main {
                    self.code_history(&data.texts());
                }
                Value::unknown()
            }
            Shape::CommandOutput => {
                let command = main.unwrap_or_else(Value::unknown);
                if self.connects_inline(command.texts().first()) {
                    return Value::Unknown(Taint::SOCKET);
                }
                self.shell(&command)
            }
            _ => self.make_function(args),
        }
    }

    /// A text for a shell; a list where one was given by mistake or meaning.
    fn shell_or_words(&mut self, command: &Value) -> Value {
        match command {
            Value::List(list) => self.program(&flat(&list.items)),
            other => self.shell(other),
        }
    }

    /// Text run by a shell; the value is its output.
    pub(super) fn shell(&mut self, command: &Value) -> Value {
        let texts = command.texts();
        self.history(&texts);
        let mut output = Taint::NONE;
        for text in &texts.all {
            let bare = text.trim_start();
            if bare.is_empty() {
                continue;
            }
            if bare == "\0" {
                self.scene.ran_unknown = true;
            }
            if is_bare_shell(bare) {
                self.scene.bare_shell = true;
            }
            if fetches(bare) {
                output = Taint::NET;
            }
            self.runs_fetched_file(bare);
            self.act(Act::Shell(text.to_string()));
        }
        let first = texts.first();
        let output = match echoed(first) {
            Some(text) => Texts::tainted(text, texts.taint),
            None => Texts::unknown(output),
        };
        let process = Value::object("command", output);
        if let Value::Object(object) = &process {
            object.shell.set(is_bare_shell(first));
        }
        process
    }

    /// Judges where executed text came from, when its beginning is not known.
    fn history(&mut self, texts: &Texts) {
        let unknown = texts
            .all
            .iter()
            .any(|text| text.trim_start().starts_with('\0'));
        if !unknown {
            return;
        }
        if texts.taint.has(Taint::SOCKET) {
            self.act(Act::ShellOnSocket);
        }
        if texts.taint.has(Taint::NET) {
            self.act(Act::Fetched);
        }
        if texts.taint.has(Taint::DECODED) {
            self.act(Act::Opaque("decoded"));
        }
    }

    /// A file that was filled from the network before, named in a command.
    pub(super) fn runs_fetched_file(&mut self, command: &str) {
        let named = self
            .scene
            .fetched
            .iter()
            .any(|path| command.contains(&**path) && !path.contains('\0') && !path.is_empty());
        if named {
            self.act(Act::Fetched);
        }
    }

    fn system(&mut self, items: &[Value], args: &Args) -> Value {
        let items: Vec<Value> = items
            .iter()
            .filter(|item| !matches!(item, Value::Map(_) | Value::Function(_)))
            .filter(|item| item.kind() != "environ")
            .cloned()
            .collect();
        self.descriptors(args);
        match items.as_slice() {
            [] => Value::unknown(),
            [Value::List(list)] => self.program(&flat(&list.items)),
            [command] => self.shell(command),
            // Ruby: a program and the name it shall see.
            [Value::List(list), rest @ ..] if self.language == Language::Ruby => {
                let mut argv: Vec<Value> = list.items.first().cloned().into_iter().collect();
                argv.extend(flat(rest));
                self.program(&argv)
            }
            many => self.program(&flat(many)),
        }
    }

    /// A socket given as a standard stream of a program.
    fn descriptors(&mut self, args: &Args) {
        let socket = args
            .named
            .iter()
            .any(|(_, value)| value.taint().has(Taint::SOCKET));
        let mapped = args
            .items
            .iter()
            .any(|item| matches!(item, Value::Map(_)) && item.taint().has(Taint::SOCKET));
        if socket || mapped {
            self.act(Act::ShellOnSocket);
        }
    }

    fn subprocess(&mut self, main: Option<Value>, args: &Args) -> Value {
        self.descriptors(args);
        let shell = args.is_on(&["shell"]);
        let process = match main {
            Some(Value::List(list)) if shell => match list.items.first() {
                Some(command) => self.shell(command),
                None => Value::unknown(),
            },
            Some(Value::List(list)) => self.program(&flat(&list.items)),
            Some(command) => {
                let spaced = command.texts().first().trim().contains(' ');
                if shell || spaced {
                    self.shell(&command)
                } else {
                    self.program(&[command])
                }
            }
            None => return Value::unknown(),
        };
        if let Some(input) = args.option(&["input"]) {
            self.put(&process, &input.clone());
        }
        process
    }

    fn spawn(&mut self, program: Option<Value>, list: Option<Value>, args: &Args) -> Value {
        let Some(program) = program else {
            return Value::unknown();
        };
        self.descriptors(args);
        if let Value::Map(_) = program {
            let file = args
                .option(&["file", "cmd"])
                .cloned()
                .unwrap_or_else(Value::unknown);
            let mut argv = flat(&[file]);
            if let Some(list) = args.option(&["args"]) {
                argv.extend(list.elements().0.into_iter().skip(1));
            }
            return self.program(&argv);
        }
        let mut argv = match program {
            Value::List(list) => flat(&list.items),
            program => vec![program],
        };
        match list {
            Some(Value::List(list)) => argv.extend(flat(&list.items)),
            Some(text @ Value::Text(_)) => argv.push(text),
            _ => {}
        }
        if args.is_on(&["shell"]) {
            let command = self.glued(&argv, &Texts::of(" "));
            return self.shell(&Value::Text(command));
        }
        self.program(&argv)
    }

    /// A program by its argument vector; the value is the process.
    pub(super) fn program(&mut self, argv: &[Value]) -> Value {
        let texts: Vec<Texts> = argv.iter().map(Value::texts).collect();
        let Some(name) = texts.first() else {
            return Value::unknown();
        };
        self.history(name);
        let line: Vec<&str> = texts.iter().map(|t| &**t.first()).collect();
        if line.len() > 2 && SHELLS.contains(&base_name(line[0])) {
            self.history(&texts[texts.len() - 1].clone());
        }
        let whole = line.join(" ");
        let shell = is_bare_shell(&whole);
        self.scene.bare_shell |= shell;
        self.runs_fetched_file(&whole);
        let vector = line.iter().map(|text| (*text).to_owned()).collect();
        let output = if fetches(&whole) {
            Taint::NET
        } else {
            Taint::NONE
        };
        self.act(Act::Program(vector));
        let process = Value::object("process", Texts::unknown(output));
        if let Value::Object(object) = &process {
            object.shell.set(shell);
        }
        process
    }

    /// One text, split at spaces and run without a shell.
    fn words(&mut self, command: &Value) -> Value {
        let texts = command.texts();
        if texts.first().contains(['\'', '"', '|', ';', '<', '>', '&']) {
            // Meant for a shell, though none is there to read it.
            return self.shell(command);
        }
        let words = texts.first().split_whitespace();
        let argv: Vec<Value> = words
            .map(|word| Value::Text(Texts::tainted(word, texts.taint)))
            .take(256)
            .collect();
        self.program(&argv)
    }

    /// A program whose name and arguments an object holds.
    fn start(&mut self, prepared: &Value, args: &Args) -> Value {
        if let Some(list) = args.option(&["argumentlist", "args"]) {
            let mut argv = vec![prepared.clone()];
            argv.extend(flat(&list.elements().0));
            return self.program(&argv);
        }
        match prepared {
            Value::Object(object) => {
                let texts = object.texts.borrow().clone();
                self.words(&Value::Text(texts))
            }
            Value::List(list) => self.program(&flat(&list.items)),
            other => {
                let mut argv = vec![other.clone()];
                argv.extend(flat(args.items.get(1..).unwrap_or(&[])));
                self.program(&argv)
            }
        }
    }
}

/// Lists among `items` in their place.
pub(super) fn flat(items: &[Value]) -> Vec<Value> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::List(list) => all.extend(list.items.iter().cloned()),
            Value::Map(_) | Value::Function(_) => {}
            other => all.push(other.clone()),
        }
    }
    all
}
