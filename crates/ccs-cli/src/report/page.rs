//! The page: one file, nothing from elsewhere, and a policy in it that keeps it so.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ccs_audit::Hash;

use super::gather::{Data, Kind};
use super::html::{clipped, number, time};
use super::{chart, parts};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A shield with a tick.
const MARK: &str = "<svg class=\"mark\" viewBox=\"0 0 32 32\" aria-hidden=\"true\">\
    <path class=\"shield\" d=\"M16 2 28 6v9c0 8-5 13-12 15C9 28 4 23 4 15V6Z\"/>\
    <path class=\"tick\" d=\"m10.5 16 4 4 7.5-8\"/></svg>";

/// The whole page.
pub(crate) fn page(data: &Data) -> String {
    let mut page = String::with_capacity(1 << 16);
    head(&mut page);
    top(&mut page, data);
    page.push_str("<main id=\"main\">");
    page.push_str(&verdict(data));
    page.push_str(&cards(data));
    page.push_str(&timeline(data));
    page.push_str("<div class=\"two\">");
    page.push_str(&parts::ranked(
        "Decisions by rule",
        &data.rules,
        "No rule led to a decision.",
    ));
    page.push_str(&parts::ranked("Tools", &data.tools, "No tool was called."));
    page.push_str("</div>");
    page.push_str(TOOLS);
    for part in [
        parts::notable,
        parts::stopped,
        parts::changes,
        parts::sessions,
        parts::chain,
    ] {
        page.push_str(&part(data));
    }
    page.push_str("</main>");
    foot(&mut page, data);
    page
}

fn head(page: &mut String) {
    let hash = |text: &str| STANDARD.encode(Hash::of(text.as_bytes()).as_bytes());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>ccs report</title><style>{STYLE}</style></head><body>\
         <a class=\"skip\" href=\"#main\">To the content</a>"
    );
}

fn top(page: &mut String, data: &Data) {
    let about = match &data.scope.session {
        Some(session) => format!("session <code>{}</code>", clipped(session, 60)),
        None => "all sessions".to_owned(),
    };
    let span = match data.span {
        Some((from, to)) => format!("{} to {}", time(from), time(to)),
        None => "no entry".to_owned(),
    };
    let _ = write!(
        page,
        "<header><div class=\"brand\">{MARK}<div><h1>What happened</h1><p>{about} · {span} UTC</p></div></div>\
         <nav aria-label=\"Sections\"><a href=\"#stopped\">Stopped</a><a href=\"#changes\">Changes</a>\
         <a href=\"#sessions\">Sessions</a><a href=\"#chain\">Chain</a>\
         <button type=\"button\" id=\"theme\" title=\"light or dark (t)\" aria-label=\"Light or dark\">◐</button>\
         </nav></header>"
    );
}

/// The first thing to know: whether what follows can be believed.
fn verdict(data: &Data) -> String {
    let report = &data.checked;
    let (class, title, text) = if !report.is_intact() {
        let count = report.fault_count;
        let first = report
            .faults
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        let text = format!(
            "{} found wrong; the first: {}",
            number(count),
            clipped(&first, 200)
        );
        ("bad", "The log is not what was written", text)
    } else if report.cosigned.is_empty() {
        let text = format!(
            "{} entries under {} checkpoints. No witness on another machine has cosigned them: a log \
             that was cut or founded anew would not show here.",
            number(report.entries),
            number(report.checkpoints)
        );
        ("fair", "The chain is intact", text)
    } else {
        let names: Vec<String> = report
            .cosigned
            .iter()
            .map(|one| clipped(&one.witness, 60))
            .collect();
        let text = format!(
            "{} entries under {} checkpoints, cosigned by {}.",
            number(report.entries),
            number(report.checkpoints),
            names.join(", ")
        );
        ("good", "The chain is intact and witnessed", text)
    };
    format!(
        "<section class=\"verdict {class}\"><h2>{title}</h2><p>{text} <a href=\"#chain\">More</a></p></section>"
    )
}

fn cards(data: &Data) -> String {
    let cards = [
        ("entries", data.counts.all(), ""),
        ("denied", data.counts.of(Kind::Deny), "deny"),
        ("asked", data.counts.of(Kind::Ask), "ask"),
        ("allowed", data.counts.of(Kind::Allow), "allow"),
        ("sessions", data.session_count as u64, ""),
        ("changes", data.change_count, ""),
        (
            "alerts",
            data.notable_count,
            if data.notable_count > 0 { "deny" } else { "" },
        ),
    ];
    let mut part = "<dl class=\"cards\">".to_owned();
    for (name, count, class) in cards {
        let _ = write!(
            part,
            "<div class=\"card {class}\"><dt>{name}</dt><dd>{}</dd></div>",
            number(count)
        );
    }
    part.push_str("</dl>");
    part
}

fn timeline(data: &Data) -> String {
    let legend: String = Kind::ALL
        .iter()
        .map(|kind| format!("<span class=\"key {0}\">{0}</span>", kind.class()))
        .collect();
    format!(
        "<section class=\"panel\"><h2>Timeline <small>each bar is {}</small><span class=\"legend\">{legend}</span></h2>{}</section>",
        chart::words(data.bar),
        chart::timeline(&data.bars, data.bar)
    )
}

/// What a script brings to life; without one the page has everything but this.
const TOOLS: &str = "<div class=\"tools\" hidden id=\"tools\"><label class=\"find\">\
    <span class=\"sr\">Find in this page's entries</span>\
    <input type=\"search\" id=\"find\" placeholder=\"Find in these entries  /\" autocomplete=\"off\"></label>\
    <div class=\"kinds\" role=\"group\" aria-label=\"Decisions\">\
    <button type=\"button\" data-show=\"\" aria-pressed=\"true\">all</button>\
    <button type=\"button\" data-show=\"deny\" aria-pressed=\"false\">denied</button>\
    <button type=\"button\" data-show=\"ask\" aria-pressed=\"false\">asked</button></div>\
    <button type=\"button\" id=\"open\">open all</button><output id=\"shown\" aria-live=\"polite\"></output></div>";

fn foot(page: &mut String, data: &Data) {
    let _ = writeln!(
        page,
        "<footer><p>Made by ccs {} on this machine at {} UTC. The page is one file, loads nothing and sends \
         nothing. Keys: <kbd>/</kbd> find, <kbd>j</kbd> <kbd>k</kbd> next and previous entry, <kbd>Enter</kbd> \
         open, <kbd>e</kbd> open all, <kbd>t</kbd> light or dark.</p></footer><script>{SCRIPT}</script></body></html>",
        env!("CARGO_PKG_VERSION"),
        time(data.made),
    );
}
