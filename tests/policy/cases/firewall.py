"""Cases of the controls on security groups."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import (
    Case,
    Make,
    breaks,
    build,
    changed,
    first,
    holds,
    house,
    lost,
    made_of,
    one,
    ref,
    waits,
)
from tests.policy.houses import WORLD, tiers


def rule(low: int, high: int, *cidrs: str, protocol: str = "tcp") -> dict[str, Any]:
    """One inline rule."""
    return {"protocol": protocol, "fromPort": low, "toPort": high, "cidrBlocks": list(cidrs)}


def inline(*rules: dict[str, Any]) -> Make:
    """A group with inline ingress rules."""
    return one(kinds.SECURITY_GROUP, ingress=list(rules))


def modern(low: int, high: int, cidr: str) -> Make:
    """One rule resource of a group."""
    rule_inputs = {
        "securityGroupId": ref("group.id"), "ipProtocol": "tcp", "fromPort": low, "toPort": high, "cidrIpv4": cidr,
    }  # fmt: skip
    return build(group=(kinds.SECURITY_GROUP, {}), it=(kinds.INGRESS_RULE, rule_inputs))


def standalone(kind: str, **inputs: Any) -> Make:
    """One rule resource of a group, as it is written."""
    return build(group=(kinds.SECURITY_GROUP, {}), it=(kind, {"securityGroupId": ref("group.id")} | inputs))


HALVES = ("0.0.0.0/1", "128.0.0.0/1")

ADMIN, DATA, ALL = "sg-no-public-admin-port", "sg-no-public-db-port", "sg-no-public-all-ports"
SPLIT = "sg-split-cidr"
REGRESSIONS = (
    breaks(ADMIN, "a rule for the group itself comes first",
           inline({"protocol": "tcp", "fromPort": 22, "toPort": 22, "self": True}, rule(22, 22, WORLD))),
    breaks(ADMIN, "a prefix list beside the world",
           standalone(kinds.SECURITY_GROUP_RULE, type="ingress", protocol="tcp", fromPort=22, toPort=22,
                      cidrBlocks=[WORLD], prefixListIds=["pl-0a1b2c"])),
    *(breaks(control, "a rule resource of every protocol has no ports",
             standalone(kinds.INGRESS_RULE, ipProtocol="-1", cidrIpv4=WORLD)) for control in (ADMIN, DATA, ALL)),
    *(breaks(control, "IPv6 spelled out", inline({
        "protocol": "-1", "fromPort": 0, "toPort": 0, "ipv6CidrBlocks": ["0:0:0:0:0:0:0:0/0"]}))
      for control in (ADMIN, DATA, ALL)),
    *(breaks(control, "the halves stand in two forms",
             build(it=(kinds.SECURITY_GROUP, {"ingress": [rule(0, 65535, HALVES[0], protocol="6")]}),
                   more=(kinds.INGRESS_RULE, {"securityGroupId": ref("it.id"), "ipProtocol": "tcp", "fromPort": 0,
                                              "toPort": 65535, "cidrIpv4": HALVES[1]})), "it", "more")
      for control in (ADMIN, DATA, ALL)),
    *(holds(control, "another group is no address",
            standalone(kinds.INGRESS_RULE, ipProtocol="-1", referencedSecurityGroupId=ref("group.id")))
      for control in (ADMIN, DATA, ALL)),
    *(holds(control, "many narrow ranges are not the world",
            inline(rule(0, 65535, "198.51.101.0/29", "198.51.102.0/23", "10.0.0.0/8", "172.16.0.0/12")))
      for control in (ADMIN, DATA, ALL)),
    *(holds(control, "a prefix list that the configuration knows",
            standalone(kinds.INGRESS_RULE, ipProtocol="-1", prefixListId="pl-0a1b2c"),
            managedPrefixLists={"pl-0a1b2c": "the office"}) for control in (ADMIN, DATA, ALL, SPLIT)),
    *(waits(control, "a prefix list that nobody knows",
            standalone(kinds.INGRESS_RULE, ipProtocol="-1", prefixListId="pl-0a1b2c"))
      for control in (DATA, ALL)),
    waits(SPLIT, "a prefix list that nobody knows", inline(
        {"protocol": "-1", "fromPort": 0, "toPort": 0, "prefixListIds": ["pl-0a1b2c"]})),
    holds("db-sg-not-internet-reachable", "a prefix list that the configuration knows",
          changed(tiers, "app-to-store", referencedSecurityGroupId=None, prefixListId="pl-0a1b2c"),
          managedPrefixLists={"pl-0a1b2c": "the office"}),
    holds(ADMIN, "what goes out", standalone(kinds.SECURITY_GROUP_RULE, type="egress", protocol="-1", fromPort=0,
                                             toPort=0, cidrBlocks=[WORLD])),
    waits(ADMIN, "a foreign prefix list",
          standalone(kinds.INGRESS_RULE, ipProtocol="tcp", fromPort=22, toPort=22, prefixListId="pl-0a1b2c")),
)  # fmt: skip

ADMIN_PORTS = (22, 23, 139, 445, 3389, 5985, 5986)
DATA_PORTS = (
    1433, 1521, 2181, 2484, 3306, 5432, 5439, 5671, 5672, 6379, 6380, 7000, 7001, 7199, 7473, 7474, 7687, 8182, 9042,
    9092, 9094, 9096, 9098, 9142, 9200, 9300, 11211, 26257, 27017, 27018, 27019, 50000, 61616, 61617,
)  # fmt: skip
STORE = "db-sg-not-internet-reachable"
PORTS = (
    *(breaks(ADMIN, f"port {port}", inline(rule(port, port, WORLD))) for port in ADMIN_PORTS),
    *(breaks(DATA, f"port {port}", inline(rule(port, port, WORLD))) for port in DATA_PORTS),
    *(breaks(control, f"port {port} by UDP", inline(rule(port, port, WORLD, protocol="udp")))
      for control, port in ((ADMIN, 3389), (DATA, 1434), (DATA, 11211))),
    *(holds(control, "web ports", inline(rule(80, 80, WORLD), rule(443, 443, WORLD)))
      for control in (ADMIN, DATA, ALL)),
    holds(ALL, "a hundred ports", inline(rule(9000, 9099, WORLD))),
    breaks(ALL, "one port more", inline(rule(9000, 9100, WORLD))),
    holds(ALL, "a protocol without ports", inline(rule(-1, -1, WORLD, protocol="icmp"))),
    waits(STORE, "its groups are of another stack", changed(tiers, "cluster", vpcSecurityGroupIds=["sg-1"]), "cluster"),
    waits(STORE, "it has no groups", changed(tiers, "cluster", vpcSecurityGroupIds=None), "cluster"),
    waits(STORE, "who is let in is of another stack", changed(tiers, "app-to-store", referencedSecurityGroupId="sg-1"),
          "cluster"),
    breaks(STORE, "the store's own group", changed(tiers, "app-to-store", referencedSecurityGroupId=None, cidrIpv4=WORLD),
           "cluster"),
)  # fmt: skip


def carried(groups: Any) -> Make:
    """The tiers with two more groups that let the world in, and other groups of the store."""
    opened = {"ingress": [rule(5432, 5432, WORLD)]}
    more = house(tiers, bad_a=(kinds.SECURITY_GROUP, opened), bad_b=(kinds.SECURITY_GROUP, opened),
                 good=(kinds.SECURITY_GROUP, {}))  # fmt: skip
    return changed(more, "cluster", vpcSecurityGroupIds=groups)


OWN = ref("store-group.id")
FIRST, LAST = (lambda *ids: ids[0]), (lambda *ids: ids[-1])
WALKS = (
    holds(STORE, "one of two groups, of which one lets the world in",
          carried(first(1, OWN, ref("bad-a.id"))), at_preview=("cluster",)),
    holds(STORE, "one of two groups, whichever", carried(first(1, OWN, ref("good.id")))),
    breaks(STORE, "two of three groups, of which two let the world in",
           carried([made_of(ref("bad-a.id"), ref("bad-b.id"), OWN, make=make) for make in (FIRST, LAST)]), "cluster",
           told="security group bad-a lets the world in"),
    waits(STORE, "a group of another stack beside its own", carried([OWN, "sg-1"]), "cluster"),
    holds(STORE, "a group by a lost edge beside its own",
          carried([OWN, lost("securitygroup-id-good")]), at_preview=("cluster",)),
    holds(STORE, "groups that let each other in",
          house(tiers, back=(kinds.INGRESS_RULE, {
              "securityGroupId": ref("app-group.id"), "ipProtocol": "tcp", "fromPort": 1, "toPort": 9,
              "referencedSecurityGroupId": OWN}))),
    holds(STORE, "one of two groups is let in, of which one lets the world in",
          house(carried([OWN]), more=(kinds.INGRESS_RULE, {
              "securityGroupId": OWN, "ipProtocol": "tcp", "fromPort": 1, "toPort": 9,
              "referencedSecurityGroupId": made_of(ref("good.id"), ref("bad-a.id"), make=FIRST)})),
          at_preview=("cluster",), told="whether security group bad-a is a source of security group store-group"),
    holds(STORE, "one of two groups is let in, whichever",
          house(carried([OWN]), more=(kinds.INGRESS_RULE, {
              "securityGroupId": OWN, "ipProtocol": "tcp", "fromPort": 1, "toPort": 9,
              "referencedSecurityGroupId": made_of(ref("good.id"), ref("app-group.id"), make=FIRST)}))),
    breaks(STORE, "the load balancer carries the store's own group",
           changed(changed(tiers, "lb", securityGroups=[OWN]), "app-to-store", referencedSecurityGroupId=None,
                   cidrIpv4=WORLD), "cluster", told="security group store-group lets the world in"),
    breaks(STORE, "a load balancer whose groups come by a lost edge",
           changed(changed(tiers, "lb", securityGroups=[lost("sg-1")]), "app-to-store", referencedSecurityGroupId=None,
                   cidrIpv4=WORLD), "cluster"),
    holds(STORE, "nobody lets the world in, whichever groups a load balancer has",
          changed(changed(tiers, "lb", securityGroups=[lost("sg-1")]), "lb-to-app", referencedSecurityGroupId=None,
                  cidrIpv4="10.0.0.0/8")),
)  # fmt: skip

CASES: tuple[Case, ...] = (
    *PORTS,
    *WALKS,
    *REGRESSIONS,
    holds("sg-no-public-admin-port", "SSH from a private network", inline(rule(22, 22, "10.0.0.0/8"))),
    breaks("sg-no-public-admin-port", "a range that holds RDP", inline(rule(3000, 4000, WORLD))),
    breaks("sg-no-public-admin-port", "SSH in a rule of its own", modern(22, 22, WORLD)),
    holds("sg-no-public-db-port", "HTTPS for everybody", inline(rule(443, 443, WORLD))),
    breaks("sg-no-public-db-port", "PostgreSQL for everybody", modern(5432, 5432, WORLD)),
    breaks("sg-no-public-db-port", "DAX for everybody", modern(8111, 8111, WORLD)),
    breaks("sg-no-public-db-port", "DAX with TLS for everybody", modern(9111, 9111, WORLD)),
    holds("sg-no-public-all-ports", "a few ports for everybody", inline(rule(8000, 8010, WORLD))),
    breaks("sg-no-public-all-ports", "every protocol", inline(rule(0, 0, WORLD, protocol="-1"))),
    holds("sg-split-cidr", "a /0 is judged by the others", inline(rule(8080, 8080, WORLD))),
    breaks("sg-split-cidr", "two halves of the internet", inline(rule(8080, 8080, *HALVES))),
    holds("db-sg-not-internet-reachable", "the world reaches the store through the load balancer only", tiers),
    breaks(
        "db-sg-not-internet-reachable",
        "the application between them lets the world in itself",
        changed(tiers, "lb-to-app", referencedSecurityGroupId=None, cidrIpv4=WORLD),
        "cluster",
        told="is let in and itself lets the world in",
    ),
)
