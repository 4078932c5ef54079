"""Cases of the controls on networks."""

from guardrails import kinds

from tests.policy.cases import tiers
from tests.policy.cases.kit import breaks, changed, holds, house, ref, waits, without
from tests.policy.houses import WORLD, network

PUBLIC_DB = changed(network, "db", subnetIds=[ref("public-a.id"), ref("data-b.id")])
MAIN = house(network, main_table=(kinds.DEFAULT_ROUTE_TABLE, {"defaultRouteTableId": ref("main.defaultRouteTableId")}))
OPEN_MAIN = changed(MAIN, "main-table", routes=[{"cidrBlock": WORLD, "gatewayId": ref("igw.id")}])

CASES = (
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
