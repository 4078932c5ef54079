"""Cases of the controls on networks."""

from typing import Any

from guardrails import kinds

from tests.policy.cases import tiers
from tests.policy.cases.kit import Case, Make, breaks, changed, first, holds, house, lost, ref, waits, without
from tests.policy.graphs import Derived, Program
from tests.policy.houses import WORLD, network


def either(kind: str) -> Make:
    """A subnet group with a list made of a public and a data subnet: of a preview nobody sees what is in it."""

    def make() -> Program:
        program = network()
        made = program.add(kind, "it")
        outputs = (program["public-a"].id, program["data-b"].id)
        made.inputs["subnetIds"] = Derived(outputs, lambda *ids: list(ids))
        return program

    return make


PUBLIC_DB = changed(network, "db", subnetIds=[ref("public-a.id"), ref("data-b.id")])
MAIN = house(network, main_table=(kinds.DEFAULT_ROUTE_TABLE, {"defaultRouteTableId": ref("main.defaultRouteTableId")}))
OPEN_MAIN = changed(MAIN, "main-table", routes=[{"cidrBlock": WORLD, "gatewayId": ref("igw.id")}])

DB, ROOT, DEFAULT = "db-subnet-not-public", "main-route-table-no-igw", "default-sg-closed"
PUBLIC = [ref("public-a.id"), ref("public-b.id")]
RULE = {"securityGroupId": ref("default.id"), "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}


def group(kind: str, subnets: Any) -> Make:
    """One more subnet group."""
    return house(network, it=(kind, {"subnetIds": subnets}))


MORE = (
    *(breaks(DB, f"public subnets of {kind}", group(kind, PUBLIC))
      for kind in (kinds.DOCDB_SUBNET_GROUP, kinds.NEPTUNE_SUBNET_GROUP, kinds.REDSHIFT_SUBNET_GROUP)),
    *(breaks(DB, f"a public subnet of {kind}", house(network, it=(kind, {"vpcOptions": {"subnetIds": PUBLIC[:1]}})))
      for kind in (kinds.SEARCH_DOMAIN, kinds.ELASTICSEARCH_DOMAIN)),
    holds(DB, "a search domain behind a NAT gateway",
          house(network, it=(kinds.SEARCH_DOMAIN, {"vpcOptions": {"subnetIds": [ref("data-a.id")]}}))),
    holds(DB, "a search domain outside of any VPC", house(network, it=(kinds.SEARCH_DOMAIN, {}))),
    breaks(DB, "a warehouse without servers in public subnets", group(kinds.REDSHIFT_WORKGROUP, PUBLIC)),
    holds(DB, "a warehouse without servers behind a NAT gateway",
          group(kinds.REDSHIFT_WORKGROUP, [ref("data-a.id"), ref("data-b.id")])),
    waits(DB, "a warehouse without servers in the default VPC", house(network, it=(kinds.REDSHIFT_WORKGROUP, {}))),
    breaks(DB, "two of a list of which nobody sees which, one of them public", either(kinds.DOCDB_SUBNET_GROUP)),
    breaks(DB, "a single subnet of a list of which nobody sees which", either(kinds.REDSHIFT_SUBNET_GROUP),
           undecided_at_preview=True),
    holds(DB, "a replica lives where its source does",
          house(network, it=(kinds.DB_INSTANCE, {"replicateSourceDb": "arn:aws:rds:eu-west-1:1:db:store"}))),
    holds(DB, "the copy of a cluster",
          house(network, it=(kinds.DB_CLUSTER, {"replicationSourceIdentifier": "arn:aws:rds:eu-west-1:1:cluster:s"}))),
    holds(DB, "two of three subnets, of which one routes out",
          group(kinds.DB_SUBNET_GROUP, first(2, ref("data-a.id"), ref("data-b.id"), ref("public-a.id"))),
          at_preview=("it",)),
    waits(DB, "a subnet group of another stack", house(network, it=(kinds.DB_INSTANCE, {"dbSubnetGroupName": "legacy"}))),
    holds(ROOT, "a route of which the target is not seen",
          changed(OPEN_MAIN, "main-table", routes=[{"cidrBlock": WORLD, "gatewayId": lost("vgw-1")}]),
          at_preview=("main",)),
    holds(DEFAULT, "the group of a VPC that is not seen", changed(network, "default", vpcId=lost("vpc-id-main")),
          at_preview=("main",)),
    breaks(DEFAULT, "the group of another VPC", changed(network, "default", vpcId="vpc-1"), "main"),
    breaks(DEFAULT, "a rule inside of it", changed(network, "default", ingress=[
        {"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]), "main"),
    breaks(DEFAULT, "a way out", changed(network, "default", egress=[
        {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [WORLD]}]), "main"),
    breaks(DEFAULT, "a rule of which the source is not seen",
           house(network, open=(kinds.INGRESS_RULE, RULE | {"cidrIpv4": lost("10.0.0.0/8")})), "main"),
    breaks(DEFAULT, "a rule of which the protocol is not seen",
           house(network, open=(kinds.INGRESS_RULE, RULE | {"ipProtocol": lost("tcp"), "cidrIpv4": WORLD})), "main"),
    holds(DEFAULT, "a rule of a group that is not seen",
          house(network, other=(kinds.SECURITY_GROUP, {}), open=(kinds.INGRESS_RULE, RULE | {
              "securityGroupId": lost("securitygroup-id-other"), "cidrIpv4": WORLD})), at_preview=("main",)),
)  # fmt: skip

CASES: tuple[Case, ...] = (
    *MORE,
    holds("db-subnet-not-public", "data subnets route to a NAT gateway", network),
    breaks("db-subnet-not-public", "one of the subnets routes to the internet gateway", PUBLIC_DB, "db"),
    breaks(
        "db-subnet-not-public",
        "a forgotten association falls back to a main table that leads out",
        without(OPEN_MAIN, "data-a-table"),
        "db",
    ),
    waits(
        "db-subnet-not-public",
        "subnets of another stack",
        changed(network, "db", subnetIds=["subnet-1", "subnet-2"]),
        "db",
    ),
    holds("main-route-table-no-igw", "a main table without routes", MAIN),
    breaks("main-route-table-no-igw", "a main table with a default route to the gateway", OPEN_MAIN, "main"),
    holds("default-sg-closed", "the default group is managed and has no rules", network),
    breaks("default-sg-closed", "nobody manages the default group", without(network, "default"), "main"),
    breaks(
        "default-sg-closed",
        "a rule is added to the default group",
        house(
            network,
            open=(kinds.INGRESS_RULE, {"securityGroupId": ref("default.id"), "ipProtocol": "-1", "cidrIpv4": WORLD}),
        ),
        "main",
    ),
    *tiers.CASES,
)
