//! What belongs to a Claude Code installation: the roots a manifest covers unless told otherwise.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::imports;
use crate::walk::{Limits, Root, walk};

/// Rounds of following links to further folders; links between them could go on for ever.
const ROUNDS: usize = 4;

/// Where the parts of an installation are. Everything is given, nothing is guessed from the
/// environment.
#[derive(Clone, Debug, Default)]
pub struct Install {
    /// The home folder.
    pub home: PathBuf,
    /// The client's folder, usually `.claude` in the home folder.
    pub config: PathBuf,
    /// The folder of the project, if there is one.
    pub project: Option<PathBuf>,
    /// Where the administrator's settings are, such as `/etc/claude-code`.
    pub managed: Option<PathBuf>,
    /// Programs, policy and public keys of ccs.
    pub ours: Vec<PathBuf>,
    /// The client's own program.
    pub client: Option<PathBuf>,
}

/// Text in a folder of extensions that decides nothing. The files that define skills, commands and
/// agents are not among it: they name tools to allow, hooks, and commands to run inline.
const TEXT: &[&str] = &[
    "**/README.md",
    "**/CHANGELOG.md",
    "**/LICENSE",
    "**/LICENSE.*",
    "**/*.txt",
    "**/docs/**",
    "**/references/**/*.md",
];
/// The same in the folder of a project.
const PROJECT_TEXT: &[&str] = &["CLAUDE.md", "rules/**", "output-styles/**"];
/// What changes by itself in a folder of plugins.
const CACHES: &[&str] = &[
    "**/.git",
    "**/__pycache__",
    "**/node_modules/.cache",
    "**/.DS_Store",
    "install-counts-cache.json",
];

/// The roots of an installation: settings of every scope, memory files with what they import,
/// MCP servers, hooks, commands, agents, skills, rules, plugins, mods, output styles, the
/// administrator's files, and the programs of ccs and the client.
///
/// Sessions, caches and credentials are not among them: they change with every use.
#[must_use]
pub fn of(install: &Install) -> Vec<Root> {
    let mut roots = of_installation(install);
    if let Some(project) = &install.project {
        let more = of_project(project, &install.home);
        roots.extend(
            more.into_iter()
                .filter(|root| !is_covered(&root.path, &roots))
                .collect::<Vec<_>>(),
        );
    }
    roots
}

/// The roots of an installation without those of a project, whatever [`Install::project`] says.
#[must_use]
pub fn of_installation(install: &Install) -> Vec<Root> {
    let mut roots: Vec<Root> = install.ours.iter().map(Root::exec).collect();
    roots.extend(install.client.iter().map(Root::exec));
    roots.extend(
        install
            .managed
            .iter()
            .map(|m| Root::exec(m).with_docs(&["CLAUDE.md"])),
    );
    roots.extend(user(&install.config));
    let memory = [install.config.join("CLAUDE.md")];
    with_imports(roots, &memory, &install.home)
}

/// The roots of a project alone, and the memory files of the folders above it, which the client
/// reads as well.
#[must_use]
pub fn of_project(folder: &Path, home: &Path) -> Vec<Root> {
    let mut roots = project(folder);
    let names = ["CLAUDE.md", "CLAUDE.local.md"];
    let above = folder
        .ancestors()
        .skip(1)
        .flat_map(|f| names.map(|name| f.join(name)));
    roots.extend(above.map(Root::docs));
    let memory = ["CLAUDE.md", "CLAUDE.local.md", ".claude/CLAUDE.md"].map(|f| folder.join(f));
    with_imports(roots, &memory, home)
}

fn is_covered(path: &Path, roots: &[Root]) -> bool {
    roots.iter().any(|root| root.covers(path))
}

/// The roots with those added that links lead to, so that what a link brings in is covered.
///
/// Folders that are too much to sign are not added: the root, the home folder and those above it.
/// A link to one of them stays an escape.
#[must_use]
pub fn with_linked_folders(mut roots: Vec<Root>, home: &Path) -> Vec<Root> {
    let home = fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
    for _ in 0..ROUNDS {
        let observed = walk(&roots, &Limits::default());
        let before = roots.len();
        for link in &observed.escapes {
            let Ok(real) = fs::canonicalize(link) else {
                continue;
            };
            let class = roots.iter().find_map(|root| root.class_of(link));
            if !home.starts_with(&real) && !roots.iter().any(|root| root.path == real) {
                let class = class.unwrap_or(crate::manifest::Class::Exec);
                let root = Root::exec(real).skip(CACHES);
                roots.push(Root { class, ..root });
            }
        }
        if roots.len() == before {
            break;
        }
    }
    roots
}

fn user(config: &Path) -> Vec<Root> {
    let folder = |name: &str| config.join(name);
    let mut roots = vec![
        Root::exec(folder("settings.json")),
        Root::exec(folder("settings.local.json")),
        Root::exec(folder("hooks")),
        // what plugins store for themselves changes with every session
        Root::exec(folder("plugins"))
            .skip(CACHES)
            .skip(&["store"])
            .with_docs(TEXT),
        Root::exec(folder("dev-mods")).skip(CACHES),
        Root::docs(folder("CLAUDE.md")),
        Root::docs(folder("rules")),
        Root::docs(folder("output-styles")),
    ];
    roots.extend(["commands", "agents", "skills"].map(|name| extensions(folder(name))));
    roots
}

fn project(project: &Path) -> Vec<Root> {
    vec![
        Root::exec(project.join(".mcp.json")),
        Root::docs(project.join("CLAUDE.md")),
        Root::docs(project.join("CLAUDE.local.md")),
        Root::exec(project.join(".claude"))
            .skip(CACHES)
            .skip(&["worktrees", "*.lock", "agent-memory*", "plans"])
            .with_docs(TEXT)
            .with_docs(PROJECT_TEXT),
    ]
}

fn extensions(folder: PathBuf) -> Root {
    Root::exec(folder).skip(CACHES).with_docs(TEXT)
}

/// Adds the files that memory files import and no root covers.
fn with_imports(mut roots: Vec<Root>, memory: &[PathBuf], home: &Path) -> Vec<Root> {
    let found = memory.iter().flat_map(|file| imports::of(file, home));
    let targets: BTreeSet<PathBuf> = found
        .map(|import| import.target)
        .filter(|target| !is_covered(target, &roots))
        .collect();
    roots.extend(targets.into_iter().map(Root::docs));
    roots
}
