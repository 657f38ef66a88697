"""The entries of an audit log, read without ccs: what a canonical entry is, docs/formats/audit.md says."""
import base64
import glob
import json
import os
import sqlite3
import struct

NAMES = ("session", "user", "agent", "event", "tool", "decision", "target", "host")
DOMAIN = b"ccs-audit/entry\x01"


def entries(folder):
    """Those of the segments in their order, and then those that wait in the spool."""
    found, drained = [], {}
    for path in sorted(glob.glob(os.path.join(folder, "[0-9]*.db"))):
        with sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=10) as db:
            found += [entry(body) for (body,) in db.execute("SELECT body FROM entry ORDER BY seq")]
            drained.update(db.execute("SELECT spool, bytes FROM drained"))
    return found + waiting(os.path.join(folder, "spool.jsonl"), drained)


def waiting(path, drained):
    """What is in the spool and no entry yet."""
    if not os.path.isfile(path):
        return []
    with open(path, "rb") as file:
        data = file.read()
    if not data:
        return []
    name = json.loads(data[:data.index(b"\n")])["spool"]
    lines = data[drained.get(name, 0):].splitlines()
    lines = [json.loads(line) for line in lines if line.startswith(b'{"entry"')]
    return [entry(base64.b64decode(line["entry"])) for line in lines]


def entry(body):
    reader = Reader(body)
    if reader.take(16) != DOMAIN:
        raise ValueError("not an entry")
    found = dict(zip(("seq", "epoch", "time", "uptime", "step"), struct.unpack(">QQqQq", reader.take(40))))
    found["input"] = reader.take(32).hex() if reader.take(1)[0] else None
    kind = reader.take(1)[0]
    found["details"] = reader.field() if kind else b""
    found["sealed"] = kind == 2
    for name in NAMES:
        found[name] = reader.field().decode()
    found["rules"] = [reader.field().decode() for _ in range(reader.number())]
    if reader.rest:
        raise ValueError("more than an entry")
    return found


class Reader:
    def __init__(self, rest):
        self.rest = rest

    def take(self, count):
        taken, self.rest = self.rest[:count], self.rest[count:]
        if len(taken) != count:
            raise ValueError("less than an entry")
        return taken

    def number(self):
        return struct.unpack(">I", self.take(4))[0]

    def field(self):
        return self.take(self.number())
