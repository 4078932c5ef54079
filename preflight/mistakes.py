"""What is wrong with a key of a stack file that preflight reads by itself, in words: key, problem, value, what is
allowed, what to change. The form is that of groundwork's own settings, so that both can stand in one report."""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

_BLOCK = re.compile(
    r"^  (?P<key>\S.*?)(?: \((?P<place>[^()\n]+:\d+)\))?\n    problem: (?P<said>.*(?:\n[ \t]{4}.*)*)", re.MULTILINE
)


class Mistake(NamedTuple):
    """A value that cannot be used. `key` is the full key as Pulumi's own commands take it, made with `step`."""

    key: str
    problem: str
    given: str
    allowed: str
    change: str

    def __str__(self) -> str:
        return (
            f"  {self.key}\n    problem: {self.problem}\n    given:   {self.given}\n"
            f"    allowed: {self.allowed}\n    change:  {self.change}"
        )


class Told(NamedTuple):
    """One mistake of a message that lists several: its key, `file:line` where that is known, and what is said of it."""

    key: str
    place: str | None
    said: str


def one_by_one(message: str) -> list[Told]:
    """The mistakes of a message in the form of `Mistake`, in which groundwork's settings say theirs too; none where the
    message is of another form. Each keeps what stands beside the list, such as why nothing was read at all."""
    blocks = [*_BLOCK.finditer(message)]
    if not blocks:
        return []
    beside = [*message[: blocks[0].start()].strip().split("\n\n")[:-1], message[blocks[-1].end() :].strip()]
    others = "".join(f"\n{paragraph}" for paragraph in beside if paragraph)
    found = [(block, block["said"].replace("\n    ", "\n")) for block in blocks]
    return [Told(block["key"], block["place"], f"{block['key']}: {said}{others}") for block, said in found]


def step(name: str) -> str:
    """One name of a path inside a value: `.budget`, or `["a b"]` where a dot would not do."""
    return f".{name}" if re.fullmatch(r"[\w:-]+", name) else f"[{json.dumps(name)}]"


def guess(name: str, known: Sequence[str], cutoff: float = 0.6) -> str | None:
    """The known name that a misspelt one most likely means, None when none is near: `cutoff` of 1 alike, or more."""
    from difflib import get_close_matches  # noqa: PLC0415 only for a message, and 5 ms

    return next(iter(get_close_matches(name, known, n=1, cutoff=cutoff)), None)


def listed(title: str, mistakes: Sequence[str]) -> str:
    """All mistakes as one text; `title` is what they are in (`the usage figures of ...`)."""
    count = f"{len(mistakes)} mistakes" if len(mistakes) != 1 else "1 mistake"
    return "\n\n".join([f"{title} have {count}:", *mistakes])
