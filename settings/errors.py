"""What is wrong with a stack file, in words: the key, the value, what is allowed, what to change."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

PROJECT = "groundwork"

Key = tuple[str | int, ...]
"""A place in the stack file below `groundwork:`, as written there: `("services", "web", "port")`.
A first part with a colon (`aws:region`) is a key of another namespace."""

_SHOWN_AT_MOST = 100
_SLIPS = 2
_HIDDEN = "(not shown: it could be a secret)"
_HIDDEN_WORDS = r"PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|KEY|APIKEY|CREDENTIAL|CREDENTIALS|PRIVATE"
_SECRET_NAME = re.compile(rf"(?:^|[_\-.])(?:{_HIDDEN_WORDS})$|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL")
_PUBLIC_NAME = re.compile(r"(?:^|[_\-.])(?:PUBLIC[_\-.]?KEY|ARN)$")  # where a secret is, is none
_SECRET_VALUE = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"  # an AWS access key
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|://[^/\s:@]*:[^/\s@]+@|^[^/\s:@]+:[^/\s@]+@(?!sha256:)"  # a user and password within an address
    r"|\bgh[pousr]_[A-Za-z0-9]{36}"  # a GitHub token
)
_ASSIGNMENT = re.compile(r"(?i:passw(?:or)?d|secret|token|api_?key)[\"']?\s*[=:]\s*\S")  # a name and its value in one


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A value that stops the program. `given` is what the file says, made safe to print by `shown`."""

    key: Key
    problem: str
    given: str
    allowed: str
    change: str

    def __str__(self) -> str:
        return (
            f"  {full(self.key)}\n    problem: {self.problem}\n    given:   {self.given}\n"
            f"    allowed: {self.allowed}\n    change:  {self.change}"
        )


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A value that nobody here can judge, such as one newer than a dated table: the program goes on with a warning."""

    key: Key
    text: str

    def __str__(self) -> str:
        return f"{full(self.key)}: {self.text}"


Finding = Mistake | Doubt
Findings = Iterator[Finding]


class Unknown(Exception):  # noqa: N818 - not an error of the program: a rule has nothing to say
    """A rule asked for a value that is itself missing or mistaken; that mistake is reported, the rule is skipped."""


class RulesBrokenError(ValueError):
    """A settings object whose fields are fine one by one but not together."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class RefusedError(ValueError):
    """A single value that its field does not take; the field's description says what is allowed. `exemplified`: the
    field's example belongs behind `change`."""

    def __init__(self, problem: str, change: str, *, exemplified: bool = False) -> None:
        super().__init__(f"{problem}: {change}")
        self.problem = problem
        self.change = change
        self.exemplified = exemplified


def full(key: Key) -> str:
    """The key as Pulumi's own commands take it: `groundwork:network.availabilityZones[1]`."""
    text = "".join(map(_step, key)).removeprefix(".")
    return text if ":" in str(key[0]) else f"{PROJECT}:{text}"


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if re.fullmatch(r"[\w:-]+", part) else f"[{_quoted(part)}]"


def below(key: Key, finding: Finding) -> Finding:
    """The same finding, seen from further up."""
    return replace(finding, key=key + finding.key)


def looks_secret(name: str, value: object = "") -> bool:
    """Whether a value of this name, or this very value, is of the kind that does not belong in a plain file."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()  # dbPassword -> DB_PASSWORD
    named = _SECRET_NAME.search(plain) is not None and _PUBLIC_NAME.search(plain) is None
    return named or (isinstance(value, str) and _SECRET_VALUE.search(value) is not None)


def is_hidden(value: Any, key: Key) -> bool:
    """Whether a value at this place must not be printed, in whatever form."""
    name = next((part for part in reversed(key) if isinstance(part, str)), "")
    if isinstance(value, str) and ("environment" in key or "secrets" in key or _ASSIGNMENT.search(value)):
        return True
    return looks_secret(name, value)


def shown(value: Any, key: Key = ()) -> str:
    """A value as it may be printed. Contents of maps and lists, text of environment variables and whatever looks like a
    secret stay hidden."""
    if isinstance(value, dict):
        return f"a map with {len(value)} key{'s' * (len(value) != 1)}" if value else "an empty map"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if value is None:
        return "nothing (null)"
    if is_hidden(value, key):
        return _HIDDEN
    text = _quoted(value) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _SHOWN_AT_MOST else f"{text[:_SHOWN_AT_MOST]}... ({len(str(value))} characters)"


def named(name: str) -> str:
    """A key or a name as it may be printed: in quotes, on one line."""
    text = _quoted(name)
    return text if len(text) <= _SHOWN_AT_MOST else f"{text[:_SHOWN_AT_MOST]}... ({len(name)} characters)"


def _quoted(text: str) -> str:
    """Text in quotes. What a terminal would obey, or what no file can hold (half of a surrogate pair), is escaped."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def report(stack: str, mistakes: Sequence[Mistake]) -> str:
    """All mistakes of a stack as one text."""
    count = f"{len(mistakes)} mistakes" if len(mistakes) != 1 else "1 mistake"
    return "\n\n".join([f"the settings of stack {stack!r} (Pulumi.{stack}.yaml) have {count}:", *map(str, mistakes)])


def several(values: Sequence[object], last: str = "or") -> str:
    """`a, b or c`."""
    words = [text if (text := str(value)).isprintable() else _quoted(text) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else "none"


def unmistakable(word: str, known: Sequence[str]) -> str | None:
    """The known word that at most two slips make of this one, when no other is as near: for words that are so alike
    that a wrong guess is worse than none, such as regions. Two letters that changed places are one slip."""
    slips = sorted((_slips(word.strip().lower().replace("_", "-"), candidate), candidate) for candidate in known)
    if not slips or slips[0][0] > _SLIPS or (len(slips) > 1 and slips[1][0] == slips[0][0]):
        return None
    return slips[0][1]


def _slips(one: str, other: str) -> int:
    """Letters added, left out, changed, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was most likely meant; case, `-` and `_` do not count."""
    import difflib  # noqa: PLC0415 - 3 ms that only a mistaken file has to pay

    plain = {
        re.sub(r"[-_ ]", "", candidate).lower(): candidate for candidate in reversed(known) if candidate.isprintable()
    }
    wanted = re.sub(r"[-_ ]", "", word).lower()
    close = difflib.get_close_matches(wanted, plain, n=1, cutoff=0.6)
    if close:
        return plain[close[0]]
    inside = [
        candidate for short, candidate in plain.items() if len(wanted) > 2 and (wanted in short or short in wanted)
    ]
    return inside[0] if len(inside) == 1 else None
