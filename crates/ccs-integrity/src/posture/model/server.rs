//! MCP servers of every scope.

use std::path::PathBuf;
use std::rc::Rc;

use serde_yaml::Value;

use super::hook::quoted;
use super::{Kind, Model, Places};
use crate::posture::json::{Doc, Val};
use crate::posture::shell::{Script, parse};
use crate::posture::source::{Reader, Scope, Source};
use crate::posture::yaml;

/// A text with its place.
pub(in crate::posture) type Placed = (String, usize);

/// One server.
#[derive(Debug, Default)]
pub(in crate::posture) struct Parts {
    pub(in crate::posture) command: Option<Placed>,
    pub(in crate::posture) args: Vec<Placed>,
    pub(in crate::posture) url: Option<Placed>,
    pub(in crate::posture) headers: Vec<(String, String, usize)>,
    pub(in crate::posture) env: Vec<(String, String, usize)>,
    pub(in crate::posture) helper: Option<Placed>,
    /// The folder it is started in.
    pub(in crate::posture) folder: Option<Placed>,
    pub(in crate::posture) has_login: bool,
}

/// One server and where it is configured.
#[derive(Debug)]
pub(in crate::posture) struct Server {
    pub(in crate::posture) name: String,
    pub(in crate::posture) source: Rc<Source>,
    pub(in crate::posture) scope: Scope,
    pub(in crate::posture) offset: usize,
    pub(in crate::posture) parts: Parts,
    /// Whether it stands in front of an agent or a skill.
    pub(in crate::posture) in_front: bool,
}

impl Server {
    /// The whole command line.
    pub(in crate::posture) fn line(&self) -> String {
        let command = self.parts.command.iter();
        let words = command
            .map(|(text, _)| text.clone())
            .chain(self.parts.args.iter().map(|(arg, _)| quoted(arg)));
        words.collect::<Vec<_>>().join(" ")
    }

    /// The program without its folder.
    pub(in crate::posture) fn program(&self) -> &str {
        let command = self
            .parts
            .command
            .as_ref()
            .map_or("", |(text, _)| text.as_str());
        let name = command.rsplit(['/', '\\']).next().unwrap_or(command);
        let name = name
            .strip_suffix(".exe")
            .or_else(|| name.strip_suffix(".cmd"))
            .unwrap_or(name);
        name.split_whitespace().next().unwrap_or(name)
    }

    /// Its simple commands as words, without what only starts them: `env`, `sudo`, `sh -c '…'`.
    pub(in crate::posture) fn commands(&self) -> Vec<Vec<String>> {
        let mut found = vec![self.program().to_owned()];
        found.extend(self.words().into_iter().map(str::to_owned));
        let mut all = vec![found];
        for stage in parse(&self.line()).stages() {
            let inner = stage.given_line().map(parse);
            let within = inner.iter().flat_map(Script::stages);
            for stage in within.chain([stage]) {
                let Some((name, args)) = stage.program() else {
                    continue;
                };
                let args = args.iter().map(|word| word.text.clone());
                let words: Vec<String> = [name.to_owned()].into_iter().chain(args).collect();
                if !all.contains(&words) {
                    all.push(words);
                }
            }
        }
        all
    }

    /// Where a path leads that it names: in a plugin below that, unless it stands elsewhere.
    pub(in crate::posture) fn resolve(&self, places: &Places, target: &str) -> PathBuf {
        let plugins = places.plugins();
        let own = plugins
            .iter()
            .find(|plugin| self.source.path.starts_with(plugin));
        let below = ["$CLAUDE_PLUGIN_ROOT", "${CLAUDE_PLUGIN_ROOT}"]
            .iter()
            .find_map(|name| target.strip_prefix(name));
        match (own, below) {
            (Some(plugin), Some(rest)) => plugin.join(rest.trim_start_matches('/')),
            _ => places.resolve(target),
        }
    }

    /// The arguments; words behind the program within `command` count too.
    pub(in crate::posture) fn words(&self) -> Vec<&str> {
        let command = self
            .parts
            .command
            .as_ref()
            .map_or("", |(text, _)| text.as_str());
        let inner = command.split_whitespace().skip(1);
        inner
            .chain(self.parts.args.iter().map(|(arg, _)| arg.as_str()))
            .collect()
    }
}

pub(super) fn all(model: &mut Model, reader: &Reader) -> Vec<Server> {
    let mut servers = Vec::new();
    if let Some(project) = model.places.project.clone() {
        let doc = model.doc(reader, &project.join(".mcp.json"), Scope::Project);
        from_file(doc.as_ref(), Scope::Project, &mut servers);
    }
    if let Some(managed) = model.places.managed.clone() {
        let doc = model.doc(reader, &managed.join("managed-mcp.json"), Scope::Managed);
        from_file(doc.as_ref(), Scope::Managed, &mut servers);
    }
    let user = model.doc(reader, &model.places.config.join(".mcp.json"), Scope::User);
    from_file(user.as_ref(), Scope::User, &mut servers);
    from_file(model.state.as_ref(), Scope::User, &mut servers);
    from_projects(model, &mut servers);
    for file in &model.settings {
        from_file(Some(&file.doc), file.scope, &mut servers);
    }
    from_plugins(model, reader, &mut servers);
    from_fronts(model, &mut servers);
    servers
}

fn from_file(doc: Option<&Doc>, scope: Scope, servers: &mut Vec<Server>) {
    let entries = doc.and_then(|doc| doc.root().get("mcpServers"));
    from_json(entries, scope, servers);
}

/// What the user set up for one project.
fn from_projects(model: &Model, servers: &mut Vec<Server>) {
    let projects = model
        .state
        .as_ref()
        .and_then(|doc| doc.root().get("projects"));
    for (_, entry) in projects.into_iter().flat_map(Val::members) {
        from_json(entry.get("mcpServers"), Scope::User, servers);
    }
}

fn from_plugins(model: &Model, reader: &Reader, servers: &mut Vec<Server>) {
    for plugin in model.places.plugins() {
        for path in super::plugin_files(reader, &plugin, "mcpServers", ".mcp.json") {
            let doc = reader
                .read(&path, Scope::Plugin)
                .and_then(|source| Doc::lenient(&source));
            from_file(doc.as_ref(), Scope::Plugin, servers);
        }
    }
}

fn from_json(entries: Option<Val<'_>>, scope: Scope, servers: &mut Vec<Server>) {
    for (name, entry) in entries.into_iter().flat_map(Val::members) {
        servers.push(Server {
            name: name.to_owned(),
            source: Rc::clone(&entry.doc.source),
            scope,
            offset: entry.offset(),
            parts: parts(entry),
            in_front: false,
        });
    }
}

fn parts(entry: Val<'_>) -> Parts {
    let placed = |key: &str| {
        let value = entry.get(key)?;
        Some((value.text()?.to_owned(), value.offset()))
    };
    let pairs = |key: &str| {
        let members = entry.get(key).into_iter().flat_map(Val::members);
        members
            .filter_map(|(name, value)| {
                Some((name.to_owned(), value.text()?.to_owned(), value.offset()))
            })
            .collect::<Vec<_>>()
    };
    let args = entry.get("args").into_iter().flat_map(Val::texts);
    Parts {
        command: placed("command"),
        args: args
            .map(|(arg, value)| (arg.to_owned(), value.offset()))
            .collect(),
        url: placed("url").or_else(|| placed("serverUrl")),
        headers: [pairs("headers"), pairs("oauth")].concat(),
        env: pairs("env"),
        helper: placed("headersHelper"),
        folder: placed("cwd"),
        has_login: entry.get("oauth").is_some(),
    }
}

fn from_fronts(model: &Model, servers: &mut Vec<Server>) {
    for text in model
        .texts
        .iter()
        .filter(|text| matches!(text.kind, Kind::Agent | Kind::Skill | Kind::Command))
    {
        let front = yaml::front_values(&text.source.text);
        let entries = yaml::at(&front, &["mcpServers"]);
        for (name, entry) in named(entries) {
            servers.push(from_yaml(name, entry, &text.source));
        }
    }
}

/// The entries of a mapping, or of a list of mappings. A plain name refers to a server elsewhere.
fn named(entries: Option<&Value>) -> Vec<(String, &Value)> {
    let mappings: Vec<&Value> = match entries {
        Some(Value::Sequence(items)) => items.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    };
    let members = mappings.into_iter().filter_map(Value::as_mapping).flatten();
    members
        .filter(|(_, entry)| entry.is_mapping())
        .map(|(name, entry)| (name.as_str().unwrap_or_default().to_owned(), entry))
        .collect()
}

fn from_yaml(name: String, entry: &Value, source: &Rc<Source>) -> Server {
    let place = |text: &str| source.text.find(text).unwrap_or(0);
    let text = |key: &str| {
        yaml::at(entry, &[key])
            .and_then(Value::as_str)
            .map(|text| (text.to_owned(), place(text)))
    };
    let pairs = |key: &str| {
        let members = yaml::at(entry, &[key])
            .and_then(Value::as_mapping)
            .into_iter()
            .flatten();
        let texts = members.filter_map(|(name, value)| Some((name.as_str()?, value.as_str()?)));
        texts
            .map(|(name, value)| (name.to_owned(), value.to_owned(), place(value)))
            .collect()
    };
    let args = yaml::at(entry, &["args"])
        .map(yaml::strings)
        .unwrap_or_default();
    Server {
        offset: place(&name),
        name,
        source: Rc::clone(source),
        scope: source.scope,
        parts: Parts {
            command: text("command"),
            args: args
                .into_iter()
                .map(|arg| (arg.to_owned(), place(arg)))
                .collect(),
            url: text("url"),
            headers: pairs("headers"),
            env: pairs("env"),
            helper: text("headersHelper"),
            folder: text("cwd"),
            has_login: false,
        },
        in_front: true,
    }
}
