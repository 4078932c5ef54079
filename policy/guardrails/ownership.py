"""Which accounts are ours: those that are configured, that a provider pins, and in which this program has resources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from . import kinds
from .documents import Party, Statement
from .graph import Graph
from .parameters import ACCOUNTS
from .reading import Items, Known, Record, Unknown, Value
from .verdicts import View

_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPALS = (kinds.IAM_ROLE, kinds.IAM_USER)


class Accounts:
    """The accounts that a program shows to be its own."""

    def __init__(self, graph: Graph) -> None:
        self.shown = frozenset(_shown(graph))


def pinned_accounts(provider: Record) -> Value[frozenset[str]]:
    """The `allowedAccountIds` of a provider, whose lists the SDK sends as JSON text."""
    found: Value[Items] = provider.items("allowedAccountIds")
    if not isinstance(found, Known):
        return found
    named: set[str] = set()
    for value in found.value.texts():
        if isinstance(value, Unknown):
            return value
        named |= set(_listed(value.value))
    return Known(frozenset(named))


def listed(text: str) -> list[str]:
    """The texts of a list that may be written as JSON."""
    return list(_listed(text))


def foreign(party: Party, view: View) -> bool | None:
    """Whether a principal is of an account that is not ours; None when nothing says which are.

    A principal that is not known yet is ours when it comes from a role or user of the program.
    """
    if isinstance(party.who, Unknown):
        if party.sort in ("service", "federated"):
            return False
        sources = view.graph.sources(party.who)
        return False if sources and all(source.kind in _PRINCIPALS for source in sources) else None
    if party.account is None:
        return None if party.sort == "canonicaluser" else False
    shown: Accounts = view.graph.shared(Accounts)
    ours = view.config[ACCOUNTS] | shown.shown
    return party.account not in ours if ours else None


def reaches_foreigners(statement: Statement, view: View) -> bool | None:
    """Whether principals of an account that is not ours are allowed; everyone counts unless something narrows that."""
    if statement.allow is False:
        return False
    answers = [foreign(party, view) for party in statement.parties]
    known = tuple(who for who in statement.principals if isinstance(who, Known))
    if statement._replace(principals=known).everyone():
        pinned = statement.pinned()
        answers.append(None if pinned is None else not pinned or _names_foreigners(statement, view))
    if True in answers:
        return True if statement.allow else None
    return None if None in answers else False


def _names_foreigners(statement: Statement, view: View) -> bool:
    """Whether a condition on the account lets in others than ours."""
    shown: Accounts = view.graph.shared(Accounts)
    ours = view.config[ACCOUNTS] | shown.shown
    named = [
        value.value
        for condition in statement.conditions
        if condition.key == "aws:principalaccount"
        for value in condition.values
        if isinstance(value, Known)
    ]
    return bool(ours) and any(account not in ours for account in named)


def _shown(graph: Graph) -> Iterator[str]:
    for node in graph.of(kinds.ANY):
        arn = node.props.text("arn")
        if isinstance(arn, Known):
            parts = arn.value.split(":")
            yield from parts[4:5] if len(parts) > 5 and _ACCOUNT.fullmatch(parts[4]) else ()
        if node.provider is not None:
            pinned = pinned_accounts(node.provider)
            yield from pinned.value if isinstance(pinned, Known) else ()


def _listed(text: str) -> Iterator[str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    for item in found if isinstance(found, list) else [text]:
        yield str(item)
