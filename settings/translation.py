"""Turns what pydantic says about a stack file into sentences for the person who wrote it. Pure; failure path only."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from pydantic_core import ErrorDetails

from settings.errors import (
    Key,
    Mistake,
    RefusedError,
    RulesBrokenError,
    full,
    is_hidden,
    named,
    nearest,
    several,
    shown,
)
from settings.shape import NAME_MARK, Node, Shape, number

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_LONGEST_NUMBER = 16  # characters; no setting takes a longer one
_PLAIN = re.compile(r"[\w/][\w./:@+-]*")
# YAML or its readers take these for something else than text.
_WORDS = {"true", "false", "null", "yes", "no", "on", "off"}
# What others call a value that there is.
_ALSO_CALLED = {
    "amd64": "x86_64", "x64": "x86_64", "x86": "x86_64", "intel": "x86_64", "aarch64": "arm64", "graviton": "arm64",
}  # fmt: skip
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def mistakes(errors: Iterable[ErrorDetails], shape: Shape) -> Iterator[Mistake]:
    """One mistake for each error; broken rules are left out, because rules report for themselves."""
    found = list(errors)
    misspelt = {_meant(error, shape) for error in found if error["type"] == "extra_forbidden"}
    for error in found:
        refused = error.get("ctx", {}).get("error")
        if isinstance(refused, RulesBrokenError) or (error["type"] == "missing" and error["loc"] in misspelt):
            continue
        if error["type"] == "too_short" and any(_inside(error, other) for other in found):
            continue  # too short only without the entries that are mistaken themselves
        yield _mistake(error, refused, shape)


def broken(errors: Iterable[ErrorDetails], shape: Shape) -> Iterator[Mistake]:
    """What the broken rules found that stopped the validation, at full keys."""
    for error in errors:
        refused = error.get("ctx", {}).get("error")
        if isinstance(refused, RulesBrokenError):
            above, _ = shape.find(error["loc"])
            yield from (replace(mistake, key=above + mistake.key) for mistake in refused.mistakes)


def _inside(error: ErrorDetails, other: ErrorDetails) -> bool:
    place = error["loc"]
    return len(other["loc"]) > len(place) and other["loc"][: len(place)] == place


def _meant(error: ErrorDetails, shape: Shape) -> tuple[int | str, ...]:
    """Where the value would have been expected that stands under a misspelt key: there it is not missing as well."""
    *above, name = error["loc"]
    return (*above, nearest(str(name), shape.keys(shape.find(above)[1])) or "")


def _mistake(error: ErrorDetails, refused: object, shape: Shape) -> Mistake:
    if error["type"] == "extra_forbidden":
        above, section = shape.find(error["loc"][:-1])
        return _unknown_key((*above, error["loc"][-1]), section, shape)
    key, node = shape.find(error["loc"])
    value = error["input"]
    choices = _choices(node)
    if error["loc"].count(NAME_MARK) > key.count(NAME_MARK):
        mistake = _bad_name(key, error)
    elif error["type"] == "missing":
        mistake = _missing(key, shape.allowed(node), node)
    elif error["type"].startswith("union_tag") and isinstance(value, dict):
        mistake = _bad_tag(key, shape.section(node), value)
    elif choices and isinstance(value, type(choices[0])) and not isinstance(value, bool):
        mistake = _not_among(key, value, choices)
    else:
        problem, change = _refused(refused, node) if isinstance(refused, RefusedError) else _problem(error, key, node)
        mistake = Mistake(key=key, problem=problem, given=shown(value, key), allowed=shape.allowed(node), change=change)
    return mistake


def _refused(refused: RefusedError, node: Node) -> tuple[str, str]:
    example = f", for example {_example(node)}" if refused.exemplified else ""
    return refused.problem, refused.change + example


def _bad_tag(key: Key, node: Node, value: dict[str, Any]) -> Mistake:
    """The key that says of which kind a map is (`engine`) is missing or mistaken."""
    tag, kinds = str(node["discriminator"]["propertyName"]), list(node["discriminator"]["mapping"])
    at = (*key, tag)
    return _not_among(at, value[tag], kinds) if tag in value else _missing(at, several(kinds), {"examples": kinds})


def _choices(node: Node) -> list[Any]:
    """The values that there are, where nothing else is allowed but null."""
    if "anyOf" in node:
        branches = [_choices(branch) for branch in node["anyOf"] if branch.get("type") != "null"]
        return [choice for branch in branches for choice in branch] if all(branches) else []
    return [node["const"]] if "const" in node else list(node.get("enum", []))


def _missing(key: Key, allowed: str, node: Node) -> Mistake:
    return Mistake(
        key=key,
        problem="is missing",
        given="nothing",
        allowed=allowed,
        change=f"add it: {_line(key, _example(node))}"
        if _example(node) is not None
        else f"add {key[-1]}, as docs/settings.md shows",
    )


def _bad_name(key: Key, error: ErrorDetails) -> Mistake:
    name = str(error["input"])
    plain = (
        re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-0123456789") or "main"
    )
    most, least = (error.get("ctx", {}).get(bound) for bound in ("max_length", "min_length"))
    if least:
        return Mistake(
            key=key,
            problem=f"the name is shorter than {least} characters",
            given=f"the name {named(name)}",
            allowed=f"lower-case letters, digits and single hyphens, a letter first, {least} characters or more",
            change="give it a longer name",
        )
    return Mistake(
        key=key,
        problem=f"the name is longer than {most} characters" if most else "is not a name that resources can carry",
        given=f"the name {named(name)}",
        allowed="lower-case letters, digits and single hyphens, a letter first"
        + (f", {most} characters" if most else ""),
        change=f"rename it, for example to {plain[: most or 16].strip('-')}",
    )


def _unknown_key(key: Key, section: Node, shape: Shape) -> Mistake:
    """An unknown key of a section. Its value is never shown: nobody knows what it holds."""
    name, parent = str(key[-1]), key[:-1]
    known = shape.keys(section)
    guess = nearest(name, known)
    homes = shape.homes(name)
    if any(_is_place(home, key) for home in homes):
        change = "take it out: it is for another kind of these"
    elif guess:
        change = f"did you mean {guess}?"
    elif homes:
        change = f"it belongs to groundwork:{homes[0]}"
    else:
        change = "take it out"
    return Mistake(
        key=key,
        problem=f"there is no such key in {full(parent) if parent else 'groundwork'}",
        given=f"the key {named(name)}",
        allowed=several(known),
        change=change,
    )


def _is_place(home: str, key: Key) -> bool:
    """Whether a dotted path with `<name>` in it leads to this very key."""
    parts = home.split(".")
    return len(parts) == len(key) and all(part in {"<name>", str(step)} for part, step in zip(parts, key, strict=True))


def _not_among(key: Key, value: object, choices: list[Any]) -> Mistake:
    guess = ""
    if isinstance(value, str) and (other := _ALSO_CALLED.get(value.lower())) in choices:
        guess = str(other)
    elif isinstance(value, str):
        guess = nearest(value, [choice for choice in choices if isinstance(choice, str)]) or ""
    elif isinstance(value, int) and not isinstance(value, bool):
        guess = str(min((n for n in choices if isinstance(n, int)), key=lambda n: abs(n - value), default=""))
    return Mistake(
        key=key,
        problem="is none of the values that there are",
        given=shown(value, key),
        allowed=several(choices),
        change=f"did you mean {guess}?" if guess else f"write {several(choices)}",
    )


def _problem(error: ErrorDetails, key: Key, node: Node) -> tuple[str, str]:
    """What is wrong with a value, and what to change."""
    kind, value, limits = error["type"], error["input"], error.get("ctx", {})
    if found := _wrong_type(kind, value, key, node):
        return found
    problem, change = "does not have the right form", _for_example(key, node)
    match kind:
        case "greater_than_equal":
            problem, change = "is too small", f"use {_line(key, limits['ge'])} or more"
        case "less_than_equal":
            problem, change = "is too large", f"use {_line(key, limits['le'])} or less"
        case "multiple_of" if isinstance(value, int | float):
            step = float(limits["multiple_of"])
            low = value // step * step
            problem, change = f"is not in steps of {step:g}", f"use {_line(key, low)} or {low + step:g}"
        case "string_too_long":
            problem, change = f"is longer than {limits['max_length']} characters", "shorten it"
        case "string_too_short":
            problem = "is empty"
        case "too_short":
            problem = "has too few entries"
        case "finite_number":
            problem = "is no finite number"
    return problem, change


def _wrong_type(kind: str, value: object, key: Key, node: Node) -> tuple[str, str] | None:
    """What to say of a value that is not of the wanted type at all; None if its type is fine."""
    wanted = _wanted(kind, node)
    if wanted is None:
        return None
    problem, change = f"is {_called(value)}, {wanted} is wanted", _for_example(key, node)
    if is_hidden(value, key):
        change = "put it in quotes" if wanted == "text" and isinstance(value, int | float) else "see docs/settings.md"
    elif wanted in {"a whole number", "a number"} and isinstance(value, str) and _NUMBER.fullmatch(value):
        if len(value) < _LONGEST_NUMBER:  # without quotes, too, YAML takes a longer one for text
            problem = f"is text in quotes, {wanted} is wanted"
            change = f"write it without quotes: {_line(key, float(value) if '.' in value else int(value))}"
    elif wanted == "true or false" and isinstance(value, str) and value.lower() in _TRUTHS:
        change = f"write it without quotes: {_line(key, _TRUTHS[value.lower()])}"
    elif wanted == "text" and isinstance(value, int | float) and _text_fits(str(value).lower(), node):
        zeros = ", with zeros at its end if there were any" if isinstance(value, float) else ""
        change = f"put it in quotes{zeros}: {_line(key, str(value).lower())}"
    elif wanted == "text" and isinstance(value, int) and not isinstance(value, bool) and _is_digits(node):
        problem = "is a number without quotes, which YAML read as another one: a leading 0 means octal, or is dropped"
        change = f"put the digits that were meant in quotes, as in {_line(key, _example(node))}"
    return problem, change


def _text_fits(text: str, node: Node) -> bool:
    """Whether a value would do once it is in quotes."""
    branches = node.get("anyOf", [node])
    patterns = [branch["pattern"] for branch in branches if "pattern" in branch]
    return not _choices(node) and all(re.search(pattern, text) for pattern in patterns)


def _is_digits(node: Node) -> bool:
    """Whether a text consists of digits, so that without quotes it is a number."""
    return re.fullmatch(r"\^\[0-9\](\{\d+\}|\+)\$", node.get("pattern", "")) is not None


def _wanted(kind: str, node: Node) -> str | None:
    """The type that a field wants, when pydantic's complaint is about the type."""
    if kind == "literal_error":
        return "a whole number" if isinstance(next(iter(_choices(node)), ""), int) else "text"
    if not kind.endswith("_type"):
        return "a map" if kind == "union_tag_not_found" else None
    words = {"int": "a whole number", "float": "a number", "bool": "true or false", "string": "text"}
    words |= {"list": "a list", "tuple": "a list"}
    return words.get(kind.partition("_")[0], "a map")


def _called(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "empty" if value is None else "true or false"
    names: dict[type, str] = {
        int: "a number",
        float: "a number with decimals or an exponent",
        str: "text",
        list: "a list",
        dict: "a map",
    }
    return names.get(type(value), "something else")


def _for_example(key: Key, node: Node) -> str:
    example = _example(node)
    return f"for example {_line(key, example)}" if example is not None else "see docs/settings.md"


def _example(node: Node) -> Any:
    if node.get("examples"):
        return node["examples"][0]
    choices = _choices(node)
    return 30 if 30 in choices else next(iter(choices), None)


def _line(key: Key, value: Any) -> str:
    """A line of the stack file, in YAML's short form."""
    return _yaml(value) if isinstance(key[-1], int) else f"{_yaml(key[-1])}: {_yaml(value)}"


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_yaml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str) and (_NUMBER.fullmatch(value) or value in _WORDS or not _PLAIN.fullmatch(value)):
        return json.dumps(value)
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
