//! The receivers that speak HTTP.

use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::{Refused, Sink, loki, otlp};
use crate::error::{Error, Result};
use crate::read::Stored;

/// Answers are read up to so many bytes.
const MAX_ANSWER: u64 = 64 << 10;
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a receiver speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Loki's push API.
    Loki,
    /// OpenTelemetry logs in JSON.
    Otlp,
}

impl Protocol {
    const fn path(self) -> &'static str {
        match self {
            Self::Loki => "/loki/api/v1/push",
            Self::Otlp => "/v1/logs",
        }
    }
}

/// A receiver that is reached by HTTP or HTTPS. Redirects are not followed, and proxies only as
/// the environment of the process says.
pub struct Http {
    protocol: Protocol,
    url: String,
    headers: Vec<(String, String)>,
    agent: Agent,
}

impl Http {
    /// Will send to `url`, to which the protocol's usual path is added if it has none, with these
    /// headers, such as `Authorization` or `X-Scope-OrgID`.
    ///
    /// `roots` are the certificates to trust, in PEM; without them those of Mozilla.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if there is no certificate in `roots`.
    pub fn new(
        protocol: Protocol,
        url: &str,
        headers: Vec<(String, String)>,
        roots: Option<&[u8]>,
    ) -> Result<Self> {
        let mut config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("ccs/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = roots {
            let tls = TlsConfig::builder().root_certs(RootCerts::from(certificates(pem)?));
            config = config.tls_config(tls.build());
        }
        Ok(Self {
            protocol,
            url: with_path(url, protocol.path()),
            headers,
            agent: config.build().into(),
        })
    }

    fn post(&self, body: &str) -> std::result::Result<Answer, ureq::Error> {
        let mut request = self.agent.post(&self.url).content_type("application/json");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut response = request.send(body)?;
        let pause = response.headers().get("retry-after");
        let pause = pause.and_then(|value| value.to_str().ok()?.parse().ok());
        let status = response.status().as_u16();
        let limited = response.body_mut().with_config().limit(MAX_ANSWER);
        Ok(Answer {
            status,
            pause: pause.map(Duration::from_secs),
            text: limited.read_to_string().unwrap_or_default(),
        })
    }
}

struct Answer {
    status: u16,
    pause: Option<Duration>,
    text: String,
}

impl Answer {
    /// Only what the receiver says about the entries themselves is final; a wrong address or
    /// password is for people to put right, and nothing is left behind for it.
    fn judge(self, protocol: Protocol) -> std::result::Result<(), Refused> {
        let said = self.text.lines().next().unwrap_or_default();
        let said: String = said.chars().filter(|c| !c.is_control()).take(300).collect();
        let why = format!("HTTP {}: {said}", self.status);
        match (self.status, protocol) {
            (200, Protocol::Otlp) => rejected(&self.text),
            (200..=299, _) => Ok(()),
            (400 | 413 | 422, _) => Err(Refused::Never { why }),
            _ => Err(Refused::Later {
                why,
                pause: self.pause,
            }),
        }
    }
}

/// An OTLP receiver may take a part and say how many it did not.
fn rejected(answer: &str) -> std::result::Result<(), Refused> {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap_or_default();
    let partial = &answer["partialSuccess"];
    let count = &partial["rejectedLogRecords"];
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    if count.unwrap_or(0) == 0 {
        return Ok(());
    }
    let why = partial["errorMessage"].as_str().unwrap_or("rejected");
    Err(Refused::Never { why: why.into() })
}

impl Sink for Http {
    fn send(&mut self, batch: &[Stored]) -> std::result::Result<(), Refused> {
        let body = match self.protocol {
            Protocol::Loki => loki(batch),
            Protocol::Otlp => otlp(batch),
        };
        let answer = self.post(&body.to_string()).map_err(Refused::later)?;
        answer.judge(self.protocol)
    }
}

fn with_path(url: &str, path: &str) -> String {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let bare = url.trim_end_matches('/');
    match url[after_scheme..].trim_end_matches('/').contains('/') {
        true => url.to_owned(),
        false => format!("{bare}{path}"),
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>> {
    let none = |why: String| Error::Corrupt {
        path: "certificates".into(),
        why,
    };
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(one) = item.map_err(|error| none(error.to_string()))? {
            found.push(one);
        }
    }
    if found.is_empty() {
        return Err(none("none in it".into()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_path_gets_the_usual_one() {
        for (url, expected) in [
            ("http://loki:3100", "http://loki:3100/v1/logs"),
            ("http://loki:3100/", "http://loki:3100/v1/logs"),
            ("https://logs/otlp/v1/logs", "https://logs/otlp/v1/logs"),
        ] {
            assert_eq!(with_path(url, Protocol::Otlp.path()), expected);
        }
    }

    #[test]
    fn only_what_is_said_about_the_entries_is_final() {
        let judge = |status, text: &str| {
            let answer = Answer {
                status,
                pause: None,
                text: text.into(),
            };
            answer.judge(Protocol::Otlp)
        };
        let partial =
            |count: &str| format!("{{\"partialSuccess\":{{\"rejectedLogRecords\":{count}}}}}");
        assert_eq!(judge(204, ""), Ok(()));
        assert_eq!(judge(200, &partial("0")), Ok(()));
        for (status, text) in [(400, "too old".to_owned()), (200, partial("\"2\""))] {
            assert!(matches!(judge(status, &text), Err(Refused::Never { .. })));
        }
        for status in [301, 401, 403, 404, 429, 500, 503] {
            assert!(matches!(judge(status, "x"), Err(Refused::Later { .. })));
        }
    }

    #[test]
    fn text_without_a_certificate_is_refused() {
        let refused = Http::new(Protocol::Loki, "https://x", vec![], Some(b"nothing"));
        assert!(matches!(refused.err(), Some(Error::Corrupt { .. })));
    }
}
