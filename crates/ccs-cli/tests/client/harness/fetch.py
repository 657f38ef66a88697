"""Gets the client from the npm registry. It is Anthropic's, so it is never kept in the tree."""
import os
import platform
import shutil
import subprocess
import tempfile

VERSION = "2.1.329"
ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}


class Unavailable(Exception):
    """There is no client to run."""


def client():
    """Path of the client: $CLAUDE_BIN, or the version above, fetched once and cached."""
    given = os.environ.get("CLAUDE_BIN")
    if given:
        if not os.access(given, os.X_OK):
            raise Unavailable("CLAUDE_BIN is `%s`, which is not a program" % given)
        return os.path.realpath(given)
    cached = os.path.join(cache(), VERSION)
    program = os.path.join(cached, "node_modules", *package().split("/"), "claude")
    if not os.path.exists(program):
        install(cached)
    if not os.access(program, os.X_OK):
        raise Unavailable("`%s` was installed, but `%s` is not a program" % (package(), program))
    return program


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "claude-code-client")


def package():
    architecture = ARCHITECTURES.get(platform.machine().lower())
    if not architecture:
        raise Unavailable("there is no client for %s" % platform.machine())
    libc = "" if platform.libc_ver()[0] else "-musl"
    return "@anthropic-ai/claude-code-linux-%s%s" % (architecture, libc)


def install(target):
    """Installs into a folder aside, so that a broken download is never taken for a client."""
    if not shutil.which("npm"):
        raise Unavailable("npm is needed to fetch the client; install it or set CLAUDE_BIN")
    wanted = "%s@%s" % (package(), VERSION)
    print("fetching %s (about 370 MB on disk)" % wanted, flush=True)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    aside = tempfile.mkdtemp(prefix="new-", dir=os.path.dirname(target))
    try:
        done = subprocess.run(
            ["npm", "install", "--prefix", aside, "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--force",
             wanted], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode:
            text = done.stderr.decode("utf-8", "replace").strip()
            raise Unavailable("npm could not install %s:\n%s" % (wanted, text))
        os.chmod(aside, 0o755)
        shutil.rmtree(target, ignore_errors=True)
        try:
            os.rename(aside, target)
        except OSError:  # somebody else has just fetched it
            if not os.path.isdir(target):
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
