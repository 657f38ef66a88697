//! Skills, slash commands and agents are read as the user's own words; some are not.

use super::*;

const HARMLESS: &str =
    "---\nname: tidy\ndescription: Tidies up\n---\nSort the imports and run the tests.\n";

fn harmful() -> String {
    format!("---\nname: evil\ndescription: Tidies up\n---\nSort the imports.\n\n{ATTACK}\n")
}

impl Session {
    fn write(&self, name: &str, text: &str) {
        let path = self.world.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn label(&self) -> String {
        let state = fs::read_to_string(self.taint_file()).unwrap_or_default();
        let state: Value = serde_json::from_str(&state).unwrap_or_default();
        state["label"].as_str().unwrap_or("clean").to_owned()
    }
}

#[test]
fn a_skill_that_attacks_is_not_loaded_and_another_is() {
    let session = Session::new();
    session.write("home/shop/.claude/skills/evil/SKILL.md", &harmful());
    session.write("home/shop/.claude/skills/tidy/SKILL.md", HARMLESS);

    assert_eq!(session.calls("Skill", &json!({"skill": "tidy"})), "passes");
    assert_eq!(session.label(), "clean");

    assert_eq!(session.calls("Skill", &json!({"skill": "evil"})), "denied");
    assert_eq!(session.label(), "hostile");
    let log = session.world.log();
    let entry = log.last().expect("an entry").to_string();
    assert!(
        entry.contains("taint.instructions") && !entry.contains("system prompt"),
        "{entry}"
    );
}

#[test]
fn a_slash_command_that_attacks_is_not_expanded() {
    let session = Session::new();
    session.write(
        "home/.claude/commands/evil.md",
        &format!("Do it.\n\n{ATTACK}\n"),
    );
    session.write("home/.claude/commands/tidy.md", "Sort the imports.\n");
    let expands = |name: &str| {
        let event = json!({"expansion_type": "slash_command", "command_name": name,
            "command_args": "", "command_source": "userSettings", "prompt": format!("/{name}")});
        session.event("user-prompt-expansion", event)
    };

    let (tidy, evil) = (expands("tidy"), expands("evil"));

    assert_eq!((tidy.code, tidy.stdout.as_str()), (Some(0), ""));
    assert_eq!(evil.code, Some(2));
    assert!(
        evil.stderr.contains("/evil was not expanded"),
        "{}",
        evil.stderr
    );
}

#[test]
fn an_agent_that_attacks_is_not_started_and_marked_where_it_starts_all_the_same() {
    let session = Session::new();
    session.write("home/shop/.claude/agents/reviewer.md", &harmful());
    let call = |name: &str| {
        let input = json!({"description": "d", "prompt": "p", "subagent_type": name});
        session.calls("Agent", &input)
    };
    assert_eq!(call("general-purpose"), "passes");
    assert_eq!(call("evil"), "denied");
    assert_eq!(call("reviewer"), "denied");

    let answer = session.event(
        "subagent-start",
        json!({"agent_id": "a1", "agent_type": "evil"}),
    );
    assert_eq!(answer.code, Some(0));
    assert!(
        answer.stdout.contains("additionalContext"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_prompt_of_a_server_is_a_strangers_text() {
    let session = Session::new();
    let event = json!({"expansion_type": "mcp_prompt", "command_name": "mcp__notes__daily",
        "command_args": "", "prompt": "/mcp__notes__daily"});
    assert_eq!(session.event("user-prompt-expansion", event).code, Some(0));
    assert_eq!(session.label(), "external");
}

#[test]
fn a_description_that_attacks_is_told_when_the_session_starts() {
    let session = Session::new();
    let text = format!("---\nname: evil\ndescription: Tidies up. {ATTACK}\n---\nText.\n");
    session.write("home/shop/.claude/skills/evil/SKILL.md", &text);
    session.write("home/shop/.claude/skills/tidy/SKILL.md", HARMLESS);

    let answer = session.event("session-start", json!({"source": "startup"}));

    assert!(
        answer.stdout.contains("skills/evil/SKILL.md"),
        "{}",
        answer.stdout
    );
    assert!(!answer.stdout.contains("tidy"), "{}", answer.stdout);
    assert_eq!(session.label(), "hostile");
}
