use super::*;
use ccs_gate::{Call, Facts, Gate};

/// Where the commands of a line bring something, and whether it lies loose.
fn brought(command: &str) -> Vec<(String, bool)> {
    let facts = Facts {
        home: Some("/home/dev"),
        cwd: Some("/home/dev/shop"),
        ..Facts::default()
    };
    let deeds = Gate::builtin().deeds(&Call::command(command), &facts);
    let all = deeds.commands.iter().flat_map(of);
    all.map(|one| (one.to, one.loose)).collect()
}

#[test]
fn a_clone_makes_a_folder_of_its_name_or_of_the_one_it_is_told() {
    for (command, to) in [
        ("git clone https://a.site/x/lib.git", "/home/dev/shop/lib"),
        (
            "git clone --depth 1 -b v2 git@a.site:x/lib.git ../other",
            "/home/dev/other",
        ),
        (
            "cd /tmp && git -C sub clone https://a.site/x/lib",
            "/tmp/sub/lib",
        ),
        ("gh repo clone x/lib", "/home/dev/shop/lib"),
        ("npx degit x/lib app", "/home/dev/shop/app"),
        (
            "svn checkout https://a.site/trunk src",
            "/home/dev/shop/src",
        ),
    ] {
        assert_eq!(brought(command), [(to.to_owned(), false)], "{command}");
    }
}

#[test]
fn what_is_unpacked_lies_in_a_folder_and_under_the_name_of_its_archive() {
    for (command, folder, named) in [
        (
            "tar xzf lib-1.2.tar.gz",
            "/home/dev/shop",
            "/home/dev/shop/lib-1.2*",
        ),
        (
            "tar -xf /tmp/lib.tgz -C /tmp/out",
            "/tmp/out",
            "/tmp/out/lib*",
        ),
        (
            "unzip -q lib.zip -d out",
            "/home/dev/shop/out",
            "/home/dev/shop/out/lib*",
        ),
        (
            "7z x lib.7z -oout",
            "/home/dev/shop/out",
            "/home/dev/shop/out/lib*",
        ),
    ] {
        let expected = [(folder.to_owned(), true), (named.to_owned(), false)];
        assert_eq!(brought(command), expected, "{command}");
    }
    assert_eq!(
        brought("curl -s https://a.site/x | tar xz"),
        [("/home/dev/shop".to_owned(), true)]
    );
    assert_eq!(brought("tar czf out.tgz src"), []);
    assert_eq!(brought("tar tf lib.tgz"), []);
}

#[test]
fn packages_are_files_that_begin_with_their_name() {
    assert_eq!(
        brought("pip download evil -d wheels"),
        [("/home/dev/shop/wheels".to_owned(), false)]
    );
    let files: Vec<String> = brought("npm pack left-pad@1")
        .into_iter()
        .map(|one| one.0)
        .collect();
    assert_eq!(
        files,
        ["/home/dev/shop/left-pad-*", "/home/dev/shop/left_pad-*"]
    );
    assert_eq!(brought("npm pack"), []);
}

#[test]
fn a_copy_lies_at_its_new_place() {
    let places: Vec<String> = brought("mv /tmp/i.sh run.sh")
        .into_iter()
        .map(|one| one.0)
        .collect();
    assert!(
        places.contains(&"/home/dev/shop/run.sh".to_owned()),
        "{places:?}"
    );
}
