"""Cases of the controls in `guardrails.controls.tiers`."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import (
    Case,
    Make,
    breaks,
    build,
    changed,
    document,
    first,
    holds,
    house,
    lost,
    made_of,
    one,
    ref,
    retyped,
    waits,
    without,
)
from tests.policy.houses import WORLD, network

CACHE = "cache-subnet-not-public"
BROKERS = "msk-subnet-not-public"
COMPUTE = "compute-subnet-not-public"
ADDRESS = "subnet-no-auto-public-ip"
DEFAULT = "no-default-vpc"
LOGS = "vpc-flow-logs"
PRESENT = "vpc-endpoints-present"
SCOPED = "vpc-endpoint-policy-scoped"
PEERING = "peering-route-least-access"
ZONES = "tier-spans-azs"

PRIVATE = [ref("data-a.id"), ref("data-b.id")]
MIXED = [ref("public-a.id"), ref("data-b.id")]
FOREIGN = ["subnet-1", "subnet-2"]
ADOPTED: dict[str, Any] = {"adopted": (kinds.DEFAULT_VPC, {})}


def within(kind: str, **inputs: Any) -> Make:
    """The network with one more resource."""
    return house(network, it=(kind, inputs))


def brokers(subnets: list[Any]) -> dict[str, Any]:
    """The block of brokers."""
    return {"brokerNodeGroupInfo": {"clientSubnets": subnets, "instanceType": "kafka.t3.small"}}


def service(subnets: Any, **more: Any) -> dict[str, Any]:
    """The network block of a service."""
    return {"networkConfiguration": {"subnets": subnets} | more}


FORGOTTEN = house(
    without(network, "data-a-table"),
    table=(kinds.DEFAULT_ROUTE_TABLE, {
        "defaultRouteTableId": ref("main.defaultRouteTableId"),
        "routes": [{"ipv6CidrBlock": "::/0", "gatewayId": ref("igw.id")}]}),
    it=(kinds.CACHE_SUBNET_GROUP, {"subnetIds": PRIVATE}),
)  # fmt: skip

CACHES = (
    holds(CACHE, "a subnet group behind a NAT gateway", within(kinds.CACHE_SUBNET_GROUP, subnetIds=PRIVATE)),
    holds(CACHE, "a serverless cache behind a NAT gateway", within(kinds.CACHE_SERVERLESS, subnetIds=PRIVATE)),
    holds(CACHE, "a cluster of a group that is judged itself",
          house(network, group=(kinds.CACHE_SUBNET_GROUP, {"subnetIds": PRIVATE}),
                it=(kinds.CACHE_REPLICATION_GROUP, {"subnetGroupName": ref("group.name")}))),
    holds(CACHE, "a member lives where its replication group lives",
          house(network, group=(kinds.CACHE_SUBNET_GROUP, {"subnetIds": PRIVATE}),
                rg=(kinds.CACHE_REPLICATION_GROUP, {"subnetGroupName": ref("group.name")}),
                it=(kinds.CACHE_CLUSTER, {"replicationGroupId": ref("rg.id")}))),
    breaks(CACHE, "one subnet routes to the internet gateway", within(kinds.CACHE_SUBNET_GROUP, subnetIds=MIXED)),
    breaks(CACHE, "a forgotten association and an IPv6 default route in the main table", FORGOTTEN),
    breaks(CACHE, "a serverless cache in public subnets", within(kinds.CACHE_SERVERLESS, subnetIds=MIXED)),
    breaks(CACHE, "a MemoryDB group", within(kinds.MEMORYDB_SUBNET_GROUP, subnetIds=MIXED)),
    breaks(CACHE, "a DAX group", within(kinds.DAX_SUBNET_GROUP, subnetIds=MIXED)),
    breaks(CACHE, "no subnet group, in a default VPC that routes out",
           build(**ADOPTED, it=(kinds.CACHE_CLUSTER, {"engine": "redis"}))),
    breaks(CACHE, "the default subnet group by its name",
           build(**ADOPTED, it=(kinds.CACHE_CLUSTER, {"subnetGroupName": "default"}))),
    breaks(CACHE, "a serverless cache without subnets, in a default VPC that routes out",
           build(**ADOPTED, it=(kinds.CACHE_SERVERLESS, {"engine": "valkey"}))),
    breaks(CACHE, "an id of its own is no group that a replication group is a member of",
           build(**ADOPTED, it=(kinds.CACHE_REPLICATION_GROUP, {"replicationGroupId": "sessions"}))),
    waits(CACHE, "a group of no subnets is in no VPC", build(**ADOPTED, it=(kinds.CACHE_SUBNET_GROUP, {"subnetIds": []}))),
    breaks(CACHE, "whichever two a serverless cache has, one routes out",
           within(kinds.CACHE_SERVERLESS, subnetIds=first(2, *MIXED))),
    holds(CACHE, "two of three subnets, of which one routes out",
          within(kinds.CACHE_SERVERLESS, subnetIds=first(2, *PRIVATE, ref("public-a.id"))), at_preview=("it",)),
    holds(CACHE, "a group may have one subnet",
          within(kinds.CACHE_SUBNET_GROUP, subnetIds=first(1, ref("data-a.id"), ref("public-a.id"))),
          at_preview=("it",)),
    waits(CACHE, "a group of another stack", one(kinds.CACHE_CLUSTER, subnetGroupName="legacy")),
    waits(CACHE, "no subnet group", one(kinds.MEMORYDB_CLUSTER)),
    waits(CACHE, "subnets of another stack", within(kinds.CACHE_SUBNET_GROUP, subnetIds=FOREIGN)),
    holds(CACHE, "subnets by a lost edge",
          within(kinds.CACHE_SUBNET_GROUP, subnetIds=lost(["subnet-id-data-a"])), at_preview=("it",)),
)  # fmt: skip

KAFKA = (
    holds(BROKERS, "brokers behind a NAT gateway", within(kinds.MSK_CLUSTER, **brokers(PRIVATE))),
    holds(BROKERS, "serverless brokers behind a NAT gateway",
          within(kinds.MSK_SERVERLESS, vpcConfigs=[{"subnetIds": PRIVATE}])),
    breaks(BROKERS, "one broker subnet routes out", within(kinds.MSK_CLUSTER, **brokers(MIXED))),
    breaks(BROKERS, "the second VPC configuration of a serverless cluster",
           within(kinds.MSK_SERVERLESS, vpcConfigs=[{"subnetIds": PRIVATE}, {"subnetIds": MIXED}])),
    holds(BROKERS, "two of three subnets, of which one routes out",
          within(kinds.MSK_CLUSTER, **brokers(first(2, *PRIVATE, ref("public-a.id")))), at_preview=("it",)),
    waits(BROKERS, "subnets of another stack", within(kinds.MSK_CLUSTER, **brokers(FOREIGN))),
)  # fmt: skip

OUTSIDE = within(kinds.ECS_SERVICE, **service(MIXED))
RUNNING = (
    holds(COMPUTE, "a service behind a NAT gateway", within(kinds.ECS_SERVICE, **service(PRIVATE))),
    holds(COMPUTE, "a list of private subnets that shows later, beside a security group", house(
        network, app=(kinds.SECURITY_GROUP, {}),
        it=(kinds.ECS_SERVICE, service(first(2, *PRIVATE), securityGroups=[ref("app.id")])))),
    holds(COMPUTE, "a list of subnets of which one is public shows later, beside a security group", house(
        network, app=(kinds.SECURITY_GROUP, {}), it=(kinds.FUNCTION, {"vpcConfig": {
            "subnetIds": first(2, *PRIVATE, ref("public-a.id")), "securityGroupIds": [ref("app.id")]}})),
        at_preview=("it",)),
    breaks(COMPUTE, "a list of public subnets that shows later, beside a security group", house(
        network, app=(kinds.SECURITY_GROUP, {}), it=(kinds.ECS_SERVICE, service(
            first(2, ref("public-a.id"), ref("public-b.id")), securityGroups=[ref("app.id")])))),
    holds(COMPUTE, "a service that shares the machines' network", one(kinds.ECS_SERVICE, desiredCount=2)),
    holds(COMPUTE, "a function outside of every VPC", one(kinds.FUNCTION, runtime="python3.12")),
    holds(COMPUTE, "a function whose VPC block is empty",
          one(kinds.FUNCTION, vpcConfig={"subnetIds": [], "securityGroupIds": []})),
    holds(COMPUTE, "a service that the configuration excepts", OUTSIDE, publicCompute=["it"]),
    breaks(COMPUTE, "the configuration excepts another one", OUTSIDE, publicCompute=["web"]),
    breaks(COMPUTE, "a service in a public subnet", OUTSIDE),
    breaks(COMPUTE, "a task set in a public subnet", within(kinds.TASK_SET, **service(MIXED))),
    breaks(COMPUTE, "a scaling group in a public subnet", within(kinds.SCALING_GROUP, vpcZoneIdentifiers=MIXED)),
    breaks(COMPUTE, "a function in a public subnet", within(kinds.FUNCTION, vpcConfig={"subnetIds": MIXED})),
    breaks(COMPUTE, "a scaling group without subnets, in a default VPC that routes out",
           build(**ADOPTED, it=(kinds.SCALING_GROUP, {"availabilityZones": ["eu-west-1a"]}))),
    breaks(COMPUTE, "a scaling group whose template names a public subnet",
           house(network, template=(kinds.LAUNCH_TEMPLATE, {"networkInterfaces": [{"subnetId": ref("public-a.id")}]}),
                 it=(kinds.SCALING_GROUP, {"launchTemplate": {"id": ref("template.id")}}))),
    breaks(COMPUTE, "a scaling group whose template names an interface in a public subnet",
           house(network, interface=(kinds.NETWORK_INTERFACE, {"subnetId": ref("public-a.id")}),
                 template=(kinds.LAUNCH_TEMPLATE, {
                     "networkInterfaces": [{"networkInterfaceId": ref("interface.id")}]}),
                 it=(kinds.SCALING_GROUP, {
                     "availabilityZones": ["eu-west-1a"], "launchTemplate": {"id": ref("template.id")}}))),
    waits(COMPUTE, "an interface of another stack",
          build(template=(kinds.LAUNCH_TEMPLATE, {"networkInterfaces": [{"networkInterfaceId": "eni-1"}]}),
                it=(kinds.SCALING_GROUP, {"launchTemplate": {"id": ref("template.id")}}))),
    waits(COMPUTE, "a scaling group without subnets", one(kinds.SCALING_GROUP, minSize=1)),
    waits(COMPUTE, "subnets of another stack", within(kinds.ECS_SERVICE, **service(FOREIGN))),
    breaks(COMPUTE, "a public subnet whose route comes by a lost edge",
           changed(OUTSIDE, "out", gatewayId=lost("igw-id-igw")), undecided_at_preview=True),
)  # fmt: skip

ADDRESSES = (
    holds(ADDRESS, "nothing is said, and AWS gives none", one(kinds.SUBNET)),
    holds(ADDRESS, "both flags are off, one as text",
          one(kinds.SUBNET, mapPublicIpOnLaunch="false", assignIpv6AddressOnCreation=False)),
    holds(ADDRESS, "a default subnet that says no", one(kinds.DEFAULT_SUBNET, mapPublicIpOnLaunch=False)),
    breaks(ADDRESS, "IPv4", one(kinds.SUBNET, mapPublicIpOnLaunch=True)),
    breaks(ADDRESS, "IPv4 as text", one(kinds.SUBNET, mapPublicIpOnLaunch="true")),
    breaks(ADDRESS, "IPv6", one(kinds.SUBNET, assignIpv6AddressOnCreation=True)),
    breaks(ADDRESS, "a default subnet gives them by default", one(kinds.DEFAULT_SUBNET)),
    breaks(ADDRESS, "IPv6 of a default subnet",
           one(kinds.DEFAULT_SUBNET, mapPublicIpOnLaunch=False, assignIpv6AddressOnCreation=True)),
    breaks(ADDRESS, "not known before the update",
           one(kinds.SUBNET, mapPublicIpOnLaunch=lost(True)), undecided_at_preview=True),
)  # fmt: skip

DEFAULTS = (
    holds(DEFAULT, "a VPC and subnets of one's own", network),
    breaks(DEFAULT, "a default subnet beside a VPC of one's own",
           house(network, it=(kinds.DEFAULT_SUBNET, {"availabilityZone": "eu-west-1a"}))),
    breaks(DEFAULT, "the default VPC", build(it=(kinds.DEFAULT_VPC, {}))),
)  # fmt: skip

VPC = build(vpc=(kinds.VPC, {}))
FLOWS = (
    *(holds(LOGS, f"one of {sort}",
            house(VPC, log=(kinds.FLOW_LOG, {"vpcId": ref("vpc.id"), "trafficType": sort})))
      for sort in ("ALL", "REJECT", "all")),
    holds(LOGS, "two, of which one is enough",
          house(VPC, log=(kinds.FLOW_LOG, {"vpcId": ref("vpc.id"), "trafficType": "ACCEPT"}),
                more=(kinds.FLOW_LOG, {"vpcId": ref("vpc.id"), "trafficType": "REJECT"}))),
    breaks(LOGS, "none", VPC, "vpc"),
    breaks(LOGS, "none for the default VPC", build(it=(kinds.DEFAULT_VPC, {}))),
    breaks(LOGS, "only what was let through",
           house(VPC, log=(kinds.FLOW_LOG, {"vpcId": ref("vpc.id"), "trafficType": "ACCEPT"})), "vpc"),
    breaks(LOGS, "one of another VPC",
           house(VPC, other=(kinds.VPC, {}), log=(kinds.FLOW_LOG, {"vpcId": ref("other.id"), "trafficType": "ALL"})),
           "vpc"),
    breaks(LOGS, "one of a subnet only",
           house(VPC, part=(kinds.SUBNET, {"vpcId": ref("vpc.id")}),
                 log=(kinds.FLOW_LOG, {"subnetId": ref("part.id"), "trafficType": "ALL"})), "vpc"),
    breaks(LOGS, "one of a VPC of another stack, as a lost edge",
           house(VPC, log=(kinds.FLOW_LOG, {"vpcId": lost("vpc-1"), "trafficType": "ALL"})), "vpc",
           undecided_at_preview=True),
    holds(LOGS, "one by a lost edge",
          house(VPC, log=(kinds.FLOW_LOG, {"vpcId": lost("vpc-id-vpc"), "trafficType": "ALL"})), at_preview=("vpc",)),
)  # fmt: skip


def endpoint(service: str, **more: Any) -> Any:
    """A gateway or interface endpoint of the network's VPC."""
    return (kinds.VPC_ENDPOINT, {"vpcId": ref("main.id"), "serviceName": f"com.amazonaws.eu-west-1.{service}"} | more)


BUSY = house(network, web=(kinds.ECS_SERVICE, service(PRIVATE)))
ENDPOINTS = (
    holds(PRESENT, "nothing runs there", network),
    holds(PRESENT, "only public compute", within(kinds.INSTANCE, subnetId=ref("public-a.id"))),
    holds(PRESENT, "a function outside of every VPC", within(kinds.FUNCTION, runtime="python3.12")),
    holds(PRESENT, "an endpoint for S3", house(BUSY, s3=endpoint("s3"))),
    holds(PRESENT, "nothing is required", BUSY, requiredEndpoints=[]),
    holds(PRESENT, "all that the configuration names, one of it with validated cryptography",
          house(BUSY, s3=endpoint("s3"), images=endpoint("ecr.dkr"), keys=endpoint("kms-fips")),
          requiredEndpoints=["s3", "ecr.dkr", "kms"]),
    breaks(PRESENT, "a service in private subnets and no endpoint", BUSY, "main"),
    breaks(PRESENT, "a machine in a private subnet", within(kinds.INSTANCE, subnetId=ref("data-a.id")), "main"),
    breaks(PRESENT, "an endpoint for another service",
           house(BUSY, other=endpoint("dynamodb"), api=endpoint("s3tables")), "main"),
    breaks(PRESENT, "one of two is missing", house(BUSY, s3=endpoint("s3")), "main", requiredEndpoints=["s3", "ssm"]),
    breaks(PRESENT, "the endpoint is in another VPC",
           house(BUSY, peer=(kinds.VPC, {}), s3=endpoint("s3", vpcId=ref("peer.id"))), "main"),
    breaks(PRESENT, "compute that is perhaps there",
           house(network, web=(kinds.ECS_SERVICE, service(lost(["subnet-id-data-a"])))), "main",
           undecided_at_preview=True),
    breaks(PRESENT, "private compute in another VPC",
           house(network, peer=(kinds.VPC, {}), net=(kinds.SUBNET, {"vpcId": ref("peer.id")}),
                 web=(kinds.ECS_SERVICE, service([ref("net.id")]))), "peer"),
    breaks(PRESENT, "a private subnet of which the VPC comes by a lost edge",
           house(network, net=(kinds.SUBNET, {"vpcId": lost("vpc-id-main")}),
                 table=(kinds.ROUTE_TABLE_ASSOCIATION, {
                     "subnetId": ref("net.id"), "routeTableId": ref("data-table.id")}),
                 web=(kinds.ECS_SERVICE, service([ref("net.id")]))), "main", undecided_at_preview=True),
    breaks(PRESENT, "compute in one of two subnets",
           house(network, web=(kinds.ECS_SERVICE, service(first(1, ref("data-a.id"), ref("public-a.id"))))), "main",
           undecided_at_preview=True),
    holds(PRESENT, "an endpoint by a lost edge",
          house(BUSY, s3=endpoint("s3", vpcId=lost("vpc-id-main"))), at_preview=("main",)),
    holds(PRESENT, "an endpoint of a service that is not known yet",
          house(BUSY, s3=endpoint("s3", serviceName=lost("com.amazonaws.eu-west-1.s3"))), at_preview=("main",)),
)  # fmt: skip


def policy(**statement: Any) -> Any:
    """The policy that AWS gives, changed."""
    base = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return document({"Statement": [base | statement]})


GATEWAY = one(kinds.VPC_ENDPOINT, serviceName="com.amazonaws.eu-west-1.s3", policy=policy(Action="s3:GetObject"))
OURS = {"StringEquals": {"aws:ResourceOrgID": "o-1a2b3c4d5e"}}
POLICIES = (
    holds(SCOPED, "some actions", GATEWAY),
    holds(SCOPED, "some resources", changed(GATEWAY, "it", policy=policy(Resource="arn:aws:s3:::files/*"))),
    holds(SCOPED, "somebody", changed(GATEWAY, "it", policy=policy(Principal={"AWS": "arn:aws:iam::111122223333:root"}))),
    holds(SCOPED, "our organisation's resources", changed(GATEWAY, "it", policy=policy(Condition=OURS))),
    holds(SCOPED, "everything is denied", changed(GATEWAY, "it", policy=policy(Effect="Deny"))),
    holds(SCOPED, "a policy in a resource of its own",
          build(it=(kinds.VPC_ENDPOINT, {"serviceName": "com.amazonaws.eu-west-1.s3"}),
                policy=(kinds.VPC_ENDPOINT_POLICY, {
                    "vpcEndpointId": ref("it.id"), "policy": policy(Action="s3:GetObject")}))),
    holds(SCOPED, "a service of somebody else knows no policies",
          one(kinds.VPC_ENDPOINT, serviceName="com.amazonaws.vpce.eu-west-1.vpce-svc-1", vpcEndpointType="Interface")),
    holds(SCOPED, "an endpoint of a firewall knows no policies",
          one(kinds.VPC_ENDPOINT, serviceName="com.amazonaws.eu-west-1.x", vpcEndpointType="GatewayLoadBalancer")),
    breaks(SCOPED, "the policy that AWS gives", changed(GATEWAY, "it", policy=policy())),
    breaks(SCOPED, "a condition on encryption scopes nothing",
           changed(GATEWAY, "it", policy=policy(Condition={"Bool": {"aws:SecureTransport": "true"}}))),
    breaks(SCOPED, "a condition that everyone meets",
           changed(GATEWAY, "it", policy=policy(Condition={"StringLike": {"aws:PrincipalArn": "*"}}))),
    breaks(SCOPED, "in lists, beside a narrow statement",
           changed(GATEWAY, "it", policy=document({"Statement": [
               {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
               {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["*"], "Resource": ["*"]}]}))),
    breaks(SCOPED, "all actions but one", changed(GATEWAY, "it", policy=document({"Statement": {
        "Effect": "Allow", "Principal": "*", "NotAction": "s3:DeleteBucket", "Resource": "*"}}))),
    breaks(SCOPED, "nothing is said, and AWS then allows everything", changed(GATEWAY, "it", policy=None)),
    breaks(SCOPED, "a policy of everything in a resource of its own",
           build(endpoint=(kinds.VPC_ENDPOINT, {"serviceName": "com.amazonaws.eu-west-1.s3"}),
                 it=(kinds.VPC_ENDPOINT_POLICY, {"vpcEndpointId": ref("endpoint.id"), "policy": policy()}))),
    breaks(SCOPED, "the policy of another endpoint",
           build(it=(kinds.VPC_ENDPOINT, {"serviceName": "com.amazonaws.eu-west-1.s3"}),
                 policy=(kinds.VPC_ENDPOINT_POLICY, {
                     "vpcEndpointId": lost("vpce-1"), "policy": policy(Action="s3:GetObject")})),
           undecided_at_preview=True),
    *(breaks(SCOPED, f"no policy, of a {sort} endpoint", changed(GATEWAY, "it", policy=None, vpcEndpointType=sort))
      for sort in ("Gateway", "Interface")),
    breaks(SCOPED, "a resource for the policy that gives none",
           build(it=(kinds.VPC_ENDPOINT_POLICY, {"vpcEndpointId": "vpce-1"})), undecided_at_preview=True),
    breaks(SCOPED, "a component says what its document is made of",
           house(VPC, room=("groundwork:network:Endpoint", {"statements": [
                     {"Effect": "Allow", "Principal": "*", "Action": lost("*"), "Resource": "*"}]}),
                 it=(kinds.VPC_ENDPOINT, {"serviceName": "com.amazonaws.eu-west-1.s3",
                                          "policy": document({"Statement": [
                                              {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
                                               "Sid": ref("vpc.id")}]})}, {"parent": "room"})),
           undecided_at_preview=True),
    holds(SCOPED, "a component says a condition that is not known yet",
          house(VPC, room=("groundwork:network:Endpoint", {"statements": [
                    {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": lost(OURS)}]}),
                it=(kinds.VPC_ENDPOINT, {"serviceName": "com.amazonaws.eu-west-1.s3",
                                         "policy": document({"Statement": [
                                             {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
                                              "Sid": ref("vpc.id"), "Condition": OURS}]})}, {"parent": "room"})),
          at_preview=("it",)),
    waits(SCOPED, "text that is no policy", changed(GATEWAY, "it", policy="{")),
)  # fmt: skip

PEER = {"routeTableId": "rtb-1", "vpcPeeringConnectionId": "pcx-1"}
PEERINGS = (
    holds(PEERING, "the peer's network", one(kinds.ROUTE, **PEER, destinationCidrBlock="10.9.0.0/16")),
    holds(PEERING, "a default route to somewhere else",
          one(kinds.ROUTE, routeTableId="rtb-1", natGatewayId="nat-1", destinationCidrBlock=WORLD)),
    holds(PEERING, "a default route to a NAT gateway, and the peer's network",
          one(kinds.ROUTE_TABLE, routes=[
              {"cidrBlock": WORLD, "natGatewayId": "nat-1", "vpcPeeringConnectionId": ""},
              {"cidrBlock": "10.9.0.0/16", "vpcPeeringConnectionId": "pcx-1"}])),
    breaks(PEERING, "a default route", one(kinds.ROUTE, **PEER, destinationCidrBlock=WORLD)),
    breaks(PEERING, "an IPv6 default route", one(kinds.ROUTE, **PEER, destinationIpv6CidrBlock="::/0")),
    breaks(PEERING, "half of a default route", one(kinds.ROUTE, **PEER, destinationCidrBlock="128.0.0.0/1")),
    breaks(PEERING, "an inline default route",
           one(kinds.ROUTE_TABLE, routes=[{"cidrBlock": WORLD, "vpcPeeringConnectionId": "pcx-1"}])),
    breaks(PEERING, "a main table, in pieces",
           one(kinds.DEFAULT_ROUTE_TABLE, routes=[
               {"cidrBlock": cidr, "vpcPeeringConnectionId": "pcx-1"} for cidr in ("0.0.0.0/3", "64.0.0.0/3")])),
    breaks(PEERING, "a connection of this program",
           build(peer=(kinds.PEERING, {}), it=(kinds.ROUTE, {
               "routeTableId": "rtb-1", "vpcPeeringConnectionId": ref("peer.id"), "destinationCidrBlock": WORLD}))),
    breaks(PEERING, "a prefix list with everything in it",
           build(list=(kinds.PREFIX_LIST, {"entries": [{"cidr": WORLD}]}),
                 it=(kinds.ROUTE, PEER | {"destinationPrefixListId": ref("list.id")}))),
    holds(PEERING, "a table without routes", one(kinds.ROUTE_TABLE, vpcId="vpc-1")),
    holds(PEERING, "a narrow destination, wherever it leads",
          one(kinds.ROUTE, routeTableId="rtb-1", vpcPeeringConnectionId=lost("pcx-1"),
              destinationCidrBlock="10.9.0.0/16")),
    breaks(PEERING, "as wide as the configuration has it", one(kinds.ROUTE, **PEER, destinationCidrBlock=WORLD),
           publicCoverage=1),
    breaks(PEERING, "as wide as the configuration has it, to a target that is not known yet",
           one(kinds.ROUTE, routeTableId="rtb-1", vpcPeeringConnectionId=lost("pcx-1"), destinationCidrBlock=WORLD),
           undecided_at_preview=True, publicCoverage=1),
    waits(PEERING, "a prefix list of others", one(kinds.ROUTE, **PEER, destinationPrefixListId="pl-1")),
    breaks(PEERING, "a destination that is not known yet",
           one(kinds.ROUTE, **PEER, destinationCidrBlock=lost(WORLD)), undecided_at_preview=True),
    breaks(PEERING, "a target that is not known yet",
           one(kinds.ROUTE, routeTableId="rtb-1", vpcPeeringConnectionId=lost("pcx-1"), destinationCidrBlock=WORLD),
           undecided_at_preview=True),
)  # fmt: skip


def zoned(kind: str, *zones: str, key: str = "availabilityZone", **inputs: Any) -> Make:
    """Subnets of these zones, and something in them."""
    subnets: dict[str, Any] = {
        f"net_{at}": (kinds.SUBNET, {"vpcId": "vpc-1"} | ({key: zone} if zone else {})) for at, zone in enumerate(zones)
    }
    return build(**subnets, it=(kind, inputs))


BOTH = [ref("net-0.id"), ref("net-1.id")]
GROUPS = (
    kinds.DB_SUBNET_GROUP, kinds.DOCDB_SUBNET_GROUP, kinds.NEPTUNE_SUBNET_GROUP, kinds.CACHE_SUBNET_GROUP,
    kinds.MEMORYDB_SUBNET_GROUP,
)  # fmt: skip


THREE = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
EACH = [ref(f"net-{at}.id") for at in range(3)]
TWO = first(2, *EACH)
EITHER = (
    *(holds(ZONES, f"whichever two a list holds, they are in two zones: {kind}", zoned(kind, *THREE, **{key: TWO}))
      for kind, key in ((kinds.DB_SUBNET_GROUP, "subnetIds"), (kinds.LOAD_BALANCER, "subnets"))),
    holds(ZONES, "two of a list may share a zone",
          zoned(kinds.DB_SUBNET_GROUP, "eu-west-1a", "eu-west-1b", "eu-west-1a", subnetIds=TWO), at_preview=("it",)),
    holds(ZONES, "a cache may have a single subnet of a list",
          zoned(kinds.CACHE_SUBNET_GROUP, *THREE, subnetIds=TWO), at_preview=("it",)),
    holds(ZONES, "a network load balancer may have a single subnet of a list",
          zoned(kinds.LOAD_BALANCER, *THREE, loadBalancerType="network", subnets=TWO), at_preview=("it",)),
    holds(ZONES, "a list may hold subnets of elsewhere",
          house(zoned(kinds.VPC, *THREE), data=("aws:ssm/parameter:Parameter", {}),
                group=(kinds.DB_SUBNET_GROUP, {"subnetIds": made_of(
                    *EACH, ref("data.value"), make=lambda one, other, *_: [one, other])})),
          at_preview=("group",)),
    holds(ZONES, "zones that are said in two ways may be one",
          house(zoned(kinds.VPC, "eu-west-1a", "eu-west-1b"),
                net_2=(kinds.SUBNET, {"vpcId": "vpc-1", "availabilityZoneId": "euw1-az1"}),
                group=(kinds.DB_SUBNET_GROUP, {"subnetIds": TWO})),
          at_preview=("group",)),
    waits(ZONES, "one subnet says its zone by name, the other by id",
          house(zoned(kinds.VPC, "eu-west-1a"),
                net_1=(kinds.SUBNET, {"vpcId": "vpc-1", "availabilityZoneId": "euw1-az2"}),
                group=(kinds.DB_SUBNET_GROUP, {"subnetIds": BOTH})), "group"),
    holds(ZONES, "a subnet that says its zone twice is compared by either",
          house(zoned(kinds.VPC, "eu-west-1a"),
                net_1=(kinds.SUBNET, {"availabilityZone": "eu-west-1b", "availabilityZoneId": "euw1-az2"}),
                net_2=(kinds.SUBNET, {"availabilityZoneId": "euw1-az1"}),
                group=(kinds.DB_SUBNET_GROUP, {"subnetIds": [ref("net-1.id"), ref("net-2.id")]}))),
    holds(ZONES, "a zone that is not known yet beside another",
          one(kinds.SCALING_GROUP, availabilityZones=["eu-west-1a", lost("eu-west-1b")]), at_preview=("it",)),
    breaks(ZONES, "a single zone, which is not known yet",
           one(kinds.SCALING_GROUP, availabilityZones=[lost("eu-west-1a")])),
    holds(ZONES, "the subnets count, not the zones beside them",
          zoned(kinds.SCALING_GROUP, "eu-west-1a", "eu-west-1b", vpcZoneIdentifiers=BOTH,
                availabilityZones=["eu-west-1a"])),
)  # fmt: skip
SPREAD = (
    *(holds(ZONES, f"two zones: {kind}", zoned(kind, "eu-west-1a", "eu-west-1b", subnetIds=BOTH)) for kind in GROUPS),
    holds(ZONES, "zones by their ids",
          zoned(kinds.DB_SUBNET_GROUP, "euw1-az1", "euw1-az2", key="availabilityZoneId", subnetIds=BOTH)),
    holds(ZONES, "a load balancer, under an old type token",
          retyped(zoned(kinds.LOAD_BALANCER, "eu-west-1a", "eu-west-1b", subnets=BOTH), "it",
                  "aws:alb/loadBalancer:LoadBalancer")),
    holds(ZONES, "a load balancer with mappings",
          zoned(kinds.LOAD_BALANCER, "eu-west-1a", "eu-west-1b", loadBalancerType="network",
                subnetMappings=[{"subnetId": ref("net-0.id")}, {"subnetId": ref("net-1.id")}])),
    holds(ZONES, "a scaling group",
          zoned(kinds.SCALING_GROUP, "eu-west-1a", "eu-west-1b", vpcZoneIdentifiers=BOTH)),
    holds(ZONES, "a scaling group that names zones",
          one(kinds.SCALING_GROUP, availabilityZones=["eu-west-1a", "eu-west-1b"])),
    holds(ZONES, "two of three subnets share a zone",
          zoned(kinds.DB_SUBNET_GROUP, "eu-west-1a", "eu-west-1b", "eu-west-1a",
                subnetIds=[*BOTH, ref("net-2.id")])),
    *(breaks(ZONES, f"both subnets are in one zone: {kind}",
             zoned(kind, "eu-west-1a", "eu-west-1a", subnetIds=BOTH)) for kind in GROUPS),
    breaks(ZONES, "a single subnet, wherever it is", zoned(kinds.CACHE_SUBNET_GROUP, "", subnetIds=[ref("net-0.id")])),
    breaks(ZONES, "a single subnet of another stack", one(kinds.SCALING_GROUP, vpcZoneIdentifiers=["subnet-1"])),
    breaks(ZONES, "one subnet twice", one(kinds.SCALING_GROUP, vpcZoneIdentifiers=["subnet-1", "subnet-1"])),
    breaks(ZONES, "a network load balancer with one mapping",
           zoned(kinds.LOAD_BALANCER, "eu-west-1a", loadBalancerType="network",
                 subnetMappings=[{"subnetId": ref("net-0.id")}])),
    breaks(ZONES, "a classic load balancer in one zone",
           zoned(kinds.CLASSIC_LOAD_BALANCER, "eu-west-1a", "eu-west-1a", subnets=BOTH)),
    breaks(ZONES, "a classic load balancer that names a zone",
           one(kinds.CLASSIC_LOAD_BALANCER, availabilityZones=["eu-west-1a"])),
    breaks(ZONES, "a scaling group in one zone",
           zoned(kinds.SCALING_GROUP, "eu-west-1a", "eu-west-1a", vpcZoneIdentifiers=BOTH)),
    breaks(ZONES, "a scaling group that names one zone", one(kinds.SCALING_GROUP, availabilityZones=["eu-west-1a"])),
    waits(ZONES, "AWS picks the zones", zoned(kinds.DB_SUBNET_GROUP, "eu-west-1a", "", subnetIds=BOTH)),
    waits(ZONES, "subnets of another stack", one(kinds.DB_SUBNET_GROUP, subnetIds=FOREIGN)),
    waits(ZONES, "one subnet of another stack",
          zoned(kinds.DB_SUBNET_GROUP, "eu-west-1a", subnetIds=[ref("net-0.id"), "subnet-1"])),
    waits(ZONES, "a scaling group that lives nowhere", one(kinds.SCALING_GROUP, minSize=1)),
)  # fmt: skip

CASES: tuple[Case, ...] = (
    *CACHES, *KAFKA, *RUNNING, *ADDRESSES, *DEFAULTS, *FLOWS, *ENDPOINTS, *POLICIES, *PEERINGS, *SPREAD, *EITHER,
)  # fmt: skip
