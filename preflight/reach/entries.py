"""What the world reaches: every way into a stack from the internet, on which ports, through what, to which service."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from preflight.reach.acls import Acls
from preflight.reach.answers import Answer, both
from preflight.reach.balancers import BALANCER, LISTENER, Balancer, Balancers
from preflight.reach.firewall import Firewall, Place
from preflight.reach.graph import Graph, Node, known, maps, texts
from preflight.reach.routes import DIRECT, Network
from preflight.reach.services import FUNCTION, Service
from preflight.reach.store_kinds import CLUSTER
from preflight.reach.stores import Store

SOME = "some addresses"
_CDN = "aws:cloudfront/distribution:Distribution"
_HTTP_API = "aws:apigatewayv2/api:Api"
_REST_API = "aws:apigateway/restApi:RestApi"
_URL = "aws:lambda/functionUrl:FunctionUrl"
_BUCKET = "aws:s3/bucket:Bucket"
_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
_ORIGINS = (
    BALANCER, "aws:elb/loadBalancer:LoadBalancer", _BUCKET, _HTTP_API, _REST_API, _URL,
    "aws:apigatewayv2/stage:Stage", "aws:apigateway/stage:Stage",
)  # fmt: skip
# Reached from the internet unless they say otherwise; their networks are not read: (what, key, the value that opens).
_FLAGGED: Mapping[str, tuple[str, str, object, bool]] = {
    "aws:mq/broker:Broker": ("message broker", "publiclyAccessible", True, False),
    "aws:dms/replicationInstance:ReplicationInstance": ("replication instance", "publiclyAccessible", True, True),
    "aws:transfer/server:Server": ("file transfer server", "endpointType", "PUBLIC", True),
}


_CERTAIN = Answer(True)


class _Open(NamedTuple):
    """A port, who gets to it, and from where."""

    port: str
    world: str
    sources: list[str]
    answer: Answer


class Entries:
    """Everything of a graph that may be reached from outside of AWS."""

    def __init__(
        self, graph: Graph, network: Network, firewall: Firewall, acls: Acls, balancers: Balancers,
        services: Sequence[Service], stores: Sequence[Store],
    ) -> None:  # fmt: skip
        self._graph, self._network, self._firewall, self._acls = graph, network, firewall, acls
        self._balancers, self._services, self._stores = balancers, services, stores

    def all(self) -> list[dict[str, Any]]:
        """Every entry that lets somebody in, or of which it is not known."""
        found = [
            *self._of_balancers(), *self._of_services(), *self._of_apis(), *self._of_urls(), *self._of_cdn(),
            *self._of_databases(), *self._of_policies(), *self._of_flags(),
        ]  # fmt: skip
        return sorted(found, key=lambda entry: entry["urn"])

    def _of_balancers(self) -> Iterator[dict[str, Any]]:
        for balancer in self._balancers.all:
            if balancer.public is False:
                continue
            routed = self._routed(balancer.subnets)
            if balancer.public is None:
                routed = Answer(None, why="whether it is internal is not known")
            opened = [
                (port, self._port(balancer, port.protocol, port.port, port.spoken, routed)) for port in balancer.ports
            ]
            kept = [(port, one) for port, one in opened if one.world != "no"]
            if kept:
                targets = [each for port, _ in kept for each in port.targets]
                notes = [f"{one.port} {what}" for port, one in kept for what in port.does]
                yield _entry(balancer.node, "load balancer", [one for _, one in kept], _to(targets), notes)

    def _port(self, balancer: Balancer, protocol: str, port: int | None, spoken: str, routed: Answer) -> _Open:
        name = f"{protocol} {port if port is not None else 'not known'}" + (
            f" ({spoken})" if spoken not in {"TCP", "UDP"} else ""
        )
        if balancer.open:
            routed = both(routed, self._acls.inward(balancer.place.subnets, protocol, port))
            return _Open(name, "yes" if routed.value else routed.json()["answer"], ["0.0.0.0/0"], routed)
        return self._let(name, balancer.place, protocol, port, routed)

    def _let(self, name: str, place: Place, protocol: str, port: int | None, routed: Answer) -> _Open:
        routed = both(routed, self._acls.inward(place.subnets, protocol, port))
        let = self._firewall.world(place, ingress=True, protocol=protocol, port=port)
        sources = self._firewall.sources(place, protocol, port)
        answer = both(routed, let)
        if answer.value:
            return _Open(name, "yes", sources, answer)
        named = [source for source in sources if not source.startswith("prefix list")]
        if named and routed.value:
            return _Open(name, SOME, sources, Answer(True, let.by, "from these addresses only"))
        return _Open(name, answer.json()["answer"], sources, answer)

    def _routed(self, subnets: Sequence[Node]) -> Answer:
        """Whether the internet finds what has a public address in these subnets."""
        found = [way for subnet in subnets for way in self._network.ways(subnet)]
        direct = [way for way in found if way.what == DIRECT and way.sure]
        if direct:
            return Answer(True, (direct[0].name,))
        if not subnets or any(not way.sure for way in found):
            return Answer(None, why="the routes of its subnets are not known")
        return Answer(False, why="its subnets have no route to an internet gateway")

    def _of_services(self) -> Iterator[dict[str, Any]]:
        for service in self._services:
            if service.public is False or service.inside is False or not (service.subnets or service.public):
                continue
            routed = self._routed(service.subnets)
            if service.public is None:
                routed = both(routed, Answer(None, why="whether it has a public address is not known"))
            rules = [rule for group in service.place.groups for rule in self._firewall.rules(group, ingress=True)]
            ports: dict[str, _Open] = {}
            for rule in rules:
                protocol = rule.protocol if rule.protocol not in {None, "all"} else "tcp"
                port = rule.ports[0] if rule.ports and rule.protocol != "all" else None
                one = self._let(rule.spoken_ports(), service.place, str(protocol), port, routed)
                if one.world != "no" and (rule.cidrs or rule.lists or rule.open):
                    ports.setdefault(one.port, one)
            if not rules and (service.place.groups_open or service.place.foreign) and routed.value is not False:
                doubt = Answer(None, why="its security groups are not in this program")
                ports["not known"] = _Open("not known", "not known", [], doubt)
            if ports:
                me = [
                    {"urn": service.node.urn, "path": [service.node.name], "port": None, "answer": "yes", "why": None}
                ]
                yield _entry(service.node, f"{service.what} with a public address", list(ports.values()), me)

    def _of_apis(self) -> Iterator[dict[str, Any]]:
        for node in self._graph.all(_HTTP_API):
            if node.inputs.get("disableExecuteApiEndpoint") is True and not self._graph.all(
                "aws:apigatewayv2/domainName:DomainName"
            ):
                continue
            parts = self._graph.owned(node, "aws:apigatewayv2/integration:Integration", "apiId")
            routes = self._graph.owned(node, "aws:apigatewayv2/route:Route", "apiId")
            asks = {str(route.inputs.get("authorizationType") or "NONE") for route in routes} or {"NONE"}
            found = [*self._called(node, parts, "integrationUri"), *self._called(node, [node], "target")]
            yield _entry(node, "API", [_everybody("tcp 443")], found, _authorized(asks))
        for node in self._graph.all(_REST_API):
            types = [
                kind for block in maps(node.inputs.get("endpointConfiguration")) for kind in texts(block.get("types"))
            ]
            if types == ["PRIVATE"]:
                continue
            methods = self._graph.owned(node, "aws:apigateway/method:Method", "restApi")
            asks = {str(method.inputs.get("authorization") or "NONE") for method in methods} or {"NONE"}
            parts = self._graph.owned(node, "aws:apigateway/integration:Integration", "restApi")
            notes = _authorized(asks) + (["a policy of the API narrows it"] if node.inputs.get("policy") else [])
            body = [] if node.inputs.get("body") is None else ["what its OpenAPI document says is not read"]
            yield _entry(node, "API", [_everybody("tcp 443")], list(self._called(node, parts, "uri")), notes + body)

    def _called(self, api: Node, parts: Sequence[Node], key: str) -> Iterator[dict[str, Any]]:
        for part in parts:
            value = part.inputs.get(key)
            if value is None:
                continue
            link = self._graph.link(part, key, FUNCTION, LISTENER, BALANCER)
            names = (api.name,) if part is api else (api.name, part.name)
            function = link.one or self._by_arn(value)
            if function is None:
                continue
            if function.kind == FUNCTION:
                yield _hop(function, (*names, function.name))
                continue
            balancer = self._balancers.of_listener(function) if function.kind == LISTENER else None
            for port in balancer.ports if balancer else ():
                for target in port.targets:
                    if function.name in target.path:
                        yield _hop(target.node, (*names, *target.path), target.port, target.answer)

    def _by_arn(self, value: object) -> Node | None:
        """The function whose ARN stands inside of the ARN by which an API calls it."""
        if not isinstance(value, str) or "/functions/" not in value:
            return None
        return self._graph.find(value.partition("/functions/")[2].removesuffix("/invocations"), FUNCTION)

    def _of_urls(self) -> Iterator[dict[str, Any]]:
        for node in self._graph.all(_URL):
            asks = node.inputs.get("authorizationType")
            found = [
                _hop(each, (node.name, each.name)) for each in self._graph.link(node, "functionName", FUNCTION).nodes
            ]
            notes = (
                ["asks for a signature of IAM"]
                if asks == "AWS_IAM"
                else ["no authentication"]
                if asks == "NONE"
                else []
            )
            yield _entry(node, "function URL", [_everybody("tcp 443")], found, notes)

    def _of_cdn(self) -> Iterator[dict[str, Any]]:
        for node in self._graph.all(_CDN):
            if node.inputs.get("enabled") is False:
                continue
            found: list[dict[str, Any]] = []
            notes = []
            for origin in maps(node.inputs.get("origins")):
                target = self._origin(node, origin.get("domainName"))
                if target is None:
                    said = origin.get("domainName")
                    notes.append(
                        f"has an origin outside of this program: {said if isinstance(said, str) else 'not known'}"
                    )
                    continue
                found.append(_hop(target, (node.name, target.name)))
                balancer = next((each for each in self._balancers.all if each.node is target), None)
                behind = _to([each for port in balancer.ports for each in port.targets] if balancer else [])
                found += [hop | {"path": [node.name, *hop["path"]]} for hop in behind]
            yield _entry(node, "CDN", [_everybody("tcp 80"), _everybody("tcp 443")], found, notes)

    def _origin(self, node: Node, domain: object) -> Node | None:
        link = self._graph.link(node, "origins", *_ORIGINS, value=domain)
        if link.one is not None or not isinstance(domain, str):
            return link.one
        behind = [self._graph.at(urn) for urn in node.edges.get("origins", ())]
        for other in behind:
            urls = [other.text(key) for key in ("functionUrl", "apiEndpoint", "invokeUrl")] if other else []
            if any(url and domain in url for url in urls):
                return other
        return None

    def _of_databases(self) -> Iterator[dict[str, Any]]:
        for store in self._stores:
            nodes = [store.node]
            if store.node.kind == CLUSTER:
                nodes += self._graph.owned(store.node, _CLUSTER_INSTANCE, "clusterIdentifier")
            flags = [node.inputs.get("publiclyAccessible") for node in nodes]
            unknown = any(flag is not None and not known(flag) for flag in flags)
            if store.place is None or not (True in flags or unknown):
                continue
            routed = self._routed(store.subnets)
            if True not in flags:
                routed = both(routed, Answer(None, why="whether it has a public address is not known"))
            opened = [self._let(f"tcp {port}", store.place, "tcp", port, routed) for port in store.ports]
            if kept := [one for one in opened if one.world != "no"]:
                yield _entry(store.node, f"public {store.what}", kept, [_hop(store.node, (store.node.name,))])

    def _of_policies(self) -> Iterator[dict[str, Any]]:
        """Stores of AWS's API whose policy lets everybody in."""
        for store in self._stores:
            if store.place is not None:
                continue
            open_to = [each for source in store.policies for each in source.document.statements
                       if each.allow is not False and each.everyone() and each.narrowed is not True]  # fmt: skip
            if not open_to or self._blocked(store.node):
                continue
            sure = any(each.allow and each.narrowed is False for each in open_to)
            actions = sorted({action or "not known" for each in open_to for action in each.actions})
            why = "" if sure else "whether its conditions narrow it is not known"
            one = _Open(
                "AWS API", "yes" if sure else "not known", ["everybody"], Answer(True if sure else None, why=why)
            )
            note = f"its policy lets everybody do {', '.join(actions)}"
            yield _entry(store.node, f"public {store.what}", [one], [_hop(store.node, (store.node.name,))], [note])

    def _blocked(self, node: Node) -> bool:
        if node.kind != _BUCKET:
            return False
        blocks = [
            *self._graph.owned(node, _BLOCK, "bucket"),
            *self._graph.all("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"),
        ]
        # Since April 2023 a new bucket blocks public policies unless somebody says otherwise.
        return not blocks or any(block.inputs.get("restrictPublicBuckets") is True for block in blocks)

    def _of_flags(self) -> Iterator[dict[str, Any]]:
        for kind, (what, key, wanted, default) in _FLAGGED.items():
            for node in self._graph.all(kind):
                value = node.inputs.get(key)
                if value == wanted or (value is None and default) or (value is not None and not known(value)):
                    why = Answer(None, why="its security groups are not read")
                    yield _entry(node, what, [_Open("not known", "not known", [], why)], [])
        for node in self._graph.all("aws:eks/cluster:Cluster"):
            block = next(maps(node.inputs.get("vpcConfig")), {})
            if block.get("endpointPublicAccess") is not False:
                cidrs = [cidr or "not known" for cidr in texts(block.get("publicAccessCidrs"))] or ["0.0.0.0/0"]
                world = "yes" if "0.0.0.0/0" in cidrs else SOME
                yield _entry(
                    node,
                    "Kubernetes API",
                    [_Open("tcp 443", world, cidrs, Answer(True))],
                    [],
                    ["asks for a signature of IAM"],
                )
        for kind, what in (
            ("aws:apprunner/service:Service", "App Runner service"),
            ("aws:appsync/graphQLApi:GraphQLApi", "GraphQL API"),
        ):
            for node in self._graph.all(kind):
                blocks = [*maps(node.inputs.get("networkConfiguration"))]
                ingress = [one for block in blocks for one in maps(block.get("ingressConfiguration"))]
                private = any(one.get("isPubliclyAccessible") is False for one in ingress)
                private |= node.inputs.get("visibility") == "PRIVATE"
                if not private:
                    asks = node.inputs.get("authenticationType")
                    yield _entry(
                        node, what, [_everybody("tcp 443")], [], [f"asks for {asks}"] if isinstance(asks, str) else []
                    )


def _entry(
    node: Node, what: str, ports: Sequence[_Open], to: Sequence[dict[str, Any]], notes: Sequence[str] = ()
) -> dict[str, Any]:
    words = [one.world for one in ports]
    world = next((word for word in ("yes", SOME, "not known") if word in words), "no")
    return {
        "urn": node.urn,
        "what": what,
        "world": world,
        "ports": [
            {"port": one.port, "world": one.world, "from": one.sources, "why": one.answer.why or None}
            for one in sorted(ports, key=lambda one: one.port)
        ],
        "to": list(to),
        "notes": list(dict.fromkeys(notes)),
    }


def _to(targets: Sequence[Any]) -> list[dict[str, Any]]:
    return [_hop(target.node, target.path, target.port, target.answer) for target in targets]


def _hop(node: Node, path: Sequence[str], port: int | None = None, answer: Answer = _CERTAIN) -> dict[str, Any]:
    said = answer.json()
    return {"urn": node.urn, "path": list(path), "port": port, "answer": said["answer"], "why": said["why"]}


def _everybody(port: str) -> _Open:
    return _Open(port, "yes", ["0.0.0.0/0"], Answer(True))


def _authorized(asks: set[str]) -> list[str]:
    if asks == {"NONE"}:
        return ["no authentication"]
    named = sorted(asks - {"NONE"})
    return [f"asks for {', '.join(named)}" + (" on some routes" if "NONE" in asks else "")]
