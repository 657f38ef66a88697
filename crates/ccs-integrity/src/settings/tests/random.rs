//! The promises of the editor on generated settings files.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::Value;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merge_then_remove_gives_back_every_byte(original in settings()) {
        let (text, receipt) = merged(&original, &wanted());
        prop_assert_ne!(&text, &original);
        prop_assert_eq!(removed(&text, Some(&receipt)), original);
    }

    #[test]
    fn a_second_merge_changes_no_byte_and_the_same_receipt_comes_out(original in settings()) {
        let (text, receipt) = merged(&original, &wanted());
        prop_assert_eq!(again(&text, &wanted(), Some(&receipt)), (text, receipt));
    }

    #[test]
    fn every_other_key_is_byte_equal_after_a_merge(original in settings()) {
        let (text, _) = merged(&original, &wanted());
        let after = members(&text);
        for member in members(&original) {
            if member.0 != "hooks" && member.0 != "permissions" {
                prop_assert!(after.contains(&member), "{member:?}\n{text}");
            }
        }
    }

    #[test]
    fn all_that_was_there_is_there_in_the_same_order(original in settings()) {
        let (text, _) = merged(&original, &wanted());
        let mut rest = text.chars().filter(|c| !c.is_whitespace());
        for sign in original.chars().filter(|c| !c.is_whitespace()) {
            prop_assert!(rest.any(|other| other == sign), "{text}");
        }
    }

    #[test]
    fn a_client_that_rewrote_the_file_loses_only_our_parts_on_removal(original in settings()) {
        let (text, receipt) = merged(&original, &wanted());
        let rewritten = format!("{:#}", parse(&text));
        prop_assert_eq!(parse(&removed(&rewritten, Some(&receipt))), parse(&original));
    }

    #[test]
    fn any_number_of_updates_before_removal_ends_in_the_original(original in settings()) {
        let (text, receipt) = merged(&original, &one("SessionStart"));
        let (text, receipt) = again(&text, &wanted(), Some(&receipt));
        let (text, receipt) = again(&text, &one("Stop"), Some(&receipt));
        prop_assert_eq!(removed(&text, Some(&receipt)), original);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_profile_and_the_handlers_go_in_and_out_without_a_trace(original in settings()) {
        let (text, receipt) = merged(&original, &with_values());
        prop_assert_eq!(again(&text, &with_values(), Some(&receipt)), (text.clone(), receipt.clone()));
        prop_assert_eq!(removed(&text, Some(&receipt)), original);
    }

    #[test]
    fn every_wanted_value_stands_after_a_merge(original in settings()) {
        let wanted = with_values();
        let after = parse(&merged(&original, &wanted).0);
        for setting in &wanted.values {
            let pointer = format!("/{}", setting.path.join("/"));
            prop_assert_eq!(after.pointer(&pointer), Some(&setting.value));
        }
    }

    #[test]
    fn a_profile_that_is_no_longer_wanted_leaves_the_handlers_alone(original in settings()) {
        let (text, receipt) = merged(&original, &with_values());
        let (text, receipt) = again(&text, &wanted(), Some(&receipt));
        prop_assert_eq!(parse(&text), parse(&merged(&original, &wanted()).0));
        prop_assert_eq!(parse(&removed(&text, Some(&receipt))), parse(&original));
    }

    #[test]
    fn what_the_user_changed_since_is_kept(original in settings()) {
        let (text, receipt) = merged(&original, &with_values());
        let mut edited = parse(&text);
        edited["sandbox"]["enabled"] = Value::Bool(false);
        let left = parse(&removed(&edited.to_string(), Some(&receipt)));
        prop_assert_eq!(&left["sandbox"]["enabled"], &Value::Bool(false));
    }
}

fn with_values() -> Wanted {
    Wanted {
        values: vec![
            Setting::new("permissions.disableBypassPermissionsMode", "disable"),
            Setting::new("sandbox.enabled", true),
            Setting::new("sandbox.network.allowedDomains", vec!["a.example"]),
            Setting::new("größe", 7),
        ],
        ..wanted()
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).expect(text)
}

/// Top-level keys with the bytes of their values.
fn members(text: &str) -> Vec<(String, String)> {
    let document = Document::parse(file(), text.as_bytes()).expect(text);
    let members = document.root().members().expect("an object");
    members
        .iter()
        .map(|m| (m.key.clone(), document.text_of(&m.node).to_owned()))
        .collect()
}

/// A settings file of any content, written in any hand.
fn settings() -> impl Strategy<Value = String> {
    (root(), hand()).prop_map(|(root, hand)| Pen::new(&hand).file(&root))
}

#[derive(Clone, Debug)]
enum Tree {
    Plain(&'static str),
    List(Vec<Tree>),
    Object(Vec<(&'static str, Tree)>),
}

fn root() -> impl Strategy<Value = Tree> {
    let members = (
        hooks(),
        permissions(),
        any_value(),
        any_value(),
        any_value(),
    );
    members.prop_flat_map(|(hooks, permissions, a, b, c)| {
        let all = vec![
            ("hooks", hooks),
            ("permissions", permissions),
            ("größe", a),
            ("a\\\"b", b),
            ("x\\u0041", c),
        ];
        let count = 0..=all.len();
        subsequence(all, count)
            .prop_shuffle()
            .prop_map(Tree::Object)
    })
}

fn hooks() -> impl Strategy<Value = Tree> {
    let events = vec!["PreToolUse", "Stop", "SessionStart"];
    let groups = || vec(group(), 0..3).prop_map(Tree::List);
    let groups = (groups(), groups(), groups());
    (subsequence(events, 0..=3).prop_shuffle(), groups)
        .prop_map(|(events, (a, b, c))| Tree::Object(events.into_iter().zip([a, b, c]).collect()))
}

fn group() -> impl Strategy<Value = Tree> {
    let handler = vec![
        ("type", Tree::Plain("\"command\"")),
        ("command", Tree::Plain("\"./check --all\"")),
    ];
    let handlers = vec(Just(Tree::Object(handler)), 0..3).prop_map(Tree::List);
    handlers.prop_map(|handlers| {
        Tree::Object(vec![
            ("matcher", Tree::Plain("\"Bash\"")),
            ("hooks", handlers),
        ])
    })
}

fn permissions() -> impl Strategy<Value = Tree> {
    let lists = vec!["deny", "allow", "ask"];
    let rule = select(vec!["\"Bash(ls)\"", "\"Read(~/.ssh/**)\"", "\"Read(./a)\""]);
    let rules = vec(rule.prop_map(Tree::Plain), 0..3).prop_map(Tree::List);
    (subsequence(lists, 0..=3).prop_shuffle(), vec(rules, 3))
        .prop_map(|(lists, rules)| Tree::Object(lists.into_iter().zip(rules).collect()))
}

fn any_value() -> impl Strategy<Value = Tree> {
    let plain = [
        "\"opus\"",
        "-1.5e+3",
        "true",
        "null",
        "\"\\u00e9 é }\"",
        "\"//no\"",
        "0",
    ];
    let plain = select(plain.to_vec()).prop_map(Tree::Plain);
    plain.prop_recursive(4, 16, 3, |inner| {
        let list = vec(inner.clone(), 0..3).prop_map(Tree::List);
        let object = vec(inner, 0..3)
            .prop_map(|values| Tree::Object(["a", "b", "c"].into_iter().zip(values).collect()));
        prop_oneof![list, object]
    })
}

/// How somebody writes JSON.
#[derive(Clone, Debug)]
struct Hand {
    bom: bool,
    last_newline: bool,
    newline: &'static str,
    unit: &'static str,
    blanks: Blanks,
}

#[derive(Clone, Debug)]
enum Blanks {
    None,
    Spaces,
    Lines,
    /// These in turn, wherever blanks may stand.
    Any(Vec<&'static str>),
}

fn hand() -> impl Strategy<Value = Hand> {
    let turns = vec(select(vec!["", " ", "\t", "\n", "\r\n", "\n\n  "]), 1..9);
    let blanks = prop_oneof![
        Just(Blanks::None),
        Just(Blanks::Spaces),
        Just(Blanks::Lines),
        turns.prop_map(Blanks::Any),
    ];
    let newline = select(vec!["\n", "\r\n"]);
    let unit = select(vec!["  ", "    ", "\t", ""]);
    (any::<(bool, bool)>(), newline, unit, blanks).prop_map(|(flags, newline, unit, blanks)| Hand {
        bom: flags.0,
        last_newline: flags.1,
        newline,
        unit,
        blanks,
    })
}

struct Pen<'a> {
    hand: &'a Hand,
    text: String,
    used: usize,
}

impl<'a> Pen<'a> {
    fn new(hand: &'a Hand) -> Self {
        Pen {
            hand,
            text: String::new(),
            used: 0,
        }
    }

    fn file(mut self, root: &Tree) -> String {
        self.push(if self.hand.bom { "\u{feff}" } else { "" });
        self.anywhere();
        self.tree(root, 0);
        self.push(if self.hand.last_newline {
            self.hand.newline
        } else {
            ""
        });
        self.text
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn tree(&mut self, tree: &Tree, depth: usize) {
        match tree {
            Tree::Plain(text) => self.push(text),
            Tree::List(children) => {
                self.push("[");
                for (index, child) in children.iter().enumerate() {
                    self.before_child(index, depth + 1);
                    self.tree(child, depth + 1);
                }
                self.blank(depth);
                self.push("]");
            }
            Tree::Object(members) => {
                self.push("{");
                for (index, (key, child)) in members.iter().enumerate() {
                    self.before_child(index, depth + 1);
                    self.key(key);
                    self.tree(child, depth + 1);
                }
                self.blank(depth);
                self.push("}");
            }
        }
    }

    fn key(&mut self, key: &str) {
        self.push(&format!("\"{key}\""));
        self.anywhere();
        self.push(":");
        match self.hand.blanks {
            Blanks::Spaces | Blanks::Lines => self.push(" "),
            _ => self.anywhere(),
        }
    }

    fn before_child(&mut self, index: usize, depth: usize) {
        self.push(if index > 0 { "," } else { "" });
        self.blank(depth);
    }

    fn blank(&mut self, depth: usize) {
        match self.hand.blanks {
            Blanks::None => {}
            Blanks::Spaces => self.push(" "),
            Blanks::Lines => {
                self.push(self.hand.newline);
                self.push(&self.hand.unit.repeat(depth));
            }
            Blanks::Any(_) => self.anywhere(),
        }
    }

    fn anywhere(&mut self) {
        if let Blanks::Any(blanks) = &self.hand.blanks {
            self.push(blanks[self.used % blanks.len()]);
            self.used += 1;
        }
    }
}
