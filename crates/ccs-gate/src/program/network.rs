//! Programs that connect: raw sockets, file transfer, name lookup.

use super::args::Args;
use super::{Command, Model, generic, http};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "curl" | "curlie" => http::curl,
        "wget" | "wget2" => http::wget,
        "http" | "https" | "xh" | "xhs" => http::httpie,
        "nc" | "ncat" | "netcat" | "nc.openbsd" | "nc.traditional" | "pwncat" | "cryptcat"
        | "rcat" => netcat,
        "socat" | "socat1" => socat,
        "gh" | "glab" => forge,
        "telnet" | "ztcp" => telnet,
        "dig" | "nslookup" | "host" | "drill" | "kdig" | "resolvectl" | "getent" | "ping"
        | "ping6" => lookup,
        "ftp" | "tftp" | "lftp" | "ncftp" | "ncftpput" | "smbclient" | "aria2c" | "axel"
        | "lwp-download" | "lwp-request" | "lynx" | "links" | "elinks" | "w3m" | "fetch"
        | "ftpput" | "rclone" | "croc" | "wormhole" | "magic-wormhole" | "transfer" | "gist"
        | "pastebinit" | "mail" | "mailx" | "sendmail" | "mutt" | "s-nail" | "swaks" | "hping3"
        | "rdate" => transfer,
        _ => return None,
    })
}

fn netcat(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let takes = [
        "-e",
        "-c",
        "-p",
        "-w",
        "-s",
        "-i",
        "-q",
        "-x",
        "-X",
        "-g",
        "-G",
        "-T",
        "-I",
        "-O",
        "-o",
        "--exec",
        "--sh-exec",
        "--lua-exec",
        "--proxy",
        "--source-port",
        "--wait",
        "--idle-timeout",
        "--output",
    ];
    let args = Args::read(command.args(), &takes);
    let words: Vec<&str> = args.texts().collect();
    if args.has(&["z", "h", "--help"]) {
        return Value::unknown(Labels::OUTPUT);
    }
    let listens = args.has(&["l", "--listen"]);
    let runs = args
        .value(&["e", "c", "--exec", "--sh-exec", "--lua-exec"])
        .is_some()
        || words.get(2).is_some_and(|word| super::is_shell(word)); // as toybox takes it
    let host = if listens {
        ""
    } else {
        words.first().copied().unwrap_or("")
    };
    if runs {
        eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, host);
    }
    if listens {
        eval.effect(Kinds::LISTEN, Places::NONE, tags_of_input(io), "");
    }
    exchange(eval, host, io)
}

fn tags_of_input(io: &Io) -> Tags {
    io.stdin
        .as_ref()
        .map_or(Tags::NONE, |stdin| crate::eval::act::tags_of(stdin.labels))
}

/// Sends standard input to a host and gives what comes back.
fn exchange(eval: &mut Eval<'_>, host: &str, io: &Io) -> Value {
    match io.stdin.as_ref().filter(|stdin| !stdin.text.is_empty()) {
        Some(stdin) => {
            if stdin.labels.has(Labels::SHELL) {
                eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, host);
            }
            eval.send(host, stdin, Tags::RAW);
        }
        None => {
            eval.connect(host, Tags::NONE);
        }
    }
    let local = crate::net::Target::of(host).places().has(Places::LOOPBACK);
    Value::unknown(if local {
        Labels::OUTPUT
    } else {
        Labels::REMOTE
    })
}

pub(super) fn openssl_client(eval: &mut Eval<'_>, _: &Command<'_>, target: &str, io: &Io) -> Value {
    exchange(eval, target, io)
}

fn telnet(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &["-l", "-e", "-n", "-b", "-X"]);
    let host = args.texts().next().unwrap_or("");
    if command.name == "ztcp" {
        eval.state.sockets.push(0);
        eval.state.assign("REPLY", Value::known("0"));
        eval.effect(
            Kinds::CONNECT,
            crate::net::Target::of(host).places(),
            Tags::RAW,
            host,
        );
        return Value::default();
    }
    exchange(eval, host, io)
}

/// `socat ADDRESS ADDRESS`.
fn socat(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &["-b", "-t", "-T", "-l", "-L", "-W", "-x"]);
    let addresses: Vec<&str> = args.texts().collect();
    let peer = addresses.iter().find(|address| is_remote(address));
    let peer = peer.map(|address| rest(address));
    for address in &addresses {
        match kind(address).as_str() {
            "exec" | "system" | "shell" if peer.is_some() => {
                eval.effect(Kinds::SHELL, Places::NONE, Tags::NONE, peer.unwrap_or(""));
            }
            "exec" | "system" | "shell" => {
                eval.subshell(|eval| eval.run_text(first(rest(address)), &Io::default()));
            }
            "file" | "open" | "gopen" | "create" => {
                let value = eval.read(first(rest(address)));
                if let Some(host) = peer {
                    eval.send(host, &value, Tags::RAW);
                }
            }
            kind if kind.contains("listen") => {
                eval.effect(Kinds::LISTEN, Places::NONE, Tags::NONE, address);
            }
            _ => {}
        }
    }
    match peer {
        Some(host) => exchange(eval, host, io),
        None => Value::unknown(Labels::OUTPUT),
    }
}

/// The type of a socat address, in lower case.
fn kind(address: &str) -> String {
    address
        .split([':', ','])
        .next()
        .unwrap_or("")
        .to_lowercase()
}

/// What stands behind the type, options included.
fn rest(address: &str) -> &str {
    address.split_once(':').map_or("", |(_, rest)| rest)
}

/// Without the options behind commas.
fn first(text: &str) -> &str {
    text.split(',').next().unwrap_or("")
}

fn is_remote(address: &str) -> bool {
    const NETWORKS: [&str; 8] = [
        "tcp", "udp", "ssl", "openssl", "sctp", "socks", "proxy", "vsock",
    ];
    let kind = kind(address);
    NETWORKS.iter().any(|network| kind.starts_with(network))
}

/// Names that are looked up can carry data.
fn lookup(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let labels = command
        .args()
        .iter()
        .fold(Labels::NONE, |all, value| all.and(value.labels));
    let secret = Labels::SECRET.and(Labels::ENVIRONMENT);
    let found = Labels::FILE.and(Labels::OUTPUT);
    if labels.has(secret) || (labels.has(found) && command.texts().any(is_carrier)) {
        let value = Value::unknown(labels);
        let what = command
            .texts()
            .find(|word| word.contains('\0'))
            .unwrap_or("");
        eval.send(what, &value, Tags::LOOKUP);
    }
    for file in Args::read(command.args(), &["-p", "-t", "-c"]).values(&["f"]) {
        eval.read(file);
    }
    let _ = io;
    Value::unknown(Labels::OUTPUT)
}

/// Whether data stands in front of somebody's domain: `$(hostname).evil.example`.
fn is_carrier(word: &str) -> bool {
    let domain = word.rsplit('\0').next().unwrap_or("");
    word.contains('\0')
        && !word.starts_with(['+', '-', '/'])
        && domain.starts_with('.')
        && !crate::net::Target::of(domain.trim_start_matches('.'))
            .places()
            .has(Places::PRIVATE_NETWORK)
}

/// What is published or stored by way of a code forge's own client.
fn forge(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let words: Vec<&str> = command
        .texts()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let publishes = matches!(
        words.as_slice(),
        ["gist" | "snippet", "create" | "edit", ..]
            | ["release", "upload" | "create", ..]
            | ["secret" | "variable", "set", ..]
            | ["ssh-key" | "gpg-key" | "deploy-key", "add", ..]
            | ["repo", "deploy-key", "add", ..]
    );
    if !publishes {
        return generic::run(eval, command, io);
    }
    let mut labels = io.stdin.as_ref().map_or(Labels::NONE, |stdin| stdin.labels);
    for word in words
        .iter()
        .skip(2)
        .filter(|word| !word.contains(char::is_whitespace))
    {
        labels = labels.and(eval.read(word).labels);
    }
    eval.send("https://github.com", &Value::unknown(labels), Tags::NONE);
    Value::unknown(Labels::OUTPUT)
}

/// Programs that send the files they are given, or what is on standard input.
fn transfer(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let mut labels = io.stdin.as_ref().map_or(Labels::NONE, |stdin| stdin.labels);
    let read = generic::run(eval, command, io);
    labels = labels.and(read.labels.without(Labels::OUTPUT));
    for url in http::url_words(command) {
        if !url.starts_with("file:") {
            eval.fetch(url, Tags::NONE);
        }
    }
    let host = http::url_words(command).next().or_else(|| {
        command
            .texts()
            .find(|word| !word.starts_with('-') && word.contains('.'))
    });
    if labels.has(Labels::SECRET.and(Labels::ENVIRONMENT)) {
        eval.send(host.unwrap_or(""), &Value::unknown(labels), Tags::NONE);
    }
    let got = if http::url_words(command).next().is_some() {
        Labels::REMOTE
    } else {
        Labels::OUTPUT
    };
    Value::unknown(got.and(labels))
}
