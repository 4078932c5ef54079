"""What an argument may be, where AWS's API has an enumeration for it: see ``allowed.json`` for its sources."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Words(NamedTuple):
    """The words of an enumeration; `any_case`: whether upper and lower case are the same, `even_empty`: whether an
    empty text is refused too and does not count as none."""

    values: tuple[str, ...]
    any_case: bool
    even_empty: bool = False

    def has(self, text: str) -> bool:
        """Whether it is one of them."""
        return text in self.values or (self.any_case and text.lower() in {each.lower() for each in self.values})


_FILE = Path(__file__).with_name("allowed.json")


def of(arguments: type) -> Mapping[str, Words]:
    """Name on the wire -> what is allowed, for a class of arguments of the AWS SDK; any other may be anything."""
    package, _, rest = arguments.__module__.partition(".")
    if package != "pulumi_aws":
        return {}
    return _table().get(f"{rest.partition('.')[0]}/{arguments.__name__.removesuffix('Args')}", {})


@functools.cache
def _table() -> dict[str, dict[str, Words]]:
    table: dict[str, dict[str, Words]] = {}
    document = json.loads(_FILE.read_text(encoding="utf-8"))
    for row in document["rows"]:
        values = row["values"].split() if isinstance(row["values"], str) else row["values"]
        words = Words(tuple(values), row.get("anyCase", False))
        for each in row["of"]:
            name, *keys = each.split()
            table.setdefault(name, {}).update(dict.fromkeys(keys, words))
    for name, key in map(str.split, document["evenEmpty"]["of"]):
        table[name][key] = table[name][key]._replace(even_empty=True)
    return table
