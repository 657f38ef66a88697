//! Text that others wrote, on its way to a terminal: names of files, titles, reasons.

use std::io::{self, Write};

use super::Output;

/// The text with what changes a terminal replaced.
pub(crate) fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

/// Letters that have no width, or turn others around.
pub(crate) fn is_format(letter: char) -> bool {
    matches!(letter,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Names the files that a scan passed over, a line each.
pub(super) fn not_read(
    output: &mut Output,
    large: &[String],
    unreadable: &[String],
) -> io::Result<()> {
    for path in large {
        let path = printable(path);
        writeln!(
            output,
            "not read: {path}: it is larger than --max-size says"
        )?;
    }
    for why in unreadable {
        writeln!(output, "not read: {}", printable(why))?;
    }
    Ok(())
}
