//! Redirections: where input comes from and where output goes.

use super::{Eval, Io};
use crate::effect::Tags;
use crate::shell::ast::{Redirect, RedirectKind};
use crate::value::{Labels, Value};

/// Where standard output goes besides the next command.
#[derive(Default)]
pub(super) struct Outputs {
    /// Files, and whether they are added to.
    files: Vec<(String, bool)>,
    /// A network connection.
    socket: Option<String>,
    /// It goes nowhere else.
    taken: bool,
}

impl Eval<'_> {
    /// Applies redirections to `io` and says where the output is to be delivered.
    pub(super) fn redirects(&mut self, redirects: &[Redirect<'_>], io: &mut Io) -> Outputs {
        let mut outputs = Outputs::default();
        for redirect in redirects {
            self.redirect(redirect, io, &mut outputs);
        }
        outputs
    }

    fn redirect(&mut self, redirect: &Redirect<'_>, io: &mut Io, outputs: &mut Outputs) {
        if let RedirectKind::Here { quoted } = redirect.kind {
            let body = self
                .bodies
                .last()
                .and_then(|all| all.get(redirect.body))
                .cloned();
            io.stdin = Some(self.here(&body.unwrap_or_default(), quoted));
            return;
        }
        let target = self.text(&redirect.target);
        if redirect.kind == RedirectKind::HereString {
            let mut text = target;
            text.push_str("\n");
            io.stdin = Some(text);
            return;
        }
        if let Some(host) = self.network(redirect, &target.text) {
            self.connected(redirect, host, io, outputs);
        } else {
            self.file(redirect, &target, io, outputs);
        }
    }

    /// The host, if the target is a network connection.
    fn network(&mut self, redirect: &Redirect<'_>, target: &str) -> Option<String> {
        for prefix in ["/dev/tcp/", "/dev/udp/"] {
            if let Some(rest) = target.strip_prefix(prefix) {
                return Some(rest.replacen('/', ":", 1));
            }
        }
        let duplicates = matches!(redirect.kind, RedirectKind::DupIn | RedirectKind::DupOut);
        let number = target.trim_end_matches('-').parse::<u32>().ok()?;
        (duplicates && self.state.sockets.contains(&number)).then(|| "\0".to_owned())
    }

    fn connected(&mut self, redirect: &Redirect<'_>, host: String, io: &mut Io, out: &mut Outputs) {
        if host != "\0" {
            self.connect(&host, Tags::RAW);
        }
        if let Some(fd) = redirect.fd.filter(|&fd| fd > 2) {
            self.state.sockets.push(fd);
            return;
        }
        if matches!(redirect.kind, RedirectKind::Read | RedirectKind::DupIn) {
            io.stdin = Some(Value::unknown(Labels::REMOTE));
        } else if redirect.fd != Some(2) {
            out.socket = Some(host.clone());
        }
        io.socket = Some(host);
    }

    fn file(&mut self, redirect: &Redirect<'_>, target: &Value, io: &mut Io, out: &mut Outputs) {
        let path = target.text.as_str();
        let number = path.trim_end_matches('-').parse::<u32>().is_ok() || path == "-";
        match redirect.kind {
            RedirectKind::Read => io.stdin = Some(self.read(path)),
            RedirectKind::DupIn => {}
            RedirectKind::DupOut if number => {}
            RedirectKind::ReadWrite if redirect.fd.is_none_or(|fd| fd == 0) => {
                io.stdin = Some(self.read(path));
            }
            kind => {
                let append = kind == RedirectKind::Append;
                if redirect.fd.is_none_or(|fd| fd == 1) {
                    out.files.push((path.to_owned(), append));
                    out.taken = true;
                } else {
                    self.write(path, &Value::unknown(Labels::OUTPUT), append);
                }
            }
        }
    }

    /// Hands the output to files and connections; what is left goes on.
    pub(super) fn deliver(&mut self, value: Value, outputs: Outputs, _io: &Io) -> Value {
        for (path, append) in &outputs.files {
            self.write(path, &value, *append);
        }
        if let Some(host) = &outputs.socket {
            self.send(host, &value, Tags::RAW);
        }
        if outputs.taken || outputs.socket.is_some() {
            Value::default()
        } else {
            value
        }
    }

    /// A command of nothing but redirections, such as `> file`.
    pub(super) fn bare_redirects(&mut self, redirects: &[Redirect<'_>], io: &Io) -> Value {
        match (&io.stdin, redirects) {
            // $(<file)
            (Some(stdin), [only]) if only.kind == RedirectKind::Read => stdin.clone(),
            _ => Value::default(),
        }
    }
}
