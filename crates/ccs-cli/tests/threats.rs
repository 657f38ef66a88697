//! `ccs threats`: feeds against projects and specs.
#![cfg(unix)]

#[path = "../../ccs-hooks/tests/model/mod.rs"]
mod model;
mod support;

use model::{Server, Stream, key, say, windows};
use serde_json::{Value, json};
use support::Machine;

const OSV: &str = r#"{"id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2026-1111"],
  "summary":"Widget forgets to check","database_specific":{"severity":"HIGH"},"affected":[
  {"package":{"ecosystem":"npm","name":"widget"},"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"},{"fixed":"1.4.2"}]}]}]}"#;
const NVD: &str = r#"{"format":"NVD_CVE","version":"2.0","vulnerabilities":[
  {"cve":{"id":"CVE-2026-2222","vulnStatus":"Analyzed","descriptions":[{"lang":"en","value":"PostgreSQL reads too far."}],
   "metrics":{"cvssMetricV31":[{"cvssData":{"baseScore":5.0,"baseSeverity":"MEDIUM"}}]},
   "configurations":[{"nodes":[{"operator":"OR","cpeMatch":[{"vulnerable":true,
     "criteria":"cpe:2.3:a:postgresql:postgresql:*:*:*:*:*:*:*:*","versionStartIncluding":"16.0","versionEndExcluding":"16.3"}]}]}]}},
  {"cve":{"id":"CVE-2026-3333","vulnStatus":"Analyzed","descriptions":[{"lang":"en","value":"A flaw in Redis for Windows."}]}},
  {"cve":{"id":"CVE-2026-4444","vulnStatus":"Analyzed","descriptions":[{"lang":"en","value":"A flaw in Redis."}],
   "metrics":{"cvssMetricV31":[{"cvssData":{"baseScore":3.0,"baseSeverity":"LOW"}}]}}}]}"#;
const KEV: &str = r#"{"catalogVersion":"2026.01.01","vulnerabilities":[{"cveID":"CVE-2026-5555","vendorProject":"PostgreSQL",
  "product":"PostgreSQL","vulnerabilityName":"PostgreSQL flaw","shortDescription":"Used."}]}"#;
const SPEC: &str = r#"{"name":"Shop","version":"1.0.0","stack":{"databases":[
  {"vendor":"postgresql","product":"postgresql","version":"16.2","priority":"critical"}]},
  "cve_keywords":["redis"],"exclude_keywords":["windows"]}"#;

/// A project with a lock file, and feeds beside it.
fn machine(widget: &str) -> Machine {
    let machine = Machine::new();
    let lock = json!({"lockfileVersion": 3, "packages": {"": {}, "node_modules/widget": {"version": widget}}});
    machine.write("project/package-lock.json", lock.to_string());
    machine.write("feeds/osv.json", OSV);
    machine.write("feeds/nvd.json", NVD);
    machine.write("feeds/kev.json", KEV);
    machine.write("spec.json", SPEC);
    machine
}

fn ids(answer: &Value) -> Vec<&str> {
    let relevant = answer["relevant"].as_array().expect("a list");
    relevant
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect()
}

#[test]
fn a_weakness_concerns_the_version_in_the_lock_file_or_not() {
    for (version, code) in [("1.4.1", 1), ("1.4.2", 0), ("0.9.0", 0), ("1.4.2-rc.1", 1)] {
        let machine = machine(version);
        let answer = machine.run(&["threats", "check", "../feeds/osv.json", "--json"]);
        let answer = answer.ends_with(code).json();
        assert_eq!(
            ids(&answer).len(),
            usize::try_from(code).expect("small"),
            "{version}"
        );
    }
    let told = machine("1.4.1")
        .run(&["threats", "check", "../feeds"])
        .ends_with(1)
        .stdout;
    assert!(
        told.contains("widget 1.4.1 of package-lock.json: affected is >= 1.0.0, < 1.4.2"),
        "{told}"
    );
}

#[test]
fn a_spec_names_products_and_words_and_takes_words_back() {
    let machine = machine("1.4.2");
    let check = |more: &[&str]| {
        let args = [
            "threats",
            "check",
            "../feeds",
            "--spec",
            "../spec.json",
            "--json",
        ];
        machine.run(&[&args[..], more].concat()).ends_with(1).json()
    };
    let all = check(&[]);
    assert_eq!(
        ids(&all),
        ["CVE-2026-5555", "CVE-2026-2222", "CVE-2026-4444"]
    );
    assert_eq!(all["relevant"][1]["why"][0]["by"], json!("version"));
    assert_eq!(
        all["relevant"][2]["why"][0],
        json!({"by": "keyword", "word": "redis"})
    );
    assert_eq!(all["records"], json!(5));
    assert_eq!(
        ids(&check(&["--min-severity", "medium"])),
        ["CVE-2026-5555", "CVE-2026-2222"]
    );
    assert_eq!(ids(&check(&["--exploited"])), ["CVE-2026-5555"]);
    assert_eq!(ids(&check(&["--project", "."])).len(), 3);
}

#[test]
fn what_is_filtered_is_a_feed_again() {
    let machine = machine("1.4.1");
    let spec = ["--spec", "../spec.json", "--project", "."];
    let filtered = machine
        .run(&[&["threats", "filter", "../feeds"], &spec[..]].concat())
        .succeeds();
    assert_eq!(filtered.stdout.lines().count(), 4);
    let args = [&["threats", "check", "-", "--json"], &spec[..]].concat();
    let again = machine.tell(&args, &filtered.stdout).ends_with(1).json();
    assert_eq!((ids(&again).len(), &again["records"]), (4, &json!(4)));
}

#[test]
fn what_cannot_be_read_is_never_a_clean_answer() {
    let machine = machine("1.4.1");
    machine.write("project/Cargo.lock", "[[package");
    let answer = machine
        .run(&["threats", "check", "../feeds/kev.json", "--json"])
        .ends_with(3);
    assert!(answer.stdout.contains("Cargo.lock"), "{}", answer.stdout);
    machine.write("bad.json", "{\"a\":1}");
    let refused = machine
        .run(&["threats", "check", "../bad.json"])
        .ends_with(4)
        .stderr;
    assert!(refused.contains("no known form"), "{refused}");
    machine
        .run(&["threats", "check", "../none.json"])
        .ends_with(5);
    let refused = machine
        .run(&["threats", "check", "../feeds", "--spec", "../bad.json"])
        .ends_with(4);
    assert!(refused.stderr.contains("threat spec"), "{}", refused.stderr);
}

#[test]
fn without_a_stack_there_is_nothing_to_compare_with() {
    let machine = machine("1.4.1");
    let feeds = machine.path("feeds").display().to_string();
    let empty = machine.path("home").display().to_string();
    let refused = machine
        .run(&["threats", "check", &feeds, "--project", &empty])
        .ends_with(2);
    assert!(
        refused.stderr.contains("no lock file"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_stack_is_listed_with_its_versions() {
    let answer = machine("1.4.1")
        .run(&["threats", "stack", "--json"])
        .succeeds()
        .json();
    let expected = json!([{"name": "widget", "version": "1.4.1", "ecosystem": "npm", "from": "package-lock.json"}]);
    assert_eq!(answer["components"], expected);
}

#[test]
fn indicators_are_read_as_meant_and_looked_up() {
    let machine = Machine::new();
    machine.write("list.txt", "# ours\nevil[.]top\n45.77.0.0/16\n");
    let text = "It beacons to hxxps://cdn.evil[.]top/a and 45.77.10.9, see CVE-2026-12345.";
    let told = machine
        .tell(&["threats", "iocs", "-"], text)
        .succeeds()
        .stdout;
    assert!(
        told.contains("https://cdn.evil.top/a") && !told.contains("(listed)"),
        "{told}"
    );
    let args = ["threats", "iocs", "-", "--list", "../list.txt", "--json"];
    let answer = machine.tell(&args, text).ends_with(1).json();
    let listed: Vec<_> = answer["indicators"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["listed"])
        .collect();
    assert_eq!(listed, [&json!(true), &json!(true), &json!(false)]);
    machine.write("bad.txt", "nothing here\n");
    let refused = machine
        .tell(&["threats", "iocs", "-", "--list", "../bad.txt"], text)
        .ends_with(4);
    assert!(refused.stderr.contains("line 1"), "{}", refused.stderr);
}

#[test]
fn a_judge_adds_indicators_that_stand_in_the_text() {
    let server = Server::new(|stream: &mut dyn Stream, request: &Value| {
        let indicators = ["payload.sh", "made-up.top"];
        let answer = json!({"key": key(request), "windows": windows(request).len(), "indicators": indicators});
        say(stream, &answer.to_string());
    });
    let machine = Machine::new();
    let enable = [
        "judge",
        "enable",
        "--deadline",
        "5000",
        "--endpoint",
        &server.url,
    ];
    machine.run(&enable).succeeds();
    let text = "It loads from payload.sh.";
    assert_eq!(
        machine
            .tell(&["threats", "iocs", "-"], text)
            .succeeds()
            .stdout,
        ""
    );
    let told = machine
        .tell(&["threats", "iocs", "-", "--judge"], text)
        .succeeds()
        .stdout;
    assert_eq!(told, "domain   payload.sh\n");

    machine
        .run(&["judge", "enable", "--endpoint", "http://127.0.0.1:1/"])
        .succeeds();
    machine
        .tell(&["threats", "iocs", "-", "--judge"], text)
        .ends_with(3);
}
