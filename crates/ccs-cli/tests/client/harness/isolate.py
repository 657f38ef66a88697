"""Namespaces in which a guard that fails costs nothing.

Each scenario has a network with `lo` and nothing else, a file system on which only its work
folder (and a private /etc) can be written, and a process table that ends with it.

Where namespaces cannot be made a scenario runs in its scratch home alone, which is all that its
commands aim at; those that need a private /etc are skipped.
"""
import errno
import fcntl
import os
import socket
import struct
import subprocess

FLAGS = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
KEPT_OPTIONS = ("nosuid", "nodev", "noexec", "noatime", "relatime", "nodiratime")
PSEUDO = ("proc", "sysfs", "devtmpfs", "devpts", "mqueue", "cgroup", "cgroup2")


class NotIsolated(Exception):
    """The namespaces do not hold what this module promises, so nothing may be run."""


class NoEtc(Exception):
    """There can be no private /etc here, so nothing may write managed settings."""


def command():
    """The `unshare` call that works here, as root or as a user who may make user namespaces; else nothing."""
    as_user = ["unshare", "--user", "--map-root-user"] + FLAGS
    for call in ([["unshare"] + FLAGS] if os.geteuid() == 0 else []) + [as_user]:
        done = subprocess.run(call + ["true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            return call
    return []


def enter(work, needs_etc):
    """Closes everything but `work`; called as the first thing inside the namespaces.

    A private /etc is made only if it is needed: not every kernel can lay one over another.
    """
    loopback_only()
    if needs_etc:
        own_etc(work)
    read_only_but(work, needs_etc)


def loopback_only():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up_and_running = struct.pack("16sh", b"lo", 0x1 | 0x40)
        fcntl.ioctl(any_socket, 0x8914, up_and_running)  # SIOCSIFFLAGS
    others = [name for _, name in socket.if_nameindex() if name != "lo" and is_up(name)]
    with open("/proc/net/route") as table:
        routes = table.read().splitlines()[1:]
    if others or routes:
        raise NotIsolated("the network is open: %s %s" % (others, routes))


def is_up(name):
    try:
        with open("/sys/class/net/%s/flags" % name) as flags:
            return int(flags.read(), 16) & 1
    except OSError:
        return False


def own_etc(work):
    """A writable copy of /etc for managed settings. Its upper layer is a file system in memory,
    because the work folder may itself lie on an overlay, which cannot carry another."""
    layers = os.path.join(work, "etc")
    os.mkdir(layers)
    mount("-t", "tmpfs", "tmpfs", layers)
    upper, scratch = os.path.join(layers, "upper"), os.path.join(layers, "work")
    os.mkdir(upper)
    os.mkdir(scratch)
    try:
        mount("-t", "overlay", "overlay", "-o", "lowerdir=/etc,upperdir=%s,workdir=%s" % (upper, scratch), "/etc")
    except NotIsolated as error:
        raise NoEtc(str(error)) from error


def mount(*arguments):
    done = subprocess.run(["mount", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise NotIsolated("mount %s: %s" % (" ".join(arguments), done.stderr.decode("utf-8", "replace").strip()))


def read_only_but(work, has_etc):
    mount("--bind", work, work)
    with open("/proc/self/mountinfo") as table:
        mounts = [line.split() for line in table]
    for fields in mounts:
        point, options = fields[4].encode().decode("unicode_escape"), fields[5].split(",")
        kind = fields[fields.index("-") + 1]
        if point == work or point.startswith(work + "/") or (has_etc and point == "/etc") or kind in PSEUDO:
            continue
        options = ["remount", "bind", "ro"] + [option for option in options if option in KEPT_OPTIONS]
        subprocess.run(["mount", "-o", ",".join(options), point], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for folder in (os.path.dirname(work), os.path.expanduser("~"), "/usr", "/var") + (() if has_etc else ("/etc",)):
        if can_write(folder):
            raise NotIsolated("`%s` can still be written" % folder)
    if not can_write(work):
        raise NotIsolated("`%s` cannot be written" % work)


def can_write(folder):
    probe = os.path.join(folder, ".isolation-probe")
    try:
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.ENOENT):
            return False
        raise
    os.unlink(probe)
    return True
