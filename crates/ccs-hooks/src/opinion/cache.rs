//! Answers that were given, so that the same text is not shown twice: one small file each.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::Look;
use super::config::{Api, Config, FOLDER};
use super::prompt;
use crate::{files, hex, time};

/// The folder of the answers, within the judge's.
const ANSWERS: &str = "answers";
/// The most answers that are kept.
pub(super) const MOST: usize = 500;
/// How long an answer holds, in seconds.
pub(super) const LIFE: u64 = 1_800;
/// The longest answer, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// What an answer is kept under: every byte of the text, and all that the answer depends on.
pub(super) struct Key(String);

impl Key {
    pub(super) fn new(config: &Config, text: &str, spans: &[Range<usize>]) -> Self {
        let mut hash = Context::new(&SHA256);
        let mut add = |bytes: &[u8]| {
            hash.update(&(bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        add(b"ccs judge");
        add(&prompt::VERSION.to_be_bytes());
        add(config.endpoint.as_bytes());
        add(match config.api {
            Api::OpenAi => b"openai",
            Api::Ollama => b"ollama",
        });
        add(config.model.as_bytes());
        add(&[u8::from(config.schema)]);
        add(&(config.max_input as u64).to_be_bytes());
        for span in spans {
            add(&[span.start as u64, span.end as u64]
                .map(u64::to_be_bytes)
                .concat());
        }
        add(text.as_bytes());
        let digest = hash.finish();
        Self(hex::text(digest.as_ref()))
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    at: u64,
    look: Look,
}

/// The answers of a state folder.
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    pub(super) fn of(state: &Path) -> Self {
        Self {
            folder: state.join(FOLDER).join(ANSWERS),
        }
    }

    pub(super) fn get(&self, key: &Key, text: &str) -> Option<Look> {
        self.at(key, text, time::now())
    }

    fn at(&self, key: &Key, text: &str, now: u64) -> Option<Look> {
        let path = self.folder.join(&key.0);
        let bytes = files::read_private(&path, MAX_FILE).ok()??;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        let fresh = kept.at <= now && now - kept.at < LIFE;
        (fresh && kept.look.fits(text)).then_some(kept.look)
    }

    /// Keeps an answer. One that is not kept is asked for again.
    pub(super) fn put(&self, key: &Key, look: &Look) {
        let kept = Kept {
            at: time::now(),
            look: look.clone(),
        };
        let _ = files::make_private_folder(&self.folder);
        if let Ok(text) = serde_json::to_vec(&kept)
            && files::replace(&self.folder.join(&key.0), &text).is_ok()
        {
            self.tidy();
        }
    }

    /// Removes the oldest where there are too many. Several processes may do so at once.
    fn tidy(&self) {
        let mut files = self.files();
        if files.len() <= MOST {
            return;
        }
        files.sort();
        let over = files.len() - MOST;
        for (_, path) in &files[..over] {
            let _ = fs::remove_file(path);
        }
    }

    fn files(&self) -> Vec<(SystemTime, PathBuf)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let dated =
            |entry: fs::DirEntry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()));
        entries.filter_map(dated).collect()
    }

    pub(super) fn count(&self) -> usize {
        self.files().len()
    }

    pub(super) fn clear(&self) -> std::io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::new("http://localhost/", Api::OpenAi, "m")
    }

    fn look() -> Look {
        Look {
            complete: true,
            attacks: vec![(0, 3)],
            suspicious: Vec::new(),
        }
    }

    #[test]
    fn every_byte_and_every_choice_is_part_of_the_key() {
        let text = "a".repeat(9_000);
        let key =
            |config: &Config, text: &str, spans: &[Range<usize>]| Key::new(config, text, spans).0;
        let known = key(&config(), &text, &[]);
        let mut other = text.clone();
        other.replace_range(8_999..9_000, "b");
        let mut model = config();
        model.model = "n".into();
        let mut endpoint = config();
        endpoint.endpoint = "http://localhost:1/".into();
        for changed in [
            key(&config(), &other, &[]),
            key(&model, &text, &[]),
            key(&endpoint, &text, &[]),
            key(&config(), &text, std::slice::from_ref(&(1..2))),
        ] {
            assert_ne!(known, changed);
        }
        assert_eq!(known, key(&config(), &text, &[]));
    }

    #[test]
    fn an_answer_is_kept_for_half_an_hour() {
        let state = tempfile::tempdir().expect("a folder");
        let cache = Cache::of(state.path());
        let key = Key::new(&config(), "text", &[]);
        let now = time::now();
        cache.put(&key, &look());

        assert_eq!(cache.at(&key, "text", now + LIFE / 2), Some(look()));
        assert_eq!(cache.at(&key, "text", now + 2 * LIFE), None);
        assert_eq!(cache.at(&key, "text", now - 60), None, "from the future");
    }

    #[test]
    fn an_answer_that_does_not_fit_the_text_is_none() {
        let state = tempfile::tempdir().expect("a folder");
        let cache = Cache::of(state.path());
        let key = Key::new(&config(), "é", &[]);
        cache.put(&key, &look());
        assert_eq!(cache.get(&key, "é"), None);
        fs::write(cache.folder.join(&key.0), "{}").expect("written");
        assert_eq!(cache.get(&key, "text"), None);
    }

    #[test]
    fn no_more_than_five_hundred_are_kept_and_the_newest_is_among_them() {
        let state = tempfile::tempdir().expect("a folder");
        let cache = Cache::of(state.path());
        files::make_private_folder(&cache.folder).expect("a folder");
        for number in 0..MOST + 40 {
            let path = cache.folder.join(format!("{number:064}"));
            fs::write(&path, "{}").expect("written");
            let old = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64);
            let file = fs::File::options().write(true).open(&path).expect("a file");
            file.set_modified(old).expect("dated");
        }
        let key = Key::new(&config(), "text", &[]);
        cache.put(&key, &look());
        assert_eq!(cache.count(), MOST);
        assert_eq!(cache.get(&key, "text"), Some(look()));
        cache.clear().expect("cleared");
        cache.clear().expect("nothing to clear");
        assert_eq!(cache.count(), 0);
    }
}
