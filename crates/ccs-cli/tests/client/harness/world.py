"""The scratch world of one scenario: a home, a project in it, programs on PATH, a model."""
import json
import os
import shutil
import subprocess
import time

from . import model, process, template, trail

STEP_SECONDS = 240
AWAIT_SECONDS = 120
SETTINGS = {"user": "{{HOME}}/.claude/settings.json", "project": "{{PROJECT}}/.claude/settings.json",
            "local": "{{PROJECT}}/.claude/settings.local.json", "managed": "/etc/claude-code/managed-settings.json"}
KEY = "dummy-not-a-real-key"
NOWHERE = "http://127.0.0.1:9"  # where there is no network namespace, nothing else is reached either
ACTIONS = ("ccs", "exec", "write", "remove", "await")


class Broken(Exception):
    """A step did not do what the scenario needs before anything can be checked."""


class World:
    def __init__(self, work, client, ccs, has_etc):
        self.work = work
        self.writable = (work + "/", "/etc/claude-code/") if has_etc else (work + "/",)
        self.home, self.project = os.path.join(work, "home"), os.path.join(work, "home", "shop")
        self.server = model.serve()
        here = os.path.dirname(os.path.abspath(__file__))
        self.variables = {"WORK": work, "HOME": self.home, "PROJECT": self.project, "CCS": os.path.join(ccs, "ccs"),
                          "STATE": os.path.join(self.home, ".claude", "ccs"), "MCP": os.path.join(here, "mcp_stub.py")}
        self.runs = {}
        self.settle(client, ccs)

    def settle(self, client, ccs):
        local = os.path.join(self.home, ".local", "bin")
        for folder in (self.project, local, os.path.join(self.work, "tmp")):
            os.makedirs(folder)
        os.symlink(client, os.path.join(local, "claude"))
        self.client = os.path.join(local, "claude")
        self.env = {
            "PATH": ":".join([local, os.path.abspath(ccs), os.environ.get("PATH", "/usr/bin:/bin")]),
            "HOME": self.home, "TMPDIR": os.path.join(self.work, "tmp"), "USER": "dev", "SHELL": "/bin/bash",
            "TERM": "xterm-256color", "LANG": "C.UTF-8", "ANTHROPIC_API_KEY": KEY, "IS_SANDBOX": "1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:%d" % self.server.server_address[1],
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1", "DISABLE_BUG_COMMAND": "1",
            "HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1,localhost",
        }

    def fill(self, value):
        return template.fill(value, self.variables)

    def prepare(self, scenario):
        """Writes what the scenario starts from."""
        self.write(self.trust())
        self.write(scenario.get("files", {}))
        for scope, content in scenario.get("settings", {}).items():
            self.write({self.fill(SETTINGS[scope]): content})
        for path in scenario.get("executable", []):
            os.chmod(self.path(path), 0o755)
        if scenario.get("git"):
            self.commit()

    def trust(self):
        """What the client keeps once it was set up and the project was trusted."""
        project = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
        return {os.path.join(self.home, ".claude.json"): {
            "hasCompletedOnboarding": True, "theme": "dark", "projects": {self.project: project},
            "customApiKeyResponses": {"approved": [KEY], "rejected": []}}}

    def commit(self):
        who = ["-c", "user.name=dev", "-c", "user.email=dev@localhost"]
        for arguments in (["init", "-q"], ["add", "-A"], who + ["commit", "-q", "--allow-empty", "-m", "start"]):
            subprocess.run(["git"] + arguments, cwd=self.project, env=self.env, check=True)

    def path(self, name):
        """Relative names are the project's; outside the scratch world only a private /etc is written."""
        path = os.path.normpath(os.path.join(self.project, name))
        if not path.startswith(self.writable):
            raise Broken("`%s` is outside the scratch world" % path)
        return path

    # ------------------------------------------------------------ steps

    def step(self, step, number):
        if "claude" in step:
            name = step.get("name", "run %d" % number)
            self.runs[name] = self.claude(step)
            self.runs[""] = self.runs[name]
        else:
            self.act(step)

    def act(self, action):
        """Something that happens beside the client."""
        kind = next((kind for kind in ACTIONS if kind in action), None)
        if kind in ("ccs", "exec"):
            command = [self.variables["CCS"]] + action["ccs"] if kind == "ccs" else action["exec"]
            stdin = action.get("stdin", "").encode()
            env = dict(self.env, **action.get("env", {}))
            self.expect(action, process.with_pipes(command, env, self.project, stdin, STEP_SECONDS), command)
        elif kind == "write":
            self.write(action["write"], action.get("mode"))
        elif kind == "remove":
            for path in action["remove"]:
                self.remove(self.path(path))
        elif kind == "await":
            self.wait_for_log(action["await"], action.get("times", 1))
        else:
            raise Broken("unknown step: %s" % sorted(action))

    def expect(self, action, ended, command):
        """Steps say themselves how they must end: `exit`, `says`, `lacks`."""
        wrong = []
        if ended.exit != action.get("exit", 0):
            wrong.append("it ended with %s" % ended.exit)
        wrong += ["it does not say `%s`" % text for text in action.get("says", []) if text not in ended.text()]
        wrong += ["it says `%s`" % text for text in action.get("lacks", []) if text in ended.text()]
        if wrong:
            shown = " ".join(os.path.basename(command[0]) if word == command[0] else word for word in command)
            raise Broken("%s: %s\n%s" % (shown[:300], "; ".join(wrong), ended.text()[-3000:]))

    def write(self, files, mode=None):
        for name, content in files.items():
            path = self.path(name)
            self.remove(path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if content == {"fifo": True}:
                os.mkfifo(path)
                continue
            with open(path, "w") as file:
                file.write(content if isinstance(content, str) else json.dumps(content, indent=2) + "\n")
            os.chmod(path, int(mode, 8) if mode else 0o644)

    @staticmethod
    def remove(path):
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)

    def log(self):
        """The entries of the audit log, without its own and the questions that setup and doctor ask."""
        found = trail.entries(os.path.join(self.variables["STATE"], "audit"))
        return [entry for entry in found if entry["session"] not in ("", "ccs-proof")]

    def wait_for_log(self, wanted, times):
        """Until the log has so many such entries: the client takes about two seconds to notice a change."""
        deadline = time.monotonic() + AWAIT_SECONDS
        while sum(matches(line, wanted) for line in self.log()) < times:
            if time.monotonic() > deadline:
                raise Broken("the log never had %s" % json.dumps(wanted))
            time.sleep(0.1)

    # ------------------------------------------------------------ the client

    def claude(self, step):
        run = self.server.script = model.Script(step["claude"], step.get("agents", {}), self.act)
        env = dict(self.env, **step.get("env", {}))
        arguments = step.get("args", [])
        seconds = step.get("seconds", STEP_SECONDS)
        if "keys" in step:
            run.ended = process.at_terminal([self.client] + arguments, env, self.project, step["keys"], seconds)
        else:
            mode = [] if step.get("asks") else ["--dangerously-skip-permissions"]
            command = [self.client, "-p", "--output-format", step.get("output", "text")] + mode + arguments
            command += ["--", step.get("prompt", "do the task")]
            run.ended = process.with_pipes(command, env, self.project, b"", seconds, step.get("file_limit"))
        if run.ended.exit != step.get("exit", 0):
            raise Broken("the client ended with %s\n%s" % (run.ended.exit, run.ended.text()[-3000:]))
        if run.failures or (run.ended.stderr and "keys" in step):
            raise Broken("\n".join(run.failures + [run.ended.stderr, run.ended.stdout[-3000:]]))
        return run


def matches(line, wanted):
    """Whether an entry of the log has these values; `rule` is one of several."""
    return all(value in line.get("rules", []) if key == "rule" else line.get(key) == value
               for key, value in wanted.items())
