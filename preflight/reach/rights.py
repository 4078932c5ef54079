"""What a role may do to a store: its own policies, the policy on the store, its boundary."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from preflight.reach import documents
from preflight.reach.answers import Answer
from preflight.reach.documents import Arn, Document, Statement
from preflight.reach.graph import Graph, Node, maps, texts

ROLE = "aws:iam/role:Role"
USER = "aws:iam/user:User"
_GROUP = "aws:iam/group:Group"
_POLICY = "aws:iam/policy:Policy"
_PROFILE = "aws:iam/instanceProfile:InstanceProfile"
_INLINE = {ROLE: ("aws:iam/rolePolicy:RolePolicy", "role"), USER: ("aws:iam/userPolicy:UserPolicy", "user"),
           _GROUP: ("aws:iam/groupPolicy:GroupPolicy", "group")}  # fmt: skip
_ATTACHED = {
    ROLE: (("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role"),
           ("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "roleName"),
           ("aws:iam/policyAttachment:PolicyAttachment", "roles")),
    USER: (("aws:iam/userPolicyAttachment:UserPolicyAttachment", "user"),
           ("aws:iam/policyAttachment:PolicyAttachment", "users")),
    _GROUP: (("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "group"),
             ("aws:iam/policyAttachment:PolicyAttachment", "groups")),
}  # fmt: skip
_MEMBERSHIP = "aws:iam/userGroupMembership:UserGroupMembership"
_OF_AWS = ":iam::aws:policy/"


class Source(NamedTuple):
    """A document and the resource that it is written in."""

    name: str
    document: Document


class Right(NamedTuple):
    """Whether somebody may do something: what allows it, under which conditions, or what is not known."""

    answer: Answer
    conditions: tuple[str, ...] = ()


class Rights:
    """The policies of all roles, users and groups of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._sources: dict[str, tuple[Source, ...]] = {}
        self._boundaries: dict[str, Source | None] = {}

    def everybody(self) -> list[Node]:
        """Whoever may have rights."""
        return self._graph.all(ROLE, USER, _GROUP)

    def role(self, node: Node, key: str, value: object = None) -> tuple[Node | None, bool]:
        """The role that a property names, itself or by an instance profile, and whether that is all known."""
        link = self._graph.link(node, key, ROLE, _PROFILE, value=value)
        found = link.one
        if found is not None and found.kind == _PROFILE:
            return self.role(found, "role")
        return found, found is not None or link.empty

    def may(self, who: Node, action: str, arn: Arn, on_store: Sequence[Source], needs_store: bool = False) -> Right:
        """Whether a role may do this. In one account its own policies or the policy on the resource suffice;
        `needs_store`: the latter has to agree in any case (KMS)."""
        own = self.sources(who)
        denied = _denied([*own, *on_store], action, arn, who)
        if denied.answer.value:
            return Right(Answer(False, why=f"{', '.join(denied.answer.by)} denies {action}"))
        mine = _allowed(own, action, arn)
        store = _allowed(on_store, action, arn, who)
        if needs_store:
            agreed = _allowed(on_store, action, arn, who, delegated=True)
            right = _first(store, both(mine, agreed))
        else:
            right = _first(mine, store)
        right = self._bounded(who, right, action, arn)
        if right.answer.value and denied.answer.value is None:
            return Right(Answer(None, why=denied.answer.why))
        return right._replace(conditions=(*right.conditions, *denied.conditions)) if right.answer.value else right

    def sources(self, who: Node) -> tuple[Source, ...]:
        """The documents that say what a role, user or group may do."""
        if who.urn not in self._sources:
            self._sources[who.urn] = tuple(self._read(who))
        return self._sources[who.urn]

    def _bounded(self, who: Node, right: Right, action: str, arn: Arn) -> Right:
        if who.inputs.get("permissionsBoundary") is None or not right.answer.value:
            return right
        bound = _allowed([self._managed(who, "permissionsBoundary", who.inputs["permissionsBoundary"])], action, arn)
        if bound.answer.value:
            return right
        if bound.answer.value is None:
            return Right(Answer(None, why=f"the permissions boundary of {who.name} is not known"))
        return Right(Answer(False, why=f"the permissions boundary of {who.name} leaves {action} out"))

    def _read(self, who: Node) -> Iterator[Source]:
        for block in maps(who.inputs.get("inlinePolicies")):
            yield Source(f"{who.name} (inline)", documents.read(block.get("policy")))
        for arn in texts(who.inputs.get("managedPolicyArns")):
            yield self._managed(who, "managedPolicyArns", arn)
        kind, key = _INLINE[who.kind]
        for node in self._graph.owned(who, kind, key):
            yield Source(node.name, documents.read(node.inputs.get("policy")))
        for kind, key in (_INLINE[who.kind], *_ATTACHED[who.kind]):
            for loose in self._graph.loose(kind, key):
                yield Source(loose.name, Document(open=True))
        for kind, key in _ATTACHED[who.kind]:
            for node in self._graph.owned(who, kind, key):
                yield from self._attached(node, "policyArns" if kind.endswith("Exclusive") else "policyArn")
        for member in self._graph.owned(who, _MEMBERSHIP, "user") if who.kind == USER else ():
            for group in self._graph.link(member, "groups", _GROUP).nodes:
                yield from self.sources(group)

    def _attached(self, node: Node, key: str) -> Iterator[Source]:
        given = node.inputs.get(key)
        for arn in given if isinstance(given, list) else [given]:
            yield self._managed(node, key, arn)

    def _managed(self, node: Node, key: str, value: object) -> Source:
        found = self._graph.link(node, key, _POLICY, value=value).one
        if found is not None:
            return Source(found.name, documents.read(found.inputs.get("policy")))
        if isinstance(value, str):
            actions = _of_aws().get(value.partition(_OF_AWS)[2])
            if actions is not None:
                return Source(value.rpartition("/")[2], _allowing(actions))
            return Source(value, Document(open=True))
        return Source(f"a policy of {node.name}", Document(open=True))


def _allowed(
    sources: Sequence[Source], action: str, arn: Arn, who: Node | None = None, *, delegated: bool = False
) -> Right:
    """What allows an action. `who`: in a policy on a resource, for which the principal must be right too; `delegated`:
    the whole account counts as principal."""
    names: dict[str, None] = {}
    conditions: list[tuple[str, ...]] = []
    doubts: list[str] = []
    for source in sources:
        for statement in source.document.statements:
            if statement.allow is False:
                continue
            covers = statement.covers(action, arn)
            if who is not None and covers is not False:
                meant = _means(statement, who, delegated=delegated)
                covers = False if meant is False else None if meant is None else covers
            if covers and statement.allow:
                names[source.name] = None
                conditions.append(statement.conditions)
            elif covers is not False:
                doubts.append(f"what {source.name} allows")
        if source.document.open:
            doubts.append(f"what {source.name} allows")
    if names:
        bare = any(not each for each in conditions)  # one statement without any condition is enough
        return Right(Answer(True, tuple(names)), () if bare else tuple(text for each in conditions for text in each))
    if doubts:
        return Right(Answer(None, why=f"{', '.join(dict.fromkeys(doubts))} is not known"))
    return Right(Answer(False, why=f"nothing allows {action}"))


def _denied(sources: Sequence[Source], action: str, arn: Arn, who: Node) -> Right:
    """Whether it is denied without any condition; `conditions` are those under which it is denied."""
    names: list[str] = []
    doubts: list[str] = []
    under: list[str] = []
    for source in sources:
        for statement in source.document.statements:
            if statement.allow is not False:
                continue
            covers = statement.covers(action, arn)
            if statement.principals:
                meant = _means(statement, who, delegated=True)
                covers = False if meant is False else None if meant is None else covers
            if covers is False:
                continue
            if statement.conditions:
                under.append("not where " + " and ".join(statement.conditions))
            elif covers:
                names.append(source.name)
            else:
                doubts.append(source.name)
    if names:
        return Right(Answer(True, tuple(names)))
    return Right(Answer(None if doubts else False, why=f"what {', '.join(doubts)} denies is not known"), tuple(under))


def _means(statement: Statement, who: Node, *, delegated: bool) -> bool | None:
    """Whether a role is among the principals of a statement."""
    arn = who.text("arn")
    answers: list[bool | None] = []
    for kind, value in statement.principals:
        if kind not in {"AWS", "*"}:
            answers.append(False)
        elif value is None or (arn is None and value != "*" and ":root" not in value):
            answers.append(None)
        elif value == "*":
            answers.append(True)
        elif value.endswith(":root") or value.isdigit():
            account = value if value.isdigit() else value.split(":")[4]
            mine = arn.split(":")[4] if arn else account
            answers.append(delegated and mine == account)
        else:
            answers.append(value == arn)
    found = True if True in answers else None if None in answers else False
    return not found if statement.not_principals and found is not None else found


def _first(one: Right, other: Right) -> Right:
    for wanted in (True, None):
        for right in (one, other):
            if right.answer.value is wanted:
                return right
    return one


def both(one: Right, other: Right) -> Right:
    """Whether somebody has both."""
    for wanted in (False, None):
        for right in (one, other):
            if right.answer.value is wanted:
                return right
    by = tuple(dict.fromkeys((*one.answer.by, *other.answer.by)))
    return Right(Answer(True, by), (*one.conditions, *other.conditions))


def _allowing(actions: Sequence[str]) -> Document:
    split = [each.partition(" ") for each in actions]
    return Document(
        tuple(
            Statement(True, (action,), False, (resource or "*",), False, (), False, (), False)
            for action, _, resource in split
        )
    )


@cache
def _of_aws() -> dict[str, list[str]]:
    document = json.loads((Path(__file__).parent / "managed.json").read_text(encoding="utf-8"))
    policies: dict[str, list[str]] = document["policies"]
    return policies
