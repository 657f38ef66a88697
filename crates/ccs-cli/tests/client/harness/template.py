"""`{{NAME}}` and `{{MANY:count:text}}` in the strings of a scenario."""
import re

PLACE = re.compile(r"\{\{(?:MANY:(\d+):([^}]*)|(\w+))\}\}")


def fill(value, variables):
    """The JSON value with every place filled in; an unknown name is an error."""
    if isinstance(value, str):
        return PLACE.sub(lambda match: one(match, variables), value)
    if isinstance(value, list):
        return [fill(item, variables) for item in value]
    if isinstance(value, dict):
        return {fill(key, variables): fill(item, variables) for key, item in value.items()}
    return value


def one(match, variables):
    count, text, name = match.groups()
    if count:
        return text * int(count)
    if name not in variables:
        raise KeyError("unknown variable {{%s}}" % name)
    return variables[name]
