//! A path of a damage-control file as a pattern of ours.
//!
//! There a name that ends in `/`, and any path without `*`, means all that begins with it; with
//! a `*` it means file names anywhere, and the `*` reaches over `/`.

/// The pattern that stands for the same files.
///
/// # Errors
///
/// Why there is none.
pub(super) fn translate(source: &str) -> Result<String, &'static str> {
    let path = source.trim().replace("${HOME}", "~").replace("$HOME", "~");
    let path = path.trim_start_matches("./");
    let path = path.trim_start_matches("**/");
    if path.is_empty() || path == "." || path == "*" || path == "**" {
        return Err("it names no file in particular");
    }
    if path.starts_with('~') && path != "~" && !path.starts_with("~/") {
        return Err("it lies in the home folder of another user");
    }
    if path.split('/').any(|element| element == "..") {
        return Err("`..` depends on where a command runs");
    }
    let folder = path.trim_end_matches("/**").trim_end_matches("/*");
    let folder = folder.trim_end_matches('/');
    if folder.contains("**") {
        return Err("`**` stands at the end of a path only");
    }
    let is_whole = folder == path && (!path.contains(['/', '~']) || is_glob(path));
    Ok(if is_whole {
        path.to_owned()
    } else {
        format!("{folder}/**")
    })
}

/// Whether the pattern names fewer files than the path did.
pub(super) fn is_narrower(pattern: &str) -> bool {
    let folder = pattern.trim_end_matches("/**");
    folder.contains('/') && is_glob(folder)
}

fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_what_it_meant() {
        for (source, pattern) in [
            (".env", ".env"),
            ("*.pem", "*.pem"),
            ("**/*.pem", "*.pem"),
            ("./LICENSE", "LICENSE"),
            (".git/", ".git/**"),
            ("~/.ssh/", "~/.ssh/**"),
            ("~/.aws", "~/.aws/**"),
            ("$HOME/.kube/config", "~/.kube/config/**"),
            ("/etc/", "/etc/**"),
            ("/etc/*", "/etc/**"),
            ("/", "/**"),
            ("~", "~/**"),
            ("~/keys/*.pem", "~/keys/*.pem"),
        ] {
            assert_eq!(translate(source).as_deref(), Ok(pattern), "{source}");
        }
    }

    #[test]
    fn what_has_no_pattern_is_refused() {
        for source in ["", " ", "*", "**/", "~root/.ssh/", "../x", "a/**/b"] {
            assert!(translate(source).is_err(), "{source}");
        }
    }

    #[test]
    fn a_star_below_a_folder_reaches_less_far() {
        assert!(is_narrower("~/keys/*.pem") && is_narrower("a*/x/**"));
        assert!(!is_narrower("*.pem") && !is_narrower("~/keys/**"));
    }
}
