"""The resources that a program makes anew, and which of them a value of another one means."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from preflight import existing, texts
from preflight.provider_check import visible
from preflight.registry import Entry
from preflight.simulation.together import UNKNOWN, Problem

Told = Iterator[tuple[Entry, Problem]]
_PROVIDER = "pulumi:providers:aws"
_NAMES = (
    "id", "arn", "name", "bucket", "bucketDomainName", "bucketRegionalDomainName", "keyId", "qualifiedArn", "url",
)  # fmt: skip
_ELSEWHERE = ("endpoints", "s3UsePathStyle")  # settings of a provider that talks to something like AWS
# What makes nothing at AWS. Whatever else gets a resource (a command, a dynamic provider, another provider of AWS, a
# component of another process) may change it by ways that are not seen here.
_HARMLESS = frozenset({"awsx", "docker", "docker-build", "kubernetes", "pulumi", "random", "std", "time", "tls"})
_ANYTHING = frozenset(
    {
        "aws:cloudcontrol/resource:Resource", "aws:cloudformation/stack:Stack", "aws:lambda/invocation:Invocation",
        "aws:serverlessrepository/cloudFormationStack:CloudFormationStack", "aws:ssm/association:Association",
    }
)  # fmt: skip
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")
_ZONE = re.compile(f"({_REGION.pattern})[a-z]")


class Made:
    """Resources of AWS that are new, without secrets and stand-ins, which count as not known. Those of a provider with
    endpoints of its own are somebody else's, perhaps."""

    def __init__(self, entries: Iterable[Entry], lookups: Iterable[Mapping[str, Any]] = ()) -> None:
        every = {entry.urn: entry for entry in entries}
        there = [entry for entry in every.values() if (entry.custom or entry.remote) and not entry.external]
        self._providers = {entry.urn: entry for entry in there if entry.type == _PROVIDER}
        self._elsewhere = any(value and key.startswith("AWS_ENDPOINT_URL") for key, value in os.environ.items())
        foreign = {entry.urn: entry for entry in there if _is_foreign(entry)}
        touched = {need for entry in foreign.values() for need in _needs(entry)}
        self._of: dict[str, list[Entry]] = {}
        self._called: dict[tuple[str, str], Entry | None] = {}
        for entry in there:
            if entry.package != "aws" or not entry.custom or entry.options.get("import") or self._is_away(entry):
                continue
            if not foreign.keys().isdisjoint(_needs(entry)):
                continue
            inputs, checked = (visible(existing.veiled(entry, each, every)) for each in (entry.inputs, entry.checked))
            seen = replace(entry, inputs=inputs, checked=checked)
            self._of.setdefault(entry.type, []).append(seen)
            for value in {*([] if entry.urn in touched else _called(seen))} - {""}:
                other = self._called.setdefault((entry.type, value), seen)
                if other is not seen:
                    self._called[entry.type, value] = None
        self._asked: dict[str, set[str]] = {}
        for each in lookups:
            question = json.dumps([each.get("token"), each.get("args")], sort_keys=True, default=str)
            for text in texts.of(each.get("result")):
                self._asked.setdefault(text, set()).add(question)

    @property
    def vague(self) -> bool:
        """Whether some provider of the program may find its region in a profile."""
        return any(not _is_default(each) and not each.checked.get("region") for each in self._providers.values())

    def all(self, *types: str) -> list[Entry]:
        """Those of some types, in the order of the program."""
        return [entry for each in types for entry in self._of.get(each, [])]

    def types(self) -> Iterator[str]:
        """The types that there are some of."""
        return iter(self._of)

    def find(self, value: Any, *types: str) -> Entry | None:
        """The one that a value is the id, the ARN or the name of."""
        text = _text(value)
        return next((found for each in types if (found := self._called.get((each, text)))), None)

    def beside(self, target: Entry, key: str, *types: str) -> list[Entry] | None:
        """Those whose argument means the target; None when that is not known of one of them."""
        found, called = [], _called(target)
        for each in self.all(*types):
            value = each.checked.get(key)
            if self.find(value, target.type) is target or target.urn in each.property_dependencies.get(key, ()):
                found.append(each)
            elif not (text := _text(value)) or not {*re.split("[:/]", text)}.isdisjoint(called):
                return None
        return found

    def region(self, entry: Entry) -> str:
        """Where it is made; nothing where neither it nor its provider says, which may find it in a profile."""
        own = entry.checked.get("region")
        provider = self._providers.get(entry.provider)
        if own is None and provider and _is_default(provider):
            own = next(iter(str(entry.outputs.get("arn")).split(":")[3:]), "")
        elif own is None and provider:
            own = provider.checked.get("region")
        return own if isinstance(own, str) and _REGION.fullmatch(own) else ""

    def answers(self, text: str) -> int:
        """How many different questions about the account were answered with a text: what is the same here may be
        different there."""
        return len(self._asked.get(text, ()))

    def _is_away(self, entry: Entry) -> bool:
        provider = self._providers.get(entry.provider)
        return self._elsewhere or (provider is not None and any(key in provider.inputs for key in _ELSEWHERE))


def known(value: Any, *, default: str = "") -> str | None:
    """A text that is given and known, or what counts where none is; None when it comes later or is secret."""
    return default if value is None else (_text(value) or None)


def region_of(zone: Any) -> str:
    """The region of an availability zone by its name; nothing for local and Wavelength zones: their names differ."""
    found = _ZONE.fullmatch(zone) if isinstance(zone, str) else None
    return found[1] if found else ""


def at(entry: Entry, path: str) -> Any:
    """The value at a path of blocks, None where one is not given."""
    value: Any = entry.checked
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _called(entry: Entry) -> set[str]:
    return {_text(visible(each)) for each in (entry.id, *(entry.outputs.get(key) for key in _NAMES))} - {""}


def _is_default(provider: Entry) -> bool:
    return provider.name.partition("_")[0] == "default" and provider.source is None


def _is_foreign(entry: Entry) -> bool:
    return entry.type in _ANYTHING or (entry.package != "aws" and entry.package not in _HARMLESS)


def _needs(entry: Entry) -> set[str]:
    return {*entry.dependencies, *(need for needs in entry.property_dependencies.values() for need in needs)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value != UNKNOWN else ""
