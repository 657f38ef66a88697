#!/usr/bin/env python3
"""Writes crates/ccs-integrity/data/settings.tsv from the type declarations of the Agent SDK.

    npm pack @anthropic-ai/claude-agent-sdk@0.3.VERSION && tar xzf *.tgz
    tools/settings-keys.py package/sdk.d.ts 2.1.VERSION > crates/ccs-integrity/data/settings.tsv

The SDK of version 0.3.N belongs to the client of version 2.1.N; its `Settings` interface is
generated from the schema the client checks settings with. One key a line: the path, what its value
must be, and the files that may set it: `any`, `user` (not a project), `managed` or `flag` (only the
program that starts the client). `*` stands for a name of the user's own.
"""
import re
import sys

# Deeper keys are values, not settings.
OPAQUE = ("hooks", "extraKnownMarketplaces.*.source", "additionalMarketplaces.*.source", "strictKnownMarketplaces",
          "allowedMarketplaces", "blockedMarketplaces")
# What the client still reads without declaring it to programs.
UNDECLARED = [
    ("autoUpdates", "flag", "any"), ("ignorePatterns", "list", "any"), ("forceRemoteLogin", "flag", "any"),
    ("sandbox.enabledPlatforms", "list", "any"),
]
# What the client ignores in a project without saying so in the declarations.
NOT_IN_PROJECTS = ("autoMode",)


def declarations(lines):
    start = next(n for n, l in enumerate(lines) if l.startswith("export declare interface Settings {"))
    doc, stack, comment = "", [], False
    for line in lines[start + 1:]:
        if line == "}":
            return
        depth, text = (len(line) - len(line.lstrip())) // 4, line.strip()
        if text.startswith("/**"):
            doc, comment, text = "", True, text[3:]
        if comment:
            doc += " " + text.split("*/")[0].lstrip("* ")
            comment = "*/" not in text
            continue
        closing = re.match(r"^\}\)?(\[\])?;$", text)
        if closing and len(stack) > depth - 1:
            if closing[1]:
                yield ".".join(stack[:depth]), "(list)[]", ""
            continue
        found = re.match(r"^(\$?[A-Za-z_]\w*|\[k: string\])\??: (.*)$", text)
        if found:
            name = "*" if found[1].startswith("[") else found[1]
            stack = stack[:depth - 1] + [name]
            yield ".".join(stack), found[2].rstrip(";"), doc
            doc = ""


def kind(text):
    if text.startswith("("):
        return "list" if text.endswith("[]") or text.startswith("({") else "text"
    if text.endswith("[]") or text.startswith("["):
        return "any" if "|" in text else "list"
    if "|" in text:
        parts = {kind(part.strip()) for part in text.split("|") if part.strip()}
        return parts.pop() if len(parts) == 1 else "any"
    if text.startswith("'") or text == "string":
        return "text"
    return {"boolean": "flag", "number": "number", "{": "object"}.get(text, "number" if text.isdigit() else "any")


def scope(doc):
    if re.search(r"read only from --settings", doc):
        return "flag"
    if re.search(r"[Oo]nly (honou?red|enforced|read) (when set in |from |if set in )?(this machine's |admin-controlled )?"
                 r"(managed|policy|admin)|[Hh]onou?red only from (admin|this machine)|[Rr]ead (only )?from managed settings only|"
                 r"Read only from managed settings|Honou?red from managed settings only|Managed settings only|"
                 r"\(and set in managed settings\)|When set in managed settings,|\(managed settings only\)|"
                 r"and set in device managed settings|Managed-org|When true \(set in managed", doc):
        return "managed"
    if re.search(r"project (and local )?settings( \([^)]*\))?( are|) ignored|ignored in project|not from a project|"
                 r"[Ii]gnored if set in project|never a checked-in|ignored in a project|Not read from project|"
                 r"user, flag,? and managed settings only|user, --settings and on-disk managed settings only|"
                 r"project and local settings are ignored", doc) and "When managed settings or a --settings file" not in doc:
        return "user"
    return "any"


def main():
    lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
    keys, parents = {}, {}
    for path, type_, doc in declarations(lines):
        if any(path.startswith(opaque + ".") for opaque in OPAQUE) or path.endswith("*") and path.count(".") == 0:
            continue
        if type_ == "(list)[]":
            keys[path][0] = "list"
        keys.setdefault(path, [kind(type_), scope(doc)])
    for path, type_, where in UNDECLARED:
        keys.setdefault(path, [type_, where])
    for path in NOT_IN_PROJECTS:
        keys[path][1] = "user"
    # What only the administrator may set goes for everything below it.
    for path in list(keys):
        for parent in [".".join(path.split(".")[:n]) for n in range(1, path.count(".") + 1)]:
            if keys.get(parent, ["", "any"])[1] != "any":
                keys[path][1] = keys[parent][1]
    # "and anything else" beside named keys: the client takes it and does nothing with it.
    named = {p.rsplit(".", 1)[0] for p in keys if not p.endswith(".*")}
    lists = {p for p in keys if keys[p][0] == "list"}
    for path in list(keys):
        beside = path.endswith(".*") and keys[path][0] == "any" and path[:-2] in named
        inside = any(path.startswith(l + ".") for l in lists)
        if beside or inside or path == "*":
            del keys[path]
    print("# Settings of Claude Code %s; written by tools/settings-keys.py, not by hand." % sys.argv[2])
    for path in sorted(keys):
        print("\t".join([path] + keys[path]))


main()
