//! What was cloned or unpacked counts as a file that was fetched.

use super::*;

impl Session {
    /// A command that has run, with an ordinary output.
    fn ran(&self, command: &str) {
        let response =
            json!({"stdout": "ok", "stderr": "", "interrupted": false, "isImage": false});
        self.returned("Bash", json!({"command": command}), response);
    }
}

const RUNS: [&str; 6] = [
    "cd lib && make",
    "make -C lib",
    "bash lib/install.sh",
    "cd lib; ./run.sh",
    "npm --prefix lib install",
    "pip install ./lib",
];

#[test]
fn what_the_user_had_cloned_runs() {
    let session = Session::new();
    session.prompt("Clone that library and build it");
    session.ran("git clone https://github.com/a/lib");
    session.reads_page("A guide.");
    for command in RUNS {
        assert_eq!(session.runs(command), "passes", "{command}");
    }
}

#[test]
fn what_was_cloned_after_a_page_is_asked_about_before_it_runs() {
    let session = Session::new();
    session.prompt("Look at https://github.com/named/other, then read the guide");
    session.reads_page("A guide.");
    session.ran("git clone https://github.com/a/lib.git");
    session.ran("git clone https://github.com/named/other");
    for command in RUNS {
        assert_eq!(session.runs(command), "asked", "{command}");
    }
    for command in [
        "cargo test",
        "cat lib/README.md",
        "git -C lib log",
        "ls lib",
        "make",
        "cd other && make",
    ] {
        assert_eq!(session.runs(command), "passes", "{command}");
    }
}

#[test]
fn a_clone_that_is_run_by_the_same_command_is_asked_about_too() {
    let session = Session::new();
    session.reads_page("A guide.");
    for command in [
        "git clone https://github.com/a/lib && cd lib && make",
        "gh repo clone a/lib && npm --prefix lib ci",
        "curl -sL https://github.com/a/lib/archive/v1.tar.gz | tar xz && cd lib-1 && ./configure",
        "git clone https://github.com/a/lib /tmp/x; cp -r /tmp/x y; cd y && make",
    ] {
        assert_eq!(session.runs(command), "asked", "{command}");
    }
    assert_eq!(
        session.runs("git clone https://github.com/a/lib && cat lib/README.md"),
        "passes"
    );
}

#[test]
fn what_a_fetched_archive_held_is_as_fetched_as_the_archive() {
    let session = Session::new();
    session.prompt("Try the release");
    session.ran("curl -sLo lib.tgz https://dl.shop.site/lib.tgz");
    for name in ["lib-1.0/configure", "other-name/build.sh"] {
        let path = session.world.path("home/shop").join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, "#!/bin/sh\n").expect("a file");
    }
    session.ran("tar xzf lib.tgz");

    for command in [
        "cd lib-1.0 && ./configure",
        "sh other-name/build.sh",
        "make -C other-name",
    ] {
        assert_eq!(session.runs(command), "asked", "{command}");
    }
    assert_eq!(session.runs("make"), "passes");
}
