//! Where things are, and what a path in a configuration means.

use std::cell::OnceCell;
use std::path::{Component, Path, PathBuf};

use super::tree::{Tree, files};
use crate::path::plain;
use crate::posture::Target;
use crate::posture::source::list;

/// The folders of an installation.
#[derive(Debug)]
pub(in crate::posture) struct Places {
    pub(in crate::posture) home: PathBuf,
    /// The client's folder.
    pub(in crate::posture) config: PathBuf,
    pub(in crate::posture) project: Option<PathBuf>,
    pub(in crate::posture) managed: Option<PathBuf>,
    live: bool,
    plugins: OnceCell<Vec<PathBuf>>,
}

impl Places {
    pub(super) fn new(target: &Target) -> Self {
        let config = target
            .config
            .clone()
            .unwrap_or_else(|| target.home.join(".claude"));
        Places {
            home: target.home.clone(),
            config,
            project: target.project.clone(),
            managed: target.managed.clone(),
            live: target.live,
            plugins: OnceCell::new(),
        }
    }

    /// Folders that links may lead around in.
    pub(super) fn roots(&self) -> Vec<&Path> {
        let roots = [Some(&self.config), self.project.as_ref()];
        roots.into_iter().flatten().map(PathBuf::as_path).collect()
    }

    /// The folders of plugins that are installed. What a marketplace offers lies beside them and is
    /// not loaded.
    pub(in crate::posture) fn plugins(&self) -> Vec<PathBuf> {
        self.plugins.get_or_init(|| self.installed()).clone()
    }

    fn installed(&self) -> Vec<PathBuf> {
        let tree = Tree {
            depth: 7,
            most: 20_000,
        };
        let folder = self.config.join("plugins");
        let offered = folder.join("marketplaces");
        let (paths, _) = files(&folder, &self.roots(), tree);
        let manifests = paths
            .iter()
            .filter(|path| path.ends_with(".claude-plugin/plugin.json"));
        let installed = manifests.filter(|path| !path.starts_with(&offered));
        installed
            .filter_map(|path| Some(path.parent()?.parent()?.to_owned()))
            .collect()
    }

    /// Where npm puts the client.
    pub(in crate::posture) fn packages(&self) -> Vec<PathBuf> {
        let tail = "node_modules/@anthropic-ai/claude-code/package.json";
        let mut prefixes: Vec<PathBuf> = [
            ".npm-global/lib",
            ".local/lib",
            ".claude/local",
            "",
            ".bun/install/global",
            ".yarn/global",
            ".volta/tools/image/packages/@anthropic-ai/claude-code/lib",
            ".local/share/pnpm/global/5",
        ]
        .iter()
        .map(|prefix| self.home.join(prefix))
        .collect();
        for (versions, lib) in MANAGERS {
            let installed = list(&self.home.join(versions));
            prefixes.extend(installed.into_iter().map(|version| version.join(lib)));
        }
        prefixes.extend(self.project.clone());
        if self.live {
            prefixes.extend(["/usr/lib", "/usr/local/lib", "/opt/homebrew/lib"].map(PathBuf::from));
        }
        prefixes
            .into_iter()
            .map(|prefix| prefix.join(tail))
            .collect()
    }

    /// What a path means: the home folder and the project for their variables, and below the
    /// project if it is relative.
    pub(in crate::posture) fn resolve(&self, text: &str) -> PathBuf {
        let text = text.trim();
        for name in ["~", "$HOME", "${HOME}", "%USERPROFILE%", "$env:USERPROFILE"] {
            if let Some(rest) = after(text, name) {
                return plain(&self.home.join(rest));
            }
        }
        let project = self.project.clone().unwrap_or_default();
        for name in [
            "$CLAUDE_PROJECT_DIR",
            "${CLAUDE_PROJECT_DIR}",
            "%CLAUDE_PROJECT_DIR%",
        ] {
            if let Some(rest) = after(text, name) {
                return plain(&project.join(rest));
            }
        }
        if let Some(rest) = ["$TMPDIR", "${TMPDIR}", "%TEMP%", "$TMP"]
            .iter()
            .find_map(|name| after(text, name))
        {
            return Path::new("/tmp").join(rest);
        }
        if Path::new(text).is_absolute() {
            return self.here(Path::new(text));
        }
        plain(&project.join(text))
    }

    /// The same path below this home or project, if it does not exist and this is a copy of
    /// another machine.
    fn here(&self, path: &Path) -> PathBuf {
        let path = plain(path);
        if self.live || path.exists() || self.inside(&path).is_some() {
            return path;
        }
        let names: Vec<Component<'_>> = path.components().skip(1).collect();
        for start in 0..names.len().saturating_sub(1) {
            let tail: PathBuf = names[start..].iter().collect();
            let roots = [Some(&self.home), self.project.as_ref()];
            if let Some(found) = roots
                .into_iter()
                .flatten()
                .map(|root| root.join(&tail))
                .find(|path| path.exists())
            {
                return found;
            }
        }
        let rest = path.strip_prefix("/root").ok().map(Path::to_owned);
        let user = rest
            .or_else(|| below_user(&path))
            .map(|rest| self.home.join(rest));
        user.or_else(|| self.namesake(&path)).unwrap_or(path)
    }

    /// What follows a folder with the name of the home folder or the project.
    fn namesake(&self, path: &Path) -> Option<PathBuf> {
        let roots = [self.project.as_ref(), Some(&self.home)];
        roots.into_iter().flatten().find_map(|root| {
            let name = root.file_name()?;
            let at = path
                .components()
                .position(|part| part.as_os_str() == name)?;
            Some(root.join(path.components().skip(at + 1).collect::<PathBuf>()))
        })
    }

    /// The path relative to the project or the home folder, and whether it is the project.
    pub(in crate::posture) fn inside<'a>(&self, path: &'a Path) -> Option<(&'a Path, bool)> {
        let project = self
            .project
            .as_ref()
            .and_then(|project| path.strip_prefix(project).ok());
        let home = || path.strip_prefix(&self.home).ok().map(|rest| (rest, false));
        project.map(|rest| (rest, true)).or_else(home)
    }
}

/// Where managers of versions keep those of node, and where the packages of each lie.
const MANAGERS: &[(&str, &str)] = &[
    (".nvm/versions/node", "lib"),
    (".asdf/installs/nodejs", "lib"),
    (".local/share/mise/installs/node", "lib"),
    (
        ".local/share/mise/installs/npm-anthropic-ai-claude-code",
        "lib",
    ),
    (".local/share/fnm/node-versions", "installation/lib"),
    (".fnm/node-versions", "installation/lib"),
    (".nodenv/versions", "lib"),
    ("n/n/versions/node", "lib"),
];

/// What follows a name and a slash; the empty path if nothing does.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(name)?;
    if rest.is_empty() {
        return Some("");
    }
    rest.strip_prefix(['/', '\\'])
        .map(|rest| rest.trim_start_matches(['/', '\\']))
}

/// What follows `/home/name`; the empty path if nothing does.
fn below_user(path: &Path) -> Option<PathBuf> {
    let rest = path
        .strip_prefix("/home")
        .or_else(|_| path.strip_prefix("/Users"))
        .ok()?;
    let mut names = rest.components();
    names.next()?;
    Some(names.collect())
}

/// Hidden folders in which programs are expected.
const TOOLS: &[&str] = &[
    ".claude",
    ".local",
    ".config",
    ".nvm",
    ".npm-global",
    ".cargo",
    ".rustup",
    ".bun",
    ".deno",
    ".pyenv",
    ".rbenv",
    ".asdf",
    ".volta",
    ".sdkman",
    ".vscode",
    ".vscode-server",
    ".cursor",
    ".dotfiles",
    ".bin",
    ".pixi",
    ".fnm",
    ".mise",
    ".proto",
    ".nix-profile",
    ".ccs",
    ".go",
    ".gem",
    ".pnpm",
    ".yarn",
    ".oh-my-zsh",
    ".codex",
    ".gemini",
    ".venv",
    ".venvs",
    ".virtualenvs",
    ".husky",
    ".github",
    ".githooks",
    ".devcontainer",
    ".scripts",
    ".tools",
    ".ci",
    ".hooks",
    ".agents",
    ".opencode",
    ".dotnet",
    ".jbang",
    ".foundry",
    ".docker",
    ".volta-bin",
    ".linuxbrew",
    ".miniconda3",
    ".claude-plugin",
    ".poetry",
    ".pipx",
    ".krew",
    ".kube",
    ".lmstudio",
    ".ollama",
];

/// Why a program should not lie where it lies; `None` if it may.
pub(in crate::posture) fn suspicious(places: &Places, path: &Path) -> Option<String> {
    // The administrator's own folder, wherever it is.
    if places
        .managed
        .as_ref()
        .is_some_and(|managed| path.starts_with(managed))
    {
        return None;
    }
    let Some((rest, in_project)) = places.inside(path) else {
        let temporary = [
            "/tmp",
            "/var/tmp",
            "/dev/shm",
            "/private/tmp",
            "/run/user",
            "/var/folders",
        ];
        let found = temporary.iter().find(|folder| path.starts_with(folder));
        return found.map(|folder| format!("runs from {folder}, where anybody writes"));
    };
    let folders: Vec<String> = rest
        .parent()?
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let first = folders.first().map_or("", String::as_str);
    if !in_project && matches!(first, "Downloads" | "Desktop" | "tmp") {
        return Some(format!("runs from ~/{first}"));
    }
    if folders.starts_with(&[".cache".to_owned()]) || rest.starts_with("Library/Caches") {
        let tool = folders.get(1).is_some_and(|name| {
            ["uv", "pre-commit", "pypoetry", "node", "puppeteer"].contains(&name.as_str())
        });
        return (!tool).then(|| "runs from a cache".to_owned());
    }
    let odd = folders
        .iter()
        .find(|name| name.starts_with('.') && name.len() > 1 && !TOOLS.contains(&name.as_str()));
    odd.map(|name| format!("runs from the hidden folder {name}"))
}
