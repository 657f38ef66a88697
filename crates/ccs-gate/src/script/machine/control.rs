//! Blocks, branches, loops, pipelines and redirections.

use super::Machine;
use crate::script::Act;
use crate::script::expr::{Expr, Redirect};
use crate::script::value::{Texts, Value};

/// Most elements of a known list a loop is walked through for.
const UNROLLED: usize = 300;

impl Machine {
    pub(super) fn control(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Block(items) => {
                let mut last = Value::unknown();
                for item in items {
                    last = self.eval(item);
                }
                last
            }
            Expr::Maybe(body) => {
                self.branches += 1;
                let value = self.eval(body);
                self.branches -= 1;
                value
            }
            Expr::Spread(inner) => self.eval(inner),
            Expr::Each {
                target,
                items,
                body,
            } => {
                let items = self.eval(items);
                self.each(target, &items, body)
            }
            Expr::Loop { test, body } => self.repeat(test.as_deref(), body),
            Expr::Pipe(stages) => self.pipe(stages),
            Expr::Redirect {
                output,
                how,
                target,
            } => self.redirect(output, *how, target),
            _ => Value::unknown(),
        }
    }

    /// The elements of a value, standard input line by line.
    pub(super) fn elements(&mut self, value: &Value) -> (Vec<Value>, bool) {
        match value.kind() {
            "stdin" => match &self.stdin {
                Some(text) if !text.contains('\0') && self.budget.spend_bytes(text.len()) => {
                    let lines = text.lines().take(UNROLLED).map(Value::text);
                    (lines.collect(), true)
                }
                _ => (vec![self.standard_input()], false),
            },
            _ => value.elements(),
        }
    }

    /// A loop over elements; its value is the list of the body's values.
    pub(super) fn each(&mut self, target: &Expr, items: &Value, body: &Expr) -> Value {
        let (elements, complete) = self.elements(items);
        let unrolled = complete && elements.len() <= UNROLLED;
        if !unrolled {
            self.branches += 1;
        }
        let mut values = Vec::new();
        for element in elements.into_iter().take(UNROLLED) {
            if !self.budget.spend(1) {
                break;
            }
            self.bind_loop(target, element);
            values.push(self.eval(body));
        }
        if !unrolled {
            self.branches -= 1;
        }
        Value::listed(values, !unrolled)
    }

    /// The variable of a loop has this value and no other.
    fn bind_loop(&mut self, target: &Expr, value: Value) {
        let branches = std::mem::take(&mut self.branches);
        self.bind(target, value);
        self.branches = branches;
    }

    fn repeat(&mut self, test: Option<&Expr>, body: &Expr) -> Value {
        let (forks, waits) = (self.scene.forks, self.scene.waits);
        self.branches += 1;
        if let Some(test) = test {
            self.eval(test);
        }
        let forks_in_test = self.scene.forks > forks;
        self.eval(body);
        self.branches -= 1;
        let endless = test.is_none() || forks_in_test;
        self.forks_without_end(endless, forks, waits);
        Value::unknown()
    }

    /// Judges a loop that ended, by the counts before it.
    pub(super) fn forks_without_end(&mut self, endless: bool, forks: usize, waits: usize) {
        if endless && self.scene.forks > forks && self.scene.waits == waits {
            self.act(Act::ForkBomb);
        }
    }

    fn pipe(&mut self, stages: &[Expr]) -> Value {
        let outer = self.input.take();
        let mut value = Value::unknown();
        for (n, stage) in stages.iter().enumerate() {
            if n > 0 {
                self.bind_loop(&Expr::name("$_"), value.clone());
                self.bind_loop(&Expr::name("$input"), value.clone());
                self.input = Some(value);
            }
            value = self.eval(stage);
        }
        self.input = outer;
        value
    }

    /// Output to a file or into a command: what would be printed goes there instead.
    fn redirect(&mut self, output: &Expr, how: Redirect, target: &Expr) -> Value {
        let before = self.acts.len();
        let value = self.eval(output);
        let mut printed: Option<String> = None;
        let mut kept = Vec::new();
        for act in self.acts.drain(before..) {
            match act {
                Act::Print(text) => printed.get_or_insert_default().push_str(&text),
                other => kept.push(other),
            }
        }
        self.acts.extend(kept);
        if printed.is_none() && self.language == crate::script::Language::PowerShell {
            printed = Some(value.texts().first().to_string());
        }
        let target = self.eval(target).texts();
        for path in &target.all {
            let path = path.to_string();
            let text = printed.clone();
            match how {
                Redirect::Command => self.feed(&path, text.as_deref()),
                _ if matches!(path.as_str(), "/dev/stdout" | "/dev/stderr" | "$null") => {}
                Redirect::File => {
                    self.act(Act::Write { path, text });
                }
                Redirect::Append => {
                    self.act(Act::Append { path, text });
                }
            }
        }
        Value::unknown()
    }

    /// Runs a command with `text` on its standard input.
    pub(super) fn feed(&mut self, command: &str, text: Option<&str>) {
        if self.connects_inline(command) {
            let to = inline_address(command);
            let body = text.unwrap_or("\0").to_owned();
            self.act(Act::Send { to, body });
            return;
        }
        self.shell(&Value::text(command));
        if super::command::is_bare_shell(command)
            && let Some(text) = text
        {
            self.shell(&Value::Text(Texts::of(text)));
        }
    }

    /// awk's special file for a connection.
    pub(super) fn connects_inline(&mut self, name: &str) -> bool {
        let inline = ["/inet/", "/inet4/", "/inet6/"]
            .iter()
            .any(|p| name.starts_with(p));
        if inline {
            self.scene.socket = true;
            if name
                .split('/')
                .nth(3)
                .is_some_and(|port| port != "0" && !port.is_empty())
            {
                self.act(Act::Listen);
            } else {
                self.act(Act::Connect {
                    to: inline_address(name),
                });
            }
        }
        inline
    }
}

/// `/inet/tcp/0/host/port` as `host:port`.
fn inline_address(name: &str) -> String {
    let mut parts = name.split('/').skip(4);
    let host = parts.next().unwrap_or("\0");
    match parts.next() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
