"""What a scenario expects, one check at a time.

Each check names its subject with its first key and says about it with the others; `run` picks a
run of the client by name, the last one if it is missing.
"""
import glob
import json
import os

from .world import matches


def problems(checks, world):
    """What does not hold, in words."""
    found = []
    for check in checks:
        subject = next(iter(check))
        if subject not in SUBJECTS:
            found.append("no such check: %s" % subject)
            continue
        run = world.runs.get(check.get("run", ""))
        if run is None:
            found.append("there was no run `%s` for %s" % (check.get("run", ""), json.dumps(check)))
            continue
        found += ["%s: %s" % (json.dumps(check)[:400], problem)
                  for problem in SUBJECTS[subject](check, check[subject], run, world)]
    return found


def result(check, name, run, _world):
    """{"result": ID, "blocked"|"ran": TEXT or [TEXT…], "lacks": …}: what the model got for a call."""
    found = run.results().get("toolu_" + name)
    if found is None:
        return ["the model got no result"]
    text, is_error = found
    known(check, "result", "blocked", "ran", "lacks")
    wrong = []
    if "blocked" in check and not is_error:
        wrong.append("it was not blocked: %s" % text[:500])
    if "ran" in check and is_error:
        wrong.append("it did not run: %s" % text[:500])
    wrong += missing(text, listed(check.get("blocked", [])) + listed(check.get("ran", [])))
    return wrong + unwanted(text, listed(check.get("lacks", [])))


def file(check, name, _run, world):
    """{"file": PATH, "exists": BOOL, "is": TEXT, "contains": …, "lacks": …, "same_as": PATH, "mode": "600"}

    Relative names are the project's.
    """
    path = os.path.join(world.project, name)
    known(check, "file", "exists", "is", "contains", "lacks", "same_as", "mode")
    exists = os.path.lexists(path)
    if exists != check.get("exists", True):
        return ["it exists" if exists else "it does not exist"]
    if not exists or os.path.isdir(path):
        return []
    with open(path, "rb") as opened:
        data = opened.read()
    text = data.decode("utf-8", "replace")
    wrong = missing(text, listed(check.get("contains", []))) + unwanted(text, listed(check.get("lacks", [])))
    if "is" in check and text != check["is"]:
        wrong.append("it is `%s`" % text[:500])
    if "same_as" in check:
        with open(check["same_as"], "rb") as other:
            wrong += [] if other.read() == data else ["the bytes differ"]
    if "mode" in check and "%o" % (os.stat(path).st_mode & 0o7777) != check["mode"]:
        wrong.append("its mode is %o" % (os.stat(path).st_mode & 0o7777))
    return wrong


def log(check, wanted, _run, world):
    """{"log": {KEY: VALUE…}, "times": N}: entries of the audit log; at least one without `times`."""
    known(check, "log", "times")
    lines = world.log()
    found = sum(1 for line in lines if matches(line, wanted))
    if found == check.get("times", max(found, 1)):
        return []
    seen = ["%s %s %s %s" % (line["event"], line["tool"], line["decision"], line["rules"]) for line in lines]
    return ["%d lines; the log has %s" % (found, "; ".join(seen) or "nothing")]


def said(check, _true, run, _world):
    """{"said": TEXT or [TEXT…], "lacks": …}: what the client printed; white space does not count at a terminal."""
    known(check, "said", "lacks")
    text = run.ended.text()
    wanted, unwelcome = listed(check["said"]), listed(check.get("lacks", []))
    joined = "".join(text.split())
    wrong = [item for item in wanted if "".join(item.split()) not in joined]
    over = [item for item in unwelcome if "".join(item.split()) in joined]
    return ["it does not say `%s`: %s" % (item, text[-1500:]) for item in wrong] + ["it says `%s`" % i for i in over]


def model(check, _name, run, _world):
    """{"model": "saw"|"never saw", "text": TEXT}: anything in any request."""
    known(check, "model", "text")
    saw = any(check["text"] in json.dumps(body, ensure_ascii=False) for body in run.requests)
    return [] if saw == (check["model"] == "saw") else ["%d requests" % len(run.requests)]


def transcript(check, _name, _run, world):
    """{"transcript": TEXT…, "lacks": …}: the records that the client keeps of its sessions."""
    known(check, "transcript", "lacks")
    text = ""
    for path in glob.glob(os.path.join(world.home, ".claude", "projects", "**", "*.jsonl"), recursive=True):
        with open(path, errors="replace") as opened:
            text += opened.read()
    return missing(text, listed(check["transcript"])) + unwanted(text, listed(check.get("lacks", [])))


SUBJECTS = {"result": result, "file": file, "log": log, "said": said, "model": model, "transcript": transcript}


def known(check, *keys):
    """A misspelt condition would hold for ever."""
    unknown = set(check) - set(keys) - {"run"}
    if unknown:
        raise ValueError("a check on `%s` has no %s" % (keys[0], sorted(unknown)))


def listed(value):
    if value is True:
        return []
    return value if isinstance(value, list) else [value]


def missing(text, wanted):
    return ["`%s` is not in: %s" % (item, text[:1500]) for item in wanted if item not in text]


def unwanted(text, items):
    return ["`%s` is in it" % item for item in items if item in text]
