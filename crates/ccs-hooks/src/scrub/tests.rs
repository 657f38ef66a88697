use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::Duration;

use super::*;

const KEY: &str = concat!("ghp_", "x7Kq9vTzW2mB4nR6pL8sD0fG3hJ5kY1aC4eU");

/// A client's folder with one session, and the record of it.
fn session() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("projects/-srv-shop");
    fs::create_dir_all(project.join("5e55/tool-results")).expect("folders");
    let record = project.join("5e55.jsonl");
    fs::write(&record, "").expect("a file");
    (folder, record)
}

fn cleaned(folder: &Path, record: &Path) -> Report {
    let (finder, _) = Finder::at(None);
    let until = Instant::now() + Duration::from_secs(60);
    session_of(&finder, folder, record, until)
}

fn session_of(finder: &Finder, folder: &Path, record: &Path, until: Instant) -> Report {
    super::session(finder, &[folder.to_owned()], record, until)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

#[test]
fn a_prompt_the_client_kept_loses_its_secret_and_nothing_else() {
    let (folder, record) = session();
    let before = format!(
        "{{\"type\":\"queue-operation\",\"operation\":\"enqueue\",\"content\":\"a \\\"q\\\" {KEY}\\nü\"}}\n\
         {{\"type\":\"user\",  \"n\": 1.50, \"x\":[null,\"\\u00e4\"]}}\n"
    );
    fs::write(&record, &before).expect("written");

    let report = cleaned(folder.path(), &record);

    let after = read(&record);
    assert_eq!((report.places, after.len()), (1, before.len()));
    let mark = "[secret:github.personal-token]";
    let stars = "*".repeat(KEY.len() - mark.len());
    assert_eq!(after, before.replace(KEY, &format!("{mark}{stars}")));
    assert_eq!(cleaned(folder.path(), &record).places, 0);
}

#[test]
fn a_key_of_several_lines_is_taken_out_of_a_string_with_escapes() {
    let (folder, record) = session();
    let body = "MIIEowIBAAKCAQEAy8Dbv8prpJ1dYy2Zp0xU4xkq3mGZgS2t9o5fE7hQwRr1sLxV";
    let pem =
        format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n{body}\n-----END RSA PRIVATE KEY-----");
    let line = serde_json::json!({"type": "user", "text": format!("use\n{pem}\nplease")});
    fs::write(&record, format!("{line}\n")).expect("written");

    cleaned(folder.path(), &record);

    let after: serde_json::Value = serde_json::from_str(&read(&record)).expect("JSON");
    let text = after["text"].as_str().expect("a string");
    assert!(text.starts_with("use\n[secret:private-key.rsa]"), "{text}");
    assert!(text.ends_with("*\nplease") && !text.contains("MIIE"));
}

#[test]
fn what_lies_in_the_sessions_folder_and_the_list_of_prompts_is_cleaned_too() {
    let (folder, record) = session();
    let output = record.with_extension("").join("tool-results/a.txt");
    fs::write(&output, format!("x\ntoken={KEY}\n\u{fffd}")).expect("written");
    let history = folder.path().join("history.jsonl");
    fs::write(&history, "{\"display\":\"the password is Gx7!kq9vTz2w\"}\n").expect("written");

    let report = cleaned(folder.path(), &record);

    assert_eq!(report.places, 2, "{report:?}");
    assert!(!read(&output).contains(KEY) && !read(&history).contains("Gx7"));
}

#[test]
fn what_its_writer_said_is_no_secret_stays_in_the_list_of_prompts() {
    let (folder, record) = session();
    let history = folder.path().join("history.jsonl");
    let text = format!("{{\"display\":\"the form of {KEY}, ccs:allow\"}}\n");
    fs::write(&history, &text).expect("written");

    cleaned(folder.path(), &record);

    assert_eq!(read(&history), text);
}

#[test]
fn the_file_stays_the_same_file_with_the_same_mode() {
    let (folder, record) = session();
    fs::write(&record, format!("{{\"a\":\"{KEY}\"}}\n")).expect("written");
    fs::set_permissions(&record, fs::Permissions::from_mode(0o640)).expect("chmod");
    let before = fs::metadata(&record).expect("a file");

    cleaned(folder.path(), &record);

    let after = fs::metadata(&record).expect("a file");
    assert_eq!((after.ino(), after.mode()), (before.ino(), before.mode()));
}

#[test]
fn lines_that_are_appended_meanwhile_are_not_lost() {
    let (folder, record) = session();
    let secret = format!("{{\"type\":\"user\",\"text\":\"{KEY}\"}}\n");
    fs::write(&record, secret.repeat(200)).expect("written");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new();
            let mut file = file.append(true).open(&record).expect("a file");
            for _ in 0..200 {
                file.write_all(b"{\"type\":\"later\"}\n").expect("a line");
            }
        });
        cleaned(folder.path(), &record);
    });
    cleaned(folder.path(), &record);

    let text = read(&record);
    assert_eq!(text.matches("{\"type\":\"later\"}\n").count(), 200);
    assert_eq!(text.lines().count(), 400);
    assert!(!text.contains(KEY));
}

#[test]
fn a_secret_across_two_windows_of_a_long_line_is_found() {
    let (folder, record) = session();
    let filler = "word ".repeat((8 << 20) / 5 - 4);
    fs::write(&record, format!("{{\"t\":\"{filler}{KEY} {filler}\"}}\n")).expect("written");

    cleaned(folder.path(), &record);

    assert!(!read(&record).contains(KEY));
}

#[test]
fn links_and_what_is_not_a_record_are_left_alone() {
    let (folder, record) = session();
    let elsewhere = folder.path().join("notes.jsonl");
    let text = format!("{{\"a\":\"{KEY}\"}}\n");
    fs::write(&elsewhere, &text).expect("written");
    fs::remove_file(&record).expect("removed");
    symlink(&elsewhere, &record).expect("a link");
    symlink(&elsewhere, record.with_extension("").join("l.jsonl")).expect("a link");
    let linked = folder.path().join("projects/-linked");
    symlink(folder.path(), &linked).expect("a link");

    for path in [
        record.clone(),
        elsewhere.clone(),
        linked.join("notes.jsonl"),
        folder.path().join("projects/../notes.jsonl"),
        folder.path().join("projects/-srv-shop/../notes.jsonl"),
    ] {
        assert_eq!(cleaned(folder.path(), &path).places, 0, "{path:?}");
    }
    assert_eq!(read(&elsewhere), text);
}

#[test]
fn the_signature_of_a_thought_is_not_touched() {
    let (folder, record) = session();
    let text = format!("{{\"thinking\":\"x\",\"signature\":\"{KEY}\"}}\n");
    fs::write(&record, &text).expect("written");
    cleaned(folder.path(), &record);
    assert_eq!(read(&record), text);
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    let (folder, record) = session();
    let bytes = [b"{\"a\":\"\xff\xfe ", KEY.as_bytes(), b"\"}\n\x80"].concat();
    fs::write(&record, &bytes).expect("written");

    cleaned(folder.path(), &record);

    let after = fs::read(&record).expect("a file");
    assert_eq!(after.len(), bytes.len());
    assert_eq!(
        (after[6], after[7], after[after.len() - 1]),
        (0xff, 0xfe, 0x80)
    );
    assert!(!String::from_utf8_lossy(&after).contains(KEY));
}

#[test]
fn when_time_is_up_it_says_so() {
    let (folder, record) = session();
    fs::write(&record, format!("{{\"a\":\"{KEY}\"}}\n")).expect("written");
    let (finder, _) = Finder::at(None);
    let report = session_of(&finder, folder.path(), &record, Instant::now());
    assert!(report.is_cut && report.places == 0);
}
