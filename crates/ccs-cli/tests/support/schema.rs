//! Checks a value against a JSON schema: the keywords that the schema of SARIF uses, and no others,
//! so that none is passed over.

use serde_json::Value;

/// Keywords that say nothing about a value.
const NOTES: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "definitions",
    "format",
    "description",
    "default",
];

/// What is wrong with the value, each with its place.
pub(crate) fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Check { root: schema }.value(schema, value, "$", &mut found);
    found
}

struct Check<'a> {
    root: &'a Value,
}

impl Check<'_> {
    fn value(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        for (keyword, rule) in schema.as_object().expect("a schema is an object") {
            let fits = match keyword.as_str() {
                "$ref" => {
                    let name = rule.as_str().expect("a reference");
                    let pointer = name.strip_prefix('#').expect("within the schema");
                    let target = self.root.pointer(pointer).expect("a definition");
                    self.value(target, value, at, found);
                    true
                }
                "properties" => {
                    for (key, rule) in rule.as_object().expect("properties") {
                        if let Some(member) = value.get(key) {
                            self.value(rule, member, &format!("{at}.{key}"), found);
                        }
                    }
                    true
                }
                "additionalProperties" => self.others(schema, rule, value, at, found),
                "items" => {
                    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(rule, item, &format!("{at}[{number}]"), found);
                    }
                    true
                }
                "anyOf" => self.fitting(rule, value) > 0,
                "oneOf" => self.fitting(rule, value) == 1,
                _ => simple(keyword, rule, value),
            };
            if !fits {
                found.push(format!("{at}: {keyword} {rule}: {value}"));
            }
        }
    }

    /// Members that are not named.
    fn others(
        &self,
        schema: &Value,
        rule: &Value,
        value: &Value,
        at: &str,
        found: &mut Vec<String>,
    ) -> bool {
        let named = |key: &str| {
            schema
                .get("properties")
                .is_some_and(|named| named.get(key).is_some())
        };
        let members = value.as_object().into_iter().flatten();
        let mut others = members.filter(|(key, _)| !named(key));
        match rule {
            Value::Bool(allowed) => *allowed || others.next().is_none(),
            rule => {
                others.for_each(|(key, member)| {
                    self.value(rule, member, &format!("{at}.{key}"), found);
                });
                true
            }
        }
    }

    fn fitting(&self, rules: &Value, value: &Value) -> usize {
        let rules = rules.as_array().expect("a list").iter();
        let fits = |rule: &&Value| {
            let mut found = Vec::new();
            self.value(rule, value, "", &mut found);
            found.is_empty()
        };
        rules.filter(fits).count()
    }
}

fn simple(keyword: &str, rule: &Value, value: &Value) -> bool {
    let length = value.as_array().map(Vec::len);
    match keyword {
        "type" => match rule {
            Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
            kind => is(kind, value),
        },
        "required" => {
            let keys = rule.as_array().expect("a list").iter();
            let missing = |key: &Value| {
                value.is_object() && value.get(key.as_str().expect("a key")).is_none()
            };
            !keys.into_iter().any(missing)
        }
        "enum" => rule.as_array().expect("a list").contains(value),
        "minimum" => value
            .as_f64()
            .is_none_or(|number| number >= rule.as_f64().expect("a number")),
        "maximum" => value
            .as_f64()
            .is_none_or(|number| number <= rule.as_f64().expect("a number")),
        "minItems" => length.is_none_or(|length| length as u64 >= rule.as_u64().expect("a number")),
        "uniqueItems" => {
            rule == &Value::Bool(false)
                || value.as_array().is_none_or(|items| {
                    items
                        .iter()
                        .enumerate()
                        .all(|(number, item)| !items[..number].contains(item))
                })
        }
        // Only of identifiers and versions that ccs does not write.
        "pattern" => !value.is_string(),
        known => {
            assert!(NOTES.contains(&known), "the keyword {known} is not checked");
            true
        }
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().expect("a kind") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        kind => panic!("the kind {kind} is not checked"),
    }
}
