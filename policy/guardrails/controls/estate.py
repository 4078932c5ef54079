"""What holds for every resource, whatever it is: where it is, what it is called, and that nothing hides it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

from guardrails import kinds
from guardrails.checks import Check, differs, equals, is_false, is_true
from guardrails.credentials import format_of
from guardrails.graph import Graph, Node
from guardrails.listeners import listener_of, speaks_http
from guardrails.origins import is_harmless
from guardrails.ownership import pinned_accounts
from guardrails.parameters import ACCOUNTS, REGIONS, REQUIRED_TAGS
from guardrails.reading import Absent, Known, Record, Unknown, Value
from guardrails.taggable import is_taggable
from guardrails.verdicts import (
    BASELINE,
    HOLDS,
    RESILIENCE,
    Control,
    Finding,
    Outcome,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)  # fmt: skip

# -- tags --------------------------------------------------------------------------------------------------------------


def _required_tags(node: Node, view: View) -> Iterable[Finding]:
    wanted: Mapping[str, str] = view.config[REQUIRED_TAGS]
    if not is_taggable(node.kind):
        yield HOLDS
        return
    layers = list(_tags(node))
    missing, wrong, unknown = [], [], None
    for tag, pattern in wanted.items():
        value = _tag(layers, tag)
        if isinstance(value, Unknown):
            unknown = value
        elif isinstance(value, Absent):
            missing.append(tag)
        elif not re.fullmatch(pattern, value.value):
            wrong.append(tag)
    if missing:
        yield breaks(f"it has no tag {', '.join(missing)}", node.label)
    elif wrong:
        yield breaks(f"its tag {', '.join(wrong)} has a value that is not allowed", node.label)
    elif unknown is not None:
        yield waits(f"its tags, {view.graph.describe(unknown)}", node.label)
    else:
        yield HOLDS


def _tags(node: Node) -> Iterator[Known[Record] | Unknown | Mapping[str, Value[str]]]:
    """Where a tag may stand, first the one that counts: among all tags, its own, those of the provider."""
    every = node.props.record("tagsAll")
    if isinstance(every, Known) or (isinstance(every, Unknown) and every.sources):
        yield every
    if node.kind == kinds.SCALING_GROUP:
        yield _listed_tags(node)
        return
    own = node.props.record("tags")
    if isinstance(own, Known | Unknown):
        yield own
    if node.provider is not None:
        yield from _default_tags(node.provider)


def _listed_tags(node: Node) -> Mapping[str, Value[str]] | Unknown:
    found = node.props.items("tags")
    tags: dict[str, Value[str]] = {}
    for each in found.value.records() if isinstance(found, Known) else ():
        if isinstance(each, Unknown):
            return each
        key = each.value.text("key")
        if isinstance(key, Unknown):
            return key
        if isinstance(key, Known):
            tags[key.value] = each.value.text("value")
    return found if isinstance(found, Unknown) else tags


def _default_tags(provider: Record) -> Iterator[Known[Record] | Unknown | Mapping[str, Value[str]]]:
    """The SDK sends blocks of a provider as JSON text."""
    found = provider.document("defaultTags")
    if isinstance(found, Known) and isinstance(found.value, str):
        yield Known(_written_tags(found.value))
    elif isinstance(found, Known) and isinstance(found.value, Record):
        inner = found.value.record("tags")
        if not isinstance(inner, Absent):
            yield inner
    elif isinstance(found, Unknown):
        yield found


@lru_cache(maxsize=16)
def _written_tags(text: str) -> Record:
    try:
        raw = json.loads(text)
    except ValueError:
        raw = {}
    tags = raw.get("tags") if isinstance(raw, dict) else None
    return Record(tags if isinstance(tags, dict) else {}, Unknown())


def _tag(layers: list[Known[Record] | Unknown | Mapping[str, Value[str]]], name: str) -> Value[str]:
    """A tag as the first layer says that has it. An empty value is a value."""
    doubt: Unknown | None = None
    for layer in layers:
        if isinstance(layer, Unknown):
            doubt = layer
        elif isinstance(layer, Known):
            if name in layer.value.names():
                value = layer.value.text(name)
                return doubt or (Known("") if isinstance(value, Absent) else value)
        elif name in layer:
            return layer[name]
    return doubt or Absent()


# -- regions and accounts ----------------------------------------------------------------------------------------------


class Providers:
    """The first resource of each provider, so that what is wrong with a provider is said once."""

    def __init__(self, graph: Graph) -> None:
        first: dict[tuple[str, ...], str] = {}
        for node in graph.of(kinds.ANY):
            first.setdefault(self._identity(node), node.urn)
        self.first = frozenset(first.values())

    @staticmethod
    def _identity(node: Node) -> tuple[str, ...]:
        said = () if node.provider is None else node.provider.strings()
        return tuple(sorted(f"{path}={value.value}" for path, value in said if isinstance(value, Known)))


def _pinned(node: Node, view: View) -> Iterable[Finding]:
    providers: Providers = view.graph.shared(Providers)
    found = [_region(node, node.provider, view)]
    if node.urn in providers.first:
        found.append(_account(node, node.provider, view))
    broken = [each for each in found if each.outcome is Outcome.VIOLATION]
    yield (broken or [each for each in found if each.outcome is not Outcome.PASS] or [HOLDS])[0]


def _region(node: Node, provider: Record | None, view: View) -> Finding:
    allowed = view.config[REGIONS]
    if not allowed:
        return HOLDS
    region = node.props.text("region")
    if isinstance(region, Absent) and provider is not None:
        region = provider.text("region")
    if isinstance(region, Known):
        says = f"its region is {region.value}, and {REGIONS.name} allows {', '.join(sorted(allowed))}"
        return HOLDS if region.value in allowed else breaks(says, node.label)
    return waits(
        f"its region, {view.graph.describe(region)}"
        if isinstance(region, Unknown)
        else "its region, which neither it nor its provider says",
        node.label,
    )


def _account(node: Node, provider: Record | None, view: View) -> Finding:
    allowed = view.config[ACCOUNTS]
    if not allowed:
        return HOLDS
    pinned: Value[frozenset[str]] = Absent() if provider is None else pinned_accounts(provider)
    if isinstance(pinned, Unknown):
        return waits(f"allowedAccountIds of its provider, {view.graph.describe(pinned)}", node.label)
    if isinstance(pinned, Absent) or not pinned.value:
        return breaks("its provider pins no account with allowedAccountIds", node.label)
    others = sorted(pinned.value - allowed)
    return breaks(f"its provider also allows account {', '.join(others)}", node.label) if others else HOLDS


# -- what must stay ----------------------------------------------------------------------------------------------------

_KEPT = is_true("deletionProtection")
_NEVER_EMPTIED = is_false("forceDestroy")
_STATEFUL: dict[str, Check | None] = {
    kinds.DB_INSTANCE: _KEPT,
    kinds.DB_CLUSTER: _KEPT,
    kinds.DOCDB_CLUSTER: _KEPT,
    kinds.NEPTUNE_CLUSTER: _KEPT,
    kinds.REDSHIFT_CLUSTER: None,
    kinds.TABLE: is_true("deletionProtectionEnabled"),
    kinds.USER_POOL: equals("deletionProtection", "ACTIVE", absent="INACTIVE"),
    kinds.BUCKET: _NEVER_EMPTIED,
    kinds.BACKUP_VAULT: _NEVER_EMPTIED,
    kinds.SECRET: differs("recoveryWindowInDays", "0"),
    kinds.FILE_SYSTEM: None,
    kinds.MSK_CLUSTER: None,
    kinds.KMS_KEY: None,
}
"""What holds data or opens it, with its own protection where AWS has one."""
_COPIES = ("replicateSourceDb", "replicationSourceIdentifier")
_ALSO_PROTECTED = frozenset(_STATEFUL) - {kinds.SECRET}
"""A deleted secret comes back within its window, so `protect` is not asked of it."""


def _protected(node: Node, view: View) -> Iterable[Finding]:
    if not view.config.protected or any(not isinstance(node.props.text(key), Absent) for key in _COPIES):
        yield HOLDS
        return
    check = _STATEFUL[node.kind]
    found = HOLDS if check is None else check.answer(node, view)
    wrong = [] if node.protected or node.kind not in _ALSO_PROTECTED else ["opts.protect is not set"]
    if found.outcome is Outcome.VIOLATION:
        wrong.append(found.says)
    yield breaks("; ".join(wrong), node.label) if wrong else found


# -- what is hidden ----------------------------------------------------------------------------------------------------

_GROUP_RULES = ("ingress", "egress")
_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_READ_BY_HAND: Mapping[str, tuple[str, ...]] = {
    kinds.SECURITY_GROUP: _GROUP_RULES,
    kinds.DEFAULT_SECURITY_GROUP: _GROUP_RULES,
    kinds.SECURITY_GROUP_RULE: (
        "cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "sourceSecurityGroupId", "fromPort", "toPort", "protocol",
    ),
    kinds.INGRESS_RULE: (
        "cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId", "fromPort", "toPort", "ipProtocol",
    ),
    kinds.PREFIX_LIST: ("entries",),
    kinds.NETWORK_ACL: _GROUP_RULES,
    kinds.ROUTE_TABLE: ("routes",),
    kinds.DEFAULT_ROUTE_TABLE: ("routes",),
    kinds.ROUTE: ("gatewayId", "destinationCidrBlock", "destinationIpv6CidrBlock"),
    kinds.ROUTE_TABLE_ASSOCIATION: ("routeTableId", "subnetId"),
    kinds.DB_SUBNET_GROUP: ("subnetIds",),
    kinds.REDSHIFT_WORKGROUP: ("subnetIds",),
    kinds.SEARCH_DOMAIN: ("vpcOptions.subnetIds",),
    kinds.ELASTICSEARCH_DOMAIN: ("vpcOptions.subnetIds",),
    kinds.DB_INSTANCE: ("storageEncrypted", "dbSubnetGroupName", "vpcSecurityGroupIds"),
    kinds.DB_CLUSTER: ("storageEncrypted", "dbSubnetGroupName", "vpcSecurityGroupIds"),
    kinds.LOAD_BALANCER: ("securityGroups", "internal"),
    kinds.LISTENER: ("defaultActions", "protocol", "sslPolicy"),
    kinds.LISTENER_RULE: ("actions",),
    kinds.BUCKET: ("policy", "acl", "grants", "serverSideEncryptionConfiguration"),
    kinds.BUCKET_ACL: ("acl", "accessControlPolicy"),
    kinds.BUCKET_PUBLIC_ACCESS_BLOCK: _FLAGS,
    kinds.ACCOUNT_PUBLIC_ACCESS_BLOCK: _FLAGS,
    kinds.MSK_CLUSTER: tuple(
        f"brokerNodeGroupInfo.{key}" for key in ("clientSubnets", "connectivityInfo", "securityGroups")
    ),
    kinds.IAM_ROLE: ("managedPolicyArns",),
    kinds.IAM_ROLE_ATTACHMENT: ("policyArn",),
    kinds.SSM_PARAMETER: ("type",),
    kinds.ECS_SERVICE: ("networkConfiguration",),
}  # fmt: skip
"""Properties that the functions of critical and high controls read; of all other controls the checks say it."""


@cache
def _read_properties() -> Mapping[str, frozenset[str]]:
    """Kind -> the properties on which a critical or high control decides."""
    from guardrails import controls  # noqa: PLC0415 - they are made of this module, too

    found: dict[str, set[str]] = {kind: set(paths) for kind, paths in _READ_BY_HAND.items()}
    for control in controls.CONTROLS:
        if control.severity in (Severity.CRITICAL, Severity.HIGH) and isinstance(control.judge, Check):
            for read in control.judge.reads:
                for kind in (read.kind,) if read.kind else control.subjects:
                    found.setdefault(kind, set()).add(read.path.replace("[]", ""))
    return {kind: frozenset(paths) for kind, paths in found.items()}


def _hides_nothing(node: Node, view: View) -> Iterable[Finding]:
    read = _read_properties().get(node.kind, ()) if node.ignored else ()
    hidden = sorted(path for path in read if any(_overlap(_spelled(ignored), path) for ignored in node.ignored))
    protocol = node.props.text("protocol")
    if hidden == ["defaultActions"] and protocol not in (Known("HTTP"), Absent()):
        # Deployment tools move the target of an HTTPS listener; no control looks at that.
        if isinstance(protocol, Unknown):
            yield waits(f"its protocol, {view.graph.describe(protocol)}", node.label)
        else:
            yield HOLDS
    elif hidden == ["actions"]:  # of a listener rule
        yield from _moves_targets(node, view)
    elif hidden:
        yield breaks(f"ignore_changes hides {', '.join(hidden)}, on which a control decides", node.label)
    else:
        yield HOLDS


def _moves_targets(rule: Node, view: View) -> Iterable[Finding]:
    """ECS and other deployment tools move the targets of a rule; a control looks at them only on an HTTP listener."""
    listener = listener_of(rule, view)
    plain = listener if isinstance(listener, str) else speaks_http(listener, view)
    if isinstance(plain, str):
        yield waits(plain, rule.label)
    elif plain:
        yield breaks("ignore_changes hides actions, on which a control decides", rule.label)
    else:
        yield HOLDS


def _spelled(path: str) -> str:
    """A path of the program as the provider spells it, without places in lists."""
    plain = re.sub(r"\[[^\]]*\]", "", path).replace('"', "")
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), plain)


def _overlap(ignored: str, path: str) -> bool:
    if ignored == "*":
        return True
    mine, theirs = ignored.split("."), path.split(".")
    return all(one == other for one, other in zip(mine, theirs, strict=False))


# -- credentials -------------------------------------------------------------------------------------------------------

_MADE_BY_AWS = frozenset(
    {kinds.IAM_ACCESS_KEY, "aws:iot/certificate:Certificate", "aws:lightsail/keyPair:KeyPair", kinds.SECRET_VERSION}
)
"""Types that answer with credentials, or whose purpose is to hold one: other controls judge those."""


def _no_plaintext(node: Node, view: View) -> Iterable[Finding]:
    sort = node.props.text("type") if node.kind == kinds.SSM_PARAMETER else Absent()
    if node.kind in _MADE_BY_AWS or sort == Known("SecureString"):
        yield HOLDS
        return
    doubt = ("type", sort) if isinstance(sort, Unknown) else None
    for path, value in node.props.strings():
        if isinstance(value, Known):
            found = format_of(value.value)
            if found is not None and not isinstance(sort, Unknown):
                yield breaks(f"{path} holds {found}", node.label)
                return
        elif value.sources and not is_harmless(value, view, hosts=True):
            doubt = path, value
    yield HOLDS if doubt is None else waits(f"{doubt[0]}, {view.graph.describe(doubt[1])}", node.label)


CONTROLS = (
    Control(
        id="no-plaintext-secret-anywhere",
        title="No property of any resource holds a credential",
        severity=Severity.CRITICAL,
        subjects=(kinds.ANY,),
        own_packs=(BASELINE,),
        why="It then stands in the state, in the console and in every log of the deployment.",
        fix="keep it in Secrets Manager, hand over its ARN, and change it: it is known by now",
        judge=_no_plaintext,
    ),
    Control(
        id="prod-protect-stateful",
        title="On protected stacks whatever holds data is protected by Pulumi and by AWS",
        severity=Severity.HIGH,
        subjects=tuple(_STATEFUL),
        own_packs=(BASELINE, RESILIENCE),
        why="One of the two stops a mistaken destroy or replacement, the other one a mistake in the console.",
        fix="set opts=ResourceOptions(protect=True) and the type's own deletion protection",
        judge=_protected,
    ),
    Control(
        id="no-security-ignore-changes",
        title="No ignore_changes hides what a control decides on",
        severity=Severity.HIGH,
        subjects=(kinds.ANY,),
        own_packs=(BASELINE,),
        why="The control then judges what the program says, and AWS keeps what somebody made of it.",
        fix="take the property out of ignore_changes",
        judge=_hides_nothing,
    ),
    Control(
        id="region-and-account-pinned",
        title="Resources are in regions and accounts that are allowed, and nothing else can happen",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.ANY,),
        parameters=(REGIONS, ACCOUNTS),
        own_packs=(BASELINE,),
        why="With the credentials of another account the program would build everything there.",
        fix="set region and allowed_account_ids on the aws.Provider",
        judge=_pinned,
    ),
    Control(
        id="required-tags",
        title="Every resource that can have tags has those that are required",
        severity=Severity.MEDIUM,
        subjects=(kinds.ANY,),
        parameters=(REQUIRED_TAGS,),
        own_packs=(BASELINE,),
        why="Otherwise nobody finds out whom a resource belongs to, or who pays for it.",
        fix="set them once in default_tags of the aws.Provider",
        judge=_required_tags,
    ),
)
