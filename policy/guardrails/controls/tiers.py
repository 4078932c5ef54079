"""What lives in which subnets, and what a VPC has for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guardrails import kinds, placement
from guardrails.addresses import coverage
from guardrails.checks import ANYTHING, all_of, by_kind, equals, forbidden, has_companion, is_false
from guardrails.documents import Statement
from guardrails.forwarding import unless_it_forwards
from guardrails.graph import Node
from guardrails.joins import CACHE_SUBNET_GROUP, MEMORYDB_SUBNET_GROUP, VPC, VPC_ENDPOINT
from guardrails.network import VPCS, Network
from guardrails.parameters import ENDPOINTS as REQUIRED
from guardrails.parameters import PUBLIC_COMPUTE, PUBLIC_COVERAGE
from guardrails.policies import ENDPOINTS, documents
from guardrails.reading import Absent, Known, Record, Unknown, or_default
from guardrails.verdicts import (
    BASELINE,
    HOLDS,
    RESILIENCE,
    Control,
    Finding,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)
from guardrails.zones import UNSAID, apart, most_alike

_CACHE_GROUPS = (kinds.CACHE_SUBNET_GROUP, kinds.MEMORYDB_SUBNET_GROUP, kinds.DAX_SUBNET_GROUP)
_CACHES = (kinds.CACHE_CLUSTER, kinds.CACHE_REPLICATION_GROUP, kinds.MEMORYDB_CLUSTER)
_COMPUTE = (kinds.ECS_SERVICE, kinds.TASK_SET, kinds.SCALING_GROUP, kinds.FUNCTION)
_IN_TWO_ZONES = (kinds.DB_SUBNET_GROUP, kinds.DOCDB_SUBNET_GROUP, kinds.NEPTUNE_SUBNET_GROUP)
"""AWS itself refuses these with subnets of one zone, so a list that is not known yet has two at least."""
_ADOPTED = (kinds.DEFAULT_VPC, kinds.DEFAULT_SUBNET)
_TABLES = (kinds.ROUTE_TABLE, kinds.DEFAULT_ROUTE_TABLE)


def _cache_subnet_not_public(node: Node, view: View) -> Iterable[Finding]:
    if node.kind in _CACHES:
        member = node.kind == kinds.CACHE_CLUSTER and not isinstance(node.props.text("replicationGroupId"), Absent)
        reference = MEMORYDB_SUBNET_GROUP if node.kind == kinds.MEMORYDB_CLUSTER else CACHE_SUBNET_GROUP
        yield HOLDS if member else placement.through_group(node, view, "subnetGroupName", reference)
        return
    found = placement.places(node, view)
    if node.kind == kinds.CACHE_SERVERLESS and not found.said:
        yield placement.in_default_vpc(node, view, "without subnets")
        return
    least = 2 if node.kind == kinds.CACHE_SERVERLESS else 1
    says = "of a cache routes to the internet"
    yield from placement.judge(node, found, placement.public(view), says, least=least)


def _msk_subnet_not_public(node: Node, view: View) -> Iterable[Finding]:
    says = "of the brokers routes to the internet"
    yield from placement.judge(node, placement.places(node, view), placement.public(view), says, least=2)


def _compute_subnet_not_public(node: Node, view: View) -> Iterable[Finding]:
    found = placement.places(node, view)
    if node.name in view.config[PUBLIC_COMPUTE]:
        yield HOLDS
    elif found.said:
        judged = placement.judge(node, found, placement.public(view), "routes to the internet")
        yield from unless_it_forwards(node, view, judged)
    elif node.kind == kinds.SCALING_GROUP:
        judged = iter([placement.in_default_vpc(node, view, "without subnets")])
        yield from unless_it_forwards(node, view, judged)
    else:
        yield HOLDS


def _tier_spans_azs(node: Node, view: View) -> Iterable[Finding]:
    """A machine that forwards is tied to one zone by its network interface: others stand in the other zones."""
    yield from unless_it_forwards(node, view, _zones_of(node, view))


def _zones_of(node: Node, view: View) -> Iterator[Finding]:
    found = placement.places(node, view)
    zones = node.props.items("availabilityZones")
    if not found.said and isinstance(zones, Known) and not zones.value.blank:
        names = set(zones.value.texts())
        if any(isinstance(name, Unknown) for name in names) and len(zones.value) > 1:
            yield waits("its zones", node.label)
        else:
            yield HOLDS if len(names) > 1 else breaks("it names a single zone", node.label)
    elif not found.said:
        yield waits("its subnets: none is set", node.label)
    elif found.number is not None and found.number < 2:
        yield breaks("it has a single subnet, so a single zone", node.label)
    else:
        yield _spans(node, found)


def _spans(node: Node, found: placement.Places) -> Finding:
    members = found.members
    spread = apart(members.sure)
    if spread or _every_choice_spans(node, found):
        return HOLDS
    if not members.complete:
        return waits(f"the zones of its subnets: {members.missing}", node.label)
    if spread is None:
        return waits(UNSAID, node.label)
    return breaks("all its subnets are in one zone", node.label, *(subnet.label for subnet in members.sure))


def _every_choice_spans(node: Node, found: placement.Places) -> bool:
    """Whether any subnets that a list may turn out to hold are in two zones, as there are more than share a zone."""
    members = found.members
    if not members.maybe or members.waits_for is not None:
        return False
    sort = or_default(node.props.text("loadBalancerType"), "application")
    application = node.kind == kinds.LOAD_BALANCER and sort == Known("application")
    least = 2 if application or node.kind in _IN_TWO_ZONES else 1
    named = len(members.sure) + max(members.slots, least - len(members.sure))
    return most_alike((*members.sure, *members.maybe)) < named


def _vpc_endpoints_present(vpc: Node, view: View) -> Iterable[Finding]:
    found = view.graph.companions(kinds.VPC_ENDPOINT, "vpcId", VPC)
    names = [endpoint.props.text("serviceName") for endpoint in found.of(vpc)]
    known = [name.value for name in names if isinstance(name, Known)]
    missing = sorted(service for service in view.config[REQUIRED] if not any(_is_for(name, service) for name in known))
    compute, doubt = _private_compute(vpc, view) if missing else (None, None)
    if compute is None and doubt is None:
        yield HOLDS
    elif len(known) < len(names):
        yield waits("the service of an endpoint of it", vpc.label)
    elif loose := found.maybe(vpc):
        yield waits(f"whether {loose[0].label} is in it", vpc.label)
    elif compute is not None:
        services = ", ".join(missing)
        yield breaks(f"it has private compute, and no endpoint for {services}", vpc.label, *compute)
    else:
        yield waits(f"whether {doubt} is private compute in it", vpc.label)


def _is_for(name: str, service: str) -> bool:
    """Whether an endpoint's service name, such as `com.amazonaws.eu-west-1.s3`, is that of the service."""
    return name.lower().endswith((f".{service}", f".{service}-fips"))


def _private_compute(vpc: Node, view: View) -> tuple[tuple[str, ...] | None, str | None]:
    """Something that runs in a private subnet of the VPC, as a path; or what may turn out to."""
    network: Network = view.graph.shared(Network)
    doubt: str | None = None
    for node in view.graph.of(*_COMPUTE, kinds.INSTANCE):
        places = placement.places(node, view)
        members = places.members
        for subnet in (*members.sure, *members.maybe):
            owner = view.graph.link(subnet.props.text("vpcId"), VPC)
            leads = network.leads_from(subnet, view.config)
            if leads.path or not owner.may_include(vpc):
                continue
            if leads.waits_for is None and owner.one is vpc and subnet in members.sure:
                return (node.label, subnet.label), None
            doubt = node.label
        doubt = node.label if members.waits_for is not None else doubt
    return None, doubt


def _vpc_endpoint_policy_scoped(node: Node, view: View) -> Iterable[Finding]:
    if isinstance(node.props.document("policy"), Absent):
        yield _without_a_policy(node, view) if node.kind == kinds.VPC_ENDPOINT else _empty(node)
        return
    doubt: Finding | None = None
    for document in documents(node, view, ENDPOINTS):
        answers = [_is_unscoped(statement) for statement in document.statements]
        if True in answers:
            yield breaks("a statement lets everyone do everything through it", node.label, *document.path)
            return
        if document.waits_for is not None:
            doubt = waits(document.waits_for, node.label, *document.path)
        elif None in answers:
            doubt = waits("a part of the policy document", node.label, *document.path)
    yield doubt or HOLDS


_OPEN = "it has no policy, so everyone may do everything through it"


def _empty(policy: Node) -> Finding:
    """A resource for a policy that gives none: AWS's own is set then. At preview it may be one of another stack."""
    unset = isinstance(policy.props.pointer("policy"), Absent)
    return breaks(_OPEN, policy.label) if unset else waits("the policy document", policy.label)


def _without_a_policy(endpoint: Node, view: View) -> Finding:
    """AWS then lets everyone do everything, where the service knows policies at all."""
    name, sort = endpoint.props.text("serviceName"), endpoint.props.text("vpcEndpointType")
    policies = view.graph.companions(kinds.VPC_ENDPOINT_POLICY, "vpcEndpointId", VPC_ENDPOINT)
    if isinstance(sort, Known) and sort.value.lower() not in ("gateway", "interface"):
        return HOLDS
    if isinstance(name, Known) and ".vpce." in name.value:  # a service of somebody else, behind PrivateLink
        return HOLDS
    if policies.of(endpoint):
        return HOLDS
    if isinstance(sort, Unknown) or not isinstance(name, Known):
        return waits("the service behind it", endpoint.label)
    if loose := policies.maybe(endpoint):
        return waits(f"whether {loose[0].label} is for it", endpoint.label)
    return breaks(_OPEN, endpoint.label)


def _is_unscoped(statement: Statement) -> bool | None:
    actions = True if statement.not_actions else statement.every_action()
    answers = (statement.everyone(), actions, statement.every_resource(), statement.allow)
    if False in answers or any(_scopes(condition.key, condition.values) for condition in statement.conditions):
        return False
    return None if None in answers or statement.open_conditions else True


def _scopes(key: str, values: tuple[Known[str] | Unknown, ...]) -> bool:
    return key != "aws:securetransport" and any(value != Known("*") for value in values)


def _peering_route_least_access(node: Node, view: View) -> Iterable[Finding]:
    network: Network = view.graph.shared(Network)
    cidrs: list[str] = []
    doubts: list[str] = []
    for record in _routes(node):
        if isinstance(record, Unknown):
            doubts.append(f"its routes, {view.graph.describe(record)}")
            continue
        target = record.text("vpcPeeringConnectionId")
        if isinstance(target, Absent):
            continue
        found = network.destinations(record)
        wide = [cidr for cidr in found if cidr is not None]
        cidrs += wide if isinstance(target, Known) or target.sources else []
        if None in found or coverage(tuple(wide)) >= view.config[PUBLIC_COVERAGE]:
            doubts.append("target and destination of a route")
    if coverage(tuple(dict.fromkeys(cidrs))) >= view.config[PUBLIC_COVERAGE]:
        yield breaks(f"everything beside the VPC's own networks goes to a peer: {', '.join(cidrs)}", node.label)
    else:
        yield waits(doubts[0], node.label) if doubts else HOLDS


def _routes(node: Node) -> Iterator[Record | Unknown]:
    if node.kind == kinds.ROUTE:
        yield node.props
        return
    routes = node.props.items("routes")
    if isinstance(routes, Unknown):
        yield routes
    elif isinstance(routes, Known):
        yield from (route.value if isinstance(route, Known) else route for route in routes.value.records())


_SPREAD = (
    *_IN_TWO_ZONES, kinds.CACHE_SUBNET_GROUP, kinds.MEMORYDB_SUBNET_GROUP,
    kinds.LOAD_BALANCER, kinds.CLASSIC_LOAD_BALANCER, kinds.SCALING_GROUP,
)  # fmt: skip

CONTROLS: tuple[Control, ...] = (
    Control(
        id="cache-subnet-not-public",
        title="No subnet of a cache routes to an internet gateway",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(*_CACHE_GROUPS, kinds.CACHE_SERVERLESS, *_CACHES),
        why="A cache in such a subnet is one changed rule away from the internet, often without a password.",
        fix="give the subnet an ec2.RouteTableAssociation to a table without a route to an InternetGateway",
        judge=_cache_subnet_not_public,
        parameters=(PUBLIC_COVERAGE,),
        own_packs=(BASELINE,),
    ),
    Control(
        id="msk-subnet-not-public",
        title="No subnet of Kafka brokers routes to an internet gateway",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.MSK_CLUSTER, kinds.MSK_SERVERLESS),
        references=("cf. MSK.4",),
        why="Brokers in such a subnet can be given public addresses with one setting.",
        fix="give the subnet an ec2.RouteTableAssociation to a table without a route to an InternetGateway",
        judge=_msk_subnet_not_public,
        parameters=(PUBLIC_COVERAGE,),
        own_packs=(BASELINE,),
    ),
    Control(
        id="compute-subnet-not-public",
        title="Services, scaling groups and functions run in subnets that do not route to an internet gateway",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=_COMPUTE,
        references=("cf. EC2.9", "cf. ECS.2"),
        why="There a public address is all that a task needs to be reachable without the load balancer.",
        fix="use subnets behind a NAT gateway or endpoints, or name the resource in publicCompute",
        judge=_compute_subnet_not_public,
        parameters=(PUBLIC_COVERAGE, PUBLIC_COMPUTE),
        own_packs=(BASELINE,),
    ),
    Control(
        id="subnet-no-auto-public-ip",
        title="Subnets give nobody a public address unasked",
        severity=Severity.MEDIUM,
        subjects=(kinds.SUBNET, kinds.DEFAULT_SUBNET),
        references=("EC2.15", "CKV_AWS_130"),
        why="Whatever is started there is on the internet, although nobody decided that.",
        fix="set map_public_ip_on_launch=False and assign_ipv6_address_on_creation=False",
        judge=by_kind(
            {
                kinds.SUBNET: all_of(is_false("mapPublicIpOnLaunch"), is_false("assignIpv6AddressOnCreation")),
                kinds.DEFAULT_SUBNET: all_of(
                    is_false("mapPublicIpOnLaunch", absent=True), is_false("assignIpv6AddressOnCreation")
                ),
            }
        ),
    ),
    Control(
        id="no-default-vpc",
        title="The default VPC and its subnets are not used",
        severity=Severity.MEDIUM,
        subjects=(kinds.VPC, kinds.SUBNET, *_ADOPTED),
        references=("CKV_AWS_148",),
        why="All its subnets are public, and everybody in the account lands in it by accident.",
        fix="make an ec2.Vpc of your own",
        judge=by_kind(
            dict.fromkeys((kinds.VPC, kinds.SUBNET), ANYTHING)
            | dict.fromkeys(_ADOPTED, forbidden("the stack takes over what AWS made as a default"))
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="vpc-flow-logs",
        title="Every VPC has a flow log of all or of refused traffic",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=VPCS,
        references=("EC2.6", "CIS 3.7", "CKV2_AWS_11", "AwsSolutions-VPC7"),
        why="Without it nobody can tell afterwards who talked to whom.",
        fix='add ec2.FlowLog(vpc_id=vpc.id, traffic_type="ALL", ...)',
        judge=has_companion(
            kinds.FLOW_LOG, "vpcId", VPC, equals("trafficType", "ALL", "REJECT"), missing="it has no ec2.FlowLog"
        ),
    ),
    Control(
        id="vpc-endpoints-present",
        title="A VPC with private compute has endpoints for the required services",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=VPCS,
        references=("EC2.10", "EC2.55", "EC2.56", "EC2.57"),
        why="Otherwise traffic to AWS leaves through a NAT gateway, which is paid for and has no policy.",
        fix="add ec2.VpcEndpoint(vpc_id=vpc.id, service_name=...) for each service of requiredEndpoints",
        judge=_vpc_endpoints_present,
        parameters=(REQUIRED, PUBLIC_COVERAGE),
    ),
    Control(
        id="vpc-endpoint-policy-scoped",
        title="No endpoint policy lets everyone do everything",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=tuple(ENDPOINTS),
        why="Through such an endpoint data can be written to buckets of any account.",
        fix="set policy to the actions and resources that are used, or to a condition on aws:ResourceOrgID",
        judge=_vpc_endpoint_policy_scoped,
        own_packs=(BASELINE,),
    ),
    Control(
        id="peering-route-least-access",
        title="No default route leads to a peered VPC",
        severity=Severity.MEDIUM,
        subjects=(kinds.ROUTE, *_TABLES),
        references=("CIS 5.6", "CKV2_AWS_44"),
        why="The peer sees all traffic that nobody routed elsewhere.",
        fix="route only the peer's CIDR, or the part that is needed, to vpc_peering_connection_id",
        judge=_peering_route_least_access,
        parameters=(PUBLIC_COVERAGE,),
    ),
    Control(
        id="tier-spans-azs",
        title="Subnet groups, load balancers and scaling groups cover two zones",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=_SPREAD,
        references=("ELB.13", "AutoScaling.2", "RDS.5"),
        why="With one zone, everything is gone when it is.",
        fix="name subnets of at least two availability_zones",
        judge=_tier_spans_azs,
        own_packs=(RESILIENCE,),
    ),
)
