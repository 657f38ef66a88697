"""One scenario: read it, live it, compare. Runs inside the namespaces, as a process of its own."""
import json
import os
import sys
import traceback

from . import checks, isolate
from .world import Broken, World

KEYS = {"description", "managed", "files", "settings", "executable", "git", "steps", "expect"}
STEP_KEYS = {"claude", "name", "agents", "prompt", "args", "env", "asks", "output", "keys", "seconds", "exit",
             "file_limit", "ccs", "exec", "stdin", "says", "lacks", "write", "mode", "remove", "await", "times"}


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


def live(scenario, world):
    """What did not hold, in words; empty if all did."""
    scenario = world.fill(scenario)
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
    """`scenario.py WORK CLIENT CCS SCENARIO closed|open`: writes {"problems": [...]} or {"skipped": WHY} to
    WORK/outcome.json. Exit 3 if the namespaces do not protect the machine: then nothing was run.
    """
    work, client, ccs, path, walls = sys.argv[1:]
    try:
        outcome = {"problems": lived(work, client, ccs, path, walls == "closed")}
    except isolate.NoEtc as error:
        outcome = {"skipped": str(error)}
    except isolate.NotIsolated as error:
        print(error, file=sys.stderr)
        return 3
    except Exception:
        outcome = {"problems": [traceback.format_exc()]}
    with open(os.path.join(work, "outcome.json"), "w") as file:
        json.dump(outcome, file)
    return 0


def lived(work, client, ccs, path, is_closed):
    scenario = load(path)
    needs_etc = scenario.get("managed", False)
    if is_closed:
        isolate.enter(work, needs_etc)
    elif needs_etc:
        raise isolate.NoEtc("managed settings need namespaces, which cannot be made here")
    return live(scenario, World(work, client, ccs, needs_etc))


if __name__ == "__main__":
    sys.exit(main())
