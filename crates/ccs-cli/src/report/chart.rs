//! Pictures, drawn as SVG: no script and no style attribute is needed for them.

use std::fmt::Write;

use super::gather::{Bar, Counts, Kind};
use super::html::{escaped, number};
use crate::audit::when;

/// The size of the timeline, in its own units.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 180.0;
/// Below the bars: their times.
const FOOT: f64 = 22.0;

/// Decisions over time, stacked.
pub(super) fn timeline(bars: &[Bar], length: i64) -> String {
    let most = bars.iter().map(|bar| bar.counts.all()).max().unwrap_or(0);
    if most == 0 {
        return "<p class=\"none\">No entry falls into this time.</p>".to_owned();
    }
    let mut svg = format!(
        "<svg class=\"timeline\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
         aria-label=\"Decisions over time, at most {most} in {}\">",
        HEIGHT + FOOT,
        words(length)
    );
    lines(&mut svg, most);
    let step = WIDTH / bars.len() as f64;
    let gap = (step * 0.18).min(6.0);
    for (place, bar) in bars.iter().enumerate() {
        stack(
            &mut svg,
            bar,
            place as f64 * step + gap / 2.0,
            (step - gap).min(48.0),
            most,
        );
    }
    labels(&mut svg, bars, step);
    svg.push_str("</svg>");
    svg
}

/// Three lines to compare bars with.
fn lines(svg: &mut String, most: u64) {
    for part in 1..=3 {
        let y = HEIGHT - HEIGHT * f64::from(part) / 3.0;
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
        );
    }
    let _ = write!(
        svg,
        "<text class=\"axis\" x=\"4\" y=\"13\">{}</text>",
        number(most)
    );
}

fn stack(svg: &mut String, bar: &Bar, x: f64, width: f64, most: u64) {
    let mut y = HEIGHT;
    let said: Vec<String> = present(&bar.counts)
        .map(|(kind, count)| format!("{count} {}", kind.class()))
        .collect();
    let title = format!("{}: {}", &when::second(bar.from)[..16], said.join(", "));
    let _ = write!(svg, "<g><title>{}</title>", escaped(&title));
    // a place to point at, however low the bar is
    let _ = write!(
        svg,
        "<rect class=\"hit\" x=\"{x:.1}\" y=\"0\" width=\"{width:.1}\" height=\"{HEIGHT}\"/>"
    );
    for (kind, count) in present(&bar.counts) {
        let height = (HEIGHT * count as f64 / most as f64).max(1.5);
        y -= height;
        let _ = write!(
            svg,
            "<rect class=\"{}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>",
            kind.class(),
            y.max(0.0)
        );
    }
    svg.push_str("</g>");
}

fn labels(svg: &mut String, bars: &[Bar], step: f64) {
    let every = bars.len().div_ceil(6).max(1);
    for (place, bar) in bars.iter().enumerate().step_by(every) {
        let x = place as f64 * step;
        let (y, text) = (HEIGHT + 16.0, &when::second(bar.from)[5..16]);
        let _ = write!(
            svg,
            "<text class=\"axis\" x=\"{x:.1}\" y=\"{y}\">{text}</text>"
        );
    }
}

/// One bar lying down, as long as its part of the most.
pub(super) fn share(counts: &Counts, most: u64) -> String {
    let mut svg = "<svg class=\"share\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" \
                   aria-hidden=\"true\">"
        .to_owned();
    let mut x = 0.0;
    for (kind, count) in present(counts) {
        let width = 100.0 * count as f64 / most.max(1) as f64;
        let _ = write!(
            svg,
            "<rect class=\"{}\" x=\"{x:.2}\" y=\"0\" width=\"{width:.2}\" height=\"4\"/>",
            kind.class()
        );
        x += width;
    }
    svg.push_str("</svg>");
    svg
}

pub(super) fn present(counts: &Counts) -> impl Iterator<Item = (Kind, u64)> {
    let counts = *counts;
    let all = Kind::ALL
        .into_iter()
        .map(move |kind| (kind, counts.of(kind)));
    all.filter(|(_, count)| *count > 0)
}

/// A length of time.
pub(super) fn words(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    match count {
        1 => format!("one {unit}"),
        count => format!("{count} {unit}s"),
    }
}
