"""Runs one program, with pipes or at a terminal, and says how it ended."""
import errno
import fcntl
import os
import pty
import re
import resource
import select
import signal
import struct
import subprocess
import termios
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-B]|\x1b[=>78cDEHM]")


class Ended:
    """`exit` is None for a program that was given up."""

    def __init__(self, exit, stdout, stderr=""):
        self.exit, self.stdout, self.stderr = exit, stdout, stderr

    def text(self):
        return self.stdout + self.stderr


def with_pipes(command, env, cwd, stdin, seconds, file_limit=None):
    """`file_limit`: no file may grow beyond so many bytes; a process that tries is killed."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    process = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True,
                               preexec_fn=limit if file_limit else None)
    try:
        out, err = process.communicate(stdin, timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        code = None
    return Ended(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def at_terminal(command, env, cwd, keys, seconds):
    """`keys`: [{"when": TEXT, "type": TEXT}]; each is typed once its text has come up after the one before.

    Text is compared without white space, because the client places words with cursor moves.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.chdir(cwd)
            os.execvpe(command[0], command, env)
        finally:
            os._exit(127)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    typist = Typist(keys)
    deadline = time.monotonic() + seconds
    while True:
        typist.see(read(terminal))
        typist.type_into(terminal)
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            status = None
            break
    os.close(terminal)
    return Ended(None if status is None else os.waitstatus_to_exitcode(status), typist.screen, typist.complaint())


def read(terminal):
    ready, _, _ = select.select([terminal], [], [], 0.05)
    try:
        return os.read(terminal, 65536) if ready else b""
    except OSError as error:
        if error.errno != errno.EIO:  # the other end is closed
            raise
        return b""


class Typist:
    """Types what the scenario wants when the screen shows what it waits for, and is quiet for a moment."""

    QUIET, PATIENCE = 0.7, 5

    def __init__(self, keys):
        self.keys = list(keys)
        self.raw = b""
        self.screen = ""
        self.start = 0
        self.changed = self.typed = time.monotonic()

    def see(self, data):
        if data:
            self.raw += data
            self.screen = squeezed(ESCAPES.sub("", self.raw.decode("utf-8", "replace")))
            self.changed = time.monotonic()

    def type_into(self, terminal):
        now = time.monotonic()
        is_quiet = now - self.changed > self.QUIET or now - self.typed > self.PATIENCE
        if not self.keys or not is_quiet:
            return
        if squeezed(self.keys[0].get("when", "")) not in self.screen[self.start:]:
            return
        self.start = len(self.screen)
        os.write(terminal, self.keys.pop(0)["type"].encode())
        self.changed = self.typed = now

    def complaint(self):
        return "".join("never saw: %s\n" % key.get("when", "") for key in self.keys)


def squeezed(text):
    return re.sub(r"\s+", "", text)
