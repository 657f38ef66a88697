//! Programs that extensions bring along.

use std::path::{Path, PathBuf};

use super::super::in_text as add;
use super::check_of;
use crate::posture::Context;
use crate::posture::catalog::{SECRET_MEMORY, SKILL_BINARY};
use crate::posture::danger::in_program;
use crate::posture::finding::{Findings, Severity};
use crate::posture::model::{Tree, files};
use crate::posture::source::Scope;

/// Folders in which extensions bring programs along.
pub(super) fn folders(context: &Context<'_>) -> Vec<(PathBuf, Scope)> {
    let places = &context.model.places;
    let mut folders = Vec::new();
    let mut add = |base: &Path, scope| {
        let names = ["skills", "commands", "agents"];
        folders.extend(names.iter().map(|name| (base.join(name), scope)));
    };
    if !context.target.quick {
        add(&places.config, Scope::User);
    }
    places
        .project
        .iter()
        .for_each(|project| add(&project.join(".claude"), Scope::Project));
    if context.target.quick {
        return folders;
    }
    let plugins = places.plugins();
    plugins.iter().for_each(|plugin| add(plugin, Scope::Plugin));
    folders.extend(plugins.iter().flat_map(|plugin| {
        ["scripts", "bin", "hooks"].map(|name| (plugin.join(name), Scope::Plugin))
    }));
    folders
}

const PROSE: &[&str] = &[
    "md", "mdx", "txt", "json", "yaml", "yml", "toml", "css", "html", "svg", "xsd", "xml", "csv",
];
const BINARIES: &[&[u8]] = &[
    b"\x7fELF",
    b"MZ",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"!<arch>",
    b"BZh",
    b"\xfd7zXZ",
    b"\0asm",
];
/// Documents that are archives by their format.
const DOCUMENTS: &[&str] = &["docx", "xlsx", "pptx", "odt", "ods", "epub"];

pub(super) fn scripts(
    context: &Context<'_>,
    folder: &Path,
    scope: Scope,
    found: &mut Findings<'_>,
) {
    let tree = Tree {
        depth: 6,
        most: 5_000,
    };
    let within: Vec<&Path> = [
        Some(&context.model.places.config),
        context.model.places.project.as_ref(),
    ]
    .into_iter()
    .flatten()
    .map(PathBuf::as_path)
    .collect();
    for path in files(folder, &within, tree).0 {
        let suffix = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        if PROSE.contains(&suffix.as_str()) {
            continue;
        }
        let head = beginning(&path);
        let packed = [
            "gz", "tgz", "zip", "jar", "pyc", "whl", "so", "dll", "dylib", "exe", "node", "wasm",
        ];
        let packed = packed.contains(&suffix.as_str());
        if packed || BINARIES.iter().any(|magic| head.starts_with(magic)) {
            if packed || !DOCUMENTS.contains(&suffix.as_str()) {
                found.add(
                    super::super::on_path(context, SKILL_BINARY, &path, scope).evidence("not text"),
                );
            }
            continue;
        }
        if head.contains(&0) {
            continue;
        }
        let Some(source) = context.reader.read(&path, scope) else {
            continue;
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for secret in context.scanners.secrets.secrets(&source.text) {
            let severity = Severity::Critical;
            let at = secret.span.start;
            add(
                context,
                SECRET_MEMORY,
                &source,
                at,
                severity,
                &secret.kind,
                found,
            );
        }
        for sight in in_program(&name, &source.text) {
            add(
                context,
                check_of(sight.danger),
                &source,
                sight.offset,
                Severity::Critical,
                &sight.what,
                found,
            );
        }
    }
}

/// The first bytes of a file; none of what is no file.
fn beginning(path: &Path) -> Vec<u8> {
    use std::io::Read;
    let mut bytes = Vec::new();
    if path.is_file()
        && let Ok(file) = std::fs::File::open(path)
    {
        // What cannot be read is reported when it is read as a whole.
        let _ = file.take(512).read_to_end(&mut bytes);
    }
    bytes
}
