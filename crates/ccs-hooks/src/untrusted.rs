//! What tools return and the client loads: where it comes from, whether it speaks to the model,
//! and what is said and remembered about that.

mod called;
mod loaded;
mod look;
mod origin;
mod told;
mod withhold;

use std::cell::OnceCell;
use std::time::{Duration, Instant};

use ccs_gate::Deeds;
use ccs_gate::injection::Verdict;
use ccs_gate::policy::Taint;

pub(crate) use called::{agent, called, listed, prompt_of_server, subagent};
pub(crate) use loaded::{instructions, memory};
pub(crate) use look::Look;
pub(crate) use withhold::withheld;

use crate::calls;
use crate::canary;
use crate::judge::Judge;
use crate::opinion;
use crate::place::Place;
use crate::protocol::event::{ToolFailure, ToolResult, ToolUse};
use crate::protocol::json::Value;
use crate::run::Scene;
use crate::secrets::tree;
use crate::taint::{self, Label, Reason, State, head, of_url};
use origin::Origin;

/// Shorter texts are not drawn for a sample, in bytes.
const MIN_SAMPLE: usize = 80;
/// After this time no judge is asked about another text of a result. One question may take eight
/// seconds, and the client waits ten for a hook.
const JUDGE_PATIENCE: Duration = Duration::from_secs(1);

/// What is known of what a tool returned.
pub(crate) struct Seen {
    origin: Origin,
    /// What is in it.
    pub(crate) look: Look,
    /// It is the first of its origin, and is said to be data.
    is_tagged: bool,
    /// Why the session's state does not show it, if it does not.
    pub(crate) fault: Option<String>,
}

/// Looks at what a tool returned and remembers what follows for the session. `None` if there is
/// nothing to know.
pub(crate) fn returned(
    scene: &Scene<'_>,
    judge: &Judge<'_>,
    result: &ToolResult<'_>,
) -> Option<Seen> {
    let mut texts = Vec::new();
    tree::each_text("", result.response, &mut |text| texts.push(text));
    let happened = Happened {
        call: &result.call,
        server: result.server,
        texts: &texts,
        took: result.took,
    };
    seen(scene, judge, &happened)
}

/// The same for a tool that failed: what it says reaches the model as it is.
pub(crate) fn failed(
    scene: &Scene<'_>,
    judge: &Judge<'_>,
    failure: &ToolFailure<'_>,
) -> Option<Seen> {
    let happened = Happened {
        call: &failure.call,
        server: failure.server,
        texts: &[failure.error],
        took: failure.took,
    };
    let seen = seen(scene, judge, &happened)?;
    Some(Seen {
        is_tagged: false,
        ..seen
    })
}

/// A call that has run.
struct Happened<'h> {
    call: &'h ToolUse<'h>,
    server: Option<&'h str>,
    /// What it returned.
    texts: &'h [&'h str],
    took: Option<Duration>,
}

fn seen(scene: &Scene<'_>, judge: &Judge<'_>, happened: &Happened<'_>) -> Option<Seen> {
    let (policy, texts) = (&judge.policy().taint, happened.texts);
    let deeds = deeds(judge, happened.call);
    let origin = Origin::of(happened.call, happened.server, &deeds, &scene.place, policy)?;
    let before = Before::new(scene);
    let mut look = Look::default();
    if policy.scan && origin.is_read {
        look = with_judge(scene, &origin, texts, &before);
        look.excuse_if(|| loaded::is_signed(&scene.place, &origin.name));
    }
    let is_tagged = policy.tag && origin.is_remote() && !before.has_read(&origin);
    let fault = match policy.rules {
        true => remember(scene, policy, (&origin, &look), &deeds, happened),
        false => None,
    };
    Some(Seen {
        origin,
        look,
        is_tagged,
        fault,
    })
}

/// What is in the texts, by the scanner and by the judge if there is one.
fn with_judge(scene: &Scene<'_>, origin: &Origin, texts: &[&str], before: &Before<'_>) -> Look {
    let state = scene.place.state.as_deref();
    let since = Instant::now();
    Look::with_second(texts, origin.source, &|text, report| {
        let unseen = text.len() >= MIN_SAMPLE && before.is_new(origin);
        let has_time = since.elapsed() < JUDGE_PATIENCE;
        has_time
            .then(|| opinion::on(state, text, report, origin.source, unseen))
            .flatten()
    })
}

/// What the session had read before this call, looked up once and only if somebody asks.
struct Before<'s> {
    scene: &'s Scene<'s>,
    state: OnceCell<Option<State>>,
}

impl<'s> Before<'s> {
    fn new(scene: &'s Scene<'s>) -> Self {
        Self {
            scene,
            state: OnceCell::new(),
        }
    }

    fn state(&self) -> Option<&State> {
        let read = || {
            let (place, event) = (&self.scene.place, &self.scene.event);
            taint::of_session(place.state.as_deref(), &event.session)?.read()
        };
        self.state.get_or_init(read).as_ref()
    }

    /// Whether it has read nothing from there.
    fn is_new(&self, origin: &Origin) -> bool {
        let mut reasons = self.state().into_iter().flat_map(|state| &state.reasons);
        origin.label > Label::Clean && reasons.all(|reason| reason.origin != origin.name)
    }

    /// Whether it was told what comes from there.
    fn has_read(&self, origin: &Origin) -> bool {
        let state = self.state();
        state.is_some_and(|state| state.has_read(&origin.name))
    }
}

/// What the call did, as far as its text shows.
fn deeds(judge: &Judge<'_>, call: &ToolUse<'_>) -> Deeds {
    // an event of what has happened already cannot be refused for being odd
    let candidates = calls::candidates(call).unwrap_or_default();
    judge.deeds(&candidates)
}

/// Keeps what follows for the session. Gives why it could not.
fn remember(
    scene: &Scene<'_>,
    policy: &Taint,
    (origin, look): (&Origin, &Look),
    deeds: &Deeds,
    happened: &Happened<'_>,
) -> Option<String> {
    let texts = happened.texts;
    let store = taint::of_session(scene.place.state.as_deref(), &scene.event.session)?;
    let label = origin.label.max(of_verdict(look.verdict));
    let state = scene.place.state.as_deref();
    let reads_secret = !deeds.secrets.is_empty() || canary::is_planted_in(state, texts);
    let present = store.read();
    if label == Label::Clean && !reads_secret && present.is_none() && !store.known().tainted {
        return None;
    }
    let commons = commons(&scene.place);
    let changed = store.update(|state, known| {
        known.secret_read |= reads_secret;
        let was_tainted = state.label > Label::Clean;
        if label > Label::Clean {
            state.raise(Reason::new(label, &origin.name, look.rules()));
            hosts(state, texts);
        }
        written(state, deeds);
        if state.label > Label::Clean {
            let went = (happened.took, commons.as_slice());
            taint::note_brought(state, known, policy, deeds, was_tainted, went);
        }
    });
    let told = |error| format!("what this session has read is not kept: {error}");
    changed.err().map(told)
}

/// Folders that hold more than what a call brings there.
fn commons(place: &Place) -> Vec<&str> {
    let own = [&place.project, &place.cwd, &place.home];
    let own = own.into_iter().flatten().map(String::as_str);
    own.chain(["/tmp", "/var/tmp"]).collect()
}

const fn of_verdict(verdict: Verdict) -> Label {
    match verdict {
        Verdict::Allow => Label::Clean,
        Verdict::Warn => Label::Suspicious,
        Verdict::Block => Label::Hostile,
    }
}

fn hosts(state: &mut State, texts: &[&str]) {
    for mention in texts.iter().flat_map(|text| taint::hosts_in(text)) {
        state.saw_host(&mention.host);
        if let Some(url) = mention.url {
            state.saw_address(&url);
        }
    }
}

/// What the call wrote: downloads are what a stranger wrote, the rest what the session did.
fn written(state: &mut State, deeds: &Deeds) {
    if state.label == Label::Clean {
        return;
    }
    for path in &deeds.downloads {
        state.wrote(path, Label::Hostile);
    }
    let label = state.label.min(Label::Suspicious);
    for touched in deeds.touched.iter().filter(|touched| !touched.tree) {
        state.wrote(&touched.path, label);
    }
}

impl Seen {
    /// What is to be said to the model, if anything.
    pub(crate) fn context(&self, tool: &str, is_withheld: bool) -> Option<String> {
        let tag = self.is_tagged.then(|| told::tag(&self.origin, tool));
        told::context(&self.origin, &self.look, tool, is_withheld).or(tag)
    }

    /// What the user should know about the judge.
    pub(crate) fn note(&self) -> Option<&str> {
        self.look.note.as_deref()
    }

    /// What the log keeps.
    pub(crate) fn findings(&self) -> Vec<ccs_gate::Finding> {
        told::findings(&self.origin, &self.look)
    }

    /// Whether passages of it are better not read at all.
    pub(crate) fn is_withheld(&self) -> bool {
        self.look.verdict == Verdict::Block && self.origin.label > Label::Clean
    }

    /// The response without those passages, if it has some.
    pub(crate) fn without_passages<'v>(&self, response: &Value<'v>) -> Option<Value<'v>> {
        withheld(response, &self.look)
    }
}

/// The host of an address, or the whole of it.
fn host_or(url: &str) -> String {
    match of_url(url) {
        "" => url.to_owned(),
        host => host.to_owned(),
    }
}
