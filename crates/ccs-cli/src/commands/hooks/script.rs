//! The text of the hook: written by us, and read again to tell it from others.

use std::path::{Path, PathBuf};

use crate::exit::{Code, Stop};

const HEAD: &str = "#!/bin/sh\n# Installed by `ccs hooks git install`; `ccs hooks git uninstall` takes it out again.\n";

const TAIL: &str = r#"if [ ! -x "$ccs" ]; then
  echo "ccs is not at $ccs any more; run \`ccs hooks git install\` again, or \`git commit --no-verify\`" >&2
  exit 1
fi
if [ -n "$baseline" ]; then
  "$ccs" scan --staged --baseline "$baseline" >&2 || exit 1
else
  "$ccs" scan --staged >&2 || exit 1
fi
kept="$(dirname -- "$0")/pre-commit.before-ccs"
[ ! -x "$kept" ] || exec "$kept" "$@"
"#;

/// The hook's text and the program it calls.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Script {
    text: String,
    program: PathBuf,
}

/// It begins as our hook does and goes on otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changed;

impl Script {
    /// The hook that calls this program.
    ///
    /// # Errors
    ///
    /// If a path is no text or has a line break in it.
    pub(super) fn new(program: &Path, baseline: Option<&Path>) -> Result<Self, Stop> {
        let (ccs, file) = (quoted(program)?, quoted(baseline.unwrap_or(Path::new("")))?);
        Ok(Self {
            text: format!("{HEAD}ccs={ccs}\nbaseline={file}\n{TAIL}"),
            program: program.to_owned(),
        })
    }

    /// Our hook in these bytes; `None` if they are another.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<Self>, Changed> {
        let Some(rest) = bytes.strip_prefix(HEAD.as_bytes()) else {
            return Ok(None);
        };
        let rest = std::str::from_utf8(rest).map_err(|_| Changed)?;
        let (ccs, rest) = variable(rest, "ccs=")?;
        let (_, rest) = variable(rest, "baseline=")?;
        if rest != TAIL {
            return Err(Changed);
        }
        Ok(Some(Self {
            text: String::from_utf8_lossy(bytes).into_owned(),
            program: ccs.into(),
        }))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }
}

/// A line `NAME='VALUE'` and what follows it.
fn variable<'t>(text: &'t str, name: &str) -> Result<(String, &'t str), Changed> {
    let (line, rest) = text.split_once('\n').ok_or(Changed)?;
    let value = line.strip_prefix(name).ok_or(Changed)?;
    let inner = value
        .strip_prefix('\'')
        .and_then(|value| value.strip_suffix('\''));
    Ok((inner.ok_or(Changed)?.replace(r"'\''", "'"), rest))
}

/// A path as one word of the shell.
fn quoted(path: &Path) -> Result<String, Stop> {
    let text = path.to_str().filter(|text| !text.contains(['\n', '\0']));
    let text = text.ok_or_else(|| {
        let what = format!("`{}` cannot stand in a script", path.display());
        Stop::new(Code::Refused, what)
    })?;
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_hook_is_known_again_whatever_program_it_calls() {
        for program in ["/usr/bin/ccs", "/tmp/it's here/ccs", "/a b/$(c)/ccs"] {
            let script =
                Script::new(Path::new(program), Some(Path::new("b.json"))).expect("a path");
            let again = Script::parse(script.text().as_bytes());
            assert_eq!(again, Ok(Some(script)));
        }
    }

    #[test]
    fn another_hook_is_not_ours_and_a_changed_one_is_told_apart() {
        let script = Script::new(Path::new("/usr/bin/ccs"), None).expect("a path");
        assert_eq!(Script::parse(b"#!/bin/sh\nmake lint\n"), Ok(None));
        let more = format!("{}make lint\n", script.text());
        assert_eq!(Script::parse(more.as_bytes()), Err(Changed));
    }
}
