//! What `$name` and `${…}` stand for.

use super::Eval;
use crate::glob;
use crate::shell::ast::{Param, Word};
use crate::value::{HOLE, Labels, Value};

/// Replacement in longer texts is not worked out.
const MAX_REPLACE: usize = 512;

impl Eval<'_> {
    /// The values of a parameter expansion: one, or one an element for `$@` and `${a[@]}`.
    pub(super) fn param(&mut self, param: &Param<'_>, quoted: bool) -> Vec<Value> {
        let found = self.looked_up(param, quoted);
        if param.length {
            return vec![length(found.as_deref())];
        }
        let found = self.defaulted(param, found);
        match param.operator {
            "" | ":-" | "-" | ":=" | "=" | ":?" | "?" | ":+" | "+" => found,
            _ => found
                .into_iter()
                .map(|value| self.changed(param, value))
                .collect(),
        }
    }

    /// The parameter's own values; `None` if nothing in this command sets it.
    fn looked_up(&mut self, param: &Param<'_>, quoted: bool) -> Option<Vec<Value>> {
        if param.indirect {
            return self.indirect(param, quoted);
        }
        match param.name {
            "@" => return Some(self.state.arguments.clone()),
            "*" => {
                let all = self.state.arguments.clone();
                return Some(if quoted { vec![joined(&all)] } else { all });
            }
            _ => {}
        }
        match &param.index {
            Some(index) => self.element(param.name, index, quoted),
            None => self.scalar(param.name).map(|value| vec![value]),
        }
    }

    fn indirect(&mut self, param: &Param<'_>, quoted: bool) -> Option<Vec<Value>> {
        let name = self.scalar(param.name)?;
        let inner = Param {
            name: &name.text,
            ..Param::default()
        };
        self.looked_up(&inner, quoted)
    }

    fn element(&mut self, name: &str, index: &Word<'_>, quoted: bool) -> Option<Vec<Value>> {
        let index = self.text(index);
        let elements = self.state.variables.get(name)?.elements.clone();
        match (index.text.trim(), elements) {
            ("@", Some(elements)) => Some(elements),
            ("*", Some(elements)) => Some(if quoted {
                vec![joined(&elements)]
            } else {
                elements
            }),
            ("@" | "*" | "0", None) => self.scalar(name).map(|value| vec![value]),
            (number, Some(elements)) => {
                let at = number.parse::<i64>().ok()?;
                let at = if at < 0 {
                    at + i64::try_from(elements.len()).ok()?
                } else {
                    at
                };
                elements
                    .get(usize::try_from(at).ok()?)
                    .map(|value| vec![value.clone()])
            }
            _ => None,
        }
    }

    /// A plain variable or special parameter.
    pub(crate) fn scalar(&mut self, name: &str) -> Option<Value> {
        if let Some(variable) = self.state.variables.get(name) {
            self.choices = self.choices.max(variable.values.len());
            let at = self.choice.min(variable.values.len().saturating_sub(1));
            return variable.values.get(at).cloned();
        }
        if let Ok(number) = name.parse::<usize>() {
            return match number {
                0 => Some(Value::known("bash")),
                _ => Some(
                    self.state
                        .arguments
                        .get(number - 1)
                        .cloned()
                        .unwrap_or_default(),
                ),
            };
        }
        self.environment(name)
    }

    /// Variables that a shell always has.
    fn environment(&self, name: &str) -> Option<Value> {
        let text = match name {
            "HOME" => self.home_of(""),
            "PWD" => self.state.cwd.clone(),
            "OLDPWD" | "RANDOM" | "PPID" | "SECONDS" | "$" | "!" | "-" | "HOSTNAME" | "" => {
                HOLE.to_string()
            }
            "#" => self.state.arguments.len().to_string(),
            "?" => "0".to_owned(),
            "_" => self.state.last.clone(),
            "TMPDIR" | "TMP" | "TEMP" => "/tmp".to_owned(),
            "RUNNER_TEMP" | "XDG_RUNTIME_DIR" => format!("/tmp/{HOLE}"),
            "SHELL" | "BASH" => "/bin/bash".to_owned(),
            "PATH" => format!("/usr/local/bin:{HOLE}"),
            "CLAUDE_PROJECT_DIR" => self.facts.project.or(self.facts.cwd)?.to_owned(),
            "IFS" => " \t\n".to_owned(),
            _ => return None,
        };
        Some(Value::known(text))
    }

    /// Applies the operators that ask whether the parameter is set.
    fn defaulted(&mut self, param: &Param<'_>, found: Option<Vec<Value>>) -> Vec<Value> {
        let empty = |values: &[Value]| values.iter().all(|value| value.text.is_empty());
        let set = found.filter(|values| !(param.operator.starts_with(':') && empty(values)));
        let operand = |eval: &mut Self| match param.operands.first() {
            Some(word) => eval.text(word),
            None => Value::default(),
        };
        match (param.operator, set) {
            (":+" | "+", Some(values)) if empty(&values) => vec![Value::default()],
            (":+" | "+", _) => vec![operand(self)],
            (_, Some(values)) => values,
            (":-" | "-", None) => vec![operand(self)],
            (":=" | "=", None) => {
                let value = operand(self);
                self.state.assign(param.name, value.clone());
                vec![value]
            }
            // set or the command fails: unknown, but not empty
            (":?" | "?", None) => vec![Value::known(format!("x{HOLE}"))],
            (_, None) => vec![Value::unknown(Labels::NONE)],
        }
    }

    /// Applies the operators that change the text.
    fn changed(&mut self, param: &Param<'_>, value: Value) -> Value {
        let operands: Vec<Value> = param.operands.iter().map(|word| self.text(word)).collect();
        let first = operands.first().map_or("", |value| value.text.as_str());
        if param.operator == ":" {
            let text = slice(
                &value.text,
                first,
                operands.get(1).map(|value| value.text.as_str()),
            );
            return Value {
                text,
                labels: value.labels,
            };
        }
        if !value.is_known() {
            return value;
        }
        let second = operands.get(1).map_or("", |value| value.text.as_str());
        let text = match param.operator {
            "#" | "##" => cut_front(&value.text, first, param.operator == "##"),
            "%" | "%%" => cut_back(&value.text, first, param.operator == "%%"),
            "/" | "//" | "/#" | "/%" => replace(&value.text, param.operator, first, second),
            "^^" => value.text.to_uppercase(),
            ",," => value.text.to_lowercase(),
            "^" | "," => first_letter(&value.text, param.operator == "^"),
            "@" => transformed(&value.text, first),
            _ => value.text,
        };
        Value {
            text,
            labels: value.labels,
        }
    }
}

fn joined(values: &[Value]) -> Value {
    let mut all = Value::default();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            all.push_str(" ");
        }
        all.push(value);
    }
    all
}

fn length(found: Option<&[Value]>) -> Value {
    match found {
        Some([value]) if value.is_known() => Value::known(value.text.chars().count().to_string()),
        Some(values) if values.len() != 1 => Value::known(values.len().to_string()),
        _ => Value::unknown(Labels::NONE),
    }
}

/// `${x:offset:length}`, as far as it lies before the first hole.
fn slice(text: &str, offset: &str, length: Option<&str>) -> String {
    let known = text.find(HOLE).unwrap_or(text.len());
    let letters: Vec<char> = text[..known].chars().collect();
    let whole = known == text.len();
    let count = i64::try_from(letters.len()).unwrap_or(0);
    let Ok(offset) = offset.trim().parse::<i64>() else {
        return HOLE.to_string();
    };
    let start = if offset < 0 && whole {
        count + offset
    } else {
        offset
    };
    let end = match length.map(|length| length.trim().parse::<i64>()) {
        None if whole => count,
        Some(Ok(length)) if length >= 0 => start.saturating_add(length),
        Some(Ok(length)) if whole => count + length,
        _ => return HOLE.to_string(),
    };
    if start < 0 || (end > count && !whole) {
        return HOLE.to_string();
    }
    let (start, end) = (start.min(count), end.clamp(start.min(count), count));
    letters[usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0)]
        .iter()
        .collect()
}

fn boundaries(text: &str) -> impl DoubleEndedIterator<Item = usize> + '_ {
    (0..=text.len()).filter(|&at| text.is_char_boundary(at))
}

fn cut_front(text: &str, pattern: &str, longest: bool) -> String {
    let fits = |&at: &usize| glob::matches(pattern, &text[..at]);
    let at = if longest {
        boundaries(text).rev().find(fits)
    } else {
        boundaries(text).find(fits)
    };
    text[at.unwrap_or(0)..].to_owned()
}

fn cut_back(text: &str, pattern: &str, longest: bool) -> String {
    let fits = |&at: &usize| glob::matches(pattern, &text[at..]);
    let at = if longest {
        boundaries(text).find(fits)
    } else {
        boundaries(text).rev().find(fits)
    };
    text[..at.unwrap_or(text.len())].to_owned()
}

fn replace(text: &str, operator: &str, pattern: &str, with: &str) -> String {
    if pattern.is_empty() || text.len() > MAX_REPLACE {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut at = 0;
    let mut count = 0;
    while at < text.len() {
        let end = (count == 0 || operator == "//")
            .then(|| found(&text[at..], pattern))
            .flatten();
        let anchored = match operator {
            "/#" => at == 0,
            "/%" => end.is_some_and(|end| at + end == text.len()),
            _ => true,
        };
        match end.filter(|_| anchored) {
            Some(end) => {
                out.push_str(with);
                at += end;
                count += 1;
            }
            None => {
                let letter = text[at..].chars().next().unwrap_or(' ');
                out.push(letter);
                at += letter.len_utf8();
            }
        }
    }
    out
}

/// The length of the longest match of `pattern` at the start of `text`.
fn found(text: &str, pattern: &str) -> Option<usize> {
    if !glob::is_pattern(pattern) {
        return text.starts_with(pattern).then_some(pattern.len());
    }
    boundaries(text)
        .rev()
        .find(|&at| at > 0 && glob::matches(pattern, &text[..at]))
}

fn first_letter(text: &str, upper: bool) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if upper => first.to_uppercase().chain(letters).collect(),
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn transformed(text: &str, operator: &str) -> String {
    match operator {
        "U" => text.to_uppercase(),
        "L" => text.to_lowercase(),
        "u" => first_letter(text, true),
        "E" => crate::shell::unescape(text).into_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{cut_back, cut_front, replace, slice};

    #[test]
    fn slices_stop_before_what_is_unknown() {
        assert_eq!(slice("/usr\0", "0", Some("1")), "/");
        assert_eq!(slice("/usr\0", "0", Some("9")), "\0");
        assert_eq!(slice("abcdef", "-3", Some("2")), "de");
        assert_eq!(slice("abc", "1", None), "bc");
        assert_eq!(slice("abc", "9", None), "");
    }

    #[test]
    fn patterns_cut_and_replace() {
        assert_eq!(cut_front("a/b/c", "*/", false), "b/c");
        assert_eq!(cut_front("a/b/c", "*/", true), "c");
        assert_eq!(cut_back("x.tar.gz", ".*", false), "x.tar");
        assert_eq!(cut_back("x.tar.gz", ".*", true), "x");
        assert_eq!(replace("rXm -rXf", "//", "X", ""), "rm -rf");
        assert_eq!(replace("r1m2", "//", "[0-9]", ""), "rm");
        assert_eq!(replace("xrm", "/#", "x", ""), "rm");
        assert_eq!(replace("rmx", "/%", "x", ""), "rm");
    }
}
