"""A stand-in for a guard written in Python, for the bench hook_cold_start.

It is nobody's product. It does what such hooks do before they decide anything: start the
interpreter, import what they import, read the event, compile a list of patterns and try them.
"""
import hashlib
import json
import os
import pathlib
import re
import sys

PROGRAMS = ["rm", "dd", "mkfs", "shred", "chmod", "chown", "git push", "git reset", "git clean", "kubectl delete",
            "docker rm", "terraform destroy", "aws s3 rb", "gcloud projects delete", "drop table", "truncate", "curl",
            "wget", "nc", "base64"]
SHAPES = [r"\b{}\s+(-\w+\s+)*(/|~|\$HOME)(\s|$)", r"\b{}\b.*--(force|recursive|all)\b", r"(^|[;&|]\s*)(sudo\s+)?{}\b.*\|\s*(ba|z)?sh\b"]


def main():
    event = json.load(sys.stdin)
    command = event.get("tool_input", {}).get("command", "")
    patterns = [re.compile(shape.format(re.escape(name)), re.IGNORECASE) for name in PROGRAMS for shape in SHAPES]
    found = [pattern.pattern for pattern in patterns if pattern.search(command)]
    record = {"cwd": str(pathlib.Path(event.get("cwd", ".")).absolute()), "user": os.getuid(),
              "digest": hashlib.sha256(command.encode()).hexdigest(), "found": found}
    print(json.dumps(record))


main()
