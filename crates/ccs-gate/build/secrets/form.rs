//! The little language in which a rule file says what a secret looks like.
//!
//! `'ghp_' alnum{36}` is a literal and a run; `('a' | 'b')` alternatives; `(…)?` may be missing;
//! `<…>` marks the secret itself where a form also names its surroundings. Alternatives are
//! multiplied out here, so that what is left to the scanner is a plain list of literals and runs.

/// One step of a form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    Run {
        set: u128,
        min: u16,
        max: u16,
    },
    /// `<` and `>`.
    Open,
    Close,
}

/// A form without alternatives. The secret is `parts[secret.0..secret.1]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flat {
    pub(crate) parts: Vec<Part>,
    pub(crate) secret: (usize, usize),
}

/// The longest run a form may ask for, in bytes.
const LONGEST: u16 = 2048;

/// Reads a form. The error names what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Vec<Flat>, String> {
    let mut reader = Reader {
        rest: text.trim_start(),
    };
    let all = reader.alternatives()?;
    if !reader.rest.is_empty() {
        return Err(format!("`{}` was not expected", reader.rest));
    }
    Ok(all.into_iter().map(flat).collect())
}

/// Joins neighbouring literals and resolves the mark.
fn flat(parts: Vec<Part>) -> Flat {
    let mut joined: Vec<Part> = Vec::new();
    let (mut open, mut close) = (0, None);
    for part in parts {
        let len = joined.len();
        match (part, joined.last_mut()) {
            (Part::Open, _) => open = len,
            (Part::Close, _) => close = Some(len),
            (Part::Text(text), Some(Part::Text(before))) if open != len && close != Some(len) => {
                before.push_str(&text);
            }
            (part, _) => joined.push(part),
        }
    }
    let secret = (open, close.unwrap_or(joined.len()));
    Flat {
        parts: joined,
        secret,
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn alternatives(&mut self) -> Result<Vec<Vec<Part>>, String> {
        let mut all = self.sequence()?;
        while self.take('|') {
            all.extend(self.sequence()?);
        }
        Ok(all)
    }

    fn sequence(&mut self) -> Result<Vec<Vec<Part>>, String> {
        let mut all = vec![Vec::new()];
        while let Some(next) = self.rest.chars().next() {
            if next == '|' || next == ')' {
                break;
            }
            let items = self.item()?;
            let product = all
                .iter()
                .flat_map(|head| items.iter().map(move |item| [&head[..], item].concat()));
            all = product.collect();
        }
        Ok(all)
    }

    fn item(&mut self) -> Result<Vec<Vec<Part>>, String> {
        if self.take('(') {
            let mut inner = self.alternatives()?;
            if !self.take(')') {
                return Err("`)` is missing".to_owned());
            }
            if self.take('?') {
                inner.push(Vec::new());
            }
            return Ok(inner);
        }
        if self.take('<') {
            return Ok(vec![vec![Part::Open]]);
        }
        if self.take('>') {
            return Ok(vec![vec![Part::Close]]);
        }
        if let Some(rest) = self.rest.strip_prefix('\'') {
            self.rest = rest;
            return Ok(vec![vec![Part::Text(self.until('\'')?)]]);
        }
        self.run()
    }

    fn run(&mut self) -> Result<Vec<Vec<Part>>, String> {
        let set = if let Some(rest) = self.rest.strip_prefix('[') {
            self.rest = rest;
            set(&self.until(']')?)
        } else {
            let end = self
                .rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(self.rest.len());
            let name = self.rest[..end].to_owned();
            self.skip(end);
            if name == "uuid" {
                return Ok(vec![uuid()]);
            }
            named(&name).ok_or_else(|| format!("no such set: `{name}`"))?
        };
        let (min, max) = self.count()?;
        Ok(vec![vec![Part::Run { set, min, max }]])
    }

    /// `{n}`, `{n,m}`, `{n,}`, `?` or nothing, which is one.
    fn count(&mut self) -> Result<(u16, u16), String> {
        if self.take('?') {
            return Ok((0, 1));
        }
        if !self.take('{') {
            return Ok((1, 1));
        }
        let text = self.until('}')?;
        let number = |text: &str| text.parse::<u16>().map_err(|e| format!("`{text}`: {e}"));
        match text.split_once(',') {
            None => number(&text).map(|n| (n, n)),
            Some((min, "")) => Ok((number(min)?, LONGEST)),
            Some((min, max)) => Ok((number(min)?, number(max)?.min(LONGEST))),
        }
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.rest.starts_with(c);
        if found {
            self.skip(1);
        }
        found
    }

    fn until(&mut self, c: char) -> Result<String, String> {
        let end = self
            .rest
            .find(c)
            .ok_or_else(|| format!("`{c}` is missing"))?;
        let text = self.rest[..end].to_owned();
        self.skip(end + 1);
        Ok(text)
    }

    /// Goes on, over spaces too.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest[bytes..].trim_start();
    }
}

fn uuid() -> Vec<Part> {
    let hex = named("hex").expect("hex is a set");
    let run = |n| Part::Run {
        set: hex,
        min: n,
        max: n,
    };
    let dash = || Part::Text("-".to_owned());
    vec![
        run(8),
        dash(),
        run(4),
        dash(),
        run(4),
        dash(),
        run(4),
        dash(),
        run(12),
    ]
}

/// The sets that have a name.
fn named(name: &str) -> Option<u128> {
    Some(set(match name {
        "digit" => "0-9",
        "lower" => "a-z",
        "upper" => "A-Z",
        "alpha" => "a-zA-Z",
        "alnum" => "a-zA-Z0-9",
        "lnum" => "a-z0-9",
        "unum" => "A-Z0-9",
        "hex" => "0-9a-fA-F",
        "lhex" => "0-9a-f",
        "base32" => "A-Z2-7",
        "base58" => "1-9A-HJ-NP-Za-km-z",
        "word" => "a-zA-Z0-9_",
        "url64" => "a-zA-Z0-9_-",
        "base64" => "a-zA-Z0-9+/",
        "dotted" => "a-zA-Z0-9_.-",
        _ => return None,
    }))
}

/// `a-z0-9_-`: ranges and single characters; a dash at the end is itself.
fn set(text: &str) -> u128 {
    let bytes = text.as_bytes();
    let (mut mask, mut at) = (0_u128, 0);
    while at < bytes.len() {
        let range = bytes.get(at + 1) == Some(&b'-') && at + 2 < bytes.len();
        let last = if range { bytes[at + 2] } else { bytes[at] };
        for byte in bytes[at]..=last {
            mask |= 1 << byte;
        }
        at += if range { 3 } else { 1 };
    }
    mask
}
