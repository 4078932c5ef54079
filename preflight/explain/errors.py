"""What preflight says when something is wrong, and AWS where a diff foresaw it: the kinds of errors, and the messages
that a newcomer meets, with cause and cure (`errors.json`). `part` is text of the message, by which it is found
again."""

import json
from pathlib import Path
from typing import Any, NamedTuple

OF_AWS = "aws-refusal"
"""The kind of what AWS answers when something is taken that it keeps only once (`simulation/identities.json`)."""


class Mistake(NamedTuple):
    """A kind of error (no `part`), or one message of it; `code` is the exit code, 0 for a note. `also`: other words for
    the same, in another report."""

    kind: str
    part: str
    cause: str
    cure: str
    code: int
    also: tuple[str, ...] = ()


INDEX = tuple(Mistake(**row) for row in json.loads(Path(__file__).with_name("errors.json").read_text(encoding="utf-8")))


def found(text: str) -> list[Mistake]:
    """What a kind, or (part of) a message, stands for: the nearest message first, then its kind."""
    wanted = " ".join(text.lower().split())
    kinds = [each for each in INDEX if not each.part]
    if exact := [each for each in INDEX if each.kind == wanted]:  # `budget` is no kind of error, and has a message only
        return sorted(exact, key=lambda each: bool(each.part))
    near = [
        each for each in INDEX if each.part and any(_holds(part.lower(), wanted) for part in (each.part, *each.also))
    ]
    return [*near, *(kind for kind in kinds if kind.kind in {each.kind for each in near})]


def explanation(mistakes: list[Mistake]) -> dict[str, Any]:
    """The same as plain JSON values."""
    return {
        "kind": "error",
        "name": mistakes[0].part or mistakes[0].kind,
        "errors": [
            {
                "kind": each.kind, "message": each.part or None, "cause": each.cause, "cure": each.cure,
                "exitCode": each.code,
            }
            for each in mistakes
        ],
    }  # fmt: skip


def _holds(part: str, wanted: str) -> bool:
    return part in wanted or (len(wanted) >= 12 and wanted in part)
