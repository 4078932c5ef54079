"""Renews ``preflight/simulation/allowed.json`` (`make words`): what an argument may be, of the installed packages.

Which argument takes the words of which enumeration was found once by comparing the values that pulumi_aws's docstrings
list with all enumerations of the service, and then looked at by hand: that part of a row (`enum`, `of`, `anyCase`) is
kept. Its `values` are read anew: those of botocore's model, then the ones that only the documentation has, which is
what a row has more than its enumeration. An argument that the installed SDK no longer has is named, and ends it.
"""

import functools
import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from preflight.simulation import allowed

FILE = Path(allowed.__file__).with_name("allowed.json")
Row = dict[str, Any]


@functools.cache
def _shapes(service: str) -> dict[str, Any]:
    from botocore.loaders import Loader  # noqa: PLC0415 - not by every process that collects the tests

    shapes: dict[str, Any] = Loader().load_service_model(service, "service-2")["shapes"]
    return shapes


def words(row: Row) -> list[str]:
    """The values of a row as the installed model has them, with those of the documentation behind."""
    service, name = row["enum"].split(" ", 1)
    listed = row["values"].split() if isinstance(row["values"], str) else row["values"]
    enum = list(_shapes(service)[name]["enum"])
    return [*enum, *(each for each in dict.fromkeys(listed) if each not in enum)]


def document() -> Row:
    """The file as it is."""
    found: Row = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def renewed(found: Row) -> Row:
    """The same with the words of the installed model."""
    rows = [{**row, "values": _written(words(row))} for row in found["rows"]]
    versions = [f"{each} {metadata.version(each)}" for each in ("pulumi-aws", "botocore")]
    source = f"docstrings of {versions[0]}, and the enumerations of the API models of {versions[1]}"
    return {**found, "source": source, "rows": rows}


def _written(values: list[str]) -> str | list[str]:
    return values if any(re.search(r"\s", each) or not each for each in values) else " ".join(values)


@functools.cache
def _module(module: str) -> dict[str, frozenset[str]]:
    """Class of arguments, without Args -> names on the wire; read as text, since the SDK takes seconds to import."""
    found: dict[str, frozenset[str]] = {}
    for path in (Path(str(resources.files("pulumi_aws"))) / module).glob("*.py"):
        if path.name == "outputs.py" or path.name.startswith("get_"):
            continue
        for part in path.read_text(encoding="utf-8").split("\nclass ")[1:]:
            name = re.match(r"(\w+)Args:", part)
            if name is not None:
                found[name[1]] = frozenset(_names(part))
    return found


def _names(text: str) -> Iterator[str]:
    for renamed, name in re.findall(
        r"@pulumi\.getter(?:\(name=\"(\w+)\"\))?\n(?:    @.*\n)*    def (\w+)\(self\)", text
    ):
        yield renamed or name


def gone(found: Row) -> list[str]:
    """The arguments of a file that the installed SDK does not have."""
    named = (each.split() for row in found["rows"] for each in row["of"])
    return [
        f"{name} {key}"
        for name, *keys in named
        for key in keys
        if key not in _module(name.partition("/")[0]).get(name.partition("/")[2], ())
    ]


def text(found: Row) -> str:
    """A document as the file has it: a row to a line."""
    head = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in found.items() if key != "rows"]
    rows = ",\n".join(json.dumps(row, separators=(",", ": ")) for row in found["rows"])
    return "\n".join(["{", *head, '"rows": [', rows, "]", "}", ""])


if __name__ == "__main__":
    current = document()
    if lost := gone(current):
        sys.exit(
            "\n".join(["the installed pulumi_aws does not have:", *lost, f"take them out of {FILE.name}, or rename"])
        )
    FILE.write_text(text(renewed(current)), encoding="utf-8")
