//! `rules/secret/*.yaml` and `rules/secret-words/*.yaml`: what a credential looks like.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::source;

#[path = "secrets/form.rs"]
mod form;
#[path = "secrets/table.rs"]
mod table;

use form::{Flat, Part};

/// One rule, as it stands in its file.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Rule {
    id: String,
    title: String,
    severity: String,
    #[serde(default)]
    kind: Kind,
    /// What the secret looks like; see `form.rs`.
    #[serde(default)]
    form: Vec<String>,
    /// Words one of which must stand nearby.
    #[serde(default)]
    near: Vec<String>,
    /// Names whose value has this form or is nothing of worth.
    #[serde(default)]
    exact: Vec<String>,
    /// A checksum or structure that makes it certain.
    check: Option<String>,
    /// Words that make it something else when they stand in it.
    #[serde(default)]
    stop: Vec<String>,
    /// Kinds other than `token`: labels, schemes, programs.
    #[serde(default)]
    words: Vec<String>,
    /// Kind `flag`: the flags whose value is secret.
    #[serde(default)]
    flags: Vec<String>,
    /// Where its owner can replace it.
    rotate: Option<String>,
    hits: Vec<String>,
    misses: Vec<String>,
}

#[derive(Clone, Copy, Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A token of a known form.
    #[default]
    Token,
    /// A PEM block with one of the labels in `words`.
    Pem,
    Putty,
    Jwt,
    /// The password in a URL with one of the schemes in `words`.
    Url,
    /// A token in place of the user and the password.
    UrlToken,
    Basic,
    Bearer,
    /// The value of one of `flags` of one of the programs in `words`.
    Flag,
    /// As `flag`, where the value is `user:password`.
    FlagPair,
    /// As `flag`, where any word may be the password.
    FlagAny,
    /// A value whose name says that it is secret; the names stand in `secret-words`.
    Named,
}

pub(crate) fn generate() {
    let words: Vec<BTreeMap<String, Vec<String>>> = source::files("secret-words")
        .into_iter()
        .map(|(_, words)| words)
        .collect();
    let mut tables = Tables::default();
    for (file, rules) in source::files::<Vec<Rule>>("secret") {
        for rule in &rules {
            tables.add(rule, &file);
        }
    }
    for (role, words) in words.iter().flatten() {
        tables.role(role, words);
    }
    source::write("secrets.rs", &tables.rust());
}

/// The generated code, piece by piece.
#[derive(Default)]
struct Tables {
    rules: String,
    count: u16,
    forms: String,
    form_count: u16,
    /// What each keyword sets off: Rust expressions of type `Use`.
    uses: BTreeMap<table::Keyword, Vec<String>>,
    exact: Vec<String>,
    labels: Vec<(String, u16)>,
    schemes: Vec<(String, u16)>,
    flags: String,
    flag_count: u16,
    /// Rules that the scanner knows by kind.
    known: BTreeMap<String, u16>,
    roles: Vec<(String, String)>,
}

impl Tables {
    fn add(&mut self, rule: &Rule, file: &Path) {
        let number = self.count;
        self.count += 1;
        let breadth = breadth(rule, file);
        self.rules.push_str(&rule_rust(rule, breadth, file));
        self.exact.extend(rule.exact.iter().cloned());
        match rule.kind {
            Kind::Token => self.token(rule, number, file),
            Kind::Pem => self.pem(rule, number),
            Kind::Url => self.schemes.extend(numbered(&rule.words, number)),
            Kind::Flag | Kind::FlagPair | Kind::FlagAny => self.flag(rule, number),
            Kind::UrlToken | Kind::Putty | Kind::Jwt | Kind::Basic | Kind::Bearer | Kind::Named => {
                let name = rule.id.to_uppercase().replace(['.', '-'], "_");
                self.known.insert(name, number);
            }
        }
    }

    fn token(&mut self, rule: &Rule, number: u16, file: &Path) {
        for flat in flats(rule, file) {
            self.form(rule, number, &flat, file);
        }
    }

    fn form(&mut self, rule: &Rule, number: u16, flat: &Flat, file: &Path) {
        let index = self.form_count;
        self.form_count += 1;
        let anchor = table::anchor(&flat.parts);
        let literal = anchor.and_then(|at| text(&flat.parts[at]));
        // A short literal is no help where the owner is named anyway.
        match literal.filter(|text| rule.near.is_empty() || text.len() >= 5) {
            Some(text) if anchor == Some(0) => {
                self.keyword(text, false, &format!("Use::Form({index})"));
            }
            Some(text) => self.keyword(text, false, &format!("Use::Inner({index})")),
            None if rule.near.is_empty() => panic!(
                "{}: {}: needs a literal of three bytes or `near`",
                file.display(),
                rule.id
            ),
            None => {
                for word in &rule.near {
                    self.keyword(word, true, &format!("Use::Near({index})"));
                }
            }
        }
        let parts: Vec<String> = flat.parts.iter().map(part_rust).collect();
        let _ = writeln!(
            self.forms,
            "Form {{ rule: {number}, parts: &[{}], anchor: {}, secret: {:?} }},",
            parts.join(", "),
            anchor.unwrap_or(0),
            flat.secret
        );
    }

    fn pem(&mut self, rule: &Rule, number: u16) {
        self.labels.extend(numbered(&rule.words, number));
    }

    fn flag(&mut self, rule: &Rule, number: u16) {
        let index = self.flag_count;
        self.flag_count += 1;
        let _ = writeln!(
            self.flags,
            "Flags {{ rule: {number}, pair: {}, any: {}, flags: &{:?} }},",
            rule.kind == Kind::FlagPair,
            rule.kind == Kind::FlagAny,
            rule.flags
        );
        for program in &rule.words {
            self.keyword(program, true, &format!("Use::Flags({index})"));
        }
    }

    /// Words of one role in a name.
    fn role(&mut self, role: &str, words: &[String]) {
        for word in words {
            let known = self.roles.iter().find(|(known, _)| known == word);
            assert!(known.is_none(), "`{word}` is listed twice");
            self.roles.push((word.clone(), role.to_owned()));
        }
    }

    /// Looks for the words that can make a value secret, unless another such word is part of them.
    fn names(&mut self) {
        let naming = |role: &str| matches!(role, "Password" | "Secret" | "Token" | "Key");
        let words: Vec<String> = self
            .roles
            .iter()
            .filter(|(_, role)| naming(role))
            .map(|(word, _)| word.clone())
            .collect();
        for word in &words {
            if words
                .iter()
                .any(|part| part != word && word.contains(part.as_str()))
            {
                continue;
            }
            self.keyword(word, true, "Use::Name");
            if !word.is_ascii() {
                self.keyword(&title(word), true, "Use::Name");
            }
        }
    }

    fn keyword(&mut self, text: &str, fold: bool, action: &str) {
        let text = if fold {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        };
        let uses = self.uses.entry(table::Keyword { text, fold }).or_default();
        if !uses.iter().any(|known| known == action) {
            uses.push(action.to_owned());
        }
    }

    fn rust(mut self) -> String {
        for (text, action) in [
            ("-----BEGIN", "Use::Pem"),
            ("---- BEGIN", "Use::Pem"),
            ("PuTTY-User-Key-File", "Use::Putty"),
            ("eyJ", "Use::Jwt"),
            ("://", "Use::Url"),
        ] {
            self.keyword(text, false, action);
        }
        self.keyword("basic ", true, "Use::Basic");
        self.keyword("bearer ", true, "Use::Bearer");
        self.names();
        self.labels.sort();
        self.schemes.sort();
        self.roles.sort();
        let mut code = format!(
            "pub(super) static RULES: &[Rule] = &[\n{}];\npub(super) static FORMS: &[Form] = &[\n{}];\npub(super) static FLAGS: &[Flags] = &[\n{}];\n",
            self.rules, self.forms, self.flags
        );
        let _ = writeln!(
            code,
            "pub(super) static EXACT: &[&str] = &{:?};",
            self.exact
        );
        let _ = writeln!(
            code,
            "pub(super) static LABELS: &[(&str, u16)] = &{:?};",
            self.labels
        );
        let _ = writeln!(
            code,
            "pub(super) static SCHEMES: &[(&str, u16)] = &{:?};",
            self.schemes
        );
        let roles = self
            .roles
            .iter()
            .map(|(word, role)| format!("({word:?}, Role::{role})"));
        let roles = roles.collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            code,
            "pub(super) static ROLES: &[(&str, Role)] = &[{roles}];"
        );
        for (name, number) in &self.known {
            let _ = writeln!(code, "pub(super) const {name}: u16 = {number};");
        }
        code.push_str(&table::rust(&self.uses));
        code
    }
}

/// The word with a capital, as it begins a line.
fn title(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.collect::<String>() + letters.as_str()
}

fn numbered(words: &[String], number: u16) -> impl Iterator<Item = (String, u16)> + '_ {
    words.iter().map(move |word| (word.clone(), number))
}

fn text(part: &Part) -> Option<&str> {
    match part {
        Part::Text(text) => Some(text),
        _ => None,
    }
}

fn part_rust(part: &Part) -> String {
    match part {
        Part::Text(text) => format!("Part::Text({text:?})"),
        Part::Run { set, min, max } => {
            format!("Part::Run {{ set: Set({set:#x}), min: {min}, max: {max} }}")
        }
        Part::Open | Part::Close => unreachable!("marks are resolved by the parser"),
    }
}

fn flats(rule: &Rule, file: &Path) -> Vec<Flat> {
    let parse = |text: &String| {
        form::parse(text).unwrap_or_else(|e| panic!("{}: {}: {text}: {e}", file.display(), rule.id))
    };
    rule.form.iter().flat_map(parse).collect()
}

/// How many bits the narrowest of the rule's forms leaves open; of two rules that fit, the
/// narrower tells more. What has no form is the broadest.
fn breadth(rule: &Rule, file: &Path) -> u32 {
    let bits = |part: &Part| match part {
        Part::Run { set, max, .. } => u32::from(*max) * set.count_ones().ilog2(),
        _ => 0,
    };
    let all = flats(rule, file);
    let each = all.iter().map(|flat| flat.parts.iter().map(bits).sum());
    each.min().unwrap_or(u32::MAX)
}

fn rule_rust(rule: &Rule, breadth: u32, file: &Path) -> String {
    if rule.hits.len() < 2 || rule.misses.is_empty() {
        panic!(
            "{}: {}: a rule needs two hits and a miss",
            file.display(),
            rule.id
        );
    }
    let severity = source::variant(
        &rule.severity,
        &["info", "low", "medium", "high", "critical"],
        file,
    );
    let checks = ["crc32", "snowflake"];
    let check = match &rule.check {
        Some(name) => format!("Some(Check::{})", source::variant(name, &checks, file)),
        None => "None".to_owned(),
    };
    let near: Vec<String> = rule.near.iter().map(|word| word.to_lowercase()).collect();
    format!(
        "Rule {{ id: {:?}, title: {:?}, severity: Severity::{severity}, rotate: {:?}, near: &{near:?}, stop: &{:?}, check: {check}, breadth: {breadth} }},\n",
        rule.id, rule.title, rule.rotate, rule.stop
    )
}
