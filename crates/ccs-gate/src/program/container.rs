//! Programs that run a command in a container, a pod or a virtual machine.

use super::args::{Args, first_word};
use super::remote::elsewhere;
use super::{Command, Model, generic};
use crate::effect::{Kinds, Places, Tags};
use crate::eval::{Eval, Io};
use crate::value::{Labels, Value};

pub(super) fn model(name: &str) -> Option<Model> {
    Some(match name {
        "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose" | "lima"
        | "colima" => docker,
        "kubectl" | "oc" | "k" | "k3s" | "microk8s" => kubectl,
        "lxc" | "incus" | "lxc-attach" | "machinectl" | "vagrant" | "multipass" | "distrobox"
        | "toolbox" | "wsl" | "flatpak-spawn" | "adb" => inside,
        _ => return None,
    })
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
