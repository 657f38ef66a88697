//! What an installation consists of, read once for all checks.

mod hook;
mod place;
mod server;
mod text;
mod tree;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

pub(super) use hook::{Hook, targets};
pub(super) use place::{Places, suspicious};
pub(super) use server::Server;
pub(super) use text::{Kind, Text};
use tree::every_file;
pub(super) use tree::{Entry, Tree, files};

use super::Target;
use super::json::{Broken, Doc, Val};
use super::source::{Reader, Scope, list};
use super::version::Version;

/// So many rules of one list, hooks and servers are looked at; more makes the report incomplete.
const MOST_RULES: usize = 2_000;
const MOST: usize = 1_000;

/// One settings file.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) scope: Scope,
    pub(super) doc: Doc,
}

/// Everything the client would load.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) settings: Vec<Settings>,
    /// Files the client would ignore, because they are not JSON.
    pub(super) broken: Vec<Broken>,
    /// `~/.claude.json`.
    pub(super) state: Option<Doc>,
    pub(super) hooks: Vec<Hook>,
    pub(super) servers: Vec<Server>,
    pub(super) texts: Vec<Text>,
    pub(super) client: Option<Version>,
    pub(super) trusted: bool,
    pub(super) places: Places,
    every: OnceCell<Vec<Entry>>,
}

impl Model {
    pub(super) fn read(target: &Target, reader: &Reader) -> Self {
        let places = Places::new(target);
        let mut model = Model {
            settings: Vec::new(),
            broken: Vec::new(),
            state: None,
            hooks: Vec::new(),
            servers: Vec::new(),
            texts: text::all(&places, reader, target.quick),
            client: None,
            trusted: false,
            places,
            every: OnceCell::new(),
        };
        for (path, scope) in settings_files(target, &model.places) {
            model.settings(reader, &path, scope);
        }
        let state = model.doc(reader, &model.places.home.join(".claude.json"), Scope::User);
        model.state = state;
        model.trusted = model.is_trusted();
        model.client = target.client.clone().or_else(|| model.installed(reader));
        model.hooks = hook::all(&model, reader);
        model.servers = server::all(&mut model, reader);
        model.bound(reader);
        model
    }

    /// Every file of the project to a depth, other people's code included. Listed once.
    pub(super) fn every_file(&self) -> &[Entry] {
        let tree = Tree {
            depth: 6,
            most: 20_000,
        };
        self.every.get_or_init(|| match &self.places.project {
            Some(project) => every_file(project, tree),
            None => Vec::new(),
        })
    }

    /// Keeps what somebody made to exhaust the audit within bounds, and says so.
    fn bound(&mut self, reader: &Reader) {
        for list in ["allow", "deny", "ask"] {
            for (file, rules) in self.every(&["permissions", list]) {
                if rules.items().count() > MOST_RULES {
                    reader.trouble(
                        &file.doc.source.path,
                        format!("more than {MOST_RULES} rules"),
                    );
                }
            }
        }
        if self.hooks.len() > MOST || self.servers.len() > MOST {
            reader.trouble(
                &self.places.config,
                format!("more than {MOST} hooks or servers"),
            );
        }
        self.hooks.truncate(MOST);
        self.servers.truncate(MOST);
    }

    fn settings(&mut self, reader: &Reader, path: &Path, scope: Scope) {
        if let Some(doc) = self.doc(reader, path, scope) {
            self.settings.push(Settings { scope, doc });
        }
    }

    /// A file of strict JSON; a broken one is remembered. An empty file is none.
    pub(super) fn doc(&mut self, reader: &Reader, path: &Path, scope: Scope) -> Option<Doc> {
        let source = reader.read(path, scope)?;
        match Doc::strict(source) {
            Ok(doc) => Some(doc),
            Err(broken) => {
                self.broken.push(broken);
                None
            }
        }
    }

    /// Every file's value behind several keys, in the order of scopes.
    pub(super) fn every<'a>(
        &'a self,
        path: &'a [&str],
    ) -> impl Iterator<Item = (&'a Settings, Val<'a>)> {
        self.settings
            .iter()
            .filter_map(|file| Some((file, file.doc.root().at(path)?)))
    }

    /// The value that counts: the administrator's, then local, project and user.
    pub(super) fn effective<'a>(&'a self, path: &'a [&str]) -> Option<(&'a Settings, Val<'a>)> {
        let rank = |scope| match scope {
            Scope::Managed => 0,
            Scope::Local => 1,
            Scope::Project => 2,
            _ => 3,
        };
        self.every(path).min_by_key(|(file, _)| rank(file.scope))
    }

    pub(super) fn is_on(&self, path: &[&str]) -> bool {
        self.effective(path)
            .is_some_and(|(_, value)| value.flag() == Some(true))
    }

    /// Rules of a list such as `deny`, from every file.
    pub(super) fn rules<'a>(&'a self, list: &'a str) -> Vec<(&'a Settings, &'a str, Val<'a>)> {
        let files = self.settings.iter().filter_map(move |file| {
            let rules = file.doc.root().at(&["permissions", list])?;
            Some(
                rules
                    .texts()
                    .take(MOST_RULES)
                    .map(move |(rule, value)| (file, rule, value)),
            )
        });
        files.flatten().collect()
    }

    /// Whether the user trusts the project or a folder above it.
    fn is_trusted(&self) -> bool {
        let (Some(state), Some(project)) = (&self.state, &self.places.project) else {
            return false;
        };
        let Some(projects) = state.root().get("projects") else {
            return false;
        };
        projects.members().any(|(key, entry)| {
            let accepted = entry.get("hasTrustDialogAccepted").and_then(Val::flag) == Some(true);
            accepted && project.starts_with(key)
        })
    }

    /// How many folders the user trusts.
    pub(super) fn trusted_folders(&self) -> usize {
        let projects = self
            .state
            .as_ref()
            .and_then(|state| state.root().get("projects"));
        let accepted =
            |entry: &Val<'_>| entry.get("hasTrustDialogAccepted").and_then(Val::flag) == Some(true);
        let entries = projects.into_iter().flat_map(Val::members);
        entries.filter(|(_, entry)| accepted(entry)).count()
    }

    /// The newest version that lies on the disk, or else the one that was last run.
    fn installed(&self, reader: &Reader) -> Option<Version> {
        // The one that is run, if a link says so.
        let link = std::fs::read_link(self.places.home.join(".local/bin/claude")).ok();
        let current = link.and_then(|link| Version::parse(&link.file_name()?.to_string_lossy()));
        if current.is_some() {
            return current;
        }
        let versions = list(&self.places.home.join(".local/share/claude/versions"));
        let names = versions
            .iter()
            .filter_map(|path| Version::parse(&path.file_name()?.to_string_lossy()));
        let packages = self.places.packages().into_iter().filter_map(|path| {
            let source = reader.read(&path, Scope::Machine)?;
            let doc = Doc::lenient(&source)?;
            Version::parse(doc.root().get("version")?.text()?)
        });
        names.chain(packages).max().or_else(|| {
            let last = self.state.as_ref()?.root().get("lastOnboardingVersion")?;
            Version::parse(last.text()?)
        })
    }
}

/// The files in which a plugin may say what it brings: the usual one, its manifest, and those that
/// the manifest names.
fn plugin_files(reader: &Reader, plugin: &Path, key: &str, usual: &str) -> Vec<PathBuf> {
    let manifest = plugin.join(".claude-plugin/plugin.json");
    let doc = reader
        .read(&manifest, Scope::Plugin)
        .and_then(|source| Doc::lenient(&source));
    let value = doc.as_ref().and_then(|doc| doc.root().get(key));
    let named = value.into_iter().flat_map(|value| {
        let list = value.texts().map(|(text, _)| text);
        value.text().into_iter().chain(list).map(str::to_owned)
    });
    let named: Vec<PathBuf> = named
        .map(|name| crate::path::plain(&plugin.join(name)))
        .filter(|path| path.starts_with(plugin) && *path != plugin.join(usual))
        .collect();
    [plugin.join(usual), manifest]
        .into_iter()
        .chain(named)
        .collect()
}

fn settings_files(target: &Target, places: &Places) -> Vec<(PathBuf, Scope)> {
    let mut files = Vec::new();
    if let Some(managed) = &target.managed {
        files.push((managed.join("managed-settings.json"), Scope::Managed));
        let more = list(&managed.join("managed-settings.d"));
        files.extend(more.into_iter().map(|path| (path, Scope::Managed)));
    }
    files.push((places.config.join("settings.json"), Scope::User));
    files.push((places.config.join("settings.local.json"), Scope::User));
    if let Some(project) = &places.project {
        files.push((project.join(".claude/settings.json"), Scope::Project));
        files.push((project.join(".claude/settings.local.json"), Scope::Local));
    }
    files
}
