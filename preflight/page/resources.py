"""The resources of all stacks as data for the page's tree, and the place where it stands."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any


def place(name: str, stack: Mapping[str, Any]) -> str:
    """Search, filter and the empty tree; the page fills it when it is opened."""
    label = escape(name, quote=True)
    types = sorted({entry["type"] for entry in stack["resources"] if entry["custom"]})
    options = "".join(f"<option>{escape(token)}</option>" for token in types)
    return (
        f'<div class="tools"><label>Search <input type="search" data-search="{label}"'
        ' placeholder="name, type or value"></label>'
        f'<label>Type <select data-type="{label}"><option value="">all</option>{options}</select></label>'
        f'<output data-count="{label}" aria-live="polite"></output></div>'
        f'<div class="tree" data-tree="{label}"><noscript>The list of resources needs JavaScript; the JSON document has'
        " it too.</noscript></div>"
    )


def data(stacks: Mapping[str, Mapping[str, Any]], room: int) -> str:
    """JSON that may stand in a script element, in at most `room` bytes: what is too long has null for its inputs. Rows
    are [name, type, position of the parent or -1, source, inputs]."""
    rows = {name: _rows(stack["resources"]) for name, stack in stacks.items()}
    text = _text(rows)
    if len(text.encode()) <= room:
        return text
    sizes = sorted(
        (
            (len(_text(row[4]).encode()), name, number)
            for name, found in rows.items()
            for number, row in enumerate(found)
        ),
        reverse=True,
    )
    over = len(text.encode()) - room
    for size, name, number in sizes:
        if over <= 0:
            break
        rows[name][number][4] = None
        over -= size - len("null")
    return _text(rows)


def _rows(entries: list[Mapping[str, Any]]) -> list[list[Any]]:
    """Parents before their children."""
    by_urn = {entry["urn"]: entry for entry in entries}
    order: dict[str, int] = {}

    def add(entry: Mapping[str, Any]) -> None:
        chain = [entry]
        while (parent := by_urn.get(chain[-1]["parent"] or "")) is not None and parent["urn"] not in order:
            if parent in chain:
                break
            chain.append(parent)
        for each in reversed(chain):
            order.setdefault(each["urn"], len(order))

    for entry in entries:
        add(entry)
    return [
        [
            entry["name"],
            entry["type"],
            order.get(entry["parent"] or "", -1),
            entry["source"] or "",
            entry["inputs"],
        ]
        for entry in (by_urn[urn] for urn in order)
    ]


def _text(value: Any) -> str:
    """Nothing in it can end the script element or open a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
