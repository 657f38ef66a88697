//! What is signed: the installation and projects, and which roots they have.

use std::path::{Path, PathBuf};

use ccs_hooks::approvals;
use ccs_hooks::install::Record;
use ccs_hooks::integrity::{self, Scope, Signed};
use ccs_integrity::roots::{self, Install};
use ccs_integrity::walk::{Limits, Root, walk};

use crate::client;
use crate::exit::{Code, Stop};
use crate::gate::{BUNDLE, PUBLIC};
use crate::places::Places;

/// The project that is meant: the named folder, else the nearest signed one around the current
/// folder, else the current folder. `None` if that is the home folder, whose files are the
/// installation's.
pub(crate) fn project(places: &Places, named: Option<&Path>) -> anyhow::Result<Option<Scope>> {
    let folder = real(named.unwrap_or(&places.cwd));
    if named.is_some() && !folder.is_dir() {
        let what = format!("`{}` is not a folder", folder.display());
        return Err(Stop::new(Code::Usage, what).into());
    }
    let signed = Signed::new(&places.state);
    let around = folder
        .ancestors()
        .map(|folder| Scope::Project(folder.to_owned()));
    let known = around
        .filter(|_| named.is_none())
        .find(|scope| is_signed(&signed, scope));
    let scope = known.unwrap_or(Scope::Project(folder));
    let home = [&places.home, &places.claude].map(|path| Scope::Project(real(path)));
    Ok(Some(scope).filter(|scope| !home.contains(scope)))
}

fn is_signed(signed: &Signed, scope: &Scope) -> bool {
    signed.store(scope).folder().join("manifest").exists()
        || signed.known(scope).is_ok_and(|known| known > 0)
}

/// The installation and the project that is meant.
pub(crate) fn all(places: &Places, named: Option<&Path>) -> anyhow::Result<Vec<Scope>> {
    let project = project(places, named)?;
    Ok(std::iter::once(Scope::Installation)
        .chain(project)
        .collect())
}

/// What a scope is called.
pub(crate) fn name(scope: &Scope) -> String {
    match scope {
        Scope::Installation => "installation".to_owned(),
        Scope::Project(path) => path.display().to_string(),
    }
}

/// What a scope covers, with the folders that links in it lead to.
pub(crate) fn roots(places: &Places, scope: &Scope, with_client: bool) -> Vec<Root> {
    let roots = match scope {
        Scope::Installation => roots::of_installation(&install(places, with_client)),
        Scope::Project(folder) => roots::of_project(folder, &places.home),
    };
    roots::with_linked_folders(roots, &places.home)
}

/// Whether there is anything to sign below these roots.
pub(crate) fn is_empty(roots: &[Root]) -> bool {
    walk(roots, &Limits::default()).entries.is_empty()
}

fn install(places: &Places, with_client: bool) -> Install {
    let mut ours: Vec<PathBuf> = [
        BUNDLE,
        PUBLIC,
        integrity::PUBLIC,
        approvals::PUBLIC,
        Record::FILE,
    ]
    .map(|name| places.in_state(name))
    .into();
    let hook = Record::read(&places.state).ok().flatten();
    ours.push(hook.map_or_else(|| places.hook(None), |record| record.hook));
    ours.extend(std::env::current_exe().ok().map(|path| real(&path)));
    let client = client::find(places).filter(|_| with_client);
    // the program behind the link has an entry of its own
    ours.extend(
        client
            .as_deref()
            .map(real)
            .filter(|real| Some(real) != client.as_ref()),
    );
    Install {
        home: places.home.clone(),
        config: places.claude.clone(),
        project: None,
        managed: places.managed.parent().map(Path::to_owned),
        ours,
        client,
    }
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
