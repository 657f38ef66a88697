"""Finds the programs, runs the scenarios a few at a time, counts."""
import argparse
import concurrent.futures
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

from . import fetch, isolate

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPOSITORY = os.path.abspath(os.path.join(HERE, "..", "..", "..", ".."))
SCENARIO_SECONDS = 300


class CannotRun(Exception):
    """Nothing can be said about ccs."""


def main():
    options = arguments()
    try:
        jobs = Jobs(options)
        failed = jobs.run(scenarios(options.scenarios))
    except (CannotRun, fetch.Unavailable, isolate.NotIsolated) as error:
        print("cannot run: %s" % error, file=sys.stderr)
        return 2
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(prog="run", description="The real Claude Code client against an installed ccs.")
    parser.add_argument("--ccs", metavar="DIR", default=os.path.join(REPOSITORY, "target", "release"),
                        help="the folder with ccs and ccs-hook (default: target/release)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="scenarios at a time (default: 2)")
    parser.add_argument("--keep", metavar="DIR", help="leave the scratch homes here")
    parser.add_argument("-v", "--verbose", action="store_true", help="also say what each scenario shows")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="a file or folder (default: all)")
    return parser.parse_args()


def scenarios(named):
    found = []
    for path in named or [os.path.join(HERE, "scenarios")]:
        inside = sorted(glob.glob(os.path.join(path, "**", "*.json"), recursive=True))
        found += inside if os.path.isdir(path) else [path]
    for path in found:
        if not os.path.isfile(path):
            raise CannotRun("there is no scenario `%s`" % path)
    if not found:
        raise CannotRun("there are no scenarios in %s" % ", ".join(named))
    return found


class Jobs:
    def __init__(self, options):
        self.options = options
        self.ccs = os.path.realpath(options.ccs)
        for program in ("ccs", "ccs-hook"):
            if not os.access(os.path.join(self.ccs, program), os.X_OK):
                raise CannotRun("there is no `%s` in `%s`; run `cargo build --release`, or say --ccs DIR"
                                % (program, self.ccs))
        self.client = fetch.client()
        self.enter = isolate.command()

    def run(self, paths):
        """How many scenarios failed; those under `pending` are told of, but not counted."""
        base = self.options.keep or tempfile.mkdtemp(prefix="ccs-client-")
        base = os.path.realpath(base)
        os.makedirs(base, exist_ok=True)
        print("%s with %s" % (self.version(), self.ccs), flush=True)
        counts = {"ok": 0, "FAIL": 0, "pending": 0}
        try:
            with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
                futures = {pool.submit(self.one, path, base): path for path in paths}
                for future in concurrent.futures.as_completed(futures):
                    counts[self.report(futures[future], future.result())] += 1
        finally:
            if not self.options.keep:
                shutil.rmtree(base, ignore_errors=True)
        print("%d passed, %d failed" % (counts["ok"], counts["FAIL"]))
        return counts["FAIL"]

    def version(self):
        done = subprocess.run([self.client, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode:
            raise CannotRun("`%s --version`: %s" % (self.client, text))
        return text

    def one(self, path, base):
        """What did not hold in a scenario."""
        work = os.path.join(base, os.path.splitext(os.path.basename(path))[0])
        shutil.rmtree(work, ignore_errors=True)
        os.mkdir(work)
        command = self.enter + [sys.executable, "-B", "-m", "harness.scenario", work, self.client, self.ccs, path]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=SCENARIO_SECONDS)
        except subprocess.TimeoutExpired:
            return ["not finished after %d seconds" % SCENARIO_SECONDS]
        text = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode == 3:
            raise CannotRun(text)
        try:
            with open(os.path.join(work, "problems.json")) as file:
                return json.load(file)
        except OSError:
            return ["it broke off: %s" % text]
        finally:
            if not self.options.keep:
                shutil.rmtree(work, ignore_errors=True)

    def report(self, path, found):
        name = os.path.splitext(os.path.basename(path))[0]
        outcome = "FAIL" if found else "ok"
        if os.path.basename(os.path.dirname(path)) == "pending":
            print("pending %s: %s" % (name, "still open" if found else "holds now; move it to its group"), flush=True)
            outcome = "pending"
        else:
            print("%-4s %s" % (outcome, name), flush=True)
        if self.options.verbose:
            with open(path) as file:
                print("     %s" % json.load(file).get("description"), flush=True)
        if outcome == "FAIL" or (self.options.verbose and found):
            print("\n".join("     - %s" % problem.replace("\n", "\n       ") for problem in found), flush=True)
        return outcome


if __name__ == "__main__":
    sys.exit(main())
