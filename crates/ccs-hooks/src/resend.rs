//! Handing a prompt back without its secrets: in the answer, in a file if it is long, and on the
//! clipboard if the user switched that on.

use std::path::PathBuf;

use crate::clipboard::{self, Choice};
use crate::files;
use crate::run::Scene;

/// The longest text that is shown in the answer, in bytes; the client cuts longer answers.
pub(crate) const MAX_SHOWN: usize = 5_000;
/// Where a longer one is put, within the state folder. The next one takes its place.
const FILE: &str = "resend.txt";

/// Where the text is besides in the answer.
#[derive(Default)]
pub(crate) struct Offer {
    /// The file that holds it, if it is too long to be shown.
    pub(crate) file: Option<PathBuf>,
    /// What to tell about the clipboard.
    pub(crate) note: Option<String>,
}

/// Puts a text without secrets where the user can take it from.
pub(crate) fn offer(scene: &Scene<'_>, text: Option<&str>) -> Offer {
    let mut offer = Offer::default();
    let (Some(text), Some(state)) = (text, scene.place.state.as_deref()) else {
        return offer;
    };
    if text.len() > MAX_SHOWN {
        let path = state.join(FILE);
        let written = files::replace(&path, text.as_bytes());
        offer.file = written.is_ok().then_some(path);
    }
    offer.note = on_clipboard(scene, text, clipboard::choice(state));
    offer
}

/// What to tell about the clipboard, if it was asked for.
fn on_clipboard(scene: &Scene<'_>, text: &str, choice: Choice) -> Option<String> {
    if choice == Choice::Off {
        return None;
    }
    let (place, around) = (&scene.place, scene.around);
    if let Err(why) = clipboard::copy(text, place, around) {
        return Some(format!("It is not on the clipboard: {why}."));
    }
    if choice == Choice::Copy {
        return Some("It is on the clipboard.".into());
    }
    Some(match clipboard::paste_soon(place, around) {
        Ok(()) => "It is on the clipboard, and pasted if this window stays in front.".into(),
        Err(why) => format!("It is on the clipboard; paste it yourself: {why}."),
    })
}
