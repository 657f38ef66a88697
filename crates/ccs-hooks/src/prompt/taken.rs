//! A text with its secrets taken out: each is kept under a name, and the name stands in its place.

use std::collections::BTreeMap;
use std::path::Path;

use super::find::{Finder, Hit, Voice, What};
use super::keep::{self, Keeper};
use super::name;

/// How many secrets of one text are stored; the rest are only taken out.
const MAX_KEPT: usize = 32;
/// How often a text is looked through again for what taking secrets out has brought together.
const ROUNDS: usize = 3;

/// What became of the secrets of a text.
pub(crate) struct Taken {
    /// The text with references in their place; `None` if it never came out clean.
    pub(crate) text: Option<String>,
    pub(crate) secrets: Vec<Secret>,
    /// Why what was not in the vault could not be put there.
    pub(crate) not_kept: Option<String>,
}

/// One secret that was taken out.
pub(crate) struct Secret {
    /// The name it has in the vault, or would have.
    pub(crate) name: String,
    /// What it is, in a few words.
    pub(crate) title: String,
    /// Whether the vault holds it now.
    pub(crate) is_kept: bool,
    /// Whether the vault held it before.
    pub(crate) was_known: bool,
}

/// Whether what is found goes into the vault.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Yes,
    No,
}

/// Takes the secrets at `hits` out of `text`.
pub(crate) fn take(
    finder: &Finder,
    text: &str,
    hits: &[Hit],
    keep: Keep,
    state: Option<&Path>,
    now: u64,
) -> Taken {
    let mut taken = Taken {
        text: None,
        secrets: Vec::new(),
        not_kept: None,
    };
    let mut shelf = Shelf {
        keep,
        state,
        now,
        keeper: None,
        by_value: BTreeMap::new(),
        count: 0,
    };
    let mut clean = replaced(text, hits, |hit| shelf.reference(text, hit, &mut taken));
    for _ in 0..ROUNDS {
        let mut left = finder.find(&clean, Voice::Prompt);
        if keep == Keep::Yes {
            super::heed_marks(&clean, &mut left);
        }
        if left.is_empty() {
            taken.text = Some(clean);
            break;
        }
        clean = replaced(&clean, &left, |_| "<<secret>>".to_owned());
    }
    taken
}

fn replaced(text: &str, hits: &[Hit], mut with: impl FnMut(&Hit) -> String) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    for hit in hits {
        clean.push_str(&text[at..hit.range.start]);
        clean.push_str(&with(hit));
        at = hit.range.end;
    }
    clean.push_str(&text[at..]);
    clean
}

/// Where the values of one text go.
struct Shelf<'t> {
    keep: Keep,
    state: Option<&'t Path>,
    now: u64,
    /// Opened with the first value that is to be kept.
    keeper: Option<Keeper>,
    /// How each is referred to once its use was told.
    by_value: BTreeMap<&'t str, String>,
    count: usize,
}

impl<'t> Shelf<'t> {
    /// What stands in the place of a secret; with how it is used the first time.
    fn reference(&mut self, text: &'t str, hit: &Hit, taken: &mut Taken) -> String {
        let value = &text[hit.range.clone()];
        if let Some(reference) = self.by_value.get(value) {
            return reference.clone();
        }
        let secret = self.secret(text, hit, value, taken);
        let short = if self.keep == Keep::No && !secret.was_known {
            format!("<<secret, {}>>", secret.title)
        } else {
            format!("<<secret:{}>>", secret.name)
        };
        self.by_value.insert(value, short.clone());
        let is_first = taken.secrets.iter().all(|one| one.name != secret.name);
        let has_use = is_first && (self.keep == Keep::Yes || secret.was_known);
        let reference = if has_use { usable(&secret.name) } else { short };
        taken.secrets.push(secret);
        reference
    }

    fn secret(&mut self, text: &str, hit: &Hit, value: &str, taken: &mut Taken) -> Secret {
        let wish = name::wish(&hit.what, &text[..hit.range.start]);
        let title = match &hit.what {
            What::Found { title, .. } => title.to_string(),
            What::Stored(_) | What::Marked(_) => "secret".to_owned(),
        };
        if let What::Stored(name) = &hit.what {
            let name = name.clone();
            return Secret {
                name,
                title,
                is_kept: true,
                was_known: true,
            };
        }
        let kept = match self.keep {
            Keep::Yes => self.kept(&wish, value, taken),
            Keep::No => None,
        };
        Secret {
            is_kept: kept.is_some(),
            name: kept.unwrap_or_else(|| free(&wish, &taken.secrets)),
            title,
            was_known: false,
        }
    }

    /// The name a value has in the vault now.
    fn kept(&mut self, wish: &str, value: &str, taken: &mut Taken) -> Option<String> {
        self.count += 1;
        if taken.not_kept.is_some() {
            return None;
        }
        if self.count > MAX_KEPT {
            taken.not_kept = Some(format!("it takes {MAX_KEPT} from one prompt"));
            return None;
        }
        match self.put(wish, value) {
            Ok(name) => Some(name),
            Err(why) => {
                taken.not_kept = Some(why);
                None
            }
        }
    }

    fn put(&mut self, wish: &str, value: &str) -> Result<String, String> {
        let keeper = match &mut self.keeper {
            Some(keeper) => keeper,
            empty => {
                let state = self.state.ok_or("your home folder is not known")?;
                let opened = Keeper::open(state, self.now).map_err(|error| told(&error))?;
                empty.insert(opened)
            }
        };
        let name = keeper.keep(wish, value).map_err(|error| told(&error))?;
        Ok(name.to_string())
    }
}

/// An error with what caused it. No variant of it holds a byte of a value.
fn told(error: &ccs_vault::Error) -> String {
    use std::error::Error;
    match error {
        ccs_vault::Error::NoSlot { .. } => "the vault opens with a passphrase only".into(),
        _ => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

/// A name that no other secret of the text has.
fn free(wish: &str, secrets: &[Secret]) -> String {
    let is_free = |name: &String| secrets.iter().all(|one| one.name != *name);
    let mut names = (1..).map(|number| keep::numbered(wish, number));
    names.find(is_free).unwrap_or_default()
}

/// A reference that says how it is used.
fn usable(name: &str) -> String {
    let is_variable = ccs_vault::Name::new(name).is_ok_and(|name| name.is_variable());
    let option = if is_variable {
        name.to_owned()
    } else {
        format!("VARIABLE={name}")
    };
    format!("<<secret:{name}, used with: ccs run --env {option} -- COMMAND>>")
}
