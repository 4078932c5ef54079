"""Who may sign in to a cache, and whether by a right of IAM.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html and
https://docs.aws.amazon.com/memorydb/latest/devguide/auth-iam.html (2026-11): whoever connects needs the right on the
cache and on the user that they sign in as.
"""

from typing import NamedTuple

from preflight.reach.documents import Arn
from preflight.reach.graph import Graph, Link, Node, known, maps
from preflight.reach.store_kinds import Ask

_ASSOCIATION = "aws:elasticache/userGroupAssociation:UserGroupAssociation"
_OFF = "off"  # in an access string: the user cannot sign in


class _Members(NamedTuple):
    """How a kind of cache names its users: its group, the members of that, and the action that signs in."""

    key: str
    group: str
    members: str
    user: str
    action: str


_GROUP, _USER = "aws:elasticache/userGroup:UserGroup", "aws:elasticache/user:User"
_KINDS = {
    "aws:elasticache/replicationGroup:ReplicationGroup": _Members(
        "userGroupIds", _GROUP, "userIds", _USER, "elasticache:Connect"
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": _Members(
        "userGroupId", _GROUP, "userIds", _USER, "elasticache:Connect"
    ),
    "aws:memorydb/cluster:Cluster": _Members(
        "aclName", "aws:memorydb/acl:Acl", "userNames", "aws:memorydb/user:User", "memorydb:connect"
    ),
}


def asks(graph: Graph, cache: Node) -> tuple[tuple[Ask, ...], bool, str] | None:
    """The rights any of which lets somebody in, whether nobody gets in without one, and a remark; None where the cache
    has no users, or none of them signs in by IAM."""
    kind = _KINDS.get(cache.kind)
    if kind is None:
        return None
    groups = graph.link(cache, kind.key, kind.group)
    found = [_users(graph, group, kind) for group in groups.nodes]
    users = [user for link in found for user in link.nodes if not _is_off(user)]
    modes = {user.urn: _mode(user) for user in users}
    by_iam = tuple(_ask(cache, user, kind) for user in users if modes[user.urn] == "iam")
    if not by_iam:
        return None
    if not groups.complete or not all(link.complete for link in found) or None in modes.values():
        return by_iam, False, "who else may sign in is not known"
    others = set(modes.values()) != {"iam"}
    return by_iam, not others, "it lets others in than IAM" if others else ""


def _users(graph: Graph, group: Node, kind: _Members) -> Link:
    found = [graph.link(group, kind.members, kind.user)]
    found += [graph.link(each, "userId", kind.user) for each in graph.owned(group, _ASSOCIATION, "userGroupId")]
    nodes = {node.urn: node for link in found for node in link.nodes}
    outside = tuple(each for link in found for each in link.outside)
    unknown = any(link.open for link in found) or bool(graph.loose(_ASSOCIATION, "userGroupId"))
    return Link(tuple(nodes.values()), outside, unknown)


def _mode(user: Node) -> str | None:
    """`iam`, `password` or `no-password-required`; None where it is not known."""
    given = user.inputs.get("authenticationMode")
    if given is None:
        return "password"
    said = next(maps(given), {}).get("type") if known(given) else None
    return said if isinstance(said, str) else None


def _is_off(user: Node) -> bool:
    said = user.inputs.get("accessString")
    return isinstance(said, str) and _OFF in said.split()


def _ask(cache: Node, user: Node, kind: _Members) -> Ask:
    service = kind.action.partition(":")[0]
    return Ask(
        f"sign in as {user.name}", (kind.action,), Arn(cache.text("arn"), service), (Arn(user.text("arn"), service),)
    )
