//! YAML in front of instructions and in workflows.
//!
//! Values come from a real reader, so that no spelling hides a key. It keeps no places; the line
//! of a value is where its text first stands.

use serde_yaml::Value;

/// Text above this size is not read as YAML, in bytes.
const LARGEST: usize = 256 * 1024;

/// The values in a text; `None` if it is not YAML.
pub(super) fn parse(text: &str) -> Option<Value> {
    if text.len() > LARGEST {
        return None;
    }
    serde_yaml::from_str(text).ok()
}

/// What stands between `---` lines at the start of a file, and where the rest begins.
pub(super) fn front(text: &str) -> Option<(&str, usize)> {
    let body = text.trim_start_matches('\u{feff}');
    let start = text.len() - body.len();
    let first = body.lines().next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut at = first.len() + 1;
    for line in body.get(at..)?.split_inclusive('\n') {
        if line.trim_end() == "---" {
            let front = &body[first.len() + 1..at];
            return Some((front, start + at + line.len()));
        }
        at += line.len();
    }
    None
}

/// The front of a file as values. Text that is not YAML is read line by line, as the client does:
/// what matters most is not to overlook a key.
pub(super) fn front_values(text: &str) -> Value {
    let Some((front, _)) = front(text) else {
        return Value::Null;
    };
    parse(front)
        .filter(Value::is_mapping)
        .unwrap_or_else(|| by_line(front))
}

fn by_line(front: &str) -> Value {
    let mut values = serde_yaml::Mapping::new();
    for line in front.lines() {
        let top = !line.starts_with([' ', '\t', '#']);
        if let Some((key, value)) = line.split_once(':').filter(|_| top) {
            let value = value.trim().trim_matches(['"', '\'']);
            values.insert(Value::from(key.trim()), Value::from(value));
        }
    }
    Value::Mapping(values)
}

/// The value behind several keys.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter()
        .try_fold(value, |value, key| value.as_mapping()?.get(*key))
}

/// Every string below a value.
pub(super) fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Sequence(items) => items.iter().flat_map(strings).collect(),
        Value::Mapping(members) => members
            .iter()
            .flat_map(|(_, value)| strings(value))
            .collect(),
        Value::Tagged(tagged) => strings(&tagged.value),
        _ => Vec::new(),
    }
}

/// A value as words: a list, or a text with commas. Commas within brackets do not count.
pub(super) fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(items) => items
            .iter()
            .filter_map(|item| item.as_str().map(|s| s.trim().to_owned()))
            .collect(),
        Value::String(text) => split(text),
        _ => Vec::new(),
    }
}

fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        match words.last_mut() {
            Some(_) if letter == ',' && depth <= 0 => words.push(String::new()),
            Some(word) => word.push(letter),
            None => {}
        }
    }
    let words = words.into_iter().map(|word| word.trim().to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{at, front, front_values, words};
    use serde_yaml::Value;

    #[test]
    fn the_front_of_a_file_is_read_in_any_spelling() {
        let text = "---\nname: x\nhooks: {PreToolUse: [{hooks: [{command: y}]}]}\n---\nbody";
        let values = front_values(text);
        assert!(at(&values, &["hooks", "PreToolUse"]).is_some());
        assert_eq!(front(text).map(|(_, rest)| &text[rest..]), Some("body"));
        let broken = "---\ndescription: a: b: c\nallowed-tools: Bash\n---\n";
        let tools = at(&front_values(broken), &["allowed-tools"])
            .and_then(|v| v.as_str().map(str::to_owned));
        assert_eq!(tools.as_deref(), Some("Bash"));
    }

    #[test]
    fn tools_are_listed_in_both_forms() {
        let text = Value::from("Read, Bash(git log:*, x), Write");
        assert_eq!(words(&text), ["Read", "Bash(git log:*, x)", "Write"]);
    }
}
