"""What a recording made up for AWS, or for what draws names: shown as what it is, never as text that will not exist.

An id, an ARN or a name that nobody gave is drawn anew by a deployment. The recording has a stand-in for each, also
inside of longer texts; where one is to be shown it says what it is of: `<name of data-files>`.
"""

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from preflight import simulation
from preflight.diff import words
from preflight.diff.pairs import SHORTEST

Entry = Mapping[str, Any]
Texts = Sequence[tuple[str, str]]
Told = Callable[[str], str]
_LABEL = re.compile(r"<[^<>]+ of [^<>]+>")
_ACCOUNT = re.compile(r"\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):")
_DRAWN = re.compile(r"\d")


class MadeUp:
    """The stand-ins of one recording, worked out for a resource when one of its outputs is to be shown."""

    def __init__(self, entries: Mapping[str, Entry], region: str, account: str) -> None:
        self._entries, self._region, self._account = entries, region, account
        self._of = functools.cache(self._worked_out)
        self._called = Counter(entry["name"] for entry in entries.values() if entry["custom"])

    def told(self, entry: Entry) -> Told:
        """What writes a text of this resource's inputs as it may be shown."""

        @functools.cache
        def texts() -> Texts:
            needs = {need for several in entry["propertyDependencies"].values() for need in several}
            found = {text: label for need in sorted(needs) for text, label in self._of(need)}
            return sorted(found.items(), key=lambda pair: (-len(pair[0]), pair))

        return lambda text: _with(text, texts())

    def name(self, urn: str) -> str | None:
        """The name that was drawn for a resource; None where the program gives it, or AWS draws it."""
        entry = self._entries.get(urn)
        if entry is None or not entry["custom"]:
            return None
        given = {key: value for key, value in entry["inputs"].items() if value is not None}
        named = simulation.physical_name(entry["type"], entry["name"], urn, inputs=given)
        return named[1] if named and named[0] not in given and f"{named[0]}Prefix" not in given else None

    def is_output(self, urn: str, text: str) -> bool:
        """Whether a text is as a whole what was drawn for a resource."""
        return any(text == drawn for drawn, _ in self._of(urn))

    def identity(self, urn: str) -> str | None:
        """The id of a resource, where it follows from what the program gives; None where it is drawn."""
        entry = self._entries[urn]
        identities = {dict(self._outputs(entry, seed))["id"] for seed in (urn, f"{urn}'")}
        return identities.pop() if len(identities) == 1 else None

    def _worked_out(self, urn: str) -> Texts:
        entry = self._entries.get(urn)
        if entry is None or not entry["custom"] or not entry["type"].startswith("aws:"):
            return ()
        first, other = (self._outputs(entry, seed) for seed in (urn, f"{urn}'"))
        drawn = {text for _, text in first} - {text for _, text in other}
        called = entry["name"] if self._called[entry["name"]] < 2 else words.called(entry)
        return [
            (text, f"<{key} of {called}>")
            for key, text in first
            if len(text) >= SHORTEST and text != self._account and (text in drawn or self._account in text)
        ]

    def _outputs(self, entry: Entry, seed: str) -> list[tuple[str, str]]:
        """Texts with what they are called, the plainest word last: it counts where two are the same."""
        given = {key: value for key, value in entry["inputs"].items() if value is not None}
        provider = self._entries.get(entry["options"].get("provider", ""), {"inputs": {}})["inputs"].get("region")
        region = given.get("region") or provider
        where: dict[str, Any] = {
            "region": region if isinstance(region, str) else self._region, "account": self._account, "urn": seed,
        }  # fmt: skip
        name = simulation.physical_name(entry["type"], entry["name"], seed, inputs=given)
        named = name is not None and name[0] not in given and f"{name[0]}Prefix" not in given
        if name is not None and named:
            given[name[0]] = name[1]
        made = simulation.computed(entry["type"], entry["name"], given, **where)
        identity = simulation.resource_id(entry["type"], entry["name"], given, **where)
        found: list[tuple[str, Any]] = [("id", identity), *((key, made[key]) for key in sorted(made))]
        found += [("name", name[1])] if name is not None and named else []
        found += [("arn", made["arn"])] if "arn" in made else []
        return [(key, value) for key, value in found if isinstance(value, str)]


def region(stack: Entry) -> str:
    """The region of what says none of its own, by the stack's report."""
    return str((stack["cost"] or {}).get("region", "us-east-1"))


def account(stack: Entry) -> str:
    """The account that the recording stands in: the one that most of its ARNs name."""
    found = Counter(_ACCOUNT.findall(str([entry["inputs"] for entry in stack["resources"]])))
    return found.most_common(1)[0][0] if found else "123456789012"


def is_sure(shown: str) -> bool:
    """Whether a text of which a preview knows nothing is told by what it is made of: nothing else in it is drawn."""
    rest, told = _LABEL.subn("", shown)
    return bool(told) and not _DRAWN.search(rest)


def is_told(shown: object) -> bool:
    """Whether it names what it is of."""
    return isinstance(shown, str) and bool(_LABEL.search(shown))


def rest(shown: str) -> str:
    """What is left of a text beside that."""
    return _LABEL.sub("", shown)


def places(value: Any, part: str, path: str) -> Iterator[str]:
    """Where a text with this part is."""
    if isinstance(value, str):
        if part in value:
            yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from places(inner, part, f"{path}.{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from places(inner, part, f"{path}[{position}]")


def _with(text: str, texts: Iterable[tuple[str, str]]) -> str:
    marked: list[str] = []
    for made, label in texts:
        if made in text:
            marked.append(label)
            text = text.replace(made, f"\0{len(marked) - 1}\0")
    return re.sub(r"\0(\d+)\0", lambda found: marked[int(found[1])], text) if marked else text
