"""What keeps data in a stack: by which network it is reached, what it asks of IAM, which policy stands on it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from preflight.reach import cache_users, documents
from preflight.reach.documents import Arn
from preflight.reach.firewall import Firewall, Place
from preflight.reach.graph import Graph, Link, Node, known, maps
from preflight.reach.rights import Source
from preflight.reach.routes import SUBNETS, Network
from preflight.reach.services import place_of
from preflight.reach.store_kinds import (
    API,
    CACHE,
    DATABASE,
    FILES,
    INNER,
    INSIDE,
    KEY,
    MOUNT,
    PROXIED,
    PROXY,
    PROXY_TARGET,
    SECRET,
    SECRET_VERSION,
    SUBNET_GROUPS,
    Api,
    Ask,
    Inner,
)


class Store(NamedTuple):
    """One store. `place` None: reached by AWS's API of `service`. `asks`: the rights, any of which opens it;
    `required`: whether it lets nobody in without one."""

    node: Node
    what: str
    service: str
    place: Place | None
    subnets: tuple[Node, ...]
    ports: tuple[int, ...]
    asks: tuple[Ask, ...]
    required: bool
    policies: tuple[Source, ...]
    why: str = ""


def read(graph: Graph, network: Network, firewall: Firewall) -> list[Store]:
    """All of them, by URN. Instances and replicas of a cluster are the cluster."""
    found = [_api(graph, node, kind) for kind in API for node in graph.all(kind)]
    found += [
        _inner(graph, network, firewall, node, spec)
        for kind, spec in INNER.items()
        for node in graph.all(kind)
        if not node.inputs.get("replicationGroupId") or kind != CACHE
    ]
    return sorted(found, key=lambda store: store.node.urn)


def _api(graph: Graph, node: Node, kind: str) -> Store:
    spec = API[kind]
    arn = Arn(_arn(node, spec), spec.service)
    asks = (Ask("read", spec.reads, arn), Ask("write", spec.writes, arn))
    sources = (
        [Source(node.name, documents.read(node.inputs["policy"]))] if node.inputs.get("policy") is not None else []
    )
    for policy, key in spec.policies:
        sources += [
            Source(each.name, documents.read(each.inputs.get("policy"))) for each in graph.owned(node, policy, key)
        ]
        sources += [Source(each.name, documents.Document(open=True)) for each in graph.loose(policy, key)]
    if kind == KEY and not sources:  # AWS's own: the account decides
        account = arn.value.split(":")[4] if arn.value else ""
        text = {"Statement": {"Action": "kms:*", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Resource": "*"}}
        sources = [Source(f"the default policy of {node.name}", documents.read(text))]
    return Store(node, spec.what, spec.service, None, (), (), asks, True, tuple(sources))


def _arn(node: Node, spec: Api) -> str | None:
    found = node.text("arn")
    if found is None and spec.service == "s3" and isinstance(node.inputs.get("bucket"), str):
        return f"arn:aws:s3:::{node.inputs['bucket']}"
    return found


def _inner(graph: Graph, network: Network, firewall: Firewall, node: Node, spec: Inner) -> Store:
    subnets, groups = _where(graph, firewall, node, spec)
    if node.kind == "aws:opensearch/domain:Domain" and node.inputs.get("vpcOptions") is None:
        arn = Arn(node.text("arn"), "es")
        policy = node.inputs.get("accessPolicies")
        sources = (Source(node.name, documents.read(policy)),) if policy is not None else ()
        return Store(
            node, spec.what, "es", None, (), (), (Ask("read and write", ("es:ESHttpGet",), arn),), True, sources
        )
    asks, required, policies, why = _asks(graph, node)
    place = place_of(network, firewall, subnets, groups)
    return Store(node, spec.what, "", place, subnets.nodes, _ports(node, spec), asks, required, policies, why)


def _where(graph: Graph, firewall: Firewall, node: Node, spec: Inner) -> tuple[Link, Link]:
    if node.kind == FILES:
        mounts = graph.owned(node, MOUNT, "fileSystemId")
        there = [graph.link(mount, "subnetId", *SUBNETS) for mount in mounts]
        return _sum(there), _sum([firewall.named(mount, "securityGroups") for mount in mounts])
    if spec.groups in INSIDE:
        block = next(maps(node.inputs.get(spec.groups)), {})
        group_key, subnet_key = INSIDE[spec.groups]
        groups = firewall.named(node, spec.groups, block[group_key]) if block.get(group_key) else Link()
        subnets = graph.link(node, spec.groups, *SUBNETS, value=block[subnet_key]) if block.get(subnet_key) else Link()
        return subnets, groups
    groups = _sum([firewall.named(each, spec.groups) for each in (node, *_proxies(graph, node))])
    if spec.subnets:
        return graph.link(node, spec.subnets, *SUBNETS), groups
    source = _source(graph, node)  # in one region a replica has the subnets of what it replicates
    named = graph.link(source, spec.subnet_group or "", *SUBNET_GROUPS)
    found = [graph.link(each, "subnetIds", *SUBNETS) for each in named.nodes]
    return (_sum(found) if found and named.complete else Link(open=True)), groups


def _proxies(graph: Graph, node: Node) -> list[Node]:
    """What stands in front of a database: who gets there gets through, with the same rights."""
    key = PROXIED.get(node.kind)
    targets = graph.owned(node, PROXY_TARGET, key) if key else []
    return [proxy for target in targets for proxy in graph.link(target, "dbProxyName", PROXY).nodes]


def _sum(links: list[Link]) -> Link:
    nodes = {node.urn: node for link in links for node in link.nodes}
    return Link(
        tuple(nodes.values()), tuple(each for link in links for each in link.outside), any(link.open for link in links)
    )


def _ports(node: Node, spec: Inner) -> tuple[int, ...]:
    given = node.get("port")
    if isinstance(given, int | float) and given:
        return (int(given),)
    engine = str(node.get("engine") or "")
    exact = [ports for name, ports in spec.ports.items() if name and engine.startswith(name)]
    return exact[0] if exact else spec.ports.get("", (5432,) if spec.what.startswith("database") and not engine else ())


def _asks(graph: Graph, node: Node) -> tuple[tuple[Ask, ...], bool, tuple[Source, ...], str]:
    """The rights that let somebody into a store of a network, whether they are required, its policies, and a remark."""
    if node.kind == FILES:
        arn = Arn(node.text("arn"), "elasticfilesystem")
        owned = graph.owned(node, "aws:efs/fileSystemPolicy:FileSystemPolicy", "fileSystemId")
        sources = tuple(Source(each.name, documents.read(each.inputs.get("policy"))) for each in owned)
        mount = "elasticfilesystem:ClientMount"
        write = Ask("write", ("elasticfilesystem:ClientWrite",), arn, first=((mount, arn),))
        return (
            (Ask("read", (mount,), arn), write),
            bool(sources),
            sources,
            "" if sources else "without a policy it asks nobody for rights",
        )
    if node.kind.startswith("aws:msk/"):
        return _of_stream(node)
    if (signed := cache_users.asks(graph, node)) is not None:
        by_iam, required, why = signed
        return by_iam, required, (), why
    asks = [*_login(node), *_kept(graph, _source(graph, node)), *_through(_proxies(graph, node))]
    remark = "" if asks else "it asks for a password or nothing, not for rights"
    return tuple(asks), bool(asks), (), remark


def _login(node: Node) -> Iterator[Ask]:
    if node.inputs.get("iamDatabaseAuthenticationEnabled") is True or node.inputs.get("iamAuthEnabled") is True:
        resource = node.text("clusterResourceId") or node.text("resourceId")
        arn = node.text("arn")
        parts = arn.split(":") if arn else []
        value = f"{':'.join(parts[:2])}:rds-db:{parts[3]}:{parts[4]}:dbuser:{resource}" if resource and parts else None
        yield Ask("log in by IAM", ("rds-db:connect",), Arn(value, "rds-db"))
    managed = node.inputs.get("manageMasterUserPassword") is True or node.inputs.get("manageMasterPassword") is True
    if managed:
        secrets = [each.get("secretArn") for each in maps(node.outputs.get("masterUserSecrets"))]
        secrets += [node.outputs.get("masterPasswordSecretArn")]
        value = next((each for each in secrets if isinstance(each, str)), None)
        yield Ask("read its password", ("secretsmanager:GetSecretValue",), Arn(value, "secretsmanager"))


def _source(graph: Graph, node: Node) -> Node:
    """What a replica in the same region is one of; of anything else itself."""
    return graph.link(node, "replicateSourceDb", DATABASE).one or node


def _kept(graph: Graph, node: Node) -> Iterator[Ask]:
    """Secrets that the program itself writes its address into: the password that it is reached with stands beside."""
    for version in graph.all(SECRET_VERSION):
        behind = {urn for key in ("secretString", "secretStringWo") for urn in version.edges.get(key, ())}
        secret = graph.link(version, "secretId", SECRET).one
        if node.urn in behind and secret is not None:
            arn = Arn(secret.text("arn"), "secretsmanager")
            yield Ask("read its password", ("secretsmanager:GetSecretValue",), arn)


def _through(proxies: list[Node]) -> Iterator[Ask]:
    """A proxy that signs users of IAM in is what they name."""
    for proxy in proxies:
        arn = proxy.text("arn")
        if proxy.inputs.get("defaultAuthScheme") == "IAM_AUTH":
            parts = arn.split(":") if arn else []
            value = f"{':'.join(parts[:2])}:rds-db:{parts[3]}:{parts[4]}:dbuser:{parts[-1]}" if parts else None
            yield Ask("log in by IAM", ("rds-db:connect",), Arn(value, "rds-db"))


def _of_stream(node: Node) -> tuple[tuple[Ask, ...], bool, tuple[Source, ...], str]:
    connect, cluster = "kafka-cluster:Connect", Arn(node.text("arn"), "kafka")
    topics = cluster._replace(value=cluster.value.replace(":cluster/", ":topic/", 1) if cluster.value else None)
    asks = (
        Ask("connect", (connect,), cluster),
        Ask("read", ("kafka-cluster:ReadData",), topics, first=((connect, cluster),)),
        Ask("write", ("kafka-cluster:WriteData",), topics, first=((connect, cluster),)),
    )
    if node.kind == "aws:msk/serverlessCluster:ServerlessCluster":
        return asks, True, (), ""
    auth = node.inputs.get("clientAuthentication")
    if auth is not None and not known(auth):
        return asks, False, (), "how clients sign in is not known"
    block: Any = next(maps(auth), {})
    iam = any(sasl.get("iam") is True for sasl in maps(block.get("sasl")))
    others = block.get("unauthenticated") is True or any(sasl.get("scram") is True for sasl in maps(block.get("sasl")))
    others |= block.get("tls") is not None or not block
    return asks if iam else (), iam and not others, (), "" if iam and not others else "it lets others in than IAM"
