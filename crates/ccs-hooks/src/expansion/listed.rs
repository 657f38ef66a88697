//! What the client tells the model of at the start of each session: the names and descriptions of
//! all skills, commands and agents, whether or not one is ever used.

use super::search::{Kind, MAX_FRONT, Search};
use super::{Loaded, MAX_DEPTH, plugin_roots, settings_roots};
use crate::files;
use crate::place::{Place, Surroundings};
use crate::protocol::json;

/// The most files whose head is looked at.
const MAX_FILES: usize = 512;

/// The head of each such file.
pub(crate) fn listed(place: &Place, around: &Surroundings) -> Vec<Loaded> {
    let mut search = Search::new("");
    for root in settings_roots(place, around) {
        for folder in ["skills", "commands", "agents"] {
            search.below(&root.join(folder), MAX_DEPTH, Kind::All);
        }
    }
    for root in plugin_roots(place) {
        search.below(&root, MAX_DEPTH, Kind::All);
    }
    let files = search.files.into_iter().take(MAX_FILES);
    files
        .filter_map(|path| {
            let bytes = files::head(&path, MAX_FRONT).ok()?;
            let text = head(&json::text(&bytes))?.to_owned();
            Some(Loaded { path, text })
        })
        .collect()
}

/// What stands between the `---` at the top.
fn head(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("---")?;
    Some(rest.split_once("\n---").map_or(rest, |(head, _)| head))
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn the_head_of_a_file_is_what_stands_between_its_lines() {
        assert_eq!(head("---\nname: a\n---\nText"), Some("\nname: a"));
        assert_eq!(head("---\nname: a"), Some("\nname: a"));
        assert_eq!(head("Text"), None);
    }
}
