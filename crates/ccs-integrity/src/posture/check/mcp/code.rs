//! What a server says about itself, in its configuration and its code.

use std::path::{Path, PathBuf};

use super::reach::everywhere;
use super::{add, effect};
use crate::posture::catalog::{MCP_BIND_ALL, MCP_TOOL_POISONING};
use crate::posture::danger::{in_shell, secret_place};
use crate::posture::finding::{Draft, Findings, Severity};
use crate::posture::json::Doc;
use crate::posture::model::Server;
use crate::posture::prose::{Order, orders};
use crate::posture::source::{Source, is_machine_code, list};
use crate::posture::{Context, Voice, unicode};

/// The files of `python -m name`.
pub(super) fn modules(server: &Server) -> Vec<String> {
    let words = server.words();
    let names = words
        .windows(2)
        .filter(|pair| pair[0] == "-m")
        .map(|pair| pair[1].replace('.', "/"));
    names
        .flat_map(|name| [format!("{name}.py"), format!("{name}/__main__.py")])
        .collect()
}

/// Files of code that a launcher is given, below the folder it is told to go to: `uv run
/// --directory srv main.py`, `npx tsx src/mcp.ts`.
pub(super) fn named_files(server: &Server) -> Vec<String> {
    let words = server.words();
    let folder = words.windows(2).find_map(|pair| {
        matches!(pair[0], "--directory" | "--cwd" | "--project" | "-C").then_some(pair[1])
    });
    let code = words
        .iter()
        .filter(|word| is_code(Path::new(word)) && !word.contains("://"));
    code.flat_map(|word| {
        let below = folder.map(|folder| format!("{}/{word}", folder.trim_end_matches('/')));
        below.into_iter().chain([(*word).to_owned()])
    })
    .collect()
}

/// How many files beside a server's own are read.
const BESIDE: usize = 40;

/// A server's file, and those beside it if it has a folder of its own.
pub(super) fn code(context: &Context<'_>, server: &Server, path: &Path, found: &mut Findings<'_>) {
    let places = &context.model.places;
    let Some((rest, _)) = places.inside(path) else {
        return;
    };
    let own = path
        .parent()
        .filter(|_| path.is_file() && rest.components().count() > 1);
    let beside = own
        .map(list)
        .unwrap_or_default()
        .into_iter()
        .filter(|other| other != path && is_code(other));
    let folder = Some(path).filter(|path| path.is_dir());
    let inside = folder.map(list).unwrap_or_default().into_iter();
    let inside = inside.filter(|path| is_code(path));
    let mut all = vec![path.to_owned()];
    all.extend(beside.take(BESIDE).chain(inside.take(BESIDE)));
    // What the program says it needs of its own.
    if let Some(source) = context.reader.read(path, server.scope) {
        all.extend(imported(path, &source.text).into_iter().take(BESIDE));
    }
    all.sort();
    all.dedup();
    let all = all.into_iter();
    for path in all.filter(|path| !is_machine_code(path)) {
        if let Some(source) = context.reader.read(&path, server.scope) {
            program(context, server, &source, found);
        }
    }
}

/// The files that a program names as its own: `import … from "./x"`, `require("../x.json")`.
fn imported(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(path);
    let mut found = Vec::new();
    for line in text
        .lines()
        .filter(|line| line.contains("import") || line.contains("require"))
    {
        let names = line.split(['"', '\'', '`']).skip(1).step_by(2);
        for name in names.filter(|name| name.starts_with("./") || name.starts_with("../")) {
            let bare = crate::path::plain(&folder.join(name));
            let ends = [
                "",
                ".js",
                ".mjs",
                ".cjs",
                ".ts",
                ".json",
                "/index.js",
                "/index.ts",
            ];
            let files = ends.iter().map(|end| {
                let mut file = bare.clone().into_os_string();
                file.push(end);
                PathBuf::from(file)
            });
            found.extend(
                files
                    .into_iter()
                    .find(|file| file.is_file() && is_code(file)),
            );
        }
    }
    found
}

fn is_code(path: &Path) -> bool {
    let suffix = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    ["js", "mjs", "cjs", "ts", "py", "json", "go", "rb", "sh"].contains(&suffix.as_str())
}

/// The server's own code, where it is at hand.
fn program(context: &Context<'_>, server: &Server, source: &Source, found: &mut Findings<'_>) {
    if source.text.contains('\0') {
        return;
    }
    let at = |check, offset| {
        Draft::at(check, source, offset)
            .scope(server.scope)
            .effect(effect(context, server))
    };
    if let Some((offset, what)) = poisoned(&source.text).or_else(|| told(context, &source.text)) {
        found.add(at(MCP_TOOL_POISONING, offset).evidence(what));
    }
    let listens = source.text.lines().enumerate().find(|(_, line)| {
        everywhere(line)
            && ["listen", "host", "bind", "run(", "serve", "addr"]
                .iter()
                .any(|word| line.to_lowercase().contains(word))
    });
    if let Some((line, text)) = listens {
        let draft = Draft::on_line(MCP_BIND_ALL, source, line + 1)
            .scope(server.scope)
            .effect(effect(context, server));
        found.add(draft.evidence(text.trim()));
    }
}

/// An order to the model where a description of a tool belongs.
fn poisoned(text: &str) -> Option<(usize, String)> {
    if let Some(sentence) = orders(text)
        .into_iter()
        .find(|sentence| matches!(sentence.order, Order::Injection | Order::FalseConsent))
    {
        return Some((sentence.offset, sentence.text));
    }
    let hidden = unicode::hidden(text)
        .into_iter()
        .find(|hidden| hidden.severity >= Severity::High);
    if let Some(hidden) = hidden {
        return Some((hidden.offset, hidden.what));
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.to_lowercase();
        let speaks = [
            "before using",
            "before calling",
            "before you use",
            "before any",
            "read ~/",
            "read /home",
            "pass its content",
            "contents of",
            "include it in",
            "first read",
            "you must",
            "must first",
            "<important>",
            "<system>",
            "always read",
            "read the file",
            "read the content",
        ];
        let about = lower.contains("description")
            || lower.contains("\"\"\"")
            || lower.contains("this tool")
            || lower.contains("<important>")
            || lower.contains("parameter")
            || lower.contains("tool(");
        // A description has no reason to keep anything from the user.
        if about && meddles(&lower) {
            return Some((at, line.trim().to_owned()));
        }
        if about && speaks.iter().any(|word| lower.contains(word)) && secret_place(&lower).is_some()
        {
            return Some((at, line.trim().to_owned()));
        }
        at += line.len();
    }
    None
}

/// The words after which a program says what a tool is for.
const DESCRIBES: &[&str] = &["description", "\"\"\"", "'''", "tool(", "Tool("];
/// How much of a program is read as one description.
const LONGEST: usize = 2_000;

/// What a scanner sees in the places where a program describes its tools.
fn told(context: &Context<'_>, text: &str) -> Option<(usize, String)> {
    let injections = context.scanners.injections?;
    let mut end = 0;
    for (at, _) in text.match_indices(['d', '"', '\'', 't', 'T']) {
        if at < end || !DESCRIBES.iter().any(|word| text[at..].starts_with(word)) {
            continue;
        }
        end = (at + LONGEST).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let piece = text[at..end].replace("\\n", " \n");
        if let Some(injected) = injections.injected(&piece, Voice::Description) {
            return Some((at, injected.rule));
        }
    }
    None
}

/// Whether a description changes what other tools do, and says to keep that quiet.
fn meddles(lower: &str) -> bool {
    let quiet = [
        "never mention",
        "do not mention",
        "don't mention",
        "do not tell the user",
        "don't tell the user",
        "never tell the user",
        "without telling the user",
    ];
    let changes = [
        "change ",
        "replace",
        "redirect",
        "bcc",
        "instead of",
        "recipient",
        "other server",
        "include ",
        "append",
    ];
    quiet.iter().any(|word| lower.contains(word)) && changes.iter().any(|word| lower.contains(word))
}

fn orders_in(context: &Context<'_>, text: &str) -> Option<(usize, String)> {
    let injections = context.scanners.injections?;
    let injected = injections.injected(text, Voice::Description)?;
    Some((injected.offset, injected.rule))
}

/// What the configuration itself says about the server and its tools.
pub(super) fn described(context: &Context<'_>, server: &Server, found: &mut Findings<'_>) {
    if server.in_front
        || !server.source.name.ends_with("mcp.json") && !server.source.name.ends_with("plugin.json")
    {
        return;
    }
    let Some(doc) = Doc::lenient(&server.source) else {
        return;
    };
    let Some(entry) = doc.root().at(&["mcpServers", &server.name]) else {
        return;
    };
    for (text, value) in entry
        .strings()
        .into_iter()
        .filter(|(text, _)| text.contains(' '))
    {
        if in_shell(text).is_empty()
            && let Some((_, what)) = poisoned(text).or_else(|| orders_in(context, text))
        {
            add(
                context,
                MCP_TOOL_POISONING,
                server,
                value.offset(),
                Severity::Critical,
                what,
                found,
            );
        }
    }
}
