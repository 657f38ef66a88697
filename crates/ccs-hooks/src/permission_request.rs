//! `PermissionRequest`: the client is about to ask the user.
//!
//! A call that the gate denies is refused without a question. Approving one without a question is
//! opt-in, and happens only where everything is known: one reading of the call, nothing found, a
//! permission mode in which the user would be asked, and no `ask` or `deny` rule in any settings
//! file that might match.

use ccs_gate::{Decision, Resolve, Verdict};

use crate::calls::Candidate;
use crate::failure::Failure;
use crate::judge::{self, Judge};
use crate::permission::{self, Matcher, Subject};
use crate::place::{absolute, is_within};
use crate::pre_tool_use;
use crate::protocol::event::ToolUse;
use crate::protocol::reply::{Answer, Reply};
use crate::run::{Outcome, Scene};
use crate::settings;

/// The arguments of a command that change nothing about what it may do.
const PLAIN_ARGUMENTS: &[&str] = &["command", "description", "timeout"];

/// Refuses, approves, or leaves the question to the client.
pub(crate) fn run(scene: &Scene<'_>, uses: &[ToolUse<'_>]) -> Result<Outcome, Failure> {
    let candidates = pre_tool_use::asked(scene, uses)?.candidates;
    let judge = Judge::at(&scene.place)?;
    let mut verdict = judge.judge(&candidates);
    let read = pre_tool_use::with_what_was_read(scene, &judge, uses, &candidates);
    if !read.is_empty() {
        judge::add_own(&mut verdict, read);
    }
    let mut entry = pre_tool_use::entry(uses, &candidates, &verdict);
    let answer = match verdict.decision {
        Decision::Deny => Answer::Deny(pre_tool_use::reason(&verdict)),
        Decision::Allow if may_approve(scene, &judge, uses, &candidates, &verdict) => {
            entry.decision = "approve";
            Answer::Approve
        }
        _ => Answer::Pass,
    };
    let reply = Reply::new(scene.name(), answer);
    Ok(Outcome { reply, entry })
}

fn may_approve(
    scene: &Scene<'_>,
    judge: &Judge<'_>,
    uses: &[ToolUse<'_>],
    candidates: &[Candidate<'_>],
    verdict: &Verdict,
) -> bool {
    let ([call], [candidate]) = (uses, candidates) else {
        return false;
    };
    let asks = matches!(
        scene.event.session.permission_mode,
        Some("default" | "acceptEdits")
    );
    verdict.findings.is_empty()
        && asks
        && approved(scene, judge, call, candidate, verdict.harmless).is_some()
}

/// `Some` if a switch of the owner covers the call and no rule of the client's might match it.
fn approved(
    scene: &Scene<'_>,
    judge: &Judge<'_>,
    call: &ToolUse<'_>,
    candidate: &Candidate<'_>,
    harmless: bool,
) -> Option<()> {
    let switches = &judge.policy().approve;
    let cwd = scene.place.cwd.as_deref()?;
    match candidate {
        Candidate::Command { text, .. } if switches.harmless_commands && harmless => {
            has_only(call, PLAIN_ARGUMENTS).then_some(())?;
            unruled(scene, judge, &Subject::Command { text, cwd })
        }
        Candidate::Read { path } if switches.reads_in_project => {
            unruled(scene, judge, &Inside::new(scene, judge, path)?.file())
        }
        Candidate::Search { path, files } if switches.reads_in_project => {
            is_below(*files).then_some(())?;
            let folder = Inside::new(scene, judge, path.unwrap_or(cwd))?;
            unruled(scene, judge, &folder.folder())
        }
        Candidate::Write { path, .. } if switches.edits_in_project => {
            let file = Inside::new(scene, judge, path)?;
            file.is_ordinary().then_some(())?;
            unruled(scene, judge, &file.file())
        }
        _ => None,
    }
}

fn has_only(call: &ToolUse<'_>, keys: &[&str]) -> bool {
    let mut pairs = call.input.pairs.iter();
    pairs.all(|(key, _)| keys.contains(&key.as_ref()))
}

/// Whether a file pattern cannot lead out of the folder it is used in.
fn is_below(files: Option<&str>) -> bool {
    files.is_none_or(|files| !files.starts_with(['/', '~']) && !files.contains(".."))
}

/// A path in the project.
struct Inside {
    /// As the client calls it.
    path: String,
    /// As it really is.
    real: String,
    /// The real path below the project's root.
    below: String,
}

impl Inside {
    /// `None` if the path, as called or as it really is, lies outside the project, or if the
    /// project is the home folder or one above it.
    fn new(scene: &Scene<'_>, judge: &Judge<'_>, path: &str) -> Option<Self> {
        let home = scene.place.home.as_deref()?;
        let project = scene.place.project.as_deref()?;
        let path = absolute(path)?;
        let real = judge.links().real_path(&path)?;
        let root = judge.links().real_path(project)?;
        let wide = is_within(home, project) || is_within(home, &root);
        if wide || !is_within(&path, project) || !is_within(&real, &root) {
            return None;
        }
        let below = real.strip_prefix(&root)?.to_owned();
        Some(Self { path, real, below })
    }

    /// Whether no part of the path is hidden: `.git`, `.claude`, `.env` and their like configure
    /// programs.
    fn is_ordinary(&self) -> bool {
        self.below.split('/').all(|part| !part.starts_with('.'))
    }

    fn file(&self) -> Subject<'_> {
        Subject::File {
            path: &self.path,
            real: &self.real,
        }
    }

    fn folder(&self) -> Subject<'_> {
        Subject::Below {
            path: &self.path,
            real: &self.real,
        }
    }
}

/// `Some` if every settings file could be read and none of their rules might match.
fn unruled(scene: &Scene<'_>, judge: &Judge<'_>, subject: &Subject<'_>) -> Option<()> {
    let matcher = Matcher {
        home: scene.place.home.as_deref()?,
        links: judge.links(),
    };
    for path in settings::all(&scene.place, scene.around)? {
        let Some(bytes) = settings::read(&path).ok()? else {
            continue;
        };
        let rules = permission::rules(&bytes)?;
        if rules.iter().any(|rule| matcher.may_match(rule, subject)) {
            return None;
        }
    }
    Some(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::calls;
    use crate::config::Config;
    use crate::place::{Place, Surroundings};
    use crate::protocol::event::{self, Body};
    use crate::protocol::json;
    use crate::protocol::name::Name;
    use ccs_gate::Policy;
    use ccs_gate::policy::Approve;
    use std::fs;
    use std::path::Path;

    /// A home with a project in it; what the gate says is given by hand.
    struct World {
        root: tempfile::TempDir,
        approve: Approve,
        mode: &'static str,
    }

    impl World {
        fn new() -> Self {
            let root = tempfile::tempdir().expect("a folder");
            fs::create_dir_all(root.path().join("home/shop/src")).expect("a folder");
            let approve = Approve {
                harmless_commands: true,
                reads_in_project: true,
                edits_in_project: true,
            };
            Self {
                root,
                approve,
                mode: "default",
            }
        }

        fn path(&self, name: &str) -> String {
            let root = fs::canonicalize(self.root.path()).expect("a path");
            root.join(name).to_str().expect("UTF-8").to_owned()
        }

        fn write(&self, name: &str, text: &str) {
            let path = self.path(name);
            let folder = Path::new(&path).parent().expect("a parent");
            fs::create_dir_all(folder).expect("a folder");
            fs::write(path, text).expect("a file");
        }

        /// Whether a call of `tool` is approved when the gate finds nothing in it. `@` in the
        /// input stands for the project.
        fn approves(&self, tool: &str, input: &str) -> bool {
            let verdict = Verdict {
                harmless: true,
                ..Verdict::default()
            };
            self.approves_with(tool, input, &verdict)
        }

        fn approves_with(&self, tool: &str, input: &str, verdict: &Verdict) -> bool {
            let mode = self.mode;
            let input = input.replace('@', &self.path("home/shop"));
            let text = format!(
                r#"{{"permission_mode":"{mode}","tool_name":"{tool}","tool_input":{input}}}"#
            );
            let value = json::parse(&text).expect("JSON");
            let event = event::read(Name::PermissionRequest, &value).expect("an event");
            let Body::Tool(uses) = &event.body else {
                return false;
            };
            let place = Place {
                home: Some(self.path("home")),
                cwd: Some(self.path("home/shop")),
                project: Some(self.path("home/shop")),
                projects: vec![self.path("home/shop")],
                ..Place::default()
            };
            let policy = Policy {
                approve: self.approve.clone(),
                ..Policy::default()
            };
            let findings = Vec::new();
            let judge = Judge::new(&place, Config { policy, findings });
            let around = Surroundings {
                managed: self.path("managed").into(),
                ..Surroundings::default()
            };
            let scene = Scene {
                event: &event,
                place: place.clone(),
                around: &around,
            };
            let candidates: Vec<_> = uses
                .iter()
                .flat_map(|one| calls::candidates(one).expect("a call"))
                .collect();
            may_approve(&scene, &judge, uses, &candidates, verdict)
        }
    }

    const LS: &str = r#"{"command":"ls src","description":"List"}"#;
    const READ: &str = r#"{"file_path":"@/src/main.rs"}"#;
    const WRITE: &str = r#"{"file_path":"@/src/main.rs","content":"x"}"#;

    #[test]
    fn what_a_switch_covers_is_approved() {
        let world = World::new();
        assert!(world.approves("Bash", LS));
        assert!(world.approves("Read", READ));
        assert!(world.approves("Grep", r#"{"pattern":"x","path":"@/src"}"#));
        assert!(world.approves("Glob", r#"{"pattern":"**/*.rs"}"#));
        assert!(world.approves("Write", WRITE));
    }

    #[test]
    fn nothing_is_approved_by_default() {
        let mut world = World::new();
        world.approve = Approve::default();
        for (tool, input) in [("Bash", LS), ("Read", READ), ("Write", WRITE)] {
            assert!(!world.approves(tool, input), "{tool}");
        }
    }

    #[test]
    fn a_command_not_known_to_be_harmless_is_not_approved() {
        let verdict = Verdict::default();
        assert!(!World::new().approves_with("Bash", LS, &verdict));
    }

    #[test]
    fn a_command_that_asks_for_more_than_to_run_is_not_approved() {
        for more in ["dangerouslyDisableSandbox", "run_in_background", "later"] {
            let input = format!(r#"{{"command":"ls","{more}":true}}"#);
            assert!(!World::new().approves("Bash", &input), "{more}");
        }
    }

    #[test]
    fn a_call_with_two_readings_is_not_approved() {
        let world = World::new();
        assert!(!world.approves("Bash", r#"{"command":"ls","command":"pwd"}"#));
    }

    #[test]
    fn nothing_is_approved_where_the_user_would_not_be_asked() {
        for mode in ["plan", "dontAsk", "auto", "bypassPermissions", "newer", ""] {
            let mut world = World::new();
            world.mode = mode;
            assert!(!world.approves("Bash", LS), "{mode}");
        }
    }

    #[test]
    fn a_path_that_is_or_leads_outside_the_project_is_not_approved() {
        let world = World::new();
        std::os::unix::fs::symlink("/etc", world.path("home/shop/link")).expect("a link");
        for path in [
            "/etc/hosts",
            "@/../x",
            "@/link/hosts",
            "src/main.rs",
            "~/x",
            "@shop2/x",
        ] {
            let input = format!(r#"{{"file_path":"{path}"}}"#);
            assert!(!world.approves("Read", &input), "{path}");
        }
        for input in [
            r#"{"pattern":"/etc/*"}"#,
            r#"{"pattern":"../*"}"#,
            r#"{"pattern":"~/*"}"#,
        ] {
            assert!(!world.approves("Glob", input), "{input}");
        }
    }

    #[test]
    fn a_hidden_file_may_be_read_but_not_written_without_a_question() {
        let world = World::new();
        for file in [".git/config", ".claude/settings.json", "src/.env"] {
            let read = format!(r#"{{"file_path":"@/{file}"}}"#);
            let write = format!(r#"{{"file_path":"@/{file}","content":"x"}}"#);
            assert!(world.approves("Read", &read) && !world.approves("Write", &write));
        }
    }

    #[test]
    fn a_rule_that_might_match_leaves_the_question_to_the_client() {
        for file in [
            "home/.claude/settings.json",
            "home/shop/.claude/settings.json",
            "home/shop/.claude/settings.local.json",
            "managed/managed-settings.json",
            "managed/managed-settings.d/10.json",
        ] {
            for (list, rule) in [("ask", "Bash(ls:*)"), ("deny", "Bash")] {
                let world = World::new();
                let text = format!(r#"{{"permissions":{{"{list}":["WebFetch","{rule}"]}}}}"#);
                world.write(file, &text);
                assert!(!world.approves("Bash", LS), "{file}: {rule}");
            }
        }
    }

    #[test]
    fn a_rule_that_cannot_match_stands_in_no_ones_way() {
        let world = World::new();
        let rules = r#"{"permissions":{"deny":["Read(~/.ssh/**)","Bash(git push:*)"]}}"#;
        world.write("home/.claude/settings.json", rules);
        assert!(world.approves("Bash", r#"{"command":"ls"}"#));
        assert!(world.approves("Read", READ) && world.approves("Write", WRITE));
    }

    #[test]
    fn settings_that_cannot_be_read_leave_the_question_to_the_client() {
        let world = World::new();
        world.write("home/.claude/settings.json", "{ // comment\n}");
        assert!(!world.approves("Bash", LS));
    }
}
