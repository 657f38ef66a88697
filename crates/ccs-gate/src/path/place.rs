//! Where a file lies: system, home, project, temporary files, build output, devices.

use crate::call::Facts;
use crate::effect::Places;
use crate::value::HOLE;

/// Folders of the operating system. What is below belongs to it unless another place claims it.
const SYSTEM: &[&str] = &[
    "/etc",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/boot",
    "/dev",
    "/proc",
    "/sys",
    "/var",
    "/opt",
    "/root",
    "/run",
    "/snap",
    "/srv",
    "/nix",
    "/System",
    "/Library",
    "/Applications",
    "/private/etc",
    "/private/var",
    "/cores",
    "/Volumes",
    "/mnt",
    "/media",
    "C:/Windows",
    "C:/Program Files",
    "C:/Program Files (x86)",
    "C:/ProgramData",
    "/c/Windows",
    "/mnt/c/Windows",
];
/// Folders for temporary files.
const TEMP: &[&str] = &[
    "/tmp",
    "/var/tmp",
    "/private/tmp",
    "/private/var/tmp",
    "/var/folders",
    "/private/var/folders",
    "/dev/shm",
];
/// Folders whose children are home folders.
const HOMES: &[&str] = &["/home", "/Users", "/export/home", "C:/Users"];
/// Folders and files that builds, tests and package managers make again. Sorted.
const BUILD: &[&str] = &[
    ".angular",
    ".cache",
    ".coverage",
    ".dart_tool",
    ".docusaurus",
    ".eggs",
    ".eslintcache",
    ".expo",
    ".gradle",
    ".jekyll-cache",
    ".mypy_cache",
    ".next",
    ".nox",
    ".nuxt",
    ".nyc_output",
    ".output",
    ".parcel-cache",
    ".pnpm-store",
    ".pytest_cache",
    ".ruff_cache",
    ".sass-cache",
    ".serverless",
    ".stack-work",
    ".svelte-kit",
    ".terraform",
    ".tox",
    ".turbo",
    ".venv",
    ".vite",
    ".webpack",
    ".yarn/cache",
    ".zig-cache",
    "Debug",
    "DerivedData",
    "Pods",
    "Release",
    "__pycache__",
    "_build",
    "_site",
    "bin",
    "bower_components",
    "build",
    "cache",
    "cmake-build-debug",
    "cmake-build-release",
    "coverage",
    "dist",
    "dist-newstyle",
    "elm-stuff",
    "htmlcov",
    "log",
    "logs",
    "node_modules",
    "obj",
    "out",
    "playwright-report",
    "public/build",
    "storybook-static",
    "target",
    "temp",
    "test-results",
    "tmp",
    "venv",
    "zig-cache",
    "zig-out",
];
/// Words in the names of folders that are made to be thrown away. Sorted.
const SCRATCH: &[&str] = &[
    "artifact",
    "artifacts",
    "backup",
    "bak",
    "build",
    "builds",
    "cache",
    "cached",
    "caches",
    "copy",
    "coverage",
    "debug",
    "demo",
    "dist",
    "env",
    "example",
    "examples",
    "gen",
    "generated",
    "log",
    "logs",
    "old",
    "out",
    "output",
    "outputs",
    "pkg",
    "release",
    "report",
    "reports",
    "results",
    "sandbox",
    "scratch",
    "snapshots",
    "temp",
    "test",
    "testing",
    "tests",
    "tmp",
    "trash",
    "venv",
];
/// Ends of file names that builds make.
const BUILT: &[&str] = &[
    ".pyc",
    ".pyo",
    ".o",
    ".obj",
    ".class",
    ".log",
    ".tmp",
    ".temp",
    ".bak",
    ".swp",
    ".orig",
    ".rej",
    ".tsbuildinfo",
    ".egg-info",
    ".gcda",
    ".gcno",
    ".d",
    ".profraw",
    "~",
    ".cache",
    ".map",
];

/// Everything known about where `path` lies. `path` is absolute and in one spelling.
pub(crate) fn places(path: &str, facts: &Facts<'_>) -> Places {
    if path.starts_with(HOLE) {
        return Places::UNKNOWN.and(within_project(path));
    }
    let all = all_of(path);
    if all != path && TEMP.contains(&all) {
        return Places::TEMP;
    }
    by_root(all, facts).and(special(path, facts))
}

/// The folder of which `path` names everything, or `path` itself.
pub(crate) fn all_of(path: &str) -> &str {
    for every in ["/*", "/.*", "/**", "/{*,.*}", "/.[!.]*", "/**/*", "/?*"] {
        if let Some(folder) = path.strip_suffix(every) {
            return if folder.is_empty() {
                "/"
            } else {
                all_of(folder)
            };
        }
    }
    path
}

fn by_root(path: &str, facts: &Facts<'_>) -> Places {
    if path == "/" || is_drive_root(path) {
        return Places::ROOT;
    }
    if path.starts_with("/dev/") {
        return device(path);
    }
    if is_project_root(path, facts) {
        return Places::PROJECT_ROOT.and(home(path, facts));
    }
    if let Some(inner) = in_project(path, facts) {
        return Places::PROJECT.and(within_project(inner));
    }
    let home = home(path, facts);
    if home != Places::NONE {
        return home
            .and(Places::OUTSIDE)
            .and(Places::BUILD.when(is_cache(path)));
    }
    if TEMP
        .iter()
        .any(|temp| is_below(path, temp) && path != *temp)
    {
        return Places::TEMP;
    }
    if SYSTEM.iter().any(|system| is_below(path, system)) || TEMP.contains(&path) {
        return Places::SYSTEM;
    }
    Places::OUTSIDE
}

fn special(path: &str, facts: &Facts<'_>) -> Places {
    let claude = path.split('/').any(|piece| piece == ".claude")
        || path.ends_with("/.claude.json")
        || path.starts_with("/etc/claude-code");
    let ccs =
        facts.state.is_some_and(|state| is_below(path, state)) || path.contains("/.claude/ccs");
    Places::CLAUDE.when(claude).and(Places::CCS.when(ccs)).and(
        Places::REPOSITORY.when(
            path.split('/')
                .any(|piece| piece.eq_ignore_ascii_case(".git")),
        ),
    )
}

fn device(path: &str) -> Places {
    const HARMLESS: &[&str] = &[
        "null", "zero", "full", "random", "urandom", "stdin", "stdout", "stderr", "tty", "fd",
        "pts", "ptmx", "console",
    ];
    let name = path
        .trim_start_matches("/dev/")
        .split('/')
        .next()
        .unwrap_or("");
    if path.starts_with("/dev/shm/") {
        return Places::TEMP;
    }
    if HARMLESS.contains(&name) || name.starts_with("tty") {
        return Places::STREAM;
    }
    Places::DEVICE.and(Places::SYSTEM)
}

fn home(path: &str, facts: &Facts<'_>) -> Places {
    let own = facts.home.is_some_and(|home| path == home);
    if own || path == "/root" || HOMES.contains(&path) {
        return Places::HOME;
    }
    if facts.home.is_some_and(|home| is_below(path, home)) || is_below(path, "/root") {
        return Places::IN_HOME;
    }
    let other = HOMES
        .iter()
        .find_map(|homes| path.strip_prefix(homes)?.strip_prefix('/'));
    match other {
        Some(name) if !name.contains('/') => Places::HOME,
        Some(_) => Places::IN_HOME,
        None => Places::NONE,
    }
}

/// The caches below a home folder, which programs fill again.
fn is_cache(path: &str) -> bool {
    path.contains("/.cache/")
        || path.contains("/Library/Caches/")
        || path.contains("/.npm/_cacache")
}

fn project<'f>(facts: &Facts<'f>) -> Option<&'f str> {
    facts
        .project
        .or(facts.cwd)
        .filter(|project| *project != "/")
}

/// The project's root, or a folder that holds it.
fn is_project_root(path: &str, facts: &Facts<'_>) -> bool {
    project(facts).is_some_and(|project| is_below(project, path))
        || facts.cwd.is_some_and(|cwd| {
            cwd != "/" && is_below(cwd, path) && in_project(path, facts).is_none()
        })
}

fn in_project<'p>(path: &'p str, facts: &Facts<'_>) -> Option<&'p str> {
    let project = project(facts)?;
    path.strip_prefix(project)?.strip_prefix('/')
}

/// What can be said of a path below the project's root, or below an unknown folder.
fn within_project(inner: &str) -> Places {
    let inner = inner.trim_end_matches("/*");
    let built = inner.split('/').any(is_made_again) || BUILT.iter().any(|end| inner.ends_with(end));
    Places::BUILD.when(built)
}

fn is_made_again(element: &str) -> bool {
    let word = |part: &str| SCRATCH.binary_search(&part).is_ok();
    BUILD.binary_search(&element).is_ok()
        || element.split(['-', '_', '.']).any(|part| {
            word(part)
                || (part.bytes().any(|b| b.is_ascii_uppercase()) && word(&part.to_lowercase()))
        })
}

fn is_drive_root(path: &str) -> bool {
    path.len() == 2 && path.ends_with(':') || matches!(path, "/c" | "/mnt/c")
}

/// Whether `path` is `folder` or inside it.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    folder == "/"
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::places;
    use crate::call::Facts;
    use crate::effect::Places;

    fn at(path: &str) -> Places {
        let facts = Facts {
            home: Some("/home/dev"),
            cwd: Some("/home/dev/shop/web"),
            project: Some("/home/dev/shop"),
            ..Facts::default()
        };
        places(path, &facts)
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(super::BUILD.is_sorted() && super::SCRATCH.is_sorted());
    }

    #[test]
    fn a_home_below_the_temporary_folder_is_a_home() {
        let facts = Facts {
            home: Some("/tmp/x/home"),
            cwd: Some("/tmp/x/shop"),
            ..Facts::default()
        };

        assert!(places("/tmp/x/home", &facts).has(Places::HOME));
        assert!(places("/tmp/x/shop", &facts).has(Places::PROJECT_ROOT));
        assert!(places("/tmp/x/other", &facts).has(Places::TEMP));
    }

    #[test]
    fn a_file_lies_where_a_person_would_say() {
        for (path, place) in [
            ("/", Places::ROOT),
            ("/*", Places::ROOT),
            ("/etc/passwd", Places::SYSTEM),
            ("/var/tmp/x", Places::TEMP),
            ("/tmp", Places::SYSTEM),
            ("/home/dev", Places::HOME),
            ("/home/dev/*", Places::HOME),
            ("/home", Places::HOME),
            ("/home/dev/.bashrc", Places::IN_HOME),
            ("/home/other", Places::HOME),
            ("/home/dev/shop", Places::PROJECT_ROOT),
            ("/home/dev/shop/*", Places::PROJECT_ROOT),
            ("/home/dev/shop/src/a.rs", Places::PROJECT),
            ("/home/dev/shop/target/x", Places::BUILD),
            ("/home/dev/shop/.git/config", Places::REPOSITORY),
            ("/dev/sda1", Places::DEVICE),
            ("/dev/null", Places::STREAM),
            ("/data/x", Places::OUTSIDE),
            ("\0/x", Places::UNKNOWN),
            ("\0/node_modules", Places::BUILD),
            ("/home/dev/.claude/settings.json", Places::CLAUDE),
        ] {
            assert!(at(path).has(place), "{path} {:?}", at(path));
        }
        assert!(!at("/home/dev/shop/src").has(Places::PROJECT_ROOT));
        assert!(!at("/tmp/x").has(Places::SYSTEM));
    }
}
