//! Comments that say why something stays: `ccs:allow RULE: REASON`.

use super::code::Code;

/// What such a comment begins with.
const MARK: &str = "ccs:allow";
/// The shortest reason, in letters: less says nothing.
const REASON: usize = 8;

/// The reason for which a rule is lifted on this line, if one is given there or right above.
pub(super) fn reason(code: &Code<'_>, rule: &str, line: usize) -> Option<String> {
    code.comments.iter().find_map(|comment| {
        let on = code.line(comment.start);
        let near = on == line || on + 1 == line && code.stands_alone(comment);
        near.then(|| given(code.text.get(comment.start..comment.end)?, rule))?
    })
}

fn given(comment: &str, rule: &str) -> Option<String> {
    let (_, rest) = comment.split_once(MARK)?;
    let (named, reason) = rest.split_once(':')?;
    let mut names = named.split([',', ' ']).filter(|name| !name.is_empty());
    let lifted = names.any(|name| crate::glob::matches(name, rule));
    let reason = reason.trim().trim_end_matches("*/").trim_end();
    let letters = reason.chars().filter(|c| c.is_alphabetic()).count();
    (lifted && letters >= REASON).then(|| reason.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::given;

    #[test]
    fn a_reason_lifts_the_rules_it_names() {
        let comment = "// ccs:allow stub.macro, todo.*: filled in by the next release";
        assert_eq!(
            given(comment, "stub.macro").as_deref(),
            Some("filled in by the next release")
        );
        assert!(given(comment, "todo.comment").is_some());
        assert_eq!(given(comment, "sql.built"), None);
    }

    #[test]
    fn without_a_rule_or_a_reason_nothing_is_lifted() {
        for comment in [
            "# ccs:allow",
            "# ccs:allow stub.macro",
            "# ccs:allow stub.macro: ok",
            "# ccs:allow : because it is so",
        ] {
            assert_eq!(given(comment, "stub.macro"), None, "{comment}");
        }
    }
}
