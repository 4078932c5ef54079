"""Exemptions: somebody took a finding on, says why, and until when.

They come from three places, all alike: `exemptions` in the pack's configuration, a YAML file, and the stack's own
configuration under `guardrails:exemptions`, so that a program carries its own. One that is wrong or too late exempts
nothing; what is wrong with it is a finding of the control `exemptions-valid`, and so is one that nothing needs.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from fnmatch import translate
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from .config import Config
from .parameters import EXEMPTION_DAYS
from .verdicts import Control, Outcome, Run, Verdict

KEYS = ("control", "resource", "owner", "reason", "expires", "ticket")
FILE = "exemptions.yaml"
STACK_KEY = "guardrails:exemptions"
_TELLING = 3  # characters that are no wildcard: beside one, fewer of them name nobody
_SEPARATORS = 3  # between stack, project, type and name: with fewer, the name's wildcard would reach into the type
_EXEMPTABLE = frozenset({Outcome.VIOLATION, Outcome.UNDECIDED})
NOT_EXEMPTABLE = frozenset({"exemptions-valid", "no-undecided-at-update"})
"""Controls of the run itself: who exempts from these would switch off the count of exemptions."""


class Exemption(NamedTuple):
    """One entry; `place` says where it stands, `resource` is a pattern of URNs in which `*` is any text."""

    place: str
    control: str
    resource: str
    owner: str
    reason: str
    expires: date
    ticket: str

    @property
    def spoken(self) -> str:
        """How a report shows it."""
        return f"by {self.owner} until {self.expires.isoformat()}, {self.ticket}: {self.reason}"


class Mistake(NamedTuple):
    """What is wrong with an entry, or with a whole file. `control`: only where this one is asked does it matter."""

    place: str
    says: str
    control: str | None = None


class Exemptions:
    """All entries that hold on this run, and the mistakes in the others; remembers which were needed."""

    def __init__(self, entries: Iterable[Exemption] = (), mistakes: Iterable[Mistake] = ()) -> None:
        self.entries = tuple(entries)
        self.mistakes = tuple(mistakes)

    @cached_property
    def _by_control(self) -> dict[str, list[tuple[re.Pattern[str], Exemption]]]:
        grouped: dict[str, list[tuple[re.Pattern[str], Exemption]]] = {}
        for entry in self.entries:
            grouped.setdefault(entry.control, []).append((_pattern(entry.resource), entry))
        return grouped

    def of(self, control: str, urn: str) -> Exemption | None:
        """The first entry that exempts this resource from this control."""
        return next((entry for pattern, entry in self._by_control.get(control, ()) if pattern.match(urn)), None)

    def applied(self, verdict: Verdict) -> Verdict:
        """The verdict, as exempted where an entry says so. Faults and passes stay what they are."""
        if verdict.finding.outcome not in _EXEMPTABLE or not self.entries:
            return verdict
        entry = self.of(verdict.control.id, verdict.node.urn)
        if entry is None:
            return verdict
        return verdict._replace(finding=verdict.finding._replace(outcome=Outcome.EXEMPTED), exempt=entry.spoken)

    def unused(self, verdicts: Sequence[Verdict], asked: Iterable[str], run: Run) -> Iterator[Exemption]:
        """Entries for this stack which no finding needs; those for controls that were not asked do not count."""
        exempted = Counter(
            self.of(verdict.control.id, verdict.node.urn)
            for verdict in verdicts
            if verdict.finding.outcome is Outcome.EXEMPTED
        )
        controls = set(asked)
        for entry in self.entries:
            if entry.control in controls and not exempted[entry] and _is_for(entry.resource, run):
                yield entry


class Source(NamedTuple):
    """Where entries may stand: the pack's folder, the working folder, and the stack's configuration."""

    folders: tuple[Path, ...] = ()
    stack_config: Mapping[str, str] = {}


def load(config: Config, source: Source, controls: Iterable[Control], run: Run) -> Exemptions:
    """All entries of this run. Never raises: whatever is wrong is in `mistakes`, and exempts nothing."""
    mistakes: list[Mistake] = []
    found = [(f"exemptions[{index}] of the pack configuration", raw) for index, raw in enumerate(config.exemptions)]
    found += _in_stack(source.stack_config, mistakes)
    found += _in_file(config, source.folders, mistakes)
    if not found:
        return Exemptions((), mistakes)
    ids = {control.id for control in controls}
    entries = []
    for place, raw in found:
        entry = _read(place, raw, mistakes)
        if entry is None:
            continue
        wrong = [Mistake(place, says) for says in _wrong(entry, ids)]
        if _is_for(entry.resource, run) and (late := _out_of_time(entry, config, run)):
            wrong.append(Mistake(place, late, entry.control))
        mistakes += wrong
        entries += [] if wrong else [entry]
    return Exemptions(entries, mistakes)


def _in_stack(stack_config: Mapping[str, str], mistakes: list[Mistake]) -> list[tuple[str, Any]]:
    text = stack_config.get(STACK_KEY)
    if text is None:
        return []
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    return _entries(content, f"{STACK_KEY} of the stack's configuration", mistakes)


def _in_file(config: Config, folders: Sequence[Path], mistakes: list[Mistake]) -> list[tuple[str, Any]]:
    named = config.exemptions_file
    places = folders if named is not None else folders[:1]
    path = next((folder / (named or FILE) for folder in places if (folder / (named or FILE)).is_file()), None)
    if path is None:
        if named is not None:
            looked = " nor ".join(dict.fromkeys(str(folder / named) for folder in folders))
            mistakes.append(Mistake("exemptionsFile", f"there is no file {looked}"))
        return []
    import yaml  # noqa: PLC0415 - 10 ms that a run without a file does not pay

    try:
        content = _parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(Mistake(path.name, f"it cannot be read: {type(error).__name__}"))
        return []
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        mistakes.append(Mistake(path.name, f"it is no YAML{where}, so nothing in it exempts"))
        return []
    if isinstance(content, dict) and set(content) == {"exemptions"}:
        content = content["exemptions"]
    return [] if content is None else _entries(content, path.name, mistakes)


@lru_cache(maxsize=2)
def _parsed(text: str) -> Any:
    import yaml  # noqa: PLC0415 - as above

    return yaml.safe_load(text)


def read_early(source: Source) -> None:
    """Reads the file that is there if the configuration names no other, while a pack waits for the program to end."""
    with suppress(Exception):  # whatever is wrong is said when its entries are asked for
        _parsed((source.folders[0] / FILE).read_text(encoding="utf-8"))


def _entries(content: Any, place: str, mistakes: list[Mistake]) -> list[tuple[str, Any]]:
    if isinstance(content, list):
        return [(f"entry {index} of {place}", raw) for index, raw in enumerate(content, 1)]
    mistakes.append(Mistake(place, f"it should be a list of entries with the keys {', '.join(KEYS)}"))
    return []


def _read(place: str, raw: Any, mistakes: list[Mistake]) -> Exemption | None:
    before = len(mistakes)
    if not isinstance(raw, Mapping):
        mistakes.append(Mistake(place, f"it should have the keys {', '.join(KEYS)}"))
        return None
    missing = [key for key in KEYS if raw.get(key) in (None, "")]
    unknown = sorted(str(key) for key in raw if key not in KEYS)
    if missing:
        mistakes.append(Mistake(place, f"{', '.join(missing)} missing; an exemption has {', '.join(KEYS)}"))
    if unknown:
        mistakes.append(Mistake(place, f"there is no key {', '.join(unknown)}; an exemption has {', '.join(KEYS)}"))
    texts = {key: _text(raw.get(key)) for key in KEYS if key != "expires"}
    if wrong := [key for key, text in texts.items() if text is None and key not in missing]:
        mistakes.append(Mistake(place, f"{', '.join(wrong)} should be a text"))
    expires = _date(raw.get("expires"))
    if expires is None and "expires" not in missing:
        mistakes.append(Mistake(place, "expires should be a date such as 2026-03-31"))
    if len(mistakes) > before or expires is None:
        return None
    return Exemption(place=place, expires=expires, **{key: text or "" for key, text in texts.items()})


def _wrong(entry: Exemption, ids: set[str]) -> Iterator[str]:
    """Why a well-formed entry exempts nothing, on whatever day."""
    if entry.control not in ids:
        from difflib import get_close_matches  # noqa: PLC0415 - only for a message, and 5 ms

        near = get_close_matches(entry.control, ids, n=1)
        yield f"there is no control {entry.control!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    elif entry.control in NOT_EXEMPTABLE:
        yield f"{entry.control} judges the run itself and cannot be exempted from"
    name = entry.resource.rpartition("::")[2]
    if not entry.resource.startswith("urn:pulumi:") or entry.resource.count("::") < _SEPARATORS:
        yield "resource should be a URN, or one with * in it: urn:pulumi:prod::shop::*::uploads"
    elif not _is_one(entry.resource) and len(re.sub(r"[*?]", "", name)) < _TELLING:
        yield (
            f"resource is too broad: beside * at least {_TELLING} characters of the name at its end must be said; a"
            " shorter name stands in a whole URN without *"
        )


def _is_one(resource: str) -> bool:
    """Whether it is the URN of one resource, however short its name is."""
    return not re.search(r"[*?]", resource) and not resource.endswith("::")


def _out_of_time(entry: Exemption, config: Config, run: Run) -> str | None:
    """Why it exempts nothing today."""
    last = run.today + timedelta(days=config[EXEMPTION_DAYS])
    if entry.expires < run.today:
        return f"it expired on {entry.expires.isoformat()}; mend the resource, or agree on a new date"
    if entry.expires > last:
        return (
            f"it expires on {entry.expires.isoformat()}, the latest day is {last.isoformat()} ({EXEMPTION_DAYS.name})"
        )
    return None


def _is_for(pattern: str, run: Run) -> bool:
    """Whether the pattern's stack and project are those of this run: one file may serve several stacks."""
    stack, _, rest = pattern.removeprefix("urn:pulumi:").partition("::")
    project = rest.partition("::")[0]
    return all(
        not actual or _pattern(said).match(actual) is not None
        for said, actual in ((stack, run.stack), (project, run.project))
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(translate(text.replace("[", "[[]")))


def _text(raw: Any) -> str | None:
    if isinstance(raw, str):
        return " ".join(raw.split()) or None
    return str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else None


def _date(raw: Any) -> date | None:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        return None
