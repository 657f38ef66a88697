"""One scenario: read it, live it, compare. Runs inside the namespaces, as a process of its own."""
import json
import os
import sys
import traceback

from . import checks, isolate
from .world import Broken, World

KEYS = {"description", "files", "settings", "executable", "git", "steps", "expect", "pending"}
STEP_KEYS = {"claude", "name", "agents", "prompt", "args", "env", "asks", "output", "keys", "seconds", "exit",
             "file_limit", "ccs", "exec", "stdin", "says", "lacks", "write", "mode", "remove", "await"}


def load(path):
    with open(path) as file:
        scenario = json.load(file)
    unknown = set(scenario) - KEYS
    for step in scenario["steps"]:
        unknown |= set(step) - STEP_KEYS
    if unknown:
        raise ValueError("unknown keys: %s" % sorted(unknown))
    if not scenario["description"] or not scenario["expect"]:
        raise ValueError("a scenario says what it shows, and expects something")
    return scenario


def live(path, world):
    """What did not hold, in words; empty if all did."""
    scenario = world.fill(load(path))
    world.prepare(scenario)
    try:
        for number, step in enumerate(scenario["steps"]):
            world.step(step, number)
    except Broken as error:
        return [str(error)] + blocked(world)
    return checks.problems(scenario["expect"], world)


def blocked(world):
    """What the client's tools answered: helps to see why a step went wrong."""
    run = world.runs.get("") or world.server.script
    return ["%s: %s" % (name, text[:300]) for name, (text, _) in run.results().items()]


def main():
    """`scenario.py WORK CLIENT CCS SCENARIO`: writes what did not hold to WORK/problems.json.

    Exit 3 if the namespaces do not protect the machine: then nothing was run.
    """
    work, client, ccs, path = sys.argv[1:]
    try:
        isolate.enter(work)
    except (isolate.NotIsolated, OSError) as error:
        print(error, file=sys.stderr)
        return 3
    try:
        found = live(path, World(work, client, ccs))
    except Exception:
        found = [traceback.format_exc()]
    with open(os.path.join(work, "problems.json"), "w") as file:
        json.dump(found, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
