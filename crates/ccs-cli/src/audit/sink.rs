//! Receivers, as they are configured.

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};

use anyhow::Context;
use ccs_audit::Stored;
use ccs_audit::ship::{File, Http, Protocol, Refused, Sink, Syslog, syslog};
use ccs_vault::provider::{Limits, SystemRunner};
use ccs_vault::{Error as VaultError, Name, Vault};

use super::config::{Destination, Header, To};
use crate::args::vault::Unlock;
use crate::exit::{Code, Stop};
use crate::places::Places;
use crate::vault;

/// The way to a destination.
pub(crate) fn open(one: &Destination, places: &Places) -> anyhow::Result<Box<dyn Sink + Send>> {
    let named = || format!("destination `{}`", one.name);
    let made: anyhow::Result<Box<dyn Sink + Send>> = match one.to {
        To::File => Ok(Box::new(File::new(&one.path.clone().unwrap_or_default()))),
        To::Syslog => to_syslog(one.address.as_deref().unwrap_or_default()),
        To::Loki => http(Protocol::Loki, one, places),
        To::Otlp => http(Protocol::Otlp, one, places),
    };
    made.with_context(named)
}

fn http(
    protocol: Protocol,
    one: &Destination,
    places: &Places,
) -> anyhow::Result<Box<dyn Sink + Send>> {
    let roots = one.certificates.as_deref().map(|path| {
        std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
    });
    let url = one.url.as_deref().unwrap_or_default();
    let made = Http::new(
        protocol,
        url,
        headers(one, places)?,
        roots.transpose()?.as_deref(),
    )?;
    Ok(Box::new(made))
}

/// The vault is opened only if a value is kept there.
fn headers(one: &Destination, places: &Places) -> anyhow::Result<Vec<(String, String)>> {
    let mut opened: Option<Vault> = None;
    let mut headers = Vec::new();
    for (name, value) in &one.headers {
        let value = match value {
            Header::Plain(text) => text.clone(),
            Header::Vault(from) => {
                if opened.is_none() {
                    opened = Some(vault::open(&Unlock::default(), places)?);
                }
                let entry = Name::new(&from.vault)?;
                let missing = VaultError::NoEntry {
                    name: entry.clone(),
                };
                let vault = opened.as_ref().ok_or(missing)?;
                let secret = vault.fetch(&entry, &SystemRunner, Limits::default())?;
                let text = std::str::from_utf8(secret.expose());
                format!(
                    "{}{}",
                    from.before,
                    text.context("it is not UTF-8")?.trim_end()
                )
            }
        };
        headers.push((name.clone(), value));
    }
    Ok(headers)
}

fn to_syslog(address: &str) -> anyhow::Result<Box<dyn Sink + Send>> {
    let refused = || {
        let what = format!("`{address}` is not tcp:HOST:PORT, udp:HOST:PORT or unix:/PATH");
        Stop::new(Code::Refused, what)
    };
    let (kind, place) = address.split_once(':').ok_or_else(refused)?;
    match kind {
        "tcp" => Ok(Box::new(Syslog::new(place))),
        "udp" => Ok(Box::new(Udp(place.to_owned()))),
        #[cfg(unix)]
        "unix" => Ok(Box::new(Socket(place.into()))),
        _ => Err(refused().into()),
    }
}

fn later(place: &str, error: std::io::Error) -> Refused {
    let why = format!("{place}: {error}");
    Refused::Later { why, pause: None }
}

/// Syslog in datagrams (RFC 5426). Nobody answers, and what the network drops is gone.
struct Udp(String);

impl Udp {
    fn connect(&self) -> std::io::Result<UdpSocket> {
        let address = self.0.to_socket_addrs()?.next();
        let address = address.ok_or_else(|| std::io::Error::other("the name has no address"))?;
        let own = match address {
            SocketAddr::V4(_) => "0.0.0.0:0",
            SocketAddr::V6(_) => "[::]:0",
        };
        let socket = UdpSocket::bind(own)?;
        socket.connect(address)?;
        Ok(socket)
    }
}

impl Sink for Udp {
    fn send(&mut self, batch: &[Stored]) -> Result<(), Refused> {
        let failed = |error| later(&self.0, error);
        let socket = self.connect().map_err(failed)?;
        for stored in batch {
            let message = syslog(stored);
            fits(&message)?;
            socket.send(message.as_bytes()).map_err(failed)?;
        }
        Ok(())
    }
}

/// The longest datagram that IPv4 carries.
const MAX_DATAGRAM: usize = 65_507;

fn fits(message: &str) -> Result<(), Refused> {
    if message.len() <= MAX_DATAGRAM {
        return Ok(());
    }
    let why = format!("{} bytes do not fit a datagram", message.len());
    Err(Refused::Never { why })
}

/// The socket of the machine's own syslog: datagrams, or a stream where it wants one.
#[cfg(unix)]
struct Socket(std::path::PathBuf);

#[cfg(unix)]
impl Socket {
    fn write(&self, messages: &[String]) -> std::io::Result<()> {
        use std::io::Write;
        use std::os::unix::net::{UnixDatagram, UnixStream};
        use std::time::Duration;
        let wait = Some(Duration::from_secs(10));
        let socket = UnixDatagram::unbound()?;
        if socket.connect(&self.0).is_ok() {
            socket.set_write_timeout(wait)?;
            return messages
                .iter()
                .try_for_each(|message| socket.send(message.as_bytes()).map(drop));
        }
        let mut stream = UnixStream::connect(&self.0)?;
        stream.set_write_timeout(wait)?;
        messages.iter().try_for_each(|message| {
            stream.write_all(format!("{} {message}", message.len()).as_bytes())
        })
    }
}

#[cfg(unix)]
impl Sink for Socket {
    fn send(&mut self, batch: &[Stored]) -> Result<(), Refused> {
        let messages: Vec<String> = batch.iter().map(syslog).collect();
        messages.iter().try_for_each(|message| fits(message))?;
        let failed = |error| later(&self.0.display().to_string(), error);
        self.write(&messages).map_err(failed)
    }
}
