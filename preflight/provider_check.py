"""What the provider's Check, or AWS at the first request, refuses of a resource: each a mistake with its line.

The run goes on: all of them are told at once, beside what the program registers and which rules it breaks.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from preflight import mistakes, simulation, wire
from preflight.faults import Fault
from preflight.registry import Entry
from preflight.simulation import checks, combined, limits, table
from preflight.simulation.together import Problem, snake
from preflight.stand_in import ANSWER, STAND_IN

_STAND_INS = (ANSWER, STAND_IN)
_DOCUMENTS = frozenset({"assumeRolePolicy", "containerDefinitions", "inlinePolicies", "policy"})

_IDENTITY = re.compile(r"arn:aws[\w-]*:|[a-z]+(?:-[a-z]+)*-[0-9a-f]{17}$")
# The SDK makes secrets of them; what is said of them shows nothing of them.
_PASSWORDS = {
    "aws:elasticache/replicationGroup:ReplicationGroup": "authToken",
    "aws:rds/cluster:Cluster": "masterPassword",
    "aws:rds/instance:Instance": "password",
}


def faults(entry: Entry, *, preview: bool, named: bool, settings: Collection[str] = ()) -> Iterator[Fault]:
    """Of one resource whose inputs are complete. Of what comes from the outputs of others only documents are looked at,
    at update: anything else is a stand-in then. Secrets are not looked into: a message would show them; passwords of
    databases are, unless they are one of the `settings` of the stack, which may be made up for this run. `named`:
    whether names that nobody gave are made as Pulumi does where it is not told otherwise (`pulumi:autonaming`)."""
    waits = set() if preview else {key for key in entry.property_dependencies if not _is_document(entry, key)}
    waits |= set() if named else {*entry.checked} - {*entry.inputs}
    inputs = {key: wire.UNKNOWN if key in waits else visible(value) for key, value in entry.checked.items()}
    inputs |= {key: word for key, word in _password(entry, settings) if key not in waits}
    for problem in [*checks.refused(entry.type, inputs, created=not entry.id), *_excluded(entry, inputs, preview)]:
        made = problem.property in entry.checked and problem.property not in entry.inputs
        of = f" (Pulumi made it of {entry.name!r}: give one)" if made else ""
        yield fault(entry, problem.property, problem.reason + of)
    if named:
        yield from _too_long(entry)


def _excluded(entry: Entry, inputs: dict[str, Any], preview: bool) -> Iterator[Problem]:
    """What excludes each other and is made of other resources. At preview each may still turn out to be none; at update
    an id or an ARN is given, whatever it really is."""
    if preview or entry.id:
        return
    there = {key: value for key in entry.property_dependencies if _is_identity(value := entry.checked.get(key))}
    if len(there) > 1:
        kind = limits.SAME.get(entry.type, entry.type)
        told = set(combined.exclusive(kind, inputs))
        yield from (problem for problem in combined.exclusive(kind, {**inputs, **there}) if problem not in told)


def _is_identity(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_identity, value))
    return isinstance(value, str) and bool(_IDENTITY.match(value))


def no_such_type(entry: Entry) -> Fault:
    """Of a resource whose type the provider that belongs to the installed SDK does not have."""
    near = mistakes.guess(entry.type, table.known_types())
    return fault(entry, "", "the AWS provider has no such type" + (f"; did you mean {near}?" if near else ""))


def _password(entry: Entry, settings: Collection[str]) -> Iterator[tuple[str, str]]:
    key = _PASSWORDS.get(entry.type, "")
    value = entry.checked.get(key)
    word = value.get("value") if isinstance(value, dict) and wire.is_secret(value) else None
    if isinstance(word, str) and visible(word) == word and not any(word in each for each in settings):
        yield key, word


def _is_document(entry: Entry, key: str) -> bool:
    """Whether a text from elsewhere is a document, or JSON made of one, and no stand-in for one."""
    value = entry.checked.get(key)
    return key in _DOCUMENTS and not (isinstance(value, str) and value.strip()[:1] not in ("{", "[", '"'))


def _too_long(entry: Entry) -> Iterator[Fault]:
    """The engine makes no name that is longer than the provider says, it refuses the resource."""
    key, limit = simulation.name_limit(entry.type) or ("", 0)
    given = any(entry.inputs.get(each) is not None for each in (key, f"{key}Prefix"))
    if key and not given and len(entry.name) + simulation.DRAWN > limit:
        made = f"the name that Pulumi makes of {entry.name!r} and {simulation.DRAWN} more characters"
        yield fault(entry, key, f"{made} is longer than {limit}: give one, or a shorter name to the resource")


def fault(entry: Entry, path: str, reason: str) -> Fault:
    place = f"{snake(path)}: " if path else ""
    message = f"{entry.type} '{entry.name}': {place}{reason}"
    return Fault(kind="refused", message=message, source=entry.source, urn=entry.urn)


def visible(value: Any) -> Any:
    """The value without what a message must not show; what is secret, or stands for something else, counts as not
    known."""
    if isinstance(value, dict):
        if wire.is_secret(value):
            return wire.UNKNOWN
        return {key: visible(element) for key, element in value.items()}
    if isinstance(value, str) and any(mark in value for mark in _STAND_INS):
        return wire.UNKNOWN
    return [visible(element) for element in value] if isinstance(value, list) else value
