//! Functions of texts and lists, computed where their arguments are known.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use super::decoded::ordinal;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Texts, Value};
use crate::script::{Language, fold};

impl Machine {
    pub(super) fn fold(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        let main = self.main(&entry, receiver, args);
        let other = self.nth(entry.to, receiver, args);
        let Some(main) = main else {
            return Value::Unknown(args.taint());
        };
        if !self.budget.spend_bytes(main.texts().first().len()) {
            return Value::unknown();
        }
        match entry.shape {
            Shape::Character => self.characters(&main, entry, args),
            Shape::Ordinal => ordinal(&main, self.language),
            Shape::Join => self.join(entry, receiver, main, other, args),
            Shape::Split => self.split(&main, &other.unwrap_or_else(|| Value::text(" "))),
            Shape::Reverse => self.reversed(&main, args),
            Shape::Replace => {
                let put = self.nth(entry.to.saturating_add(1), receiver, args);
                let find = other.unwrap_or_else(Value::unknown);
                let regular = entry.gives == "pattern";
                self.replaced(&main, &find, &put.unwrap_or_else(Value::unknown), regular)
            }
            Shape::Translate => self.translate(&main, entry, receiver, args),
            Shape::Lower => each_text(&main, str::to_lowercase),
            Shape::Upper => each_text(&main, str::to_uppercase),
            Shape::Strip => each_text(&main, |text| text.trim().to_owned()),
            Shape::Repeat => {
                let times = other.unwrap_or_else(Value::unknown);
                self.apply(crate::script::expr::Op::Repeat, main, times)
            }
            Shape::Substring => substring(&main, entry, args, self.language),
            Shape::FormatText => {
                let mut items = args.items.clone();
                if entry.at == -1 {
                    items.insert(0, main);
                }
                if entry.gives == "braces" {
                    let named = args.named.clone();
                    return Value::Text(self.braces_named(&items, &named));
                }
                Value::Text(self.formatted(&items))
            }
            Shape::Concatenate => {
                let items = super::run::flat(&args.items);
                let glue = args.option(&["collapse", "sep"]).map(Value::texts);
                Value::Text(self.glued(&items, &glue.unwrap_or_else(|| Texts::of(entry.gives))))
            }
            Shape::PathJoin => {
                let mut items: Vec<Value> = receiver
                    .filter(|r| r.kind() == "path")
                    .cloned()
                    .into_iter()
                    .collect();
                items.extend(super::run::flat(&args.items));
                Value::Text(self.path_joined(&items))
            }
            Shape::ListFirst => match &main {
                Value::List(list) if !list.open => {
                    list.items.first().cloned().unwrap_or_else(Value::unknown)
                }
                _ => main,
            },
            Shape::Collect => Value::list(args.items.clone()),
            Shape::Push => {
                if let (Some((0, name)), Language::Perl) = (args.variables.first(), self.language) {
                    // Perl hands over the elements of the array it names.
                    let all = Value::list(args.items.clone());
                    self.set(&name.clone(), all);
                } else if let Some((0, name)) = args.variables.first() {
                    let name = name.clone();
                    let list = self
                        .variable(&name)
                        .unwrap_or_else(|| Value::list(Vec::new()));
                    let more = args.items.get(1..).unwrap_or(&[]).to_vec();
                    self.push(&name, &list, &more);
                }
                main
            }
            _ => self.decoded(entry, main, other, args),
        }
    }

    fn join(
        &mut self,
        entry: Entry,
        receiver: Option<&Value>,
        main: Value,
        glue: Option<Value>,
        args: &Args,
    ) -> Value {
        // A list where the separator should be: the other order, or no separator.
        let (list, glue) = match (&main, &glue) {
            (Value::List(_), Some(Value::List(_))) => (main, Value::text("")),
            (_, Some(Value::List(_))) => (glue.unwrap_or_else(Value::unknown), main),
            _ => {
                let comma = self.language == Language::JavaScript && entry.at == -1;
                (
                    main,
                    glue.unwrap_or_else(|| Value::text(if comma { "," } else { "" })),
                )
            }
        };
        let items = match (&list, usize::try_from(entry.at)) {
            (Value::List(inner), _) => {
                if inner.open && receiver.is_some() && inner.items.is_empty() {
                    return Value::Text(Texts::unknown(list.taint()));
                }
                inner.items.clone()
            }
            (_, Ok(at)) if self.language == Language::Perl => {
                args.items.get(at..).unwrap_or(&[]).to_vec()
            }
            (Value::Text(_), _) if glue.texts().first().is_empty() => return list,
            _ => return Value::Unknown(list.taint()),
        };
        let open = matches!(&list, Value::List(inner) if inner.open);
        let texts = self.glued(&items, &glue.texts());
        if open {
            return Value::Text(Texts::unknown(texts.taint));
        }
        Value::Text(texts)
    }

    pub(super) fn split(&mut self, text: &Value, by: &Value) -> Value {
        let Some(known) = text.constant() else {
            return Value::listed(vec![Value::Unknown(text.taint())], true);
        };
        if !self.budget.spend_bytes(known.len() * 8) {
            return Value::unknown();
        }
        let by = by.texts().first().replace('\\', "");
        let parts: Vec<Value> = match by.as_str() {
            "" => known
                .chars()
                .map(|c| Value::text(c.encode_utf8(&mut [0; 4])))
                .collect(),
            " " | "s+" | "s" => known.split_whitespace().map(Value::text).collect(),
            by => known.split(by).map(Value::text).collect(),
        };
        if parts.len() > 8192 {
            return Value::Unknown(text.taint());
        }
        Value::list(parts)
    }

    fn reversed(&mut self, main: &Value, args: &Args) -> Value {
        match main {
            Value::List(list) => {
                let items = list.items.iter().rev().cloned().collect();
                Value::listed(items, list.open)
            }
            // Perl: a list of one is the text itself in scalar context, which is what is meant.
            _ if args.items.len() > 1 => Value::list(args.items.iter().rev().cloned().collect()),
            Value::Text(_) => each_text(main, |text| text.chars().rev().collect()),
            other => Value::Unknown(other.taint()),
        }
    }

    /// Text with what `find` matches replaced.
    pub(super) fn replaced(
        &mut self,
        text: &Value,
        find: &Value,
        put: &Value,
        regular: bool,
    ) -> Value {
        let taint = text.taint().and(put.taint());
        let (Value::Text(texts), false) = (text, matches!(put, Value::Function(_))) else {
            return Value::Unknown(taint);
        };
        let regular = regular || matches!(find, Value::Pattern(_));
        let (find, put) = (find.texts(), put.texts());
        let mut all: Vec<Rc<str>> = Vec::new();
        for text in &texts.all {
            match fold::replace(text, find.first(), put.first(), regular) {
                Some(changed) if self.budget.spend_bytes(changed.len()) => {
                    all.push(Rc::from(changed));
                }
                _ => return Value::Text(Texts::unknown(taint)),
            }
        }
        Value::Text(Texts { all, taint })
    }

    fn translate(
        &mut self,
        main: &Value,
        entry: Entry,
        receiver: Option<&Value>,
        args: &Args,
    ) -> Value {
        let from = self.nth(entry.to, receiver, args);
        let to = self.nth(entry.to.saturating_add(1), receiver, args);
        let (from, to) = match (from, to) {
            (Some(Value::List(pair)), _) if pair.items.len() >= 2 => {
                (pair.items[0].texts(), pair.items[1].texts())
            }
            (Some(from), Some(to)) => (from.texts(), to.texts()),
            _ => return Value::Unknown(main.taint().and(Taint::DECODED)),
        };
        if from.first().contains('\0') || to.first().contains('\0') {
            return Value::Unknown(main.taint().and(Taint::DECODED));
        }
        each_text(main, |text| fold::translate(text, from.first(), to.first()))
    }

    pub(super) fn range_of(&mut self, args: &Args) -> Value {
        let numbers: Vec<i64> = args.items.iter().filter_map(Value::number).collect();
        let inclusive = i64::from(matches!(self.language, Language::Lua));
        let (from, to, step) = match *numbers.as_slice() {
            [to] => (0, to, 1),
            [from, to] => (from, to, 1),
            [from, to, step] => (from, to, step),
            _ => return Value::listed(Vec::new(), true),
        };
        let to = to.saturating_add(inclusive * step.signum());
        if step == 0 || from.abs_diff(to) / step.unsigned_abs() > 300 {
            return Value::listed(vec![Value::Number(from)], true);
        }
        let mut items = Vec::new();
        let mut n = from;
        while (step > 0 && n < to) || (step < 0 && n > to) {
            items.push(Value::Number(n));
            n = n.saturating_add(step);
        }
        Value::list(items)
    }

    /// awk's `$n` of the line on standard input.
    pub(super) fn field(&mut self, n: &Value) -> Value {
        let unknown = Value::Text(Texts::unknown(Taint::NONE));
        let Some(text) = self.stdin.clone().filter(|text| !text.contains('\0')) else {
            return unknown;
        };
        let text = text.trim_end_matches('\n');
        match n.number() {
            Some(0) => Value::text(text),
            Some(n) if !text.contains('\n') && n > 0 => {
                let word = text
                    .split_whitespace()
                    .nth(usize::try_from(n - 1).unwrap_or(0));
                word.map_or(Value::text(""), Value::text)
            }
            _ => unknown,
        }
    }

    /// Paths one below the other; an absolute one begins anew.
    pub(super) fn path_joined(&mut self, items: &[Value]) -> Texts {
        let mut whole: Option<Texts> = None;
        for item in items {
            let part = item.texts();
            whole = Some(match whole {
                Some(before) if !part.first().starts_with('/') && !before.first().is_empty() => {
                    let slash = if before.first().ends_with('/') {
                        ""
                    } else {
                        "/"
                    };
                    let before = before.followed_by(&Texts::of(slash), &mut self.budget);
                    before.followed_by(&part, &mut self.budget)
                }
                _ => part,
            });
        }
        whole.unwrap_or_else(|| Texts::unknown(Taint::NONE))
    }
}

/// Every text of a value changed; what is no text stays unknown.
pub(super) fn each_text(value: &Value, change: impl Fn(&str) -> String) -> Value {
    match value {
        Value::Text(texts) => Value::Text(texts.map(change)),
        Value::Object(object) if object.kind.get() == "path" => {
            Value::Text(object.texts.borrow().map(change))
        }
        other => Value::Unknown(other.taint()),
    }
}

/// `substr(text, start, length)`, with positions as the language counts them.
fn substring(value: &Value, entry: Entry, args: &Args, language: Language) -> Value {
    let from = usize::try_from(entry.to).unwrap_or(0);
    let start = args.items.get(from).and_then(Value::number);
    let length = args.items.get(from + 1).and_then(Value::number);
    let Some(start) = start else {
        return Value::Unknown(value.taint());
    };
    let one_based = matches!(language, Language::Awk | Language::Lua | Language::R);
    let start = if one_based {
        start.saturating_sub(1)
    } else {
        start
    };
    let end = match (length, entry.gives) {
        (Some(end), "end") => Some(end),
        (Some(length), _) => Some(start.saturating_add(length)),
        (None, _) => None,
    };
    match value {
        Value::List(list) => Value::list(fold::slice(&list.items, [Some(start), end, None])),
        _ => each_text(value, |text| {
            let chars: Vec<char> = text.chars().collect();
            fold::slice(&chars, [Some(start), end, None])
                .into_iter()
                .collect()
        }),
    }
}
