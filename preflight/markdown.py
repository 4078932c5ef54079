"""Markdown that GitHub shows: text of others is quoted so that it can neither close its quotes nor mention anybody."""

import re
from collections.abc import Iterable

from preflight.visible import one_line, visible

LIMIT_BYTES = 60_000
"""Of a comment; GitHub takes 65,536 characters."""


def span(text: str) -> str:
    """One line as a code span that the text cannot leave."""
    flat = one_line(text)
    ticks = "`" * (_longest_run(flat) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}" if flat else ""


def cell(text: str) -> str:
    """The same inside of a table, where a bar is the end of a cell also in a code span."""
    return span(text).replace("|", "\\|")


def block(text: str) -> str:
    """Lines as a code block that the text cannot close."""
    text = visible(text)
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def bounded(text: str, limit: int = LIMIT_BYTES) -> str:
    """At most `limit` bytes in UTF-8. What is cut off is said, and an open code block or fold is closed."""
    if len(text.encode()) <= limit:
        return text
    notice = "\n\n**Cut off here**: the whole report is in the log and in the artifacts of this run."
    kept: list[str] = []
    room = limit - len(notice.encode()) - 200  # for closing what is open: one fence, one fold
    for line in text.splitlines():
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, *_closing(kept)]) + notice


def _closing(lines: Iterable[str]) -> list[str]:
    fence, folded = "", False
    for line in lines:
        if not fence and (opened := re.match(r"`{3,}", line)):
            fence = opened.group()
        elif fence and line == fence:
            fence = ""
        elif not fence and line.startswith("<details"):
            folded = True
        elif not fence and line == "</details>":
            folded = False
    return ([fence] if fence else []) + (["", "</details>"] if folded else [])
