"""Cases of the controls in `guardrails.controls.groups`."""

from typing import Any

from guardrails import kinds

from tests.policy.cases import acls
from tests.policy.cases.kit import (
    Case,
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
    retyped,
    waits,
    without,
)
from tests.policy.houses import WORLD, tiers

HALVES = ("0.0.0.0/1", "128.0.0.0/1")
OPEN = "sg-public-only-authorised-ports"
LIST = "sg-public-prefix-list"
ORDER = "sg-chain-tier-order"
CONFLICT = "sg-no-rule-management-conflict"
WORDS = "sg-rule-description"
EGRESS = "sg-egress-data-tier"


def rule(port: int, *cidrs: str, **more: Any) -> dict[str, Any]:
    """One inline rule."""
    return {"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": list(cidrs)} | more


def modern(group: str, port: int, **source: Any) -> dict[str, Any]:
    """The inputs of one rule resource."""
    return {"securityGroupId": ref(f"{group}.id"), "ipProtocol": "tcp", "fromPort": port, "toPort": port} | source


def classic(group: str, port: int, **source: Any) -> dict[str, Any]:
    """The inputs of one rule resource of the older type."""
    base = {"securityGroupId": ref(f"{group}.id"), "type": "ingress", "protocol": "tcp"}
    return base | {"fromPort": port, "toPort": port} | source


def web(*rules: dict[str, Any], **balancer: Any) -> Any:
    """A group with inline rules, and the load balancer that carries it."""
    return build(
        it=(kinds.SECURITY_GROUP, {"ingress": list(rules)}),
        lb=(kinds.LOAD_BALANCER, {"securityGroups": [ref("it.id")]} | balancer),
    )


ON_MACHINE = build(
    it=(kinds.SECURITY_GROUP, {"ingress": [rule(443, WORLD)]}),
    machine=(kinds.INSTANCE, {"vpcSecurityGroupIds": [ref("it.id")]}),
)
PUBLIC = (
    holds(OPEN, "the world reaches the load balancer on 443", tiers),
    holds(OPEN, "inline rules on a load balancer that says nothing of internal", web(rule(80, WORLD), rule(443, WORLD))),
    holds(OPEN, "a network load balancer under an old type token",
          retyped(web(rule(443, WORLD), loadBalancerType="network"), "lb",
                  "aws:elasticloadbalancingv2/loadBalancer:LoadBalancer")),
    holds(OPEN, "a classic load balancer",
          build(it=(kinds.SECURITY_GROUP, {"ingress": [rule(443, WORLD)]}),
                lb=(kinds.CLASSIC_LOAD_BALANCER, {"securityGroups": [ref("it.id")]}))),
    holds(OPEN, "a group shared by the load balancer and the service behind it",
          house(web(rule(80, WORLD)), service=(kinds.ECS_SERVICE, {
              "networkConfiguration": {"subnets": ["subnet-1"], "securityGroups": [ref("it.id")]}}))),
    holds(OPEN, "nobody but a private network and another group",
          build(other=(kinds.SECURITY_GROUP, {}),
                it=(kinds.SECURITY_GROUP, {"ingress": [rule(8080, "10.0.0.0/8"), {
                    "protocol": "-1", "fromPort": 0, "toPort": 0, "securityGroups": [ref("other.id")]}]}))),
    holds(OPEN, "pings of the world carry no port",
          web(rule(443, WORLD), {"protocol": "icmp", "fromPort": 3, "toPort": 4, "cidrBlocks": [WORLD]})),
    holds(OPEN, "the port is an allowed one", web(rule(8443, WORLD)), allowedPublicPorts=[8443]),
    breaks(OPEN, "a port that is not allowed, although on a load balancer", web(rule(8080, WORLD))),
    breaks(OPEN, "a range around an allowed port", web(rule(80, WORLD, toPort=443))),
    breaks(OPEN, "every protocol in a rule resource has no ports to look at",
           build(group=(kinds.SECURITY_GROUP, {}),
                 it=(kinds.INGRESS_RULE, {
                     "securityGroupId": ref("group.id"), "ipProtocol": "-1", "cidrIpv4": WORLD}))),
    breaks(OPEN, "a world-open rule after one for the group itself",
           web({"protocol": "tcp", "fromPort": 22, "toPort": 22, "self": True}, rule(9000, WORLD))),
    breaks(OPEN, "a prefix list beside the world", web(rule(9000, WORLD, prefixListIds=["pl-0a1b2c"]))),
    breaks(OPEN, "IPv6 spelled out",
           web({"protocol": "tcp", "fromPort": 25, "toPort": 25, "ipv6CidrBlocks": ["0:0:0:0:0:0:0:0/0"]})),
    breaks(OPEN, "two halves of the internet", web(rule(9000, *HALVES))),
    breaks(OPEN, "each half in a rule resource of its own",
           build(group=(kinds.SECURITY_GROUP, {}),
                 low=(kinds.INGRESS_RULE, modern("group", 9000, cidrIpv4=HALVES[0])),
                 high=(kinds.SECURITY_GROUP_RULE, classic("group", 9000, cidrBlocks=[HALVES[1]]))), "low", "high"),
    breaks(OPEN, "the load balancer is internal", web(rule(443, WORLD), internal=True)),
    breaks(OPEN, "a machine carries the group", ON_MACHINE),
    breaks(OPEN, "a service carries the group, and the rule is a resource",
           build(group=(kinds.SECURITY_GROUP, {}), it=(kinds.SECURITY_GROUP_RULE, classic("group", 443,
                                                                                        cidrBlocks=[WORLD])),
                 service=(kinds.ECS_SERVICE, {"networkConfiguration": {
                     "subnets": ["subnet-1"], "securityGroups": [ref("group.id")]}}))),
    breaks(OPEN, "a template of machines carries the group, and the load balancer another one",
           house(web(), group=(kinds.SECURITY_GROUP, {"ingress": [rule(80, WORLD)]}),
                 template=(kinds.LAUNCH_TEMPLATE, {"networkInterfaces": [{"securityGroups": [ref("group.id")]}]})),
           "group"),
    breaks(OPEN, "a second load balancer, of which only the update tells that it is internal",
           house(web(rule(443, WORLD), internal=True), other=(kinds.LOAD_BALANCER, {
               "securityGroups": [ref("it.id")], "internal": made_of(ref("it.id"), make=lambda _: True)})),
           undecided_at_preview=True),
    waits(OPEN, "nothing of this program carries the group", one(kinds.SECURITY_GROUP, ingress=[rule(443, WORLD)])),
    waits(OPEN, "a text about the group attaches it to nothing",
          build(it=(kinds.SECURITY_GROUP, {"ingress": [rule(443, WORLD)]}),
                told=(kinds.SSM_PARAMETER, {"type": "String", "value": ref("it.id")}))),
    waits(OPEN, "a foreign prefix list on another port, beside what is allowed",
          web(rule(443, WORLD), rule(9000, prefixListIds=["pl-0a1b2c"]))),
    breaks(OPEN, "a foreign prefix list does not hide an internal load balancer",
           web(rule(443, WORLD), rule(9000, prefixListIds=["pl-0a1b2c"]), internal=True)),
    waits(OPEN, "a group of another stack",
          one(kinds.INGRESS_RULE, securityGroupId="sg-1", ipProtocol="tcp", fromPort=443, toPort=443, cidrIpv4=WORLD)),
    holds(OPEN, "the group of the load balancer comes from an edge that is lost",
          changed(web(rule(443, WORLD)), "lb", securityGroups=[lost("securitygroup-id-it")]), at_preview=("it",)),
)  # fmt: skip


def listed(entries: list[dict[str, Any]], **more: Any) -> Any:
    """A rule whose source is a prefix list of the program."""
    return build(
        list=(kinds.PREFIX_LIST, {"entries": entries}),
        group=(kinds.SECURITY_GROUP, {}),
        it=(kinds.INGRESS_RULE, modern("group", 443, prefixListId=ref("list.id"))),
        **more,
    )


OFFICE = [{"cidr": "198.51.100.0/24"}]
LISTS = (
    holds(LIST, "an office", listed(OFFICE)),
    holds(LIST, "a group without a prefix list", one(kinds.SECURITY_GROUP, ingress=[rule(443, WORLD)])),
    holds(LIST, "a foreign list of which the configuration says what it is",
          one(kinds.SECURITY_GROUP, ingress=[rule(443, prefixListIds=["pl-3b927c52"])]),
          managedPrefixLists={"pl-3b927c52": "CloudFront"}),
    holds(LIST, "a destination is no source",
          build(list=(kinds.PREFIX_LIST, {"entries": [{"cidr": WORLD}]}), group=(kinds.SECURITY_GROUP, {}),
                it=(kinds.EGRESS_RULE, modern("group", 443, prefixListId=ref("list.id"))))),
    breaks(LIST, "an entry is the world", listed([*OFFICE, {"cidr": WORLD}])),
    breaks(LIST, "two entries are the halves of the internet", listed([{"cidr": cidr} for cidr in HALVES])),
    breaks(LIST, "an IPv6 entry", listed([{"cidr": "::/0"}])),
    breaks(LIST, "an entry in a resource of its own",
           house(listed([]), wide=(kinds.PREFIX_LIST_ENTRY, {"prefixListId": ref("list.id"), "cidr": WORLD}))),
    breaks(LIST, "an inline rule, beside narrow ranges",
           build(list=(kinds.PREFIX_LIST, {"entries": [{"cidr": WORLD}]}),
                 it=(kinds.SECURITY_GROUP, {"ingress": [rule(443, "10.0.0.0/8", prefixListIds=[ref("list.id")])]}))),
    breaks(LIST, "the older rule resource",
           build(list=(kinds.PREFIX_LIST, {"entries": [{"cidr": WORLD}]}), group=(kinds.SECURITY_GROUP, {}),
                 it=(kinds.SECURITY_GROUP_RULE, classic("group", 443, prefixListIds=[ref("list.id")])))),
    breaks(LIST, "as wide as the configuration has it", listed([{"cidr": WORLD}]), publicCoverage=1),
    waits(LIST, "an entry that is no range", listed([{"cidr": "the office"}])),
    waits(LIST, "a foreign list", one(kinds.SECURITY_GROUP, ingress=[rule(443, prefixListIds=["pl-0a1b2c"])])),
    holds(LIST, "an entry that is not known yet", listed([{"cidr": lost("198.51.100.0/24")}]), at_preview=("it",)),
)  # fmt: skip

STORE_TO_LB = changed(tiers, "app-to-store", referencedSecurityGroupId=ref("lb-group.id"))
ORDERS = (
    holds(ORDER, "the store lets in the service only", tiers),
    holds(ORDER, "a group of no store may let in the load balancer",
          changed(tiers, "cluster", vpcSecurityGroupIds=[ref("store-group.id")])),
    breaks(ORDER, "the store lets in the group of the load balancer", STORE_TO_LB, "store-group"),
    breaks(ORDER, "inline, beside the group of the service",
           changed(without(tiers, "app-to-store"), "store-group", ingress=[{
               "protocol": "tcp", "fromPort": 5432, "toPort": 5432,
               "securityGroups": [ref("app-group.id"), ref("lb-group.id")]}]), "store-group"),
    breaks(ORDER, "the older rule resource",
           house(tiers, skip=(kinds.SECURITY_GROUP_RULE, classic("store-group", 5432,
                                                                sourceSecurityGroupId=ref("lb-group.id")))),
           "store-group"),
    breaks(ORDER, "one group for both, whose members reach each other",
           build(group=(kinds.SECURITY_GROUP, {"ingress": [{
                     "protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]}),
                 lb=(kinds.LOAD_BALANCER, {"securityGroups": [ref("group.id")]}),
                 cache=(kinds.CACHE_REPLICATION_GROUP, {"securityGroupIds": [ref("group.id")]})), "group"),
    breaks(ORDER, "one group for both, in a rule resource of the older type",
           build(group=(kinds.SECURITY_GROUP, {}),
                 me=(kinds.SECURITY_GROUP_RULE, classic("group", 0, self=True)),
                 lb=(kinds.LOAD_BALANCER, {"securityGroups": [ref("group.id")]}),
                 cache=(kinds.CACHE_REPLICATION_GROUP, {"securityGroupIds": [ref("group.id")]})), "group"),
    holds(ORDER, "members of the store's own group reach each other",
          changed(tiers, "store-group", ingress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}])),
    breaks(ORDER, "a broker whose groups stand in a block",
           build(lb_group=(kinds.SECURITY_GROUP, {}), lb=(kinds.LOAD_BALANCER, {"securityGroups": [ref("lb-group.id")]}),
                 group=(kinds.SECURITY_GROUP, {}),
                 rule=(kinds.INGRESS_RULE, modern("group", 9092, referencedSecurityGroupId=ref("lb-group.id"))),
                 queue=(kinds.MSK_CLUSTER, {"brokerNodeGroupInfo": {
                     "clientSubnets": ["subnet-1", "subnet-2"], "securityGroups": [ref("group.id")]}})), "group"),
    waits(ORDER, "the store carries a group of another stack",
          changed(tiers, "cluster", vpcSecurityGroupIds=["sg-1"]), "cluster"),
    waits(ORDER, "the store carries a group of another stack beside its own",
          changed(tiers, "cluster", vpcSecurityGroupIds=[ref("store-group.id"), "sg-1"]), "cluster"),
    *(holds(control, "the store's groups are in part by a lost edge",
            changed(tiers, "cluster", vpcSecurityGroupIds=[
                ref("store-group.id"), lost("securitygroup-id-store-group")]),
            at_preview=("cluster", "app-group"))
      for control in (ORDER, EGRESS)),
    holds(ORDER, "the store carries one of two groups",
          house(tiers, spare=(kinds.SECURITY_GROUP, {}), cache=(kinds.CACHE_REPLICATION_GROUP, {
              "securityGroupIds": first(1, ref("spare.id"), ref("store-group.id"))}))),
    holds(ORDER, "a rule that lets in the service comes by a lost edge",
          changed(tiers, "app-to-store", securityGroupId=lost("securitygroup-id-store-group"))),
    waits(ORDER, "the store lets in a group of another stack",
          changed(tiers, "app-to-store", referencedSecurityGroupId="sg-1"), "store-group"),
    waits(ORDER, "a store without a group", build(it=(kinds.DB_INSTANCE, {}))),
    breaks(ORDER, "the rule's group comes from a lost edge",
           changed(STORE_TO_LB, "app-to-store", securityGroupId=lost("securitygroup-id-store-group")), "store-group",
           undecided_at_preview=True),
)  # fmt: skip

INLINE = build(it=(kinds.SECURITY_GROUP, {"ingress": [rule(443, WORLD)]}))
CONFLICTS = (
    holds(CONFLICT, "rules in resources only", tiers),
    holds(CONFLICT, "inline rules only", INLINE),
    holds(CONFLICT, "a rule resource of another group",
          house(INLINE, other=(kinds.SECURITY_GROUP, {}), rule=(kinds.INGRESS_RULE, modern("other", 80)))),
    holds(CONFLICT, "an empty list beside rule resources",
          build(it=(kinds.SECURITY_GROUP, {"ingress": []}), rule=(kinds.INGRESS_RULE, modern("it", 80)))),
    breaks(CONFLICT, "a modern rule resource beside an inline rule",
           house(INLINE, rule=(kinds.INGRESS_RULE, modern("it", 80, cidrIpv4=WORLD)))),
    breaks(CONFLICT, "an older rule resource beside an inline rule",
           house(INLINE, rule=(kinds.SECURITY_GROUP_RULE, classic("it", 443, cidrBlocks=["10.0.0.0/8"])))),
    breaks(CONFLICT, "inline egress beside an egress resource",
           build(it=(kinds.SECURITY_GROUP, {"egress": [rule(443, WORLD)]}),
                 out=(kinds.EGRESS_RULE, modern("it", 80, cidrIpv4=WORLD)))),
    breaks(CONFLICT, "the default group",
           build(vpc=(kinds.VPC, {}), it=(kinds.DEFAULT_SECURITY_GROUP, {
                     "vpcId": ref("vpc.id"), "ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]}),
                 rule=(kinds.INGRESS_RULE, {"securityGroupId": ref("vpc.defaultSecurityGroupId"),
                                            "ipProtocol": "tcp", "fromPort": 80, "toPort": 80,
                                            "cidrIpv4": "10.0.0.0/8"}))),
    breaks(CONFLICT, "the group of the rule comes from a lost edge",
           house(INLINE, rule=(kinds.INGRESS_RULE, modern("it", 80, cidrIpv4=WORLD)
                               | {"securityGroupId": lost("securitygroup-id-it")})), undecided_at_preview=True),
)  # fmt: skip

ALREADY_THERE = (
    holds(CONFLICT, "no inline rules, and a rule resource by a lost edge",
          changed(tiers, "app-to-store", securityGroupId=lost("securitygroup-id-store-group"))),
    holds(CONFLICT, "a group that is there already repeats its rule resources",
          build(group=(kinds.SECURITY_GROUP, {}),
                it=(kinds.SECURITY_GROUP, {
                    "id": "sg-1a2b",
                    "ingress": [rule(443, WORLD), {"protocol": "tcp", "fromPort": 22, "toPort": 22,
                                                   "securityGroups": [ref("group.id")]}],
                    "egress": [rule(25, "10.0.0.0/8")]}),
                web=(kinds.INGRESS_RULE, modern("it", 443, cidrIpv4=WORLD)),
                ssh=(kinds.INGRESS_RULE, modern("it", 22, referencedSecurityGroupId=ref("group.id"))),
                mail=(kinds.EGRESS_RULE, modern("it", 25, cidrIpv4="10.0.0.0/8")))),
    *(breaks(CONFLICT, f"a group that is there already has {what} beside its rule resources",
             build(it=(kinds.SECURITY_GROUP, {"id": "sg-1a2b", "ingress": [inline]}),
                   rule=(kinds.SECURITY_GROUP_RULE, classic("it", 22, **source))))
      for what, inline, source in (
          ("a rule without a source", {"protocol": "tcp", "fromPort": 80, "toPort": 80}, {"cidrBlocks": [WORLD]}),
          ("a group of the program", {"protocol": "tcp", "fromPort": 22, "toPort": 22, "self": True},
           {"cidrBlocks": [WORLD]}),
          ("a group of another stack", {"protocol": "tcp", "fromPort": 22, "toPort": 22, "securityGroups": ["sg-8"]},
           {"sourceSecurityGroupId": "sg-9"}))),
    holds(CONFLICT, "inline rules only, of which a source is not known yet, in a group that is there already",
          build(it=(kinds.SECURITY_GROUP, {"id": "sg-1a2b", "ingress": [rule(22, lost("10.0.0.0/8"))]}))),
    breaks(CONFLICT, "pings beside a rule of another sort, in a group that is there already",
           build(it=(kinds.SECURITY_GROUP, {"id": "sg-1a2b", "ingress": [
                     {"protocol": "icmp", "fromPort": -1, "toPort": -1, "cidrBlocks": [WORLD]}]}),
                 rule=(kinds.INGRESS_RULE, modern("it", 80, cidrIpv4=WORLD)),
                 out=(kinds.EGRESS_RULE, modern("it", 80, cidrIpv4=lost(WORLD))))),
    holds(CONFLICT, "a source that is repeated, as the update tells, in a group that is there already",
          build(group=(kinds.SECURITY_GROUP, {"id": "sg-2b3c"}), other=(kinds.SECURITY_GROUP, {}),
                it=(kinds.SECURITY_GROUP, {"id": "sg-1a2b", "ingress": [
                    {"protocol": "tcp", "fromPort": 22, "toPort": 22, "securityGroups": ["sg-2b3c"]}]}),
                rule=(kinds.INGRESS_RULE, modern("it", 22, referencedSecurityGroupId=made_of(
                    ref("group.id"), ref("other.id"), make=lambda one, _: one)))), at_preview=("it",)),
    *(holds(CONFLICT, f"no {key} rule, as the update tells",
            build(vpc=(kinds.VPC, {}),
                  it=(kinds.SECURITY_GROUP, {key: made_of(ref("vpc.id"), make=lambda _: [])}),
                  rule=(kinds.INGRESS_RULE, modern("it", 80))), at_preview=("it",), told=f"its {key} has rules")
      for key in ("ingress", "egress")),
    breaks(CONFLICT, "inline egress, whatever is said of ingress",
           build(vpc=(kinds.VPC, {}),
                 it=(kinds.SECURITY_GROUP, {"ingress": made_of(ref("vpc.id"), make=lambda _: []),
                                            "egress": [rule(443, WORLD)]}),
                 rule=(kinds.INGRESS_RULE, modern("it", 80)))),
    breaks(CONFLICT, "inline ingress, whatever is said of egress",
           build(vpc=(kinds.VPC, {}),
                 it=(kinds.SECURITY_GROUP, {"egress": made_of(ref("vpc.id"), make=lambda _: []),
                                            "ingress": [rule(443, WORLD)]}),
                 rule=(kinds.INGRESS_RULE, modern("it", 80)))),
)  # fmt: skip

DESCRIBED = one(kinds.SECURITY_GROUP, description="the web tier", ingress=[rule(443, WORLD, description="browsers")])
DESCRIPTIONS = (
    holds(WORDS, "group and rule say what they are for", DESCRIBED),
    holds(WORDS, "a rule resource says it", one(kinds.INGRESS_RULE, description="browsers", ipProtocol="tcp")),
    holds(WORDS, "a default group cannot be described", one(kinds.DEFAULT_SECURITY_GROUP)),
    breaks(WORDS, "the group says nothing", changed(DESCRIBED, "it", description=None)),
    breaks(WORDS, "what the provider writes by itself", changed(DESCRIBED, "it", description="Managed by Pulumi")),
    breaks(WORDS, "blanks", changed(DESCRIBED, "it", description=" ")),
    breaks(WORDS, "an inline rule without words",
           changed(DESCRIBED, "it", ingress=[rule(443, WORLD, description="x"), rule(80, WORLD)])),
    breaks(WORDS, "an inline egress rule with an empty text",
           changed(DESCRIBED, "it", egress=[rule(443, WORLD, description="")])),
    *(breaks(WORDS, f"a rule resource without words: {kind}", one(kind, fromPort=443))
      for kind in (kinds.INGRESS_RULE, kinds.EGRESS_RULE, kinds.SECURITY_GROUP_RULE)),
)  # fmt: skip

OUT = modern("store-group", 443, cidrIpv4=WORLD)
EGRESSES = (
    holds(EGRESS, "the store calls nobody, and the application everybody", tiers),
    holds(EGRESS, "the store reaches a private network",
          house(tiers, leak=(kinds.EGRESS_RULE, OUT | {"cidrIpv4": "10.0.0.0/8"}))),
    holds(EGRESS, "the store reaches a gateway endpoint",
          house(tiers, endpoint=(kinds.VPC_ENDPOINT, {"vpcId": ref("main.id"), "prefixListId": "pl-1a2b"}),
                leak=(kinds.EGRESS_RULE, OUT | {"cidrIpv4": None, "prefixListId": ref("endpoint.prefixListId")}))),
    breaks(EGRESS, "an egress resource", house(tiers, leak=(kinds.EGRESS_RULE, OUT)), "store-group"),
    breaks(EGRESS, "inline, as every tutorial writes it",
           changed(tiers, "store-group", egress=[{
               "protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [WORLD]}]), "store-group",
           told="it may reach the whole internet: all traffic to 0.0.0.0/0"),
    breaks(EGRESS, "an egress rule of the older type, in IPv6",
           house(tiers, leak=(kinds.SECURITY_GROUP_RULE, {
               "securityGroupId": ref("store-group.id"), "type": "egress", "protocol": "all", "fromPort": 0,
               "toPort": 0, "ipv6CidrBlocks": ["::/0"]})), "store-group"),
    breaks(EGRESS, "two halves",
           house(tiers, low=(kinds.EGRESS_RULE, OUT | {"cidrIpv4": HALVES[0]}),
                 high=(kinds.EGRESS_RULE, OUT | {"cidrIpv4": HALVES[1]})), "store-group"),
    waits(EGRESS, "a foreign prefix list",
          house(tiers, leak=(kinds.EGRESS_RULE, OUT | {"cidrIpv4": None, "prefixListId": "pl-1a2b"})), "store-group"),
    holds(EGRESS, "a narrow rule comes by a lost edge",
          house(tiers, leak=(kinds.EGRESS_RULE, OUT | {
              "securityGroupId": lost("securitygroup-id-store-group"), "cidrIpv4": "10.0.0.0/8"}))),
    waits(EGRESS, "the store carries a group of another stack",
          changed(tiers, "cluster", vpcSecurityGroupIds=["sg-1"]), "cluster"),
    breaks(EGRESS, "the group of the rule comes from a lost edge",
           house(tiers, leak=(kinds.EGRESS_RULE, OUT | {"securityGroupId": lost("securitygroup-id-store-group")})),
           "store-group", undecided_at_preview=True),
)  # fmt: skip

CASES: tuple[Case, ...] = (*PUBLIC, *LISTS, *ORDERS, *CONFLICTS, *ALREADY_THERE, *DESCRIPTIONS, *EGRESSES, *acls.CASES)
