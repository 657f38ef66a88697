use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

fn folder() -> (tempfile::TempDir, Folder) {
    let parent = tempfile::tempdir().expect("a folder");
    let path = parent.path().join("vault");
    make_folder(&path).expect("made");
    let folder = Folder::open(&path).expect("opened");
    (parent, folder)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

fn problem<T>(result: Result<T>) -> String {
    match result {
        Err(Error::Insecure { problem, .. }) => problem,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("accepted"),
    }
}

#[test]
fn what_is_not_there_is_none() {
    let (_parent, folder) = folder();
    assert!(matches!(folder.read("vault", 9), Ok(None)));
    assert!(matches!(folder.has("vault"), Ok(false)));
    assert!(folder.remove("vault").is_ok());
}

#[test]
fn a_folder_or_file_that_others_may_use_is_refused_with_the_way_to_put_it_right() {
    let (_parent, folder) = folder();
    folder.replace("vault", b"x").expect("written");
    set_mode(&folder.path("vault"), 0o640);
    assert_eq!(
        problem(folder.read("vault", 9)),
        "others may use it (mode 0640)"
    );

    set_mode(&folder.path(""), 0o755);
    let refused = Folder::open(&folder.path(""))
        .err()
        .expect("an error")
        .to_string();
    assert!(refused.ends_with("run chmod 700 on it"), "{refused}");
}

#[test]
fn a_link_in_the_place_of_the_folder_or_a_file_is_refused() {
    let (parent, folder) = folder();
    let outside = parent.path().join("outside");
    fs::write(&outside, "x").expect("a file");
    set_mode(&outside, 0o600);
    symlink(&outside, folder.path("vault")).expect("a link");
    assert_eq!(problem(folder.read("vault", 9)), "it is a symbolic link");

    let link = parent.path().join("link");
    symlink(folder.path(""), &link).expect("a link");
    assert_eq!(problem(Folder::open(&link)), "it is a symbolic link");

    folder.replace("vault", b"new").expect("written");
    assert_eq!(fs::read(&outside).expect("a file"), b"x");
}

#[test]
fn a_hard_link_a_fifo_and_a_folder_are_refused_without_waiting() {
    let (parent, folder) = folder();
    let outside = parent.path().join("outside");
    fs::write(&outside, "x").expect("a file");
    set_mode(&outside, 0o600);
    fs::hard_link(&outside, folder.path("hard")).expect("a link");
    assert_eq!(
        problem(folder.read("hard", 9)),
        "it has a second name (hard link)"
    );

    let fifo = folder.path("fifo");
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, kind, rustix::fs::Mode::RUSR, 0).expect("a FIFO");
    make_folder(&folder.path("sub")).expect("a folder");
    for name in ["fifo", "sub"] {
        assert_eq!(
            problem(folder.read(name, 9)),
            "it is not of the expected type"
        );
    }
}

#[test]
fn a_longer_file_than_allowed_is_refused_whole() {
    let (_parent, folder) = folder();
    folder.replace("vault", b"12345").expect("written");
    assert!(matches!(folder.read("vault", 5), Ok(Some(_))));
    assert!(matches!(
        folder.read("vault", 4),
        Err(Error::Corrupt { .. })
    ));
}

#[test]
fn a_replaced_file_is_private_and_leaves_nothing_beside_it() {
    let (_parent, folder) = folder();
    fs::write(folder.path("vault.new"), "left by a killed writer").expect("a file");
    folder.replace("vault", b"1").expect("written");
    folder.replace("vault", b"2").expect("written");
    assert_eq!(
        folder.read("vault", 9).expect("read").expect("there")[..],
        *b"2"
    );
    assert_eq!(folder.mode("vault"), Some(0o600));
    assert_eq!(
        fs::read_dir(folder.path("")).expect("the folder").count(),
        1
    );
}

#[test]
fn a_lock_waits_for_the_one_before() {
    let (_parent, folder) = folder();
    let held = folder.lock().expect("a lock");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| folder.lock().map(|_| fs::read(folder.path("done")).is_ok()));
        fs::write(folder.path("done"), "").expect("a file");
        drop(held);
        assert!(waiting.join().expect("no panic").expect("a lock"));
    });
}
