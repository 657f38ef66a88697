//! What a token says, as JSON.

use serde::{Deserialize, Serialize};

use super::{AHEAD, Act, Approval, LONGEST, Moment, Refused, Terms, time};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    jti: String,
    iat: String,
    exp: String,
    act: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    generation: u64,
}

pub(super) struct Claims {
    json: Json,
    id: [u8; 16],
    issued: u64,
    expires: u64,
    content: Option<[u8; 32]>,
}

impl Claims {
    /// `None` if the time cannot be written.
    pub(super) fn new(act: &Act<'_>, terms: &Terms<'_>) -> Option<Self> {
        let expires = terms.now.checked_add(terms.seconds)?;
        let json = Json {
            jti: hex(&terms.id),
            iat: time::write(terms.now)?,
            exp: time::write(expires)?,
            act: act.action.to_owned(),
            path: act.path.map(str::to_owned),
            sha256: act.content.map(|content| hex(&content)),
            sid: act.session.map(str::to_owned),
            generation: terms.generation,
        };
        Some(Claims {
            json,
            id: terms.id,
            issued: terms.now,
            expires,
            content: act.content,
        })
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.json).expect("strings and a number have a JSON form")
    }

    pub(super) fn from_json(bytes: &[u8]) -> Option<Self> {
        let json: Json = serde_json::from_slice(bytes).ok()?;
        let content = match &json.sha256 {
            None => None,
            Some(text) => Some(unhex(text)?),
        };
        Some(Claims {
            id: unhex(&json.jti)?,
            issued: time::read(&json.iat)?,
            expires: time::read(&json.exp)?,
            content,
            json,
        })
    }

    pub(super) fn fits_time(&self, at: &Moment<'_>) -> Result<(), Refused> {
        if self.issued > at.now.saturating_add(AHEAD) {
            return Err(Refused::Early);
        }
        if let Some(seconds) = at.now.checked_sub(self.expires) {
            return Err(Refused::Expired { seconds });
        }
        if self.expires - self.issued.min(self.expires) > LONGEST {
            return Err(Refused::Long);
        }
        match self.json.generation.cmp(&at.generation) {
            std::cmp::Ordering::Less => Err(Refused::Revoked),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(Refused::Unknown),
        }
    }

    pub(super) fn fits_act(&self, act: &Act<'_>) -> Result<(), Refused> {
        if self.json.act != act.action {
            return Err(Refused::Action);
        }
        if self.json.path.as_deref() != act.path {
            return Err(Refused::Path);
        }
        if self.content != act.content {
            return Err(Refused::Content);
        }
        if self.json.sid.is_some() && self.json.sid.as_deref() != act.session {
            return Err(Refused::Session);
        }
        Ok(())
    }

    pub(super) fn approval(&self) -> Approval {
        Approval {
            id: self.id,
            issued: self.issued,
            expires: self.expires,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lower case only, so that a value has one spelling.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}
