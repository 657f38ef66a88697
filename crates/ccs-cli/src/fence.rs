//! The second fence: the client's own permission rules.
//!
//! They hold where hooks do not reach: while hooks are switched off, and for files mentioned with
//! `@`, which are read without a tool call.

use std::path::Path;

use crate::places::Places;

/// The rules for `permissions.deny`: nobody reads keys, and nobody edits what guards them.
pub(crate) fn rules(places: &Places) -> Vec<String> {
    let below = |path: &Path| spell(&path.join("**"), &places.home);
    let file = |path: &Path| spell(path, &places.home);
    vec![
        "Read(~/.ssh/**)".to_owned(),
        "Read(~/.gnupg/**)".to_owned(),
        "Read(~/.aws/credentials)".to_owned(),
        "Read(~/.netrc)".to_owned(),
        format!("Read({})", file(&places.claude.join(".credentials.json"))),
        format!("Read({})", file(&places.in_state("policy.key"))),
        "Edit(~/.ssh/**)".to_owned(),
        format!("Edit({})", file(&places.claude.join("settings.json"))),
        format!("Edit({})", below(&places.state)),
    ]
}

/// A path as permission rules write it: `~/` below the home folder, `//` before another.
fn spell(path: &Path, home: &Path) -> String {
    match path.strip_prefix(home) {
        Ok(below) => format!("~/{}", below.display()),
        Err(_) => format!("/{}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_outside_the_home_folder_is_written_with_two_slashes() {
        let home = Path::new("/home/dev");
        assert_eq!(spell(Path::new("/home/dev/.claude/x"), home), "~/.claude/x");
        assert_eq!(spell(Path::new("/srv/ccs/**"), home), "//srv/ccs/**");
    }
}
