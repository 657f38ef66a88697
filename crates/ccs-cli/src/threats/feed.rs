//! Feeds of known weaknesses: NVD 2.0, CVE 5 records, OSV and CISA's KEV, told apart by their form.
//! A file may hold one record, a list, a whole feed, or a record on each line.

mod cve5;
mod kev;
mod nvd;
mod osv;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Advisory;
use crate::exit::{Code, Stop};

/// The longest feed, in bytes.
const MAX_FEED: u64 = 1 << 30;

/// What is done with each record: what it says, and its own text.
pub(crate) type Take<'a> = dyn FnMut(Advisory, &str) -> anyhow::Result<()> + 'a;

/// What a feed is made of around its records.
#[derive(Deserialize)]
struct Around<'a> {
    #[serde(borrow)]
    vulnerabilities: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    vulns: Option<Vec<&'a RawValue>>,
}

/// Reads a file, every `.json` and `.jsonl` file of a folder, or the input. Returns how many
/// records there were.
pub(crate) fn read(feed: &Path, take: &mut Take<'_>) -> anyhow::Result<usize> {
    if !feed.is_dir() {
        return file(feed, take);
    }
    let mut count = 0;
    for path in files(feed)? {
        count += file(&path, take)?;
    }
    Ok(count)
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .build()
    {
        let path = entry.context("cannot look through the folder")?.into_path();
        let kind = path.extension().and_then(|ending| ending.to_str());
        if matches!(kind, Some("json" | "jsonl")) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn file(path: &Path, take: &mut Take<'_>) -> anyhow::Result<usize> {
    let failed = || format!("cannot read `{}`", path.display());
    let mut text = String::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(MAX_FEED)
            .read_to_string(&mut text)
    } else {
        let file = fs::File::open(path).with_context(failed)?;
        file.take(MAX_FEED).read_to_string(&mut text)
    }
    .with_context(failed)?;
    records(&text, take).map_err(|fault| match fault {
        Fault::Form(why) => {
            let stop = Stop::new(Code::Refused, format!("`{}`: {why}", path.display()));
            stop.next("feeds are JSON: NVD 2.0, CVE 5, OSV, CISA KEV")
                .into()
        }
        Fault::Other(error) => error,
    })
}

/// Why a text was not read to its end.
#[derive(Debug)]
enum Fault {
    /// It is no feed.
    Form(String),
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

fn records(text: &str, take: &mut Take<'_>) -> Result<usize, Fault> {
    let mut count = 0;
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let value = value.map_err(|error| Fault::Form(format!("not JSON: {error}")))?;
        count += whole(value.get(), take)?;
    }
    if text.trim().is_empty() {
        return Err(Fault::Form("it is empty".into()));
    }
    Ok(count)
}

/// One JSON value: a list, a feed, or a record.
fn whole(text: &str, take: &mut Take<'_>) -> Result<usize, Fault> {
    let broken = |error: serde_json::Error| Fault::Form(format!("not a feed: {error}"));
    let items = if text.starts_with('[') {
        serde_json::from_str::<Vec<&RawValue>>(text).map_err(broken)?
    } else {
        let around: Around<'_> = serde_json::from_str(text).map_err(broken)?;
        match around.vulnerabilities.or(around.vulns) {
            Some(items) => items,
            None => return record(text, take),
        }
    };
    let mut count = 0;
    for item in items {
        count += record(item.get(), take)?;
    }
    Ok(count)
}

/// One record. What was rejected or withdrawn is none.
fn record(text: &str, take: &mut Take<'_>) -> Result<usize, Fault> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| Fault::Form(error.to_string()))?;
    let has = |key| value.get(key).is_some();
    let advisory = if let Some(cve) = value.get("cve") {
        nvd::read(cve)
    } else if has("cveMetadata") {
        cve5::read(&value)
    } else if has("cveID") {
        kev::read(&value)
    } else if has("id") && (has("affected") || has("modified")) {
        osv::read(&value)
    } else {
        return Err(Fault::Form("a record of no known form".into()));
    };
    if let Some(advisory) = advisory {
        take(advisory, text)?;
    }
    Ok(1)
}

/// The text at a pointer.
fn at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// The list at a pointer; empty if there is none.
fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// The English description, or the first.
fn description(list: &[Value]) -> String {
    let english = |one: &&Value| at(one, "/lang").is_some_and(|lang| lang.starts_with("en"));
    let one = list.iter().find(english).or(list.first());
    one.and_then(|one| at(one, "/value"))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threats::Ecosystem;
    use crate::threats::severity::Severity;

    fn all(text: &str) -> Vec<Advisory> {
        let mut found = Vec::new();
        let mut take = |advisory, _: &str| {
            found.push(advisory);
            Ok(())
        };
        records(text, &mut take).expect("a feed");
        found
    }

    #[test]
    fn nvd_says_products_ranges_and_severity() {
        let found = all(
            r#"{"format":"NVD_CVE","vulnerabilities":[{"cve":{"id":"CVE-2026-0001","vulnStatus":"Analyzed",
            "descriptions":[{"lang":"es","value":"x"},{"lang":"en","value":"A flaw."}],"cisaExploitAdd":"2026-01-02",
            "metrics":{"cvssMetricV31":[{"cvssData":{"baseScore":8.8,"baseSeverity":"HIGH"}}]},
            "configurations":[{"nodes":[{"operator":"OR","negate":false,"cpeMatch":[
              {"vulnerable":true,"criteria":"cpe:2.3:a:acme:wid\\:get:*:*:*:*:*:node.js:*:*","versionStartIncluding":"1.0","versionEndExcluding":"1.4"},
              {"vulnerable":true,"criteria":"cpe:2.3:a:acme:widget:2.0:rc1:*:*:*:*:*:*"},
              {"vulnerable":false,"criteria":"cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*"}]}]}]}},
            {"cve":{"id":"CVE-2026-0002","vulnStatus":"Rejected"}}]}"#,
        );
        assert_eq!(found.len(), 1);
        let one = &found[0];
        assert_eq!(
            (one.id.as_str(), one.severity, one.exploited),
            ("CVE-2026-0001", Some(Severity::High), true)
        );
        assert_eq!(one.text, "A flaw.");
        assert_eq!(one.affected.len(), 2);
        assert_eq!(one.affected[0].product, "wid:get");
        assert_eq!(one.affected[0].ecosystem, Some(Ecosystem::Npm));
        assert_eq!(one.affected[0].ranges[0].to_string(), ">= 1.0, < 1.4");
        assert_eq!(one.affected[1].versions, ["2.0-rc1"]);
    }

    #[test]
    fn a_cve_record_says_the_same_in_its_own_words() {
        let found = all(
            r#"{"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-2026-0003","state":"PUBLISHED"},
            "containers":{"cna":{"descriptions":[{"lang":"en","value":"B"}],
              "affected":[{"vendor":"acme","product":"widget","packageName":"widget","collectionURL":"https://pypi.org",
                "versions":[{"version":"1.0","status":"affected","lessThan":"1.4","versionType":"semver"},
                            {"version":"0.9","status":"affected"},{"version":"0.8","status":"unaffected"},
                            {"version":"abc123","status":"affected","versionType":"git"}]},
               {"vendor":"acme","product":"gadget","defaultStatus":"affected",
                "versions":[{"version":"3.0","status":"unaffected","lessThanOrEqual":"*"}]}],
              "metrics":[{"cvssV3_1":{"baseScore":9.8,"baseSeverity":"CRITICAL"}}]},
             "adp":[{"metrics":[{"other":{"type":"kev"}}]}]}}"#,
        );
        let one = &found[0];
        assert_eq!(
            (one.severity, one.exploited),
            (Some(Severity::Critical), true)
        );
        assert_eq!(one.affected[0].ecosystem, Some(Ecosystem::PyPi));
        assert_eq!(one.affected[0].ranges.len(), 1);
        assert_eq!(one.affected[0].versions, ["0.9"]);
        let gadget = one.affected.iter().find(|it| it.product == "gadget");
        let but = gadget.and_then(|it| it.all_but.as_ref()).expect("said");
        assert!(but[0].holds("3.5", None) && !but[0].holds("2.0", None));
    }

    #[test]
    fn osv_events_are_ranges() {
        let found = all(
            r#"{"id":"GHSA-1","modified":"x","aliases":["CVE-2026-0004"],"summary":"C","affected":[
            {"package":{"ecosystem":"npm","name":"widget"},"ranges":[
               {"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.3"},{"introduced":"2.0.0"},{"last_affected":"2.1.0"}]},
               {"type":"GIT","events":[{"introduced":"0"},{"fixed":"abc"}]}],"versions":["0.1.0"]}],
            "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}]}
            {"id":"GHSA-2","modified":"x","withdrawn":"x","affected":[]}"#,
        );
        let one = &found[0];
        assert_eq!(found.len(), 1);
        assert_eq!((one.aliases.len(), one.severity), (1, Some(Severity::High)));
        let shown: Vec<_> = one.affected[0]
            .ranges
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(shown, ["< 1.2.3", ">= 2.0.0, <= 2.1.0"]);
    }

    #[test]
    fn kev_is_exploited_and_says_no_versions() {
        let found = all(
            r#"{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2026-0005","vendorProject":"Acme",
            "product":"Widget","vulnerabilityName":"N","shortDescription":"D"}]}"#,
        );
        assert!(found[0].exploited && found[0].severity.is_none());
        assert_eq!(found[0].affected[0].product, "Widget");
    }

    #[test]
    fn what_is_no_feed_is_said_so() {
        for (text, why) in [
            ("", "empty"),
            ("hello", "not JSON"),
            (r#"{"a":1}"#, "no known form"),
            ("[1]", "no known form"),
            (r#"{"vulnerabilities":7}"#, "not a feed"),
            (r#"{"id":"x","affected":[]} {"#, "not JSON"),
        ] {
            let refused = records(text, &mut |_, _| Ok(()));
            assert!(
                matches!(&refused, Err(Fault::Form(said)) if said.contains(why)),
                "{text}: {refused:?}"
            );
        }
    }
}
