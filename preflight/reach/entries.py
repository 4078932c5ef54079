"""What the world reaches: every way into a stack from the internet, on which ports, through what, to which service."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from preflight.reach.acls import Acls
from preflight.reach.answers import Answer, best, both
from preflight.reach.balancers import BALANCER, LISTENER, Balancer, Balancers
from preflight.reach.documents import Statement
from preflight.reach.firewall import Firewall, Place, Ports
from preflight.reach.graph import Graph, Node, known, maps, texts
from preflight.reach.opened import CERTAIN, ORDER, SOME, Open, entry, everybody, hop, hops, merged
from preflight.reach.routes import DIRECT, INSTANCE, Network
from preflight.reach.services import FUNCTION, Service
from preflight.reach.store_kinds import CLUSTER
from preflight.reach.stores import Store
from preflight.reach.strangers import (
    assumed_by_all,
    blocked,
    callable_by_all,
    ignored_lists,
    listed_by_all,
    read_by_all,
)

_CDN = "aws:cloudfront/distribution:Distribution"
_HTTP_API = "aws:apigatewayv2/api:Api"
_REST_API = "aws:apigateway/restApi:RestApi"
_URL = "aws:lambda/functionUrl:FunctionUrl"
_BUCKET = "aws:s3/bucket:Bucket"
_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
_ORIGINS = (
    BALANCER, "aws:elb/loadBalancer:LoadBalancer", _BUCKET, _HTTP_API, _REST_API, _URL,
    "aws:apigatewayv2/stage:Stage", "aws:apigateway/stage:Stage",
)  # fmt: skip
# Reached from the internet unless they say otherwise; their networks are not read: (what, key, the value that opens).
_FLAGGED: Mapping[str, tuple[str, str, object, bool]] = {
    "aws:mq/broker:Broker": ("message broker", "publiclyAccessible", True, False),
    "aws:dms/replicationInstance:ReplicationInstance": ("replication instance", "publiclyAccessible", True, True),
    "aws:redshiftserverless/workgroup:Workgroup": ("data warehouse", "publiclyAccessible", True, False),
    "aws:lightsail/database:Database": ("public database", "publiclyAccessible", True, False),
    "aws:transfer/server:Server": ("file transfer server", "endpointType", "PUBLIC", True),
}


_VERSIONS = {"ipv4": (4,), "dualstack": (4, 6), "dualstack-without-public-ipv4": (6,)}  # by what a balancer says


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
            *self._of_databases(), *self._of_policies(), *self._of_flags(), *self._of_accelerators(),
            *callable_by_all(self._graph), *assumed_by_all(self._graph), *listed_by_all(self._graph),
            *read_by_all(self._graph),
        ]  # fmt: skip
        return merged(found)

    def _of_balancers(self) -> Iterator[dict[str, Any]]:
        for balancer in self._balancers.all:
            if balancer.public is False:
                continue
            versions = _VERSIONS.get(str(balancer.node.inputs.get("ipAddressType") or "ipv4"), (4,))
            routes = {version: self.routed(balancer.subnets, version) for version in versions}
            if balancer.public is None:
                routes = dict.fromkeys(versions, Answer(None, why="whether it is internal is not known"))
            if found := self.of_balancer(balancer, balancer.node, "load balancer", routes):
                yield found

    def of_balancer(
        self, balancer: Balancer, node: Node, what: str, routes: Mapping[int, Answer], before: Sequence[str] = ()
    ) -> dict[str, Any] | None:
        """The entry that a load balancer is, to whom its routes lead; `node` and `before`: what stands before it."""
        opened = [
            (port, self._port(balancer, port.protocol, port.port, port.spoken, routes)) for port in balancer.ports
        ]
        kept = [(port, one) for port, one in opened if one.world != "no"]
        if not kept:
            return None
        targets = hops([each for port, _ in kept for each in port.targets])
        to = [each | {"path": [*before, *each["path"]]} for each in targets]
        return entry(
            node, what, [one for _, one in kept], to, [f"{one.port} {what}" for port, one in kept for what in port.does]
        )

    def _port(
        self, balancer: Balancer, protocol: str, port: int | None, spoken: str, routes: Mapping[int, Answer]
    ) -> Open:
        name = f"{protocol} {port if port is not None else 'not known'}" + (
            f" ({spoken})" if spoken not in {"TCP", "UDP"} else ""
        )
        if balancer.open:
            routed = best(list(routes.values()), Answer(None))
            routed = both(routed, self._acls.inward(balancer.place.subnets, protocol, port))
            return Open(name, "yes" if routed.value else routed.json()["answer"], ["0.0.0.0/0"], routed)
        return self.let(name, balancer.place, protocol, port, routes)

    def let(
        self, name: str, place: Place, protocol: str, port: int | Ports | None, routes: Mapping[int, Answer]
    ) -> Open:
        """Who gets to a port by the routes of IPv4 and IPv6, as far as there are such."""
        found = [self._let(name, place, protocol, port, routed, version) for version, routed in routes.items()]
        return min(found, key=lambda one: ORDER.index(one.world))

    def _let(
        self, name: str, place: Place, protocol: str, port: int | Ports | None, routed: Answer, version: int
    ) -> Open:
        routed = both(routed, self._acls.inward(place.subnets, protocol, port))
        let = self._firewall.world(place, ingress=True, protocol=protocol, port=port, version=version)
        sources = self._firewall.sources(place, protocol, port, version)
        answer = both(routed, let)
        if answer.value:
            return Open(name, "yes", sources, answer)
        named = [source for source in sources if not source.startswith("prefix list")]
        if named and routed.value:
            return Open(name, SOME, sources, Answer(True, let.by, "from these addresses only"))
        return Open(name, answer.json()["answer"], sources, answer)

    def routed(self, subnets: Sequence[Node], version: int) -> Answer:
        """Whether the internet finds what has a public address of this version in these subnets."""
        found = [way for subnet in subnets for way in self._network.ways(subnet)
                 if not way.sure or (":" in way.cidr) == (version == 6)]  # fmt: skip
        direct = [way for way in found if way.what == DIRECT and way.sure]
        if direct:
            return Answer(True, (direct[0].name,))
        if not subnets or any(not way.sure for way in found):
            return Answer(None, why="the routes of its subnets are not known")
        return Answer(False, why="its subnets have no route to an internet gateway")

    def _of_services(self) -> Iterator[dict[str, Any]]:
        for service in self._services:
            routes: dict[int, Answer] = {}
            elsewhere = service.inside is True and service.subnets_open  # such as an instance in the default VPC
            placed = service.subnets or service.public or elsewhere
            if service.inside is not False and service.public is not False and placed:
                routes[4] = self.routed(service.subnets, 4)
                if service.public is None:
                    routes[4] = both(routes[4], Answer(None, why="whether it has a public address is not known"))
            if service.what != "Lambda function" and self._network.addressed(service.node, service.subnets):
                routes[6] = self.routed(service.subnets, 6)
            if not routes:
                continue
            rules = [rule for group in service.place.groups for rule in self._firewall.rules(group, ingress=True)]
            ports: dict[str, Open] = {}
            for rule in rules:
                one = self.let(rule.spoken_ports(), service.place, *rule.packets(), routes)
                if one.world != "no" and (rule.cidrs or rule.lists or rule.open):
                    ports.setdefault(one.port, one)
            shut = all(routed.value is False for routed in routes.values())
            if not rules and (service.place.groups_open or service.place.foreign) and not shut:
                doubt = Answer(None, why="its security groups are not in this program")
                ports["not known"] = Open("not known", "not known", [], doubt)
            if ports:
                me = [
                    {"urn": service.node.urn, "path": [service.node.name], "port": None, "answer": "yes", "why": None}
                ]
                yield entry(service.node, f"{service.what} with a public address", list(ports.values()), me)

    def _of_apis(self) -> Iterator[dict[str, Any]]:
        for node in self._graph.all(_HTTP_API):
            if node.inputs.get("disableExecuteApiEndpoint") is True and not self._graph.all(
                "aws:apigatewayv2/domainName:DomainName"
            ):
                continue
            parts = self._graph.owned(node, "aws:apigatewayv2/integration:Integration", "apiId")
            routes = self._graph.owned(node, "aws:apigatewayv2/route:Route", "apiId")
            asks = [] if _is_imported(node) and not routes else _authorized(_asked(routes, "authorizationType"))
            found = [*self._called(node, parts, "integrationUri"), *self._called(node, [node], "target")]
            yield entry(node, "API", [everybody("tcp 443")], found, asks + _imported(node))
        for node in self._graph.all(_REST_API):
            types = [
                kind for block in maps(node.inputs.get("endpointConfiguration")) for kind in texts(block.get("types"))
            ]
            if types == ["PRIVATE"]:
                continue
            methods = self._graph.owned(node, "aws:apigateway/method:Method", "restApi")
            asks = [] if _is_imported(node) and not methods else _authorized(_asked(methods, "authorization"))
            parts = self._graph.owned(node, "aws:apigateway/integration:Integration", "restApi")
            notes = asks + (["a policy of the API narrows it"] if node.inputs.get("policy") else []) + _imported(node)
            yield entry(node, "API", [everybody("tcp 443")], list(self._called(node, parts, "uri")), notes)

    def _called(self, api: Node, parts: Sequence[Node], key: str) -> Iterator[dict[str, Any]]:
        for part in parts:
            value = part.inputs.get(key)
            if value is None:
                continue
            link = self._graph.link(part, key, FUNCTION, LISTENER, BALANCER)
            names = (api.name,) if part is api else (api.name, part.name)
            function = link.one or self._by_arn(value) or self._by_link(part)
            if function is None:
                continue
            if function.kind == FUNCTION:
                yield hop(function, (*names, function.name))
                continue
            balancer = self._balancers.of(function)
            for port in balancer.ports if balancer else ():
                for target in port.targets:
                    if function.name in target.path:
                        yield hop(target.node, (*names, *target.path), target.port, target.answer)

    def _by_arn(self, value: object) -> Node | None:
        """The function whose ARN stands inside of the ARN by which an API calls it."""
        if not isinstance(value, str) or "/functions/" not in value:
            return None
        return self._graph.find(value.partition("/functions/")[2].removesuffix("/invocations"), FUNCTION)

    def _by_link(self, part: Node) -> Node | None:
        """The load balancer behind the VPC link of a REST API."""
        link = self._graph.link(part, "connectionId", "aws:apigateway/vpcLink:VpcLink").one
        return self._graph.link(link, "targetArn", BALANCER).one if link is not None else None

    def _of_urls(self) -> Iterator[dict[str, Any]]:
        for node in self._graph.all(_URL):
            asks = node.inputs.get("authorizationType")
            found = [
                hop(each, (node.name, each.name)) for each in self._graph.link(node, "functionName", FUNCTION).nodes
            ]
            notes = (
                ["asks for a signature of IAM"]
                if asks == "AWS_IAM"
                else ["no authentication"]
                if asks == "NONE"
                else []
            )
            yield entry(node, "function URL", [everybody("tcp 443")], found, notes)

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
                    named = said if isinstance(said, str) and said else "not known"
                    notes.append(f"has an origin outside of this program: {named}")
                    continue
                found.append(hop(target, (node.name, target.name)))
                balancer = self._balancers.of(target)
                behind = hops([each for port in balancer.ports for each in port.targets] if balancer else [])
                found += [each | {"path": [node.name, *each["path"]]} for each in behind]
            yield entry(node, "CDN", [everybody("tcp 80"), everybody("tcp 443")], found, notes)

    def _origin(self, node: Node, domain: object) -> Node | None:
        link = self._graph.link(node, "origins", *_ORIGINS, value=domain)
        if link.one is not None or not isinstance(domain, str):
            return link.one
        behind = [self._graph.at(urn) for urn in node.edges.get("origins", ())]
        for other in behind:
            urls = [other.text(key) for key in ("functionUrl", "apiEndpoint", "invokeUrl")] if other else []
            if any(url and domain in url for url in urls):
                return other
            if other and domain == other.text("publicDns"):
                return self._graph.link(other, "instance", INSTANCE).one or other
        return None

    @cached_property
    def public_stores(self) -> Mapping[str, Answer]:
        """By URN the stores whose public address answers the whole internet, or may."""
        found = {store.node.urn: [one.answer for one in opened if one.world != SOME] for store, opened in self._public}
        return {urn: best(answers, Answer(None)) for urn, answers in found.items() if answers}

    def _of_databases(self) -> Iterator[dict[str, Any]]:
        for store, opened in self._public:
            yield entry(store.node, f"public {store.what}", opened, [hop(store.node, (store.node.name,))])

    @cached_property
    def _public(self) -> list[tuple[Store, list[Open]]]:
        """Stores with a public address and their ports that let somebody in."""
        found = []
        for store in self._stores:
            nodes = [store.node]
            if store.node.kind == CLUSTER:
                nodes += self._graph.owned(store.node, _CLUSTER_INSTANCE, "clusterIdentifier")
            flags = [node.inputs.get("publiclyAccessible") for node in nodes]
            unknown = any(flag is not None and not known(flag) for flag in flags)
            if store.place is None or not (True in flags or unknown):
                continue
            routed = self.routed(store.subnets, 4)
            if True not in flags:
                routed = both(routed, Answer(None, why="whether it has a public address is not known"))
            opened = [self.let(f"tcp {port}", store.place, "tcp", port, {4: routed}) for port in store.ports]
            if kept := [one for one in opened if one.world != "no"]:
                found.append((store, kept))
        return found

    def _of_policies(self) -> Iterator[dict[str, Any]]:
        """Stores of AWS's API whose policy lets everybody in."""
        for store in self._stores:
            open_to = _open_to(store)
            if not open_to or self._blocked(store.node):
                continue
            sure = any(each.allow and each.narrowed is False for each in open_to)
            actions = sorted({action or "not known" for each in open_to for action in each.actions})
            why = "" if sure else "whether its conditions narrow it is not known"
            one = Open(
                "AWS API", "yes" if sure else "not known", ["everybody"], Answer(True if sure else None, why=why)
            )
            note = f"its policy lets everybody do {', '.join(actions)}"
            yield entry(store.node, f"public {store.what}", [one], [hop(store.node, (store.node.name,))], [note])

    def shut(self) -> list[dict[str, str]]:
        """Buckets that the program means to open to everybody and that AWS keeps shut, by URN."""
        found: dict[str, list[str]] = {}
        for node, why in ignored_lists(self._graph):
            found.setdefault(node.urn, []).append(why)
        for store in self._stores:
            sure = any(each.allow and each.narrowed is False for each in _open_to(store))
            if sure and (why := self._blocked(store.node)):
                found.setdefault(store.node.urn, []).append(f"its policy lets everybody in, and {why}")
        return [{"urn": urn, "why": "; ".join(found[urn])} for urn in sorted(found)]

    def _blocked(self, node: Node) -> str:
        return blocked(self._graph, node, "restrictPublicBuckets") if node.kind == _BUCKET else ""

    def _of_accelerators(self) -> Iterator[dict[str, Any]]:
        """What stands behind a Global Accelerator, which leads to what has no public address of its own too."""
        for listener in self._graph.all("aws:globalaccelerator/listener:Listener"):
            node = self._graph.link(listener, "acceleratorArn", "aws:globalaccelerator/accelerator:Accelerator").one
            if node is None or node.inputs.get("enabled") is False:
                continue
            for group in self._graph.owned(
                listener, "aws:globalaccelerator/endpointGroup:EndpointGroup", "listenerArn"
            ):
                for block in maps(group.inputs.get("endpointConfigurations")):
                    link = self._graph.link(group, "endpointConfigurations", BALANCER, value=block.get("endpointId"))
                    balancer = self._balancers.of(link.one) if link.one is not None else None
                    if balancer is not None:
                        found = self.of_balancer(balancer, node, "accelerator", {4: CERTAIN}, (node.name,))
                        yield from [found] if found else []
                    else:
                        doubt = Answer(None, why="what stands behind it is not read")
                        yield entry(node, "accelerator", [Open("not known", "not known", [], doubt)], [])

    def _of_flags(self) -> Iterator[dict[str, Any]]:
        for kind, (what, key, wanted, default) in _FLAGGED.items():
            for node in self._graph.all(kind):
                value = node.inputs.get(key)
                if value == wanted or (value is None and default) or (value is not None and not known(value)):
                    why = Answer(None, why="its security groups are not read")
                    yield entry(node, what, [Open("not known", "not known", [], why)], [])
        for node in self._graph.all("aws:eks/cluster:Cluster"):
            block = next(maps(node.inputs.get("vpcConfig")), {})
            if block.get("endpointPublicAccess") is not False:
                cidrs = [cidr or "not known" for cidr in texts(block.get("publicAccessCidrs"))] or ["0.0.0.0/0"]
                world = "yes" if "0.0.0.0/0" in cidrs else SOME
                yield entry(
                    node,
                    "Kubernetes API",
                    [Open("tcp 443", world, cidrs, Answer(True))],
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
                    yield entry(
                        node, what, [everybody("tcp 443")], [], [f"asks for {asks}"] if isinstance(asks, str) else []
                    )


def _open_to(store: Store) -> list[Statement]:
    """What a store's policy lets everybody do, or may."""
    every = (each for source in store.policies for each in source.document.statements) if store.place is None else ()
    return [each for each in every if each.allow is not False and each.everyone() and each.narrowed is not True]


def _is_imported(api: Node) -> bool:
    """Whether its routes come with an OpenAPI document."""
    return api.inputs.get("body") is not None


def _imported(api: Node) -> list[str]:
    return ["what its OpenAPI document says is not read"] if _is_imported(api) else []


def _asked(routes: Sequence[Node], key: str) -> set[str]:
    """What routes ask of whoever calls; nothing where there are none."""
    values = [route.inputs.get(key) for route in routes] or [None]
    return {
        value if isinstance(value, str) and value else "NONE" if not value else "what is not known" for value in values
    }


def _authorized(asks: set[str]) -> list[str]:
    if asks == {"NONE"}:
        return ["no authentication"]
    named = sorted(asks - {"NONE"})
    return [f"asks for {', '.join(named)}" + (" on some routes" if "NONE" in asks else "")]
