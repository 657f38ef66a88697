//! Patterns for paths: `*` and `?` within a name, `**` for any number of folders.

/// Whether a pattern describes the whole of `path`. Both use `/`.
///
/// `*` and `?` do not match a `/`; `**` as a whole segment matches any number of segments, none
/// included, and at the end at least one. `[…]` and `{…}` are not special. Time is linear in the
/// product of both lengths, whatever the pattern.
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    segments(&pattern, &path)
}

/// One row of the table `pattern × path` after the other, so that no pattern can make it slow.
fn segments(pattern: &[&str], path: &[&str]) -> bool {
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for (at, segment) in pattern.iter().enumerate() {
        let last = at + 1 == pattern.len();
        reached = if *segment == "**" {
            after_any(&reached, last)
        } else {
            after_one(&reached, path, |name| word(segment, name))
        };
    }
    reached[path.len()]
}

fn after_any(reached: &[bool], last: bool) -> Vec<bool> {
    let mut open = false;
    let step = |&here: &bool| {
        let before = open;
        open |= here;
        if last { before } else { open }
    };
    reached.iter().map(step).collect()
}

fn after_one<T: Copy>(reached: &[bool], items: &[T], fits: impl Fn(T) -> bool) -> Vec<bool> {
    let mut next = vec![false; reached.len()];
    for (at, &item) in items.iter().enumerate() {
        next[at + 1] = reached[at] && fits(item);
    }
    next
}

/// Whether a pattern of `*` and `?` describes the whole of a name.
#[must_use]
pub fn word(pattern: &str, name: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == name;
    }
    let name: Vec<char> = name.chars().collect();
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for letter in pattern.chars() {
        reached = match letter {
            '*' => after_any(&reached, false),
            '?' => after_one(&reached, &name, |_| true),
            letter => after_one(&reached, &name, |other| other == letter),
        };
    }
    reached[name.len()]
}

#[cfg(test)]
mod tests {
    use super::{matches, word};

    #[test]
    fn patterns_mean_what_people_expect() {
        let yes = [
            ("*.md", "README.md"),
            ("**/*.md", "a/b/c.md"),
            ("**/*.md", "c.md"),
            ("skills/**", "skills/a/b.sh"),
            ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"),
            ("settings*.json", "settings.local.json"),
            ("?.txt", "é.txt"),
            ("**", "anything/at/all"),
        ];
        for (pattern, path) in yes {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        let no = [
            ("*.md", "a/README.md"),
            ("skills/**", "skills"),
            ("hooks/**", "hooks-evil/x"),
            ("a/*/b", "a/b"),
            ("settings.json", "settings.json.bak"),
            ("", "a"),
        ];
        for (pattern, path) in no {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn no_pattern_is_slow() {
        let pattern = "*a".repeat(500);
        assert!(!word(&pattern, &"a".repeat(499)));
        let pattern = "**/".repeat(500) + "x";
        assert!(!matches(&pattern, &"a/".repeat(500)));
    }
}
