//! A witness at work: on the loopback or at a Unix socket, for whoever shows it checkpoints of the
//! logs it knows. Other machines reach it through a tunnel or a proxy that brings TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use ccs_audit::note::Signer;
use ccs_audit::witness::{Refusal, Request, Witness};
use ccs_audit::{Checkpoint, Hash};

use super::http::{self, Reply};
use super::{ADD, LATEST};
use crate::exit::{Code, Stop};

/// How long a caller may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Callers at once.
const MAX_CALLERS: usize = 32;

/// What answers.
pub(crate) struct Server {
    pub(crate) witness: Witness,
    /// Signs what is shown again, as it signed it before.
    pub(crate) signer: Signer,
    /// What happened, for whoever looks on.
    pub(crate) news: Sender<String>,
}

impl Server {
    /// Answers one request.
    fn answer(&self, request: &http::Request) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", ADD) => self.add(&request.body),
            ("GET", path) => match path.strip_prefix(LATEST) {
                Some(hash) => self.latest(hash),
                None => Reply::text(404, "there is nothing here\n"),
            },
            (_, ADD) => Reply::text(405, "POST a checkpoint\n"),
            _ => Reply::text(404, "there is nothing here\n"),
        }
    }

    fn add(&self, body: &str) -> Reply {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(refusal) => return refused(&refusal),
        };
        let said = Checkpoint::parse(&request.checkpoint.text);
        let name = said.map_or_else(
            |_| "no checkpoint".to_owned(),
            |point| format!("`{}` over {} entries", point.origin, point.size),
        );
        match self.witness.add(&request) {
            Ok(line) => {
                self.tell(format!("cosigned {name}"));
                Reply::text(200, line)
            }
            Err(refusal) => {
                self.tell(format!("refused {name}: {refusal}"));
                refused(&refusal)
            }
        }
    }

    /// The last checkpoint of a log, with our signature on it, so that it shows who has seen it.
    fn latest(&self, hash: &str) -> Reply {
        let remembered = match self.witness.remembered() {
            Ok(remembered) => remembered,
            Err(error) => return Reply::text(500, format!("{error}\n")),
        };
        let wanted = |text: &str| {
            let origin = Checkpoint::parse(text).map(|point| point.origin);
            origin.is_ok_and(|origin| Hash::of(origin.as_bytes()).to_string() == hash)
        };
        match remembered.into_iter().find(|note| wanted(&note.text)) {
            Some(mut note) => {
                note.signatures.push(self.signer.sign(&note.text));
                Reply::text(200, note.to_string())
            }
            None => Reply::text(404, "nothing was seen of that log\n"),
        }
    }

    fn tell(&self, text: String) {
        let _ = self.news.send(text); // nobody may be looking any more
    }
}

/// As tlog-witness says: a conflict names the size that is known.
fn refused(refusal: &Refusal) -> Reply {
    let size = match refusal {
        Refusal::Conflict { known } => Some(*known),
        Refusal::Forked { size } => Some(*size),
        _ => None,
    };
    match size {
        Some(size) => Reply {
            status: refusal.status(),
            kind: "text/x.tlog.size",
            body: format!("{size}\n"),
        },
        None => Reply::text(refusal.status(), format!("{refusal}\n")),
    }
}

/// A place on this machine.
pub(crate) enum Place {
    Tcp(TcpListener),
    #[cfg(unix)]
    Socket(std::os::unix::net::UnixListener),
}

impl Place {
    /// Listens at an address of the loopback.
    pub(crate) fn tcp(address: &str) -> anyhow::Result<Self> {
        let parsed: Option<SocketAddr> = address.parse().ok();
        if !parsed.is_some_and(|address| address.ip().is_loopback()) {
            let what = format!("`{address}` is not an address of the loopback with a port");
            let next = "127.0.0.1:7791; other machines come through a tunnel or a proxy with TLS";
            return Err(Stop::new(Code::Usage, what).next(next).into());
        }
        let listener = TcpListener::bind(address).with_context(|| address.to_owned())?;
        Ok(Place::Tcp(listener))
    }

    /// Listens at a Unix socket for this user alone.
    #[cfg(unix)]
    pub(crate) fn socket(path: &Path) -> anyhow::Result<Self> {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt};
        use std::os::unix::net::{UnixListener, UnixStream};
        let failed = || path.display().to_string();
        let left_behind = std::fs::symlink_metadata(path)
            .is_ok_and(|meta| meta.file_type().is_socket() && UnixStream::connect(path).is_err());
        if left_behind {
            std::fs::remove_file(path).with_context(failed)?;
        }
        let listener = UnixListener::bind(path).with_context(failed)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .with_context(failed)?;
        Ok(Place::Socket(listener))
    }

    #[cfg(not(unix))]
    pub(crate) fn socket(_: &Path) -> anyhow::Result<Self> {
        Err(Stop::new(Code::Usage, "there are no Unix sockets here")
            .next("--listen")
            .into())
    }

    /// Its address, as `--to` takes it.
    pub(crate) fn url(&self) -> String {
        match self {
            Place::Tcp(listener) => listener.local_addr().map_or_else(
                |error| error.to_string(),
                |address| format!("http://{address}"),
            ),
            #[cfg(unix)]
            Place::Socket(listener) => {
                let address = listener.local_addr().ok();
                let path = address.as_ref().and_then(|address| address.as_pathname());
                format!("unix:{}", path.unwrap_or(Path::new("?")).display())
            }
        }
    }

    /// Answers for ever. A caller that fails is not our failure.
    pub(crate) fn serve(self, server: Server) {
        let server = Arc::new(server);
        let callers = Arc::new(AtomicUsize::new(0));
        match self {
            Place::Tcp(listener) => {
                for stream in listener.incoming().flatten() {
                    if prepared(&stream).is_ok() {
                        attend(&server, &callers, stream);
                    }
                }
            }
            #[cfg(unix)]
            Place::Socket(listener) => {
                for stream in listener.incoming().flatten() {
                    let timeouts = stream
                        .set_read_timeout(Some(TIMEOUT))
                        .and_then(|()| stream.set_write_timeout(Some(TIMEOUT)));
                    if timeouts.is_ok() {
                        attend(&server, &callers, stream);
                    }
                }
            }
        }
    }
}

fn prepared(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))
}

/// Answers one caller in a thread of its own.
fn attend<S>(server: &Arc<Server>, callers: &Arc<AtomicUsize>, mut stream: S)
where
    S: Write + Send + 'static,
    for<'s> &'s S: Read,
{
    if callers.fetch_add(1, Ordering::SeqCst) >= MAX_CALLERS {
        callers.fetch_sub(1, Ordering::SeqCst);
        let _ = Reply::text(503, "too many callers\n").write(&mut stream);
        return;
    }
    let (server, callers) = (Arc::clone(server), Arc::clone(callers));
    thread::spawn(move || {
        let reply =
            http::read(&stream).map_or_else(|reply| reply, |request| server.answer(&request));
        let _ = reply.write(&mut stream); // a caller that is gone
        callers.fetch_sub(1, Ordering::SeqCst);
    });
}
