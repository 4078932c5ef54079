"""JSON as people read it: what `json.dumps` writes with ``indent=2, sort_keys=True, ensure_ascii=False``, sooner.

Python's own encoder is written in C only where nothing is indented; a report of 400 resources takes it 70 ms, while all
processors but one have nothing to do any more.
"""

import json
from json.encoder import encode_basestring as _quoted
from typing import Any


def dumps(value: Any) -> str:
    """The text of a document of dictionaries with texts as keys, lists, texts, numbers, booleans and None."""
    return _text(value, "\n")


def _text(value: Any, line: str) -> str:
    """`line` begins a line of what surrounds the value."""
    if isinstance(value, str):
        return _quoted(value)
    inner = line + "  "
    if isinstance(value, dict) and value:
        members = [f"{_quoted(key)}: {_text(value[key], inner)}" for key in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(members)}{line}}}"
    if isinstance(value, list) and value:
        elements = [_text(element, inner) for element in value]
        return f"[{inner}{f',{inner}'.join(elements)}{line}]"
    return json.dumps(value)
