"""What an argument may be, where AWS's API has an enumeration for it: see ``allowed.json`` for its sources."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path

Values = tuple[str, ...]

_FILE = Path(__file__).with_name("allowed.json")


def of(arguments: type) -> Mapping[str, Values]:
    """Name on the wire -> what is allowed, for a class of arguments of the AWS SDK; any other may be anything."""
    package, _, rest = arguments.__module__.partition(".")
    if package != "pulumi_aws":
        return {}
    return _table().get(f"{rest.partition('.')[0]}/{arguments.__name__.removesuffix('Args')}", {})


@functools.cache
def _table() -> dict[str, dict[str, Values]]:
    table: dict[str, dict[str, Values]] = {}
    for row in json.loads(_FILE.read_text(encoding="utf-8"))["rows"]:
        values = tuple(row["values"].split() if isinstance(row["values"], str) else row["values"])
        for each in row["of"]:
            name, *keys = each.split()
            table.setdefault(name, {}).update(dict.fromkeys(keys, values))
    return table
