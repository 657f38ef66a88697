"""Finds the programs, runs the scenarios a few at a time, counts."""
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from . import fetch, isolate

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPOSITORY = os.path.abspath(os.path.join(HERE, "..", "..", "..", ".."))
SCENARIO_SECONDS = 900


class CannotRun(Exception):
    """Nothing can be said about ccs."""


def main():
    options = arguments()
    try:
        chosen = scenarios(options.only)
        if options.list:
            print("\n".join("%-26s %s" % (name(path), description(path)) for path in chosen))
            return 0
        counts = Jobs(options).run(chosen)
    except (CannotRun, fetch.Unavailable) as error:
        print("cannot run: %s" % error, file=sys.stderr)
        return 2
    return 1 if counts["FAIL"] else 0


def arguments():
    parser = argparse.ArgumentParser(prog="run", description="The real Claude Code client against an installed ccs.")
    parser.add_argument("--ccs", metavar="DIR", default=os.path.join(REPOSITORY, "target", "release"),
                        help="the folder with ccs and ccs-hook (default: target/release)")
    parser.add_argument("--only", metavar="NAME", action="append", default=[],
                        help="this scenario, group of scenarios or file; may be repeated")
    parser.add_argument("--list", action="store_true", help="say what each scenario shows, and run none")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="scenarios at a time (default: 2)")
    parser.add_argument("--keep", action="store_true", help="leave the scratch homes, and say where")
    return parser.parse_args()


def scenarios(wanted):
    """Paths of the scenarios that are wanted: by name, by group or by path; all if nothing is said."""
    every = sorted(glob.glob(os.path.join(HERE, "scenarios", "*", "*.json")))
    if not wanted:
        return every
    found = []
    for word in wanted:
        chosen = [path for path in every if word in (name(path), os.path.basename(os.path.dirname(path)))]
        if not chosen and os.path.isfile(word):
            chosen = [os.path.abspath(word)]
        if not chosen:
            raise CannotRun("there is no scenario `%s`; --list has them all" % word)
        found += [path for path in chosen if path not in found]
    return found


def name(path):
    return os.path.splitext(os.path.basename(path))[0]


def description(path):
    with open(path) as file:
        return json.load(file)["description"]


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
        self.broken = None

    def run(self, paths):
        """How many scenarios ended how."""
        base = os.path.realpath(tempfile.mkdtemp(prefix="ccs-client-"))
        print("%s with %s" % (self.version(), self.ccs), flush=True)
        if not self.enter:
            print("no namespaces can be made here: the scratch homes are the only fence", flush=True)
        counts = collections.Counter()
        try:
            with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
                futures = {pool.submit(self.timed, path, base): path for path in paths}
                for future in concurrent.futures.as_completed(futures):
                    counts[report(futures[future], *future.result())] += 1
        finally:
            if self.options.keep:
                print("kept in %s" % base)
            else:
                shutil.rmtree(base, ignore_errors=True)
        if self.broken:
            raise CannotRun(self.broken)
        print("%d passed, %d failed, %d skipped" % (counts["ok"], counts["FAIL"], counts["skip"]))
        return counts

    def version(self):
        done = subprocess.run([self.client, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode:
            raise CannotRun("`%s --version`: %s" % (self.client, text))
        return text

    def timed(self, path, base):
        started = time.monotonic()
        outcome = self.one(path, base)
        return outcome, time.monotonic() - started

    def one(self, path, base):
        """{"problems": [...]} or {"skipped": WHY}."""
        if self.broken:
            return {"skipped": self.broken}
        work = os.path.join(base, name(path))
        os.mkdir(work)
        walls = "closed" if self.enter else "open"
        command = self.enter + [sys.executable, "-B", "-m", "harness.scenario", work, self.client, self.ccs, path, walls]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=SCENARIO_SECONDS)
        except subprocess.TimeoutExpired:
            return {"problems": ["not finished after %d seconds" % SCENARIO_SECONDS]}
        text = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode == 3:
            self.broken = text
            return {"skipped": text}
        try:
            with open(os.path.join(work, "outcome.json")) as file:
                return json.load(file)
        except OSError:
            return {"problems": ["it broke off: %s" % text]}
        finally:
            if not self.options.keep:
                shutil.rmtree(work, ignore_errors=True)


def report(path, outcome, seconds):
    """One line, and what did not hold."""
    problems = outcome.get("problems", [])
    word = "skip" if "skipped" in outcome else "FAIL" if problems else "ok"
    why = ": %s" % outcome["skipped"] if word == "skip" else ""
    print("%-4s %s (%.0f s)%s" % (word, name(path), seconds, why), flush=True)
    for problem in problems:
        print("     - %s" % problem.replace("\n", "\n       "), flush=True)
    return word


if __name__ == "__main__":
    sys.exit(main())
