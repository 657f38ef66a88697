//! Programs that run a command elsewhere, or copy files there.

use super::args::{Args, first_word};
use super::{Command, Model, generic, git};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::value::{HOLE, Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "ssh" | "autossh" | "mosh" | "dbclient" | "plink" | "rsh" | "sshpass" => ssh,
        "scp" | "sftp" | "pscp" => scp,
        "rsync" => rsync,
        "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose" | "lima"
        | "colima" => docker,
        "kubectl" | "oc" | "k" | "k3s" | "microk8s" => kubectl,
        "lxc" | "incus" | "lxc-attach" | "machinectl" | "vagrant" | "multipass" | "distrobox"
        | "toolbox" | "wsl" | "flatpak-spawn" | "adb" => inside,
        "git" => git::run,
        "uv" | "poetry" | "pipenv" | "pdm" | "rye" | "hatch" | "bundle" | "mise" | "asdf"
        | "direnv" | "conda" | "mamba" | "micromamba" | "nix-shell" | "nix" | "pixi" | "volta"
        | "fnm" | "corepack" | "dotenv" | "cross-env" | "env-cmd" | "infisical" | "doppler"
        | "op" | "aws-vault" | "chamber" | "tsx" | "npm" | "pnpm" | "yarn" | "rbenv" | "pyenv" => {
            run_with
        }
        "tmux" | "screen" => multiplexer,
        "at" | "batch" => later,
        _ => return None,
    })
}

const SSH: &[&str] = &[
    "-B", "-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p",
    "-P", "-Q", "-R", "-S", "-W", "-w",
];

fn ssh(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    if command.name == "sshpass" {
        let at = first_word(command.args(), &["-p", "-f", "-d", "-P"]);
        return eval.program_or(&command.args()[at..], io);
    }
    let at = first_word(command.args(), SSH);
    let (options, words) = command.args().split_at(at);
    let read = Args::read(options, SSH);
    for option in read.values(&["o"]) {
        let (name, text) = option.split_once(['=', ' ']).unwrap_or((option, ""));
        if matches!(
            name.to_lowercase().as_str(),
            "proxycommand" | "localcommand" | "knownhostscommand"
        ) && text != "none"
        {
            eval.subshell(|eval| eval.run_text(text, &Io::default()));
        }
    }
    let Some((host, rest)) = words.split_first() else {
        return Value::unknown(Labels::OUTPUT);
    };
    // options may follow the host
    let rest = &rest[first_word(rest, SSH)..];
    if read.value(&["R"]).is_some() {
        eval.effect(Kinds::LISTEN, Places::INTERNET, Tags::RAW, &host.text);
    }
    if let Some(stdin) = io
        .stdin
        .as_ref()
        .filter(|stdin| stdin.labels.has(Labels::SECRET.and(Labels::ENVIRONMENT)))
    {
        eval.send(&host.text, stdin, Tags::NONE);
    }
    let text: Vec<&str> = rest.iter().map(|value| value.text.as_str()).collect();
    elsewhere(eval, Tags::REMOTE, |eval| match text.is_empty() {
        true => io.stdin.as_ref().map_or_else(
            || Value::unknown(Labels::OUTPUT),
            |stdin| eval.code(stdin, &Io::default()),
        ),
        false => eval.run_text(&text.join(" "), io),
    });
    Value::unknown(Labels::OUTPUT)
}

/// Runs something on another machine or in a container, where nothing of this one is known.
fn elsewhere(eval: &mut Eval<'_>, tags: Tags, run: impl FnOnce(&mut Eval<'_>) -> Value) -> Value {
    eval.subshell(|eval| {
        eval.state.cwd = HOLE.to_string();
        eval.within(tags, run)
    })
}

fn is_remote(word: &str) -> bool {
    let colon = word.find(':');
    colon.is_some_and(|at| at > 1 && !word[..at].contains('/'))
        || word.starts_with("rsync://")
        || word.starts_with("sftp://")
}

fn scp(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(
        command.args(),
        &[
            "-c", "-D", "-F", "-i", "-J", "-l", "-o", "-P", "-S", "-X", "-b", "-B", "-R",
        ],
    );
    if let Some(text) = args.value(&["S"]) {
        eval.subshell(|eval| eval.run_text(text, &Io::default()));
    }
    if command.name == "sftp"
        && let (Some(host), Some(stdin)) = (args.texts().next(), &io.stdin)
    {
        uploads(eval, host, &stdin.text);
    }
    transferred(eval, &args, args.has(&["r"]), io)
}

/// The files that commands of `sftp` send.
fn uploads(eval: &mut Eval<'_>, host: &str, commands: &str) {
    for line in commands.lines() {
        let mut words = line.split_whitespace();
        if let (Some("put" | "mput" | "reput"), Some(file)) = (words.next(), words.next()) {
            let value = eval.read(file);
            eval.send(host, &value, Tags::NONE);
        }
    }
}

/// Files copied to the last word, from this machine or to it.
fn transferred(eval: &mut Eval<'_>, args: &Args<'_>, tree: bool, io: &Io) -> Value {
    let Some((to, from)) = args.words.split_last() else {
        return Value::default();
    };
    let mut value = Value::unknown(Labels::NONE);
    for source in from {
        if is_remote(&source.text) {
            value = value.labelled(Labels::REMOTE);
        } else {
            let read = eval
                .content(&source.text, io)
                .unwrap_or_else(|| eval.read_as(&source.text, Tags::TREE.when(tree)));
            value = value.labelled(read.labels);
        }
    }
    if is_remote(&to.text) {
        eval.send(&to.text, &value, Tags::NONE);
    } else if !from.is_empty() {
        eval.write(&to.text, &value, false);
    }
    Value::default()
}

fn rsync(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let takes = [
        "-e",
        "-f",
        "-B",
        "-T",
        "-M",
        "--rsh",
        "--filter",
        "--exclude",
        "--include",
        "--exclude-from",
        "--include-from",
        "--files-from",
        "--rsync-path",
        "--log-file",
        "--port",
        "--password-file",
        "--backup-dir",
        "--suffix",
        "--chmod",
        "--chown",
        "--compare-dest",
        "--link-dest",
        "--bwlimit",
        "--timeout",
        "--max-size",
        "--min-size",
    ];
    let args = Args::read(command.args(), &takes);
    if let Some(text) = args.value(&["e", "--rsh"]) {
        let line = format!("{text} host true");
        eval.subshell(|eval| eval.run_text(&line, &Io::default()));
    }
    let dry = args.has(&["n", "--dry-run", "--list-only"]);
    let deletes = [
        "--delete",
        "--del",
        "--delete-before",
        "--delete-after",
        "--delete-during",
        "--delete-excluded",
        "--delete-delay",
    ];
    if let Some(to) = args.words.last().filter(|_| {
        !dry && args.words.len() > 1 && deletes.iter().any(|option| command.has(option))
    }) {
        if is_remote(&to.text) {
            let what = to.text.clone();
            eval.effect(
                Kinds::DELETE,
                Places::OUTSIDE,
                Tags::TREE.and(Tags::REMOTE),
                &what,
            );
        } else {
            let folder = format!("{}/*", to.text.trim_end_matches('/'));
            eval.delete(&folder, Tags::TREE.and(Tags::FORCE));
        }
    }
    if args.has(&["--remove-source-files"]) && !dry {
        for source in args.words.iter().rev().skip(1) {
            eval.delete(&source.text, Tags::TREE.and(Tags::MOVE));
        }
    }
    if dry {
        Value::unknown(Labels::OUTPUT)
    } else {
        transferred(eval, &args, true, io)
    }
}

const DOCKER: &[&str] = &[
    "-a",
    "-c",
    "-e",
    "-f",
    "-h",
    "-H",
    "-l",
    "-m",
    "-p",
    "-u",
    "-v",
    "-w",
    "--add-host",
    "--annotation",
    "--attach",
    "--blkio-weight",
    "--cap-add",
    "--cap-drop",
    "--cgroup-parent",
    "--cidfile",
    "--config",
    "--context",
    "--cpus",
    "--cpuset-cpus",
    "--device",
    "--dns",
    "--entrypoint",
    "--env",
    "--env-file",
    "--expose",
    "--file",
    "--gpus",
    "--group-add",
    "--health-cmd",
    "--host",
    "--hostname",
    "--index",
    "--ip",
    "--ipc",
    "--label",
    "--link",
    "--log-driver",
    "--log-level",
    "--log-opt",
    "--mac-address",
    "--memory",
    "--mount",
    "--name",
    "--net",
    "--network",
    "--network-alias",
    "--pid",
    "--platform",
    "--profile",
    "--project-directory",
    "--project-name",
    "--publish",
    "--pull",
    "--restart",
    "--runtime",
    "--security-opt",
    "--shm-size",
    "--stop-signal",
    "--tmpfs",
    "--ulimit",
    "--user",
    "--userns",
    "--uts",
    "--volume",
    "--volumes-from",
    "--workdir",
    "--detach-keys",
];

/// `docker exec C cmd`, `docker run IMAGE cmd`, the same below `compose` and `container`.
fn docker(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let mut at = first_word(args, DOCKER);
    while args
        .get(at)
        .is_some_and(|word| matches!(word.text.as_str(), "compose" | "container"))
    {
        at += 1 + first_word(&args[(at + 1).min(args.len())..], DOCKER);
    }
    let verb = args.get(at).map_or("", |value| value.text.as_str());
    if !matches!(verb, "exec" | "run" | "create") {
        return generic::run(eval, command, io);
    }
    let rest = &args[at + 1..];
    let inner = first_word(rest, DOCKER);
    let options = Args::read(&rest[..inner], DOCKER);
    mounts(eval, &options);
    let words = rest.get(inner + 1..).unwrap_or(&[]);
    let entry: Vec<Value> = options
        .values(&["--entrypoint"])
        .map(Value::known)
        .chain(words.iter().cloned())
        .collect();
    if entry.is_empty()
        || (entry[0].text.starts_with('-') && options.value(&["--entrypoint"]).is_none())
    {
        return Value::unknown(Labels::OUTPUT);
    }
    elsewhere(eval, Tags::CONTAINER, |eval| eval.invoke(entry, io))
}

/// What of this machine a container gets to see.
fn mounts(eval: &mut Eval<'_>, options: &Args<'_>) {
    let privileged = options.has(&["--privileged"])
        || options
            .values(&["--pid", "--net", "--network", "--userns", "--ipc"])
            .any(|value| value == "host" && options.value(&["--net", "--network"]).is_none())
        || options.values(&["--cap-add"]).any(|value| {
            matches!(
                value.to_uppercase().as_str(),
                "ALL" | "SYS_ADMIN" | "SYS_PTRACE" | "SYS_MODULE"
            )
        })
        || options
            .values(&["--security-opt"])
            .any(|value| value.contains("unconfined"));
    if privileged {
        eval.effect(
            Kinds::PRIVILEGE,
            Places::NONE,
            Tags::CONTAINER,
            "privileged container",
        );
    }
    let volumes = options
        .values(&["v", "--volume"])
        .map(|value| value.split(':').next().unwrap_or(""));
    let binds = options.values(&["--mount"]).filter_map(|value| {
        value.split(',').find_map(|part| {
            part.strip_prefix("source=")
                .or_else(|| part.strip_prefix("src="))
        })
    });
    let paths: Vec<&str> = volumes
        .chain(binds)
        .filter(|path| path.starts_with(['/', '~', '.']))
        .collect();
    for path in paths {
        let at = eval.locate(path);
        let socket = at.path.ends_with("/docker.sock") || at.path.ends_with("/containerd.sock");
        if socket
            || at.places.has(Places::ROOT.and(Places::HOME))
            || (at.places.has(Places::SYSTEM)
                && !at.path.starts_with("/etc/localtime")
                && !at.path.starts_with("/etc/timezone")
                && !at.path.starts_with("/var/lib")
                && !at.path.starts_with("/mnt")
                && !at.path.starts_with("/usr/share")
                && !at.path.starts_with("/srv")
                && !at.path.starts_with("/opt"))
        {
            eval.effect(Kinds::PRIVILEGE, at.places, Tags::CONTAINER, &at.path);
        }
        eval.report
            .path(&at.path, crate::rule::Access::Read, eval.facts);
    }
}

fn kubectl(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let takes = [
        "-n",
        "--namespace",
        "--context",
        "--kubeconfig",
        "-c",
        "--container",
        "--cluster",
        "--user",
        "--as",
        "-f",
        "-l",
        "-s",
    ];
    let at = first_word(args, &takes);
    let verb = args.get(at).map_or("", |value| value.text.as_str());
    let dashes = args.iter().position(|value| value.text == "--");
    if matches!(verb, "exec" | "run" | "debug" | "rsh")
        && let Some(dashes) = dashes
    {
        let inner = args[dashes + 1..].to_vec();
        // a pod that runs already holds data, as a host does; one made for this does not
        let place = if matches!(verb, "exec" | "rsh") {
            Tags::REMOTE
        } else {
            Tags::CONTAINER
        };
        return elsewhere(eval, place, |eval| eval.invoke(inner, io));
    }
    let value = generic::run(eval, command, io);
    let secret = matches!(verb, "get" | "describe")
        && args.iter().any(|value| {
            matches!(
                value.text.split('/').next().unwrap_or(""),
                "secret" | "secrets"
            )
        });
    if secret {
        value.labelled(Labels::SECRET)
    } else {
        value
    }
}

/// `lxc exec NAME -- cmd`, `vagrant ssh -c 'cmd'`, `adb shell cmd`.
fn inside(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    if let Some(at) = args.iter().position(|value| value.text == "--") {
        let inner = args[at + 1..].to_vec();
        return elsewhere(eval, Tags::CONTAINER, |eval| eval.invoke(inner, io));
    }
    let shell = args.iter().position(|value| {
        matches!(
            value.text.as_str(),
            "-c" | "shell" | "-e" | "run" | "enter" | "exec" | "--host"
        )
    });
    match shell {
        Some(at) if at + 1 < args.len() => {
            let text: Vec<&str> = args[at + 1..]
                .iter()
                .map(|value| value.text.as_str())
                .collect();
            let text = text.join(" ");
            elsewhere(eval, Tags::CONTAINER, |eval| eval.run_text(&text, io))
        }
        _ => generic::run(eval, command, io),
    }
}

/// Launchers of development tools: what follows `run`, `exec` or `--` is a command of this machine.
fn run_with(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = command.args();
    let launch = |value: &Value| {
        matches!(
            value.text.as_str(),
            "run" | "exec" | "x" | "--" | "--run" | "--command" | "-c" | "dlx" | "tool" | "--call"
        )
    };
    if matches!(command.name, "cross-env" | "env-cmd" | "tsx") {
        let at = args
            .iter()
            .position(|value| !value.text.starts_with('-') && !value.text.contains('='))
            .unwrap_or(args.len());
        return eval.program_or(&args[at..], io);
    }
    let Some(at) = args.iter().position(launch) else {
        return generic::run(eval, command, io);
    };
    let text = matches!(
        args[at].text.as_str(),
        "--run" | "--command" | "-c" | "--call"
    );
    let rest = &args[at + 1..];
    if text && rest.len() == 1 {
        return eval.run_text(&rest[0].text, io);
    }
    let scripts = matches!(command.name, "npm" | "pnpm" | "yarn" | "bun") && args[at].text == "run";
    let inner = if scripts {
        args.len()
    } else {
        at + 1 + launched(rest)
    };
    if inner >= args.len() {
        return generic::run(eval, command, io);
    }
    eval.subshell(|eval| eval.program_or(&args[inner..], io))
}

/// Where the program is after the launching word: options and further launching words are skipped.
fn launched(rest: &[Value]) -> usize {
    let takes = [
        "-n",
        "-p",
        "--name",
        "--python",
        "--with",
        "--project",
        "--directory",
        "--env-file",
        "-e",
        "--env",
        "--package",
        "-E",
        "--extra",
        "--group",
        "--path",
        "-w",
        "--from",
        "--prefix",
    ];
    let at = first_word(rest, &takes);
    match rest.get(at) {
        Some(word) if matches!(word.text.as_str(), "run" | "exec" | "--") => {
            at + 1 + launched(&rest[at + 1..])
        }
        _ => at,
    }
}

/// `tmux new -d 'cmd'`, `tmux send-keys 'cmd' Enter`, `screen -dm cmd`.
fn multiplexer(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    if command.name == "screen" {
        let takes = ["-c", "-e", "-h", "-p", "-s", "-S", "-t", "-T", "-X"];
        let inner = command.args()[first_word(command.args(), &takes)..].to_vec();
        eval.subshell(|eval| eval.invoke(inner, &Io::default()));
    }
    let args = Args::read(
        command.args(),
        &[
            "-t", "-s", "-n", "-c", "-S", "-x", "-y", "-F", "-f", "-L", "-e", "-p", "-l", "-h",
            "-X",
        ],
    );
    if let Some(file) = args.value(&["f"]) {
        eval.read(file);
    }
    let words: Vec<&str> = args
        .texts()
        .filter(|word| {
            !matches!(
                *word,
                "Enter"
                    | "C-m"
                    | "new"
                    | "new-session"
                    | "new-window"
                    | "neww"
                    | "split-window"
                    | "splitw"
                    | "send-keys"
                    | "send"
                    | "respawn-pane"
                    | "run-shell"
                    | "run"
                    | "if-shell"
                    | "pipe-pane"
                    | "stuff"
            )
        })
        .collect();
    let text = words.join(" ");
    if text.contains(' ') {
        eval.subshell(|eval| eval.run_text(&text, &Io::default()));
    }
    generic::run(eval, command, io)
}

/// `at TIME` runs standard input or a file later.
fn later(eval: &mut Eval<'_>, command: &Command<'_>, io: &Io) -> Value {
    let args = Args::read(command.args(), &["-q", "-t", "-f"]);
    if args.has(&["l", "c", "V", "r", "d"]) {
        return Value::unknown(Labels::OUTPUT);
    }
    let text = args
        .value(&["f"])
        .and_then(|file| eval.content(file, io))
        .or_else(|| io.stdin.clone());
    eval.effect(Kinds::PERSIST, Places::NONE, Tags::NONE, command.name);
    match text {
        Some(text) => eval.subshell(|eval| eval.code(&text, &Io::default())),
        None => Value::default(),
    }
}
