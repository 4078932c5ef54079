"""Policy documents, and whether one lets an action through on a resource.

JSON text or a map, one statement or a list, singular or plural keys, any case. A condition is never evaluated: what is
allowed under one is allowed, and the condition is named; what is denied under one is not denied, and that is named too.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from preflight.reach.graph import known, texts

# Keys that narrow "everyone" to an account, an organisation, a network or a resource (S3 User Guide, "The meaning of
# public"; 2025-11). Compared in lower case.
_OPEN_TO_ALL = frozenset({"aws:securetransport"})  # what anybody can fulfil
_NARROWING = frozenset(
    {"aws:principalarn", "aws:sourcearn", "aws:principalaccount", "aws:sourceaccount", "aws:sourceowner",
     "kms:calleraccount", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourcevpc",
     "aws:sourcevpce", "aws:userid", "s3:dataaccesspointarn", "s3:dataaccesspointaccount"}
)  # fmt: skip


class Statement(NamedTuple):
    """One statement. None among values, or as `allow`, is what is not known; `conditions` are texts."""

    allow: bool | None
    actions: tuple[str | None, ...]
    not_actions: bool
    resources: tuple[str | None, ...]
    not_resources: bool
    principals: tuple[tuple[str, str | None], ...]
    not_principals: bool
    conditions: tuple[str, ...]
    narrowed: bool | None

    def covers(self, action: str, arn: "Arn") -> bool | None:
        """Whether the statement speaks of such an action on such a resource."""
        act = _any(self.actions, lambda pattern: matches(pattern, action))
        if self.not_actions and act is not None:
            act = not act
        if act is False:
            return False
        if not self.resources:
            return act  # a policy on the resource itself may leave it out
        res = _any(self.resources, arn.named_by)
        if self.not_resources and res is not None:
            res = not res
        return False if res is False else None if act is None or res is None else True

    def everyone(self) -> bool:
        """Whether anybody at all is a principal."""
        return self.not_principals or any(value == "*" for kind, value in self.principals if kind in {"AWS", "*"})


class Document(NamedTuple):
    """A document. `open`: there may be more in it than these statements."""

    statements: tuple[Statement, ...] = ()
    open: bool = False


class Arn(NamedTuple):
    """The resource that is asked about: its ARN where it is known, and what all of its kind begin with."""

    value: str | None
    service: str

    def named_by(self, pattern: str) -> bool | None:
        """Whether a pattern of a policy names it, or something in it: objects of a bucket, an index of a table."""
        if pattern == "*":
            return True
        parts = pattern.split(":", 3)
        if len(parts) > 2 and "*" not in parts[2] and parts[2] != self.service:
            return False
        if "${" in pattern:
            return None
        if self.value is None:
            return None
        return (
            matches(pattern, self.value) or matches(pattern, self.value + "/x") or pattern.startswith(self.value + "/")
        )


def read(value: Any) -> Document:
    """The document in an input."""
    if value is None:
        return Document()
    if isinstance(value, str):
        return _parsed(value)
    if isinstance(value, Mapping) and known(value):
        return _document(value)
    return Document(open=True)


@lru_cache(maxsize=2048)
def _parsed(text: str) -> Document:
    try:
        raw = json.loads(text)
    except ValueError:
        raw = None
    return _document(raw) if isinstance(raw, Mapping) else Document(open=True)


def _document(raw: Mapping[str, Any]) -> Document:
    given = _spelled(raw).get("statement")
    found = [_statement(_spelled(each)) if isinstance(each, Mapping) and known(each) else None
             for each in (given if isinstance(given, list) else [given]) if each is not None]  # fmt: skip
    return Document(tuple(each for each in found if each is not None), None in found)


def _spelled(block: Mapping[str, Any]) -> dict[str, Any]:
    """The block with keys that do not depend on how this document spells them."""
    return {key.lower().replace("_", "").rstrip("s"): value for key, value in block.items()}


def _statement(block: Mapping[str, Any]) -> Statement:
    effect = block.get("effect", "Allow")
    conditions = [*_conditions(block.get("condition"))]
    narrowing = {key for key, _ in conditions} & _NARROWING
    return Statement(
        allow=effect.lower() == "allow" if isinstance(effect, str) else None,
        actions=tuple(texts(block.get("action", block.get("notaction")))),
        not_actions="notaction" in block,
        resources=tuple(texts(block.get("resource", block.get("notresource")))),
        not_resources="notresource" in block,
        principals=tuple(_principals(block.get("principal", block.get("notprincipal")))),
        not_principals="notprincipal" in block,
        conditions=tuple(text for _, text in conditions),
        narrowed=True if narrowing else None if {key for key, _ in conditions} - _OPEN_TO_ALL else False,
    )


def _principals(given: Any) -> Iterator[tuple[str, str | None]]:
    """(AWS, Service, Federated, ... , who). Pulumi's typed form is a list of `type` and `identifiers`."""
    if isinstance(given, str):
        yield "*" if given == "*" else "AWS", given
    elif isinstance(given, Mapping) and known(given):
        for kind, values in given.items():
            for value in texts(values):
                yield kind, value
    elif isinstance(given, list):
        for each in given:
            if isinstance(each, Mapping) and "identifiers" in each:
                for value in texts(each["identifiers"]):
                    yield str(each.get("type")), value
    elif given is not None:
        yield "AWS", None


def _conditions(given: Any) -> Iterator[tuple[str, str]]:
    """(key in lower case, text) of each."""
    if not isinstance(given, Mapping) or not known(given):
        if given is not None:
            yield "", "a condition that is not known"
        return
    for operator, tests in given.items():
        for key, values in tests.items() if isinstance(tests, Mapping) and known(tests) else ():
            said = ", ".join(value or "not known" for value in texts(_plain(values)))
            yield key.lower(), f"{key} {operator} {said}"


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return [str(each) if isinstance(each, int) else each for each in value] if isinstance(value, list) else value


def _any(values: Sequence[str | None], holds: Any) -> bool | None:
    answers = [None if value is None else holds(value) for value in values]
    return True if True in answers else None if None in answers else False


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` and `?` matches, in any case."""
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == text.lower()
    return _compiled(pattern).match(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = re.escape(re.sub(r"\*+", "*", pattern)).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(rf"\A{body}\Z", re.IGNORECASE | re.DOTALL)
