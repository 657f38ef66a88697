//! A text that can be shown to others: no name of a person, a machine or a folder of theirs, no
//! secret.

use std::env;
use std::fs;

use ccs_gate::secret::Scanner;

use crate::places::Places;

/// Names shorter than this would take parts of words with them.
const SHORTEST: usize = 3;

/// The text without what tells whose it is.
pub(crate) fn redact(text: &str, places: &Places) -> String {
    let mut clean = text.to_owned();
    for (path, name) in [(&places.cwd, "."), (&places.home, "~")] {
        for spelled in [Some(path.clone()), path.canonicalize().ok()]
            .into_iter()
            .flatten()
        {
            let spelled = spelled.to_string_lossy().into_owned();
            // The root of the file system is in every path.
            if spelled.len() > 1 {
                clean = clean.replace(&spelled, name);
            }
        }
    }
    for (name, stands_for) in names(places) {
        clean = words_replaced(&clean, &name, stands_for);
    }
    Scanner::builtin().redact(&clean).0
}

fn names(places: &Places) -> Vec<(String, &'static str)> {
    let mut names = Vec::new();
    for name in ["USER", "LOGNAME", "USERNAME", "SUDO_USER"] {
        names.extend(env::var(name).ok().map(|name| (name, "USER")));
    }
    let folder = places.home.file_name();
    names.extend(folder.map(|name| (name.to_string_lossy().into_owned(), "USER")));
    let host = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let host = host.or_else(|| env::var("HOSTNAME").ok());
    let host = host.or_else(|| env::var("COMPUTERNAME").ok());
    names.extend(host.map(|name| (name.trim().to_owned(), "HOST")));
    names.retain(|(name, _)| name.len() >= SHORTEST && !matches!(name.as_str(), "root" | "home"));
    names
}

/// Replaces a name where it stands alone.
fn words_replaced(text: &str, name: &str, by: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        let joined = before.ends_with(letter) || after.starts_with(letter);
        clean.push_str(before);
        clean.push_str(if joined { name } else { by });
        rest = after;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::words_replaced;

    #[test]
    fn a_name_within_a_word_stays() {
        assert_eq!(
            words_replaced("dev, develop, /home/dev", "dev", "USER"),
            "USER, develop, /home/USER"
        );
    }
}
