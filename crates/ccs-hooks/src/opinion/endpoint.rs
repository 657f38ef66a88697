//! The address of a judge. Hosts on this machine are known by their numbers: no name server is asked
//! whether `localhost` is one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use super::config::Api;

/// Where questions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub(super) way: Way,
    /// What stands in the `Host` line.
    pub(super) host: String,
    pub(super) path: String,
}

/// How it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Without TLS, at addresses of this machine, tried in order.
    Loopback(Vec<SocketAddr>),
    /// A Unix socket.
    Socket(PathBuf),
    /// With TLS; `local` says whether it is on this machine all the same.
    Tls { local: bool },
}

impl Endpoint {
    /// Reads `http://HOST[:PORT][/PATH]` for this machine, `https://…` for any, or
    /// `unix:/SOCKET[:/PATH]`. Without a path it is the one the protocol usually has.
    ///
    /// # Errors
    ///
    /// Why it is none of these.
    pub fn parse(text: &str, api: Api) -> Result<Self, String> {
        let usual = match api {
            Api::OpenAi => "/v1/chat/completions",
            Api::Ollama => "/api/chat",
        };
        if text.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err("an address has no spaces, control or other unusual characters".into());
        }
        if let Some(rest) = text.strip_prefix("unix:") {
            return socket(rest, usual);
        }
        let (tls, rest) = match (text.strip_prefix("http://"), text.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => {
                return Err(format!(
                    "`{text}` begins with neither http://, https:// nor unix:"
                ));
            }
        };
        let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        if authority.is_empty() || authority.contains(['@', '\\']) {
            return Err(format!("`{text}` has no host, or something before it"));
        }
        let addresses = loopback(authority, if tls { 443 } else { 80 })?;
        let way = match (tls, addresses) {
            (true, local) => Way::Tls {
                local: local.is_some(),
            },
            (false, Some(addresses)) => Way::Loopback(addresses),
            (false, None) => return Err(format!("`{text}` is elsewhere and not https")),
        };
        let path = if matches!(path, "" | "/") {
            usual
        } else {
            path
        };
        Ok(Self {
            way,
            host: authority.to_owned(),
            path: path.to_owned(),
        })
    }

    /// Whether what is sent there stays on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        !matches!(self.way, Way::Tls { local: false })
    }

    /// Whether it is asked over TLS.
    pub(super) fn is_tls(&self) -> bool {
        matches!(self.way, Way::Tls { .. })
    }

    /// The path of its requests.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The Unix socket it listens at, if it does.
    #[must_use]
    pub fn socket(&self) -> Option<&std::path::Path> {
        match &self.way {
            Way::Socket(socket) => Some(socket),
            _ => None,
        }
    }

    /// The whole address of its requests; a Unix socket has none.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let scheme = match &self.way {
            Way::Loopback(_) => "http",
            Way::Tls { .. } => "https",
            Way::Socket(_) => return None,
        };
        Some(format!("{scheme}://{}{}", self.host, self.path))
    }
}

fn socket(rest: &str, usual: &str) -> Result<Endpoint, String> {
    let (socket, path) = rest.split_once(":/").map_or_else(
        || (rest, usual.to_owned()),
        |(socket, path)| (socket, format!("/{path}")),
    );
    if !socket.starts_with('/') {
        return Err(format!("`{socket}` is not the absolute path of a socket"));
    }
    Ok(Endpoint {
        way: Way::Socket(socket.into()),
        host: "localhost".into(),
        path,
    })
}

/// The addresses of a host on this machine; `None` for any other.
fn loopback(authority: &str, usual: u16) -> Result<Option<Vec<SocketAddr>>, String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(six) => six.split_once(']').ok_or("a bracket is open")?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => usual,
        Some(port) => port.parse().map_err(|_| format!("`{port}` is no port"))?,
        None => return Err(format!("`{authority}` is no host")),
    };
    let addresses: Vec<IpAddr> = if host.eq_ignore_ascii_case("localhost") {
        vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
    } else {
        let address = host.parse::<IpAddr>().ok();
        address.filter(IpAddr::is_loopback).into_iter().collect()
    };
    let with_port = |address| SocketAddr::new(address, port);
    Ok((!addresses.is_empty()).then(|| addresses.into_iter().map(with_port).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Endpoint, String> {
        Endpoint::parse(text, Api::OpenAi)
    }

    #[test]
    fn this_machine_is_known_by_its_numbers() {
        for (text, count, path) in [
            (
                "http://127.0.0.1:8800/v1/chat/completions",
                1,
                "/v1/chat/completions",
            ),
            ("http://localhost:8800", 2, "/v1/chat/completions"),
            ("http://[::1]:8800/x?y=1", 1, "/x?y=1"),
            ("http://127.9.9.9", 1, "/v1/chat/completions"),
        ] {
            let endpoint = parse(text).expect(text);
            assert!(
                matches!(&endpoint.way, Way::Loopback(all) if all.len() == count),
                "{text}"
            );
            assert_eq!(endpoint.path, path);
            assert!(endpoint.is_local());
        }
    }

    #[test]
    fn what_only_looks_like_this_machine_is_elsewhere() {
        for text in [
            "http://127.0.0.1.example.com/",
            "http://localhost@example.com/",
            "http://127.0.0.1:80@example.com/",
            "http://localhost.example.com/",
            "http://2130706433/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http:///x",
            "http://[::1",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1/a\r\nX: y",
            "ftp://127.0.0.1/",
            "unix:judge.sock",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(
            !parse("https://localhost.example.com/")
                .expect("an address")
                .is_local()
        );
        assert!(
            parse("https://localhost:8443/")
                .expect("an address")
                .is_local()
        );
    }

    #[test]
    fn a_socket_may_have_a_path_behind_it() {
        let plain = Endpoint::parse("unix:/run/judge.sock", Api::Ollama).expect("an address");
        assert_eq!(plain.path, "/api/chat");
        let other = parse("unix:/run/judge.sock:/api/generate").expect("an address");
        assert_eq!(other.socket(), Some("/run/judge.sock".as_ref()));
        assert_eq!(other.path, "/api/generate");
    }
}
