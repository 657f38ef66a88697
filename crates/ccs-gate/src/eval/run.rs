//! Lists, pipelines and compound commands.

use super::{Eval, Io, MAX_CHOICES, MAX_COMMANDS};
use crate::shell::ast::{Assign, Compound, Document, Item, Kind, Node, Part, Script, Simple, Word};
use crate::value::{Labels, Value};

/// Rounds of a loop that are walked.
const MAX_ROUNDS: usize = 64;

impl Eval<'_> {
    pub(crate) fn document(&mut self, document: &Document<'_>, io: &Io) -> Value {
        self.with_bodies(document, |eval| eval.script(&document.script, io))
    }

    /// Walks a part of a document, whose redirections name its here-documents.
    pub(super) fn with_bodies(
        &mut self,
        document: &Document<'_>,
        walk: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let bodies = document.bodies.iter();
        self.bodies
            .push(bodies.map(|text| text.clone().into_owned()).collect());
        let value = walk(self);
        self.bodies.pop();
        value
    }

    /// Walks a list; gives what it prints.
    pub(crate) fn script(&mut self, script: &Script<'_>, io: &Io) -> Value {
        self.nested(|eval| {
            let mut output = Value::default();
            for item in &script.items {
                let value = eval.item(item, io);
                output.push(&value);
            }
            output
        })
    }

    fn item(&mut self, item: &Item<'_>, io: &Io) -> Value {
        if item.background {
            self.background += 1;
        }
        if io.stdin.is_none() {
            self.typed(item);
        }
        let value = if item.conditional {
            self.perhaps(|eval| eval.node(&item.node, io))
        } else {
            self.node(&item.node, io)
        };
        if item.background {
            self.background -= 1;
        }
        value
    }

    /// An interpreter started with nothing to run reads what follows, as if it were typed.
    fn typed(&mut self, item: &Item<'_>) {
        let Node::Simple(simple) = &item.node else {
            return;
        };
        if let ([word], []) = (simple.words.as_slice(), simple.redirects.as_slice())
            && let [Part::Bare(name)] = word.parts.as_slice()
            && item.rest.starts_with('\n')
            && let Some(language) = crate::script::Language::of_program(&crate::program::name(name))
        {
            crate::program::walk(
                self,
                language,
                &Value::known(item.rest),
                &Io::default(),
                &[],
            );
        }
    }

    fn node(&mut self, node: &Node<'_>, io: &Io) -> Value {
        match node {
            Node::Simple(simple) => self.simple(simple, io),
            Node::Pipe(stages) => self.pipe(stages, io),
            Node::Compound(compound) => self.compound(compound, io),
            Node::Function { name, body } => {
                self.state
                    .functions
                    .insert((*name).to_owned(), (*body).into());
                Value::default()
            }
        }
    }

    fn pipe(&mut self, stages: &[Node<'_>], io: &Io) -> Value {
        let cwd = self.state.cwd.clone();
        let mut io = io.clone();
        let mut value = Value::default();
        self.pipes += 1;
        for stage in stages {
            value = self.node(stage, &io);
            io = Io::with(std::mem::take(&mut value));
            value.clone_from(io.stdin.as_ref().unwrap_or(&Value::default()));
        }
        self.pipes -= 1;
        self.state.cwd = cwd;
        value
    }

    fn compound(&mut self, compound: &Compound<'_>, io: &Io) -> Value {
        let mut io = io.clone();
        let outputs = self.redirects(&compound.redirects, &mut io);
        let value = self.kind(&compound.kind, &io);
        self.deliver(value, outputs, &io)
    }

    fn kind(&mut self, kind: &Kind<'_>, io: &Io) -> Value {
        match kind {
            Kind::Group(script) => self.script(script, io),
            Kind::Subshell(script) => self.subshell(|eval| eval.script(script, io)),
            Kind::If(scripts) => self.branches(scripts, io),
            Kind::Loop(condition, body) => {
                let mut value = self.script(condition, io);
                value.push(&self.perhaps(|eval| eval.script(body, io)));
                value
            }
            Kind::For { name, words, body } => self.rounds(name, words.as_deref(), body, io),
            Kind::Case {
                subject,
                patterns,
                arms,
            } => {
                self.text(subject);
                self.words(patterns);
                self.perhaps(|eval| eval.branches(arms, io))
            }
            Kind::Expression(words) => {
                self.words(words);
                Value::default()
            }
        }
    }

    fn branches(&mut self, scripts: &[Script<'_>], io: &Io) -> Value {
        let mut value = Value::default();
        for (index, script) in scripts.iter().enumerate() {
            let output = if index == 0 && scripts.len() > 1 {
                self.script(script, io)
            } else {
                self.perhaps(|eval| eval.script(script, io))
            };
            value.push(&output);
        }
        value
    }

    /// A loop over words, walked once a word.
    fn rounds(
        &mut self,
        name: &str,
        words: Option<&[Word<'_>]>,
        body: &Script<'_>,
        io: &Io,
    ) -> Value {
        let values = match words {
            Some(words) => self.words(words),
            None => self.state.arguments.clone(),
        };
        let mut output = Value::default();
        let (walked, rest) = values.split_at(values.len().min(MAX_ROUNDS));
        for value in walked {
            self.state.assign_any(name, vec![value.clone()]);
            output.push(&self.script(body, io));
        }
        if walked.is_empty() || !rest.is_empty() {
            self.state
                .assign_any(name, vec![Value::unknown(Labels::NONE)]);
            output.push(&self.script(body, io));
        }
        output
    }

    /// A simple command, once for each alternative of the variables in it.
    fn simple(&mut self, simple: &Simple<'_>, io: &Io) -> Value {
        let outer = (self.choice, self.choices);
        let mut value = Value::default();
        (self.choice, self.choices) = (0, 1);
        while self.choice < self.choices.min(MAX_CHOICES) {
            let output = self.simple_once(simple, io);
            if self.choice == 0 {
                value = output;
            }
            self.choice += 1;
        }
        (self.choice, self.choices) = outer;
        value
    }

    fn simple_once(&mut self, simple: &Simple<'_>, io: &Io) -> Value {
        self.commands += 1;
        if self.commands > MAX_COMMANDS {
            if self.commands == MAX_COMMANDS + 1 {
                self.report.unread(&self.source);
            }
            return Value::unknown(Labels::OUTPUT);
        }
        let outer = std::mem::replace(&mut self.input, io.stdin.clone());
        let arguments = self.words(&simple.words);
        self.input = outer;
        let mut io = io.clone();
        let outputs = self.redirects(&simple.redirects, &mut io);
        for assign in &simple.assigns {
            self.assign(assign);
        }
        // a variable of the environment can change what any program does
        if simple
            .assigns
            .iter()
            .any(|assign| assign.name.bytes().any(|b| b.is_ascii_uppercase()))
        {
            self.report.changes(&arguments);
        }
        let value = if arguments.is_empty() {
            self.bare_redirects(&simple.redirects, &io)
        } else {
            self.invoke(arguments, &io)
        };
        self.deliver(value, outputs, &io)
    }

    fn assign(&mut self, assign: &Assign<'_>) {
        let values: Vec<Value> = if assign.array {
            self.words(&assign.value)
        } else {
            assign
                .value
                .iter()
                .map(|word| self.assigned(word))
                .collect()
        };
        if let Some(index) = &assign.index {
            self.text(index);
        }
        self.sets(assign.name, values.first());
        match (assign.append, assign.array) {
            (true, _) => values
                .into_iter()
                .for_each(|value| self.state.append(assign.name, value)),
            (false, true) => self.state.assign_array(assign.name, values),
            (false, false) if assign.index.is_some() => {
                values
                    .into_iter()
                    .for_each(|value| self.state.append(assign.name, value));
            }
            (false, false) => {
                let value = values.into_iter().next().unwrap_or_default();
                self.state.assign(assign.name, value);
            }
        }
    }

    /// The text of an assignment. A tilde counts after `:` too, which no rule needs.
    fn assigned(&mut self, word: &Word<'_>) -> Value {
        self.text(word)
    }
}
