"""Where two sets of recorded inputs differ, down to the single value; list elements by what they are called.

A value that hangs on something that AWS makes is unknown here, also where the recording of an update simulates it; of a
secret nothing but whether it changed leaves this module.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from preflight.diff import made_up
from preflight.diff.touched import ORDER
from preflight.recording import FINGERPRINT, SECRET, UNKNOWN, is_secret
from preflight.simulation import changes

Kind = Literal["add", "update", "delete"]
_HEADING = 40  # characters of it
_NOTHING_KNOWN = {UNKNOWN: True}
_HIDDEN = {SECRET: True}
_NAMES = (
    "name", "key", "sid", "Sid", "id", "Id", "Name", "Key", "attributeName", "indexName", "capacityProvider",
    "deviceName", "priority",
)  # fmt: skip
# What a simulation makes up: an ARN, an id or name with drawn digits, an address of AWS, an account.
_MADE_UP = re.compile(r"arn:aws|-[0-9a-f]{7,}\b|amazonaws\.com|\b\d{12}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-")


class Difference(NamedTuple):
    """One place. `path` is for people, `place` the same without indexes; `was` and `becomes` are for rules, while
    `before` and `after` may be shown."""

    path: str
    place: str
    kind: Kind
    was: Any
    becomes: Any
    before: Any
    after: Any


class Sides(NamedTuple):
    """Paths of both inputs that are known only after a deployment."""

    base: frozenset[str]
    head: frozenset[str]
    told: tuple[made_up.Told, made_up.Told] = (str, str)
    """What writes a text of either as it may be shown."""


class _Where(NamedTuple):
    """A place on its way down: as shown, as the table of changes has it, as either report has it, whether below it
    stands text that nobody knows for sure."""

    path: str
    place: str
    base: str
    head: str
    vague: bool = False

    def key(self, name: str) -> "_Where":
        part = f".{name}" if name.isidentifier() else f'["{name}"]'
        return self._replace(
            path=self.path + part, place=self.place + part, base=f"{self.base}.{name}", head=f"{self.head}.{name}"
        )

    def element(self, shown: object, base: int | None, head: int | None) -> "_Where":
        return self._replace(
            path=f"{self.path}[{shown}]",
            base=f"{self.base}[{base}]" if base is not None else "",
            head=f"{self.head}[{head}]" if head is not None else "",
        )


def differences(old: Mapping[str, Any], new: Mapping[str, Any], sides: Sides) -> Iterator[Difference]:
    """All places that differ, top-level keys in order of the alphabet."""
    for key in sorted({*old, *new}):
        if not key.startswith("__"):
            yield from _compared(_Where(key, key, key, key), key, old.get(key), new.get(key), sides)


def secrets_not_compared(old: Any, new: Any) -> bool:
    """Whether both hold a secret at one place of which nobody can tell whether it changed."""
    if is_secret(old) and is_secret(new):
        return FINGERPRINT not in old or FINGERPRINT not in new
    if isinstance(old, dict) and isinstance(new, dict):
        return any(secrets_not_compared(old[key], new[key]) for key in {*old} & {*new})
    if isinstance(old, list) and isinstance(new, list):
        return any(map(secrets_not_compared, old, new))
    return False


def has_secret(value: Any) -> bool:
    """Whether anything in it is a secret."""
    if isinstance(value, dict):
        return is_secret(value) or any(map(has_secret, value.values()))
    return isinstance(value, list) and any(map(has_secret, value))


def without_marks(value: Any) -> Any:
    """The same without fingerprints of secrets."""
    if isinstance(value, dict):
        return dict(_HIDDEN) if is_secret(value) else {key: without_marks(inner) for key, inner in value.items()}
    return [without_marks(inner) for inner in value] if isinstance(value, list) else value


def _compared(where: _Where, name: str, old: Any, new: Any, sides: Sides) -> Iterator[Difference]:
    if is_secret(old) and is_secret(new):
        if FINGERPRINT in old and FINGERPRINT in new and old[FINGERPRINT] != new[FINGERPRINT]:
            yield Difference(where.path, where.place, "update", None, None, dict(_HIDDEN), dict(_HIDDEN))
        return
    if changes.same(without_marks(old), without_marks(new)) and not has_secret(old):
        return
    if is_secret(old) or is_secret(new) or old is None or new is None:
        yield _leaf(where, old, new, sides)
    elif _plain_map(old) and _plain_map(new):
        for key in sorted({*old, *new}):
            yield from _compared(where.key(key), key, old.get(key), new.get(key), sides)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(where, name, old, new, sides)
    elif (documents := _documents(old, new)) is not None:
        vague = where.base in sides.base or where.head in sides.head
        inner = where._replace(base="", head="", vague=vague or where.vague)
        found = list(_compared(inner, "", *documents, sides))
        for each in found:  # to the provider it is one text
            yield each._replace(place=where.place, was=old, becomes=new)
    else:
        yield _leaf(where, old, new, sides)


def _leaf(where: _Where, old: Any, new: Any, sides: Sides) -> Difference:
    kind: Kind = "add" if old is None else "delete" if new is None else "update"
    hide = is_secret(old) or is_secret(new)  # what was plain may still be the secret
    before, after = (
        (None if value is None else dict(_HIDDEN)) if hide else _shown(value, path, known, where.vague, told)
        for value, path, known, told in (
            (old, where.base, sides.base, sides.told[0]),
            (new, where.head, sides.head, sides.told[1]),
        )
    )
    if before == after and made_up.is_told(before):
        before = after = dict(_NOTHING_KNOWN)
    return Difference(where.path, where.place, kind, without_marks(old), without_marks(new), before, after)


def _shown(value: Any, path: str, unknown: frozenset[str], vague: bool, told: made_up.Told) -> Any:
    if path and path in unknown and value is not None:
        said = told(value) if isinstance(value, str) else ""
        return said if made_up.is_sure(said) else dict(_NOTHING_KNOWN)
    if is_secret(value):
        return dict(_HIDDEN)
    if isinstance(value, dict):
        return {
            key: _shown(inner, f"{path}.{key}" if path else "", unknown, vague, told) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_shown(inner, f"{path}[{i}]" if path else "", unknown, vague, told) for i, inner in enumerate(value)]
    if not isinstance(value, str):
        return value
    said = told(value)
    return dict(_NOTHING_KNOWN) if vague and _MADE_UP.search(made_up.rest(said)) else said


def _lists(where: _Where, name: str, old: list[Any], new: list[Any], sides: Sides) -> Iterator[Difference]:
    drawn = {key for path, unknown, elements in ((where.base, sides.base, old), (where.head, sides.head, new))
             for key in _NAMES if any(f"{path}[{i}].{key}" in unknown for i in range(len(elements)))}  # fmt: skip
    identity = _identity(old, new, drawn)
    if identity is not None:
        first, second = ({element[identity]: i for i, element in enumerate(each)} for each in (old, new))
        for each in [*first, *(value for value in second if value not in first)]:
            i, j = first.get(each), second.get(each)
            was, becomes = None if i is None else old[i], None if j is None else new[j]
            yield from _compared(where.element(f"{identity}={each}", i, j), "", was, becomes, sides)
        if name not in changes.SETS and [e for e in first if e in second] != [e for e in second if e in first]:
            yield _moved(where, old, new)
    elif (headings := _headings(old, new)) is not None:
        yield from _headed(where, headings, old, new, sides)
    elif name in changes.SETS or (_scalars(old) and _scalars(new)):
        gone, come = _rest(old, new), _rest(new, old)
        if not gone and not come and name not in changes.SETS:
            yield _moved(where, old, new)
        for at in range(max(len(gone), len(come))):
            i, j = (each[at] if at < len(each) else None for each in (gone, come))
            was, becomes = None if i is None else old[i], None if j is None else new[j]
            yield from _compared(where.element(i if j is None else j, i, j), "", was, becomes, sides)
    else:
        for i, j in _aligned(old, new):
            was, becomes = None if i is None else old[i], None if j is None else new[j]
            yield from _compared(where.element(i if j is None else j, i, j), "", was, becomes, sides)


def _headed(
    where: _Where, headings: tuple[list[str], list[str]], old: list[Any], new: list[Any], sides: Sides
) -> Iterator[Difference]:
    first, second = ({heading: i for i, heading in enumerate(each)} for each in headings)
    for each in [*first, *(heading for heading in second if heading not in first)]:
        i, j = first.get(each), second.get(each)
        was, becomes = None if i is None else old[i], None if j is None else new[j]
        yield from _compared(where.element(each, i, j), "", was, becomes, sides)


def _headings(old: Sequence[Any], new: Sequence[Any]) -> tuple[list[str], list[str]] | None:
    """What each widget of a dashboard is headed with, where each of them has a heading of its own: title or text."""
    both = [_heading(element) for element in old], [_heading(element) for element in new]
    found = ([each for each in one if each] for one in both)
    first, second = found
    unique = len({*first}) == len(old) and len({*second}) == len(new)
    return (first, second) if unique and old and new else None


def _heading(element: Any) -> str | None:
    inner = element.get("properties") if isinstance(element, dict) else None
    if not isinstance(inner, dict):
        return None
    for key in ("title", "markdown"):
        text = inner.get(key)
        if isinstance(text, str) and text:
            flat = " ".join(text.split())
            return f"{key}={flat if len(flat) <= _HEADING else flat[: _HEADING - 3] + '...'}"
    return None


def _aligned(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Positions that belong together where something differs: what was put in between moves nothing else."""
    first, second = ([json.dumps(element, sort_keys=True) for element in each] for each in (old, new))
    for what, i, i_end, j, j_end in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        for step in range(max(i_end - i, j_end - j) if what != "equal" else 0):
            yield (i + step if i + step < i_end else None), (j + step if j + step < j_end else None)


def _moved(where: _Where, old: Sequence[Any], new: Sequence[Any]) -> Difference:
    return Difference(where.path, where.place, "update", old, new, ORDER, ORDER)


def _identity(old: Sequence[Any], new: Sequence[Any], drawn: Collection[str]) -> str | None:
    """The key by which every element of both lists has a name of its own. A name that AWS draws is none."""
    if not all(isinstance(element, dict) for element in (*old, *new)):
        return None
    for key in (each for each in _NAMES if each not in drawn):
        if all(_is_name(element.get(key)) for element in (*old, *new)) and all(
            len({element[key] for element in each}) == len(each) for each in (old, new)
        ):
            return key
    return None


def _is_name(value: Any) -> bool:
    return (isinstance(value, str) and bool(value)) or (isinstance(value, int) and not isinstance(value, bool))


def _rest(these: Sequence[Any], those: Sequence[Any]) -> list[int]:
    """Positions of what the other list lacks; what is there twice has to be there twice."""
    left = list(those)
    found = []
    for i, value in enumerate(these):
        twin = next((k for k, other in enumerate(left) if changes.same(value, other)), None)
        if twin is None:
            found.append(i)
        else:
            left.pop(twin)
    return found


def _scalars(values: Sequence[Any]) -> bool:
    return not any(isinstance(value, list) or _plain_map(value) for value in values)


def _plain_map(value: Any) -> bool:
    return isinstance(value, dict) and not (value and next(iter(value)).startswith("$"))


def _documents(old: Any, new: Any) -> tuple[Any, Any] | None:
    """Both texts as JSON documents, when both are."""
    if not (isinstance(old, str) and isinstance(new, str) and old[:1] in "{[" and new[:1] == old[:1]):
        return None
    try:
        return json.loads(old), json.loads(new)
    except ValueError:
        return None
