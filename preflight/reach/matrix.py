"""Which service reaches which store, by network and by rights, and where the two do not agree."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from preflight.reach import answers
from preflight.reach.answers import NOT_ASKED, Answer, best
from preflight.reach.candidates import Candidates
from preflight.reach.graph import Node
from preflight.reach.rights import Right, Rights, both
from preflight.reach.services import Service
from preflight.reach.store_kinds import KEY, Ask
from preflight.reach.stores import Store
from preflight.reach.ways import Ways

_STARTED = frozenset({"secretsmanager", "ssm", "kms"})  # what ECS may fetch for a task before it starts
OPEN = "network open, no rights"
SHUT = "rights, no network way"


def rows(
    services: Sequence[Service], candidates: Candidates, ways: Ways, rights: Rights, public: Mapping[str, Answer]
) -> Iterator[dict[str, Any]]:
    """One row for each service and store between which anything is open or not known; `public` by URN: the stores whose
    public address answers the internet."""
    for service in services:
        for store in candidates.of(service):
            network = by_network(service, store, ways, public.get(store.node.urn))
            iam = by_rights(service, store, rights)
            said = [_right(ask, right, starter) for ask, right, starter in iam]
            answer = _answer(store, [right for _, right, _ in iam])
            if store.place is None and answer.value is False:
                continue  # AWS's API is open to everybody: only rights count
            if answer.value is False and network.value is False:
                continue
            if not store.asks and network.value is False:
                continue
            yield {
                "service": service.node.urn,
                "store": store.node.urn,
                "network": network.json(),
                "iam": {
                    "answer": NOT_ASKED if _unasked(store, answer) else answer.json()["answer"],
                    "rights": [each for each in said if each],
                    "why": (store.why if _unasked(store, answer) else "") or answer.why or None,
                },
                "mismatch": mismatch(store, network, answer),
            }


def by_network(service: Service, store: Store, ways: Ways, public: Answer | None = None) -> Answer:
    """Whether packets get from the service to the store."""
    if store.place is None:
        return ways.api(service, store.service)
    inside = _inside(service, store, ways)
    if public is None or service.place.vpc == store.place.vpc is not None:
        return inside  # in its own network its name leads to its private address
    address = Answer(public.value, ("its public address",), public.why)
    return best([inside, answers.both(ways.outward(service, store.ports), address)], inside)


def _inside(service: Service, store: Store, ways: Ways) -> Answer:
    assert store.place is not None
    if service.inside is False:
        return Answer(False, why="the function stands in no VPC")
    if service.inside is None:
        return Answer(None, why="where the service stands is not known")
    return ways.between(service.place, store.place, store.ports)


def by_rights(service: Service, store: Store, rights: Rights) -> list[tuple[Ask, Right, bool]]:
    """For each right that opens the store, whether the service has it, and whether only by the role that starts it."""
    found = []
    for ask in store.asks:
        mine = _may(service.role, service.role_known, ask, store, rights)
        starter = False
        if mine.answer.value is not True and service.starter is not None and ask.arn.service in _STARTED:
            other = _may(service.starter, True, ask, store, rights)
            if other.answer.value:
                mine, starter = other, True
        found.append((ask, mine, starter))
    return found


def others(services: Sequence[Service], candidates: Candidates, rights: Rights) -> dict[str, list[dict[str, Any]]]:
    """By the URN of a store: roles, users and groups that have rights to it and are no service's."""
    mine = {role.urn for service in services for role in (service.role, service.starter) if role}
    found: dict[str, list[dict[str, Any]]] = {}
    for who in rights.everybody():
        for store in candidates.of_role(who) if who.urn not in mine else ():
            asked = [(ask, _may(who, True, ask, store, rights), False) for ask in store.asks]
            said = [each for each in (_right(ask, right, starter) for ask, right, starter in asked) if each]
            if said:
                found.setdefault(store.node.urn, []).append({"urn": who.urn, "rights": said})
    return found


def granted(store: Store) -> list[dict[str, Any]]:
    """Whom else the policy on a store lets in: services of AWS, accounts, everybody."""
    return [
        {
            "by": source.name,
            "principals": sorted({_principal(kind, value) for kind, value in each.principals}),
            "actions": [action or "not known" for action in each.actions],
            "conditions": list(each.conditions),
        }
        for source in store.policies
        for each in source.document.statements
        if each.allow is not False
    ]  # fmt: skip


def _principal(kind: str, value: str | None) -> str:
    return "everybody" if value == "*" else f"{kind} {value or 'not known'}"


def mismatch(store: Store, network: Answer, iam: Answer) -> str | None:
    """Where one way is open and the other shut; None where they agree, or one is not known."""
    if store.place is not None and network.value and iam.value is False and store.required:
        return OPEN
    if network.value is False and iam.value and store.node.kind != KEY:
        return SHUT
    return None


def _may(who: Node | None, known: bool, ask: Ask, store: Store, rights: Rights) -> Right:
    if who is None:
        text = "it has no role" if known else "its role is not in this program"
        return Right(Answer(False if known else None, why=text))
    needs_store = store.node.kind == KEY
    found = []
    for action in ask.actions:
        wanted_too = [*((action, arn) for arn in (ask.arn, *ask.also)), *ask.first]
        found.append(reduce(both, (rights.may(who, *each, store.policies, needs_store) for each in wanted_too)))
    for wanted in (True, None, False):
        for right in found:
            if right.answer.value is wanted:
                return right
    return found[0]


def _answer(store: Store, found: Sequence[Right]) -> Answer:
    return best([right.answer for right in found], Answer(False, why=store.why))


def _unasked(store: Store, answer: Answer) -> bool:
    return not store.required and answer.value is not True


def _right(ask: Ask, right: Right, starter: bool) -> dict[str, Any] | None:
    if right.answer.value is False:
        return None
    return {
        "right": ask.right + (" at start" if starter else ""),
        **right.answer.json(),
        "conditions": list(dict.fromkeys(right.conditions)),
    }
