//! What a simple command brings to a folder: clones, what it unpacks, what it copies.
//!
//! A program of an archive or a repository is as much a stranger's as a script that was fetched
//! by itself. The gate has undone wrappers and nesting before.

use ccs_gate::Line;

/// Something that comes to lie somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Brought {
    pub(super) from: Source,
    /// Absolute: a folder or file; one that ends in `*` stands for all whose names begin so.
    pub(super) to: String,
    /// Its names are the archive's, and lie in `to` among others.
    pub(super) loose: bool,
}

/// Where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A repository: an address, or `OWNER/NAME`.
    Repository(String),
    /// A package of a registry, or an artifact of a forge.
    Package,
    /// A file or folder of this machine; absolute.
    Place(String),
    /// What another program hands over.
    Pipe,
}

/// Options of `git clone` that have a value.
const CLONE: &[&str] = &[
    "-b",
    "--branch",
    "-o",
    "--origin",
    "-u",
    "--upload-pack",
    "--reference",
    "--reference-if-able",
    "--depth",
    "--shallow-since",
    "--shallow-exclude",
    "--template",
    "-j",
    "--jobs",
    "--separate-git-dir",
    "-c",
    "--config",
    "--filter",
    "--server-option",
    "--bundle-uri",
    "--ref-format",
    "--revision",
];
/// How archives end.
const ENDINGS: &[&str] = &[
    ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tgz", ".txz", ".tbz2", ".tbz", ".tar", ".zip",
    ".7z", ".rar", ".gz", ".xz", ".bz2", ".zst", ".whl", ".jar", ".crate", ".gem",
];

/// What a simple command brings, if anything.
pub(super) fn of(line: &Line) -> Vec<Brought> {
    let program = line.program();
    let words: Vec<&str> = line.words.iter().skip(1).map(String::as_str).collect();
    let here = Here(&line.folder);
    match (program.as_str(), words.as_slice()) {
        ("git", words) => here.git(words),
        ("gh" | "glab" | "hub", ["repo", "clone", rest @ ..] | ["clone", rest @ ..]) => {
            here.cloned(rest)
        }
        ("gh" | "glab", ["release" | "run", "download", rest @ ..]) => {
            here.under(Source::Package, rest, &["-D", "--dir"])
        }
        ("svn", ["checkout" | "co" | "export", rest @ ..])
        | ("hg" | "bzr" | "fossil", ["clone" | "branch", rest @ ..]) => here.cloned(rest),
        ("degit" | "tiged", rest) => here.cloned(rest),
        ("pip" | "pip3", ["download", rest @ ..])
        | ("python" | "python3", ["-m", "pip", "download", rest @ ..]) => {
            here.downloaded(rest, &["-d", "--dest"])
        }
        ("npm" | "pnpm", ["pack", rest @ ..]) => here.downloaded(rest, &["--pack-destination"]),
        ("tar" | "gtar" | "bsdtar", words) => here.tar(words),
        ("unzip" | "unrar" | "7z" | "7za" | "7zz" | "cpio" | "jar", words) => {
            here.unpacked(&program, words)
        }
        (
            "python" | "python3",
            [
                "-m",
                "zipfile" | "tarfile",
                "-e" | "--extract",
                archive,
                rest @ ..,
            ],
        ) => here.archive(archive, rest.first().copied()),
        ("gunzip" | "unxz" | "bunzip2" | "unzstd", words) => here.single(words),
        ("gzip" | "xz" | "bzip2" | "zstd", words) if words.iter().any(|word| is_decoding(word)) => {
            here.single(words)
        }
        ("cp" | "mv" | "rsync" | "ln" | "install" | "ditto", words) => here.copied(words),
        _ => Vec::new(),
    }
}

fn is_decoding(word: &str) -> bool {
    word == "--decompress"
        || (word.starts_with('-') && !word.starts_with("--") && word.contains('d'))
}

/// The folder that a command runs in.
struct Here<'l>(&'l str);

impl Here<'_> {
    /// An absolute path without `.` and `..`; `None` if it is not known.
    fn path(&self, path: &str) -> Option<String> {
        resolved(self.0, path)
    }

    fn git(&self, words: &[&str]) -> Vec<Brought> {
        let mut folder = self.0.to_owned();
        let mut rest = words;
        loop {
            rest = match rest {
                ["-C", dir, more @ ..] => {
                    folder = resolved(&folder, dir).unwrap_or_default();
                    more
                }
                [
                    "-c" | "--git-dir" | "--work-tree" | "--namespace" | "--config-env",
                    _,
                    more @ ..,
                ] => more,
                [word, more @ ..] if word.starts_with('-') => more,
                _ => break,
            };
        }
        match rest {
            ["clone", rest @ ..] => Here(&folder).cloned(rest),
            ["submodule", "add", rest @ ..] => Here(&folder).cloned(rest),
            _ => Vec::new(),
        }
    }

    /// `clone SOURCE [FOLDER]`.
    fn cloned(&self, rest: &[&str]) -> Vec<Brought> {
        let words = positional(rest, CLONE);
        let Some(source) = words.first() else {
            return Vec::new();
        };
        let name = repository_name(source);
        let to = words.get(1).copied().unwrap_or(name);
        let is_here = source.starts_with(['/', '.', '~']);
        let from = match self.path(source).filter(|_| is_here) {
            Some(path) => Source::Place(path),
            None => Source::Repository((*source).to_owned()),
        };
        self.whole(from, to)
    }

    /// All that lies at `to`.
    fn whole(&self, from: Source, to: &str) -> Vec<Brought> {
        self.brought(from, to, false)
    }

    /// Among other files at `to`.
    fn loose(&self, from: Source, to: &str) -> Vec<Brought> {
        self.brought(from, to, true)
    }

    fn brought(&self, from: Source, to: &str, loose: bool) -> Vec<Brought> {
        let to = self.path(to);
        to.map(|to| Brought { from, to, loose })
            .into_iter()
            .collect()
    }

    /// Into the folder that an option names; into this one, as loose files, if none does.
    fn under(&self, from: Source, rest: &[&str], options: &[&str]) -> Vec<Brought> {
        match value_of(rest, options) {
            Some(folder) => self.whole(from, folder),
            None => self.loose(from, "."),
        }
    }

    /// Packages by name, as files that begin with it.
    fn downloaded(&self, rest: &[&str], options: &[&str]) -> Vec<Brought> {
        let folder = value_of(rest, options);
        if let Some(folder) = folder {
            return self.whole(Source::Package, folder);
        }
        let takes = [
            "-d",
            "--dest",
            "-r",
            "--requirement",
            "-i",
            "--index-url",
            "--pack-destination",
        ];
        let names = positional(rest, &takes).into_iter();
        names
            .filter(|name| !name.starts_with(['.', '/']))
            .flat_map(|name| {
                let plain = name.trim_start_matches('@').replace('/', "-");
                let stem = plain
                    .split(['@', '=', '<', '>', '~', '['])
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let other = stem.replace('-', "_");
                [stem, other]
            })
            .filter(|stem| stem.len() > 1)
            .flat_map(|stem| self.whole(Source::Package, &format!("{stem}-*")))
            .collect()
    }

    fn tar(&self, words: &[&str]) -> Vec<Brought> {
        let bundled = words.first().filter(|word| !word.starts_with('-'));
        let short = |letter: char| {
            let cluster = |word: &&str| {
                word.starts_with('-') && !word.starts_with("--") && word.contains(letter)
            };
            bundled.is_some_and(|word| word.contains(letter)) || words.iter().any(cluster)
        };
        let long = |name: &str| words.contains(&name);
        if !(short('x') || long("--extract") || long("--get")) {
            return Vec::new();
        }
        let folder = value_of(words, &["-C", "--directory", "--cd"]);
        let attached = words.iter().find_map(|word| word.strip_prefix("--file="));
        let named = words.iter().position(|word| {
            *word == "--file"
                || (word.starts_with('-') && !word.starts_with("--") && word.ends_with('f'))
        });
        let after = named.and_then(|at| words.get(at + 1)).copied();
        let second = bundled
            .filter(|word| word.contains('f'))
            .and(words.get(1))
            .copied();
        match attached.or(after).or(second) {
            Some("-") | None => self.placed(Source::Pipe, folder, None),
            Some(archive) => self.archive(archive, folder),
        }
    }

    fn unpacked(&self, program: &str, words: &[&str]) -> Vec<Brought> {
        let folder = value_of(words, &["-d", "-D", "--directory", "-C"]);
        let joined = words
            .iter()
            .find_map(|word| word.strip_prefix("-o"))
            .filter(|dir| !dir.is_empty());
        let names = positional(words, &["-d", "-D", "-P", "-p", "-x", "-C"]);
        match (program, names.as_slice()) {
            ("cpio", _) => self.placed(Source::Pipe, folder, None),
            ("unzip", [archive, ..]) => self.archive(archive, folder),
            ("unrar" | "7z" | "7za" | "7zz", ["x" | "e", archive, rest @ ..]) => {
                let last = rest.last().copied().filter(|dir| dir.ends_with('/'));
                self.archive(archive, joined.or(last))
            }
            ("jar", [mode, archive, ..]) if mode.contains('x') && !mode.contains('/') => {
                self.archive(archive, folder)
            }
            _ => Vec::new(),
        }
    }

    fn archive(&self, archive: &str, folder: Option<&str>) -> Vec<Brought> {
        let from = self.path(archive).map_or(Source::Pipe, Source::Place);
        self.placed(from, folder, Some(archive))
    }

    /// Into a folder of its own, or among others; then under its own name as well.
    fn placed(&self, from: Source, folder: Option<&str>, archive: Option<&str>) -> Vec<Brought> {
        let to = folder.unwrap_or(".");
        let mut all = self.loose(from.clone(), to);
        let stem = archive.map(stem).filter(|stem| stem.len() > 1);
        all.extend(
            stem.into_iter()
                .flat_map(|stem| self.whole(from.clone(), &format!("{to}/{stem}*"))),
        );
        all
    }

    /// A compressed file loses its ending.
    fn single(&self, words: &[&str]) -> Vec<Brought> {
        let files = words.iter().filter(|word| !word.starts_with('-'));
        files
            .flat_map(|file| {
                let from = self.path(file).map(Source::Place);
                from.map_or_else(Vec::new, |from| self.whole(from, without_ending(file)))
            })
            .collect()
    }

    /// The last word is the place; in a folder a file keeps its name.
    fn copied(&self, words: &[&str]) -> Vec<Brought> {
        let names = positional(
            words,
            &[
                "-t",
                "--target-directory",
                "-m",
                "-o",
                "-g",
                "-e",
                "--exclude",
                "--include",
            ],
        );
        let folder = value_of(words, &["-t", "--target-directory"]);
        let (sources, to) = match (folder, names.split_last()) {
            (Some(folder), _) => (names.as_slice(), folder),
            (None, Some((last, sources))) => (sources, *last),
            (None, None) => return Vec::new(),
        };
        let mut all = Vec::new();
        for source in sources {
            let Some(from) = self.path(source).map(Source::Place) else {
                continue;
            };
            let name = source
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(source);
            all.extend(self.whole(from.clone(), &format!("{to}/{name}")));
            if sources.len() == 1 {
                all.extend(self.whole(from, to));
            }
        }
        all
    }
}

/// An absolute path without `.` and `..`; `None` if it is not known.
pub(super) fn resolved(folder: &str, path: &str) -> Option<String> {
    let joined = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let known = joined.starts_with('/') && !joined.contains('\0');
    known.then(|| format!("/{}", parts.join("/")))
}

/// The words that are neither options nor their values.
pub(super) fn positional<'w>(words: &[&'w str], takes: &[&str]) -> Vec<&'w str> {
    let mut names = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if *word == "--" {
            names.extend(rest.by_ref());
        } else if word.len() > 1 && word.starts_with('-') {
            if takes.contains(word) {
                rest.next();
            }
        } else {
            names.push(*word);
        }
    }
    names
}

/// The value of one of the options: in the next word, or behind `=`.
fn value_of<'w>(words: &[&'w str], options: &[&str]) -> Option<&'w str> {
    let next = words.iter().position(|word| options.contains(word));
    let joined = words.iter().find_map(|word| {
        let (name, value) = word.split_once('=')?;
        options.contains(&name).then_some(value)
    });
    next.and_then(|at| words.get(at + 1).copied()).or(joined)
}

/// The folder that a clone makes unless it is told another.
fn repository_name(source: &str) -> &str {
    let plain = source.trim_end_matches('/');
    let plain = plain.strip_suffix("/.git").unwrap_or(plain);
    let name = plain.rsplit(['/', ':']).next().unwrap_or(plain);
    name.strip_suffix(".git").unwrap_or(name)
}

fn without_ending(file: &str) -> &str {
    let ending = ENDINGS.iter().find(|ending| file.ends_with(**ending));
    ending.map_or(file, |ending| &file[..file.len() - ending.len()])
}

/// How the folder that most archives hold begins.
fn stem(archive: &str) -> &str {
    without_ending(archive.rsplit('/').next().unwrap_or(archive))
}

#[cfg(test)]
mod tests;
