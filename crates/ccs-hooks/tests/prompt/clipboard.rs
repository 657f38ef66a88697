//! The prompt that comes back, on the clipboard of a real screen where there can be one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::common::{Answer, World};
use crate::{TOKEN, installed};

/// A screen without a monitor; it goes with the test.
struct Screen(Child, String);

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn has_programs() -> bool {
    let has = |name: &str| Path::new("/usr/bin").join(name).exists();
    ["Xvfb", "xclip", "xdotool"].into_iter().all(has)
}

/// A screen, if the programs for it are on this machine. The server picks a number that no other
/// has, and says it when it can be asked.
fn screen() -> Option<Screen> {
    if !has_programs() {
        return None;
    }
    let server = Command::new("/usr/bin/Xvfb")
        .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"])
        .args(["-screen", "0", "640x480x8"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb");
    let mut screen = Screen(server, String::new());
    let mut number = String::new();
    let said = screen.0.stdout.take().expect("piped");
    BufReader::new(said).read_line(&mut number).expect("a line");
    screen.1 = format!(":{}", number.trim());
    Some(screen)
}

fn world(choice: &str) -> World {
    let world = installed();
    let file = world.state().join("clipboard");
    fs::write(&file, choice).expect("written");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&file, private).expect("chmod");
    world
}

fn prompted(world: &World, display: &str) -> Answer {
    let state = world.state().to_str().expect("UTF-8").to_owned();
    let mut command = world.command(&["user-prompt-submit".into(), "--state".into(), state]);
    command.env("DISPLAY", display);
    let input = format!("{{\"prompt\":\"log in with {TOKEN}\"}}");
    world.run(command, input.as_bytes())
}

fn pasted(display: &str) -> String {
    let output = Command::new("/usr/bin/xclip")
        .args(["-selection", "clipboard", "-out"])
        .env("DISPLAY", display)
        .output()
        .expect("xclip");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn without_a_screen_the_prompt_comes_back_all_the_same() {
    let answer = prompted(&world("copy"), "elsewhere.example:0");
    assert!(answer.stdout.contains("It is not on the clipboard: "));
    assert!(answer.stdout.contains("log in with <<secret:GITHUB_TOKEN"));
}

#[test]
fn the_prompt_is_on_the_clipboard_of_the_screen() {
    let Some(screen) = screen() else {
        return assert!(!has_programs());
    };
    let world = world("copy");
    // on a busy machine the screen answers late, and the hook does not wait for long
    let is_copied = |_| {
        prompted(&world, &screen.1)
            .stdout
            .contains("It is on the clipboard.")
    };
    assert!((0..20).any(is_copied));
    assert_eq!(
        pasted(&screen.1),
        "log in with <<secret:GITHUB_TOKEN, used with: ccs run --env GITHUB_TOKEN -- COMMAND>>"
    );
}

#[test]
fn nothing_is_pasted_where_the_clients_window_is_not_in_front() {
    let Some(screen) = screen() else {
        return assert!(!has_programs());
    };
    let world = world("paste");
    // the window the client runs in is another than the one in front
    let state = world.state().to_str().expect("UTF-8").to_owned();
    let mut command = world.command(&["user-prompt-submit".into(), "--state".into(), state]);
    command.env("DISPLAY", &screen.1).env("WINDOWID", "4711");
    let input = format!("{{\"prompt\":\"log in with {TOKEN}\"}}");
    let answer = world.run(command, input.as_bytes());

    assert!(answer.stdout.contains("<<secret:GITHUB_TOKEN"));
    assert!(!answer.stdout.contains("and pasted"), "{}", answer.stdout);
}
