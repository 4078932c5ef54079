"""Cases of the controls on load balancers."""

from typing import Any

from guardrails import kinds

from tests.policy.cases import webacl
from tests.policy.cases.kit import (
    Case,
    breaks,
    build,
    changed,
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
from tests.policy.houses import WORLD, network, tiers

FORWARD = [{"type": "forward", "targetGroupArn": "arn:aws:tg"}]
TLS = "lb-tls-policy-modern"
HARD = "lb-http-hardening"
LOGS = "lb-access-logs"
KEPT = "lb-deletion-protection"
SCHEME = "lb-scheme-matches-subnets"
WAF = "lb-waf-attached"
ORIGIN = "origin-lb-only-from-cloudfront"
TARGETS = "tg-health-and-encryption"

LB = one(kinds.LOAD_BALANCER)
NLB = one(kinds.LOAD_BALANCER, loadBalancerType="network")
GATEWAY = one(kinds.LOAD_BALANCER, loadBalancerType="gateway")
OLD_NAMES = ("aws:alb", "aws:applicationloadbalancing", "aws:elasticloadbalancingv2")

REDIRECTS = (
    holds("lb-https-only", "plain HTTP is redirected", tiers),
    holds("lb-https-only", "an old type token", retyped(tiers, "http", "aws:alb/listener:Listener")),
    breaks(
        "lb-https-only",
        "plain HTTP is forwarded",
        changed(tiers, "http", defaultActions=FORWARD),
        "http",
        told="fix: set default_actions",
    ),
    breaks(
        "lb-https-only",
        "a rule on the redirecting listener forwards",
        house(tiers, path=(kinds.LISTENER_RULE, {"listenerArn": ref("http.arn"), "actions": FORWARD})),
        "path",
        told="attach the rule to the HTTPS listener",
    ),
)

SECURE = one(kinds.LISTENER, protocol="HTTPS", sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")
CLASSIC = one(kinds.CLASSIC_LOAD_BALANCER, listeners=[{"lbPort": 443, "lbProtocol": "https", "instancePort": 80}])
CLASSICS = (
    holds("lb-https-only", "a classic one that speaks TLS", CLASSIC),
    breaks("lb-https-only", "a classic one that also speaks plain HTTP",
           changed(CLASSIC, "it", listeners=[{"lbPort": 443, "lbProtocol": "https"}, {"lbPort": 80, "lbProtocol": "HTTP"}])),
    breaks("lb-https-only", "a classic one of which a listener is not known yet",
           changed(CLASSIC, "it", listeners=[lost({"lbPort": 80, "lbProtocol": "http"})]), undecided_at_preview=True),
    breaks("lb-https-only", "a classic one of which a protocol is not known yet",
           changed(CLASSIC, "it", listeners=[{"lbPort": 80, "lbProtocol": lost("http")}]), undecided_at_preview=True),
)  # fmt: skip
POLICIES = (
    holds(TLS, "TLS 1.2 and 1.3", SECURE),
    holds(TLS, "TLS 1.3 only", changed(SECURE, "it", sslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06")),
    holds(TLS, "a network load balancer", changed(SECURE, "it", protocol="TLS")),
    holds(TLS, "plain HTTP has no policy", one(kinds.LISTENER, protocol="HTTP")),
    holds(TLS, "TCP has no policy", one(kinds.LISTENER, protocol="TCP", port=443)),
    holds(TLS, "what the configuration allows",
          changed(SECURE, "it", sslPolicy="ELBSecurityPolicy-FS-1-2-Res-2020-10"),
          tlsPolicies=["ELBSecurityPolicy-FS-1-2-*"]),
    breaks(TLS, "the configuration allows another one only", SECURE, tlsPolicies=["ELBSecurityPolicy-FS-1-2-*"]),
    breaks(TLS, "nothing is said, and AWS takes that of 2016", changed(SECURE, "it", sslPolicy=None)),
    breaks(TLS, "the policy of 2016", changed(SECURE, "it", sslPolicy="ELBSecurityPolicy-2016-08")),
    breaks(TLS, "TLS 1.3 and also 1.0", changed(SECURE, "it", sslPolicy="ELBSecurityPolicy-TLS13-1-0-2021-06")),
    breaks(TLS, "in small letters, on a network load balancer",
           changed(SECURE, "it", protocol="tls", sslPolicy="ELBSecurityPolicy-TLS-1-1-2017-01")),
    *(breaks(TLS, f"an old type token, {module}",
             retyped(changed(SECURE, "it", sslPolicy=None), "it", f"{module}/listener:Listener"))
      for module in OLD_NAMES),
)  # fmt: skip

DROPS = one(kinds.LOAD_BALANCER, dropInvalidHeaderFields=True)
HARDENING = (
    holds(HARD, "headers are dropped, and the mode is AWS's own", DROPS),
    holds(HARD, "the strictest mode", changed(DROPS, "it", desyncMitigationMode="strictest")),
    holds(HARD, "a network load balancer reads no HTTP", NLB),
    holds(HARD, "a gateway load balancer reads no HTTP", GATEWAY),
    breaks(HARD, "headers are not dropped by default", LB),
    breaks(HARD, "said in words", one(kinds.LOAD_BALANCER, loadBalancerType="application",
                                      dropInvalidHeaderFields="false")),
    breaks(HARD, "requests are only monitored", changed(DROPS, "it", desyncMitigationMode="monitor")),
    breaks(HARD, "an old type token", retyped(LB, "it", "aws:alb/loadBalancer:LoadBalancer")),
    breaks(HARD, "a kind that is not known yet", one(kinds.LOAD_BALANCER, loadBalancerType=lost("application")),
           undecided_at_preview=True),
)  # fmt: skip

LOGGED = one(kinds.LOAD_BALANCER, accessLogs={"bucket": "logs", "enabled": True})
ACCESS_LOGS = (
    holds(LOGS, "on", LOGGED),
    holds(LOGS, "a network load balancer", changed(LOGGED, "it", loadBalancerType="network")),
    holds(LOGS, "a gateway load balancer writes none", GATEWAY),
    holds(LOGS, "a classic one, whose block means on",
          one(kinds.CLASSIC_LOAD_BALANCER, accessLogs={"bucket": "logs"})),
    breaks(LOGS, "nothing is said", LB),
    breaks(LOGS, "a bucket alone does not switch it on", changed(LOGGED, "it", accessLogs={"bucket": "logs"})),
    breaks(LOGS, "off", changed(LOGGED, "it", accessLogs={"bucket": "logs", "enabled": False})),
    breaks(LOGS, "a classic one without the block", one(kinds.CLASSIC_LOAD_BALANCER)),
    breaks(LOGS, "a classic one that is off",
           one(kinds.CLASSIC_LOAD_BALANCER, accessLogs={"bucket": "logs", "enabled": False})),
    breaks(LOGS, "an old type token of the classic one",
           retyped(one(kinds.CLASSIC_LOAD_BALANCER), "it", "aws:elasticloadbalancing/loadBalancer:LoadBalancer")),
)  # fmt: skip

PROTECTION = (
    holds(KEPT, "on", one(kinds.LOAD_BALANCER, enableDeletionProtection=True), protected=True),
    holds(KEPT, "any other stack", LB),
    breaks(KEPT, "not said", LB, protected=True),
    breaks(KEPT, "off, on a network load balancer", changed(NLB, "it", enableDeletionProtection=False), protected=True),
    breaks(KEPT, "not known yet", one(kinds.LOAD_BALANCER, enableDeletionProtection=lost(False)), protected=True,
           undecided_at_preview=True),
)  # fmt: skip

PUBLIC = [ref("public-a.id"), ref("public-b.id")]
PRIVATE = [ref("data-a.id"), ref("data-b.id")]


def placed(subnets: list[Any], **more: Any) -> Any:
    """A load balancer in the network."""
    return house(network, it=(kinds.LOAD_BALANCER, {"subnets": subnets} | more))


INSPECTED = house(
    network,
    firewall=(kinds.VPC_ENDPOINT, {"vpcId": ref("main.id"), "vpcEndpointType": "GatewayLoadBalancer"}),
    through=(kinds.ROUTE, {
        "routeTableId": ref("data-table.id"), "destinationCidrBlock": WORLD, "vpcEndpointId": ref("firewall.id")}),
    it=(kinds.LOAD_BALANCER, {"subnets": PRIVATE}),
)  # fmt: skip
SCHEMES = (
    holds(SCHEME, "internet-facing in public subnets", placed(PUBLIC)),
    holds(SCHEME, "internal in private subnets", placed(PRIVATE, internal=True)),
    holds(SCHEME, "internal as text", placed(PRIVATE, internal="true")),
    holds(SCHEME, "by mappings",
          house(network, it=(kinds.LOAD_BALANCER, {
              "loadBalancerType": "network", "subnetMappings": [{"subnetId": subnet} for subnet in PUBLIC]}))),
    holds(SCHEME, "behind the endpoint of a firewall", without(INSPECTED, "nat-out")),
    breaks(SCHEME, "internet-facing in private subnets", placed(PRIVATE)),
    breaks(SCHEME, "internet-facing, and one subnet is private",
           placed([ref("public-a.id"), ref("data-b.id")], internal=False)),
    breaks(SCHEME, "internal in public subnets", placed(PUBLIC, internal=True)),
    breaks(SCHEME, "a classic one in private subnets",
           house(network, it=(kinds.CLASSIC_LOAD_BALANCER, {"subnets": PRIVATE}))),
    breaks(SCHEME, "internal by a mapping into a public subnet",
           house(network, it=(kinds.LOAD_BALANCER, {
               "loadBalancerType": "network", "internal": True, "subnetMappings": [{"subnetId": PUBLIC[0]}]}))),
    waits(SCHEME, "subnets of another stack", placed(["subnet-1", "subnet-2"])),
    waits(SCHEME, "no subnets", LB),
    holds(SCHEME, "in public subnets, and only the update tells that it faces the internet",
          placed(PUBLIC, internal=made_of(ref("main.id"), make=lambda _: False)), at_preview=("it",)),
    breaks(SCHEME, "a route to a NAT gateway by a lost edge",
           house(placed(PRIVATE), more=(kinds.ROUTE, {
               "routeTableId": lost("rtb-1"), "natGatewayId": ref("nat.id"), "destinationCidrBlock": "10.9.0.0/16"}))),
    holds(SCHEME, "the endpoint of a firewall, by a lost edge",
          changed(without(INSPECTED, "nat-out"), "through", vpcEndpointId=lost("vpce-1")), at_preview=("it",)),
    breaks(SCHEME, "a route by a lost edge", changed(placed(PUBLIC, internal=True), "out", gatewayId=lost("igw-id-igw")),
           undecided_at_preview=True),
)  # fmt: skip

ACL: dict[str, Any] = {"acl": (kinds.WEB_ACL, {"scope": "REGIONAL"})}


def guarded(**association: Any) -> Any:
    """A load balancer with a web ACL."""
    inputs = {"webAclArn": ref("acl.arn"), "resourceArn": ref("it.arn")} | association
    return build(it=(kinds.LOAD_BALANCER, {}), **ACL, guard=(kinds.WEB_ACL_ASSOCIATION, inputs))


FIREWALLS = (
    holds(WAF, "a web ACL", guarded()),
    holds(WAF, "a web ACL of the first edition",
          build(it=(kinds.LOAD_BALANCER, {}), guard=(kinds.WAF_CLASSIC_ASSOCIATION, {
              "webAclId": "acl-1", "resourceArn": ref("it.arn")}))),
    holds(WAF, "an internal one", one(kinds.LOAD_BALANCER, internal=True)),
    holds(WAF, "a network load balancer takes no web ACL", NLB),
    breaks(WAF, "nothing is said of internal, so it faces the internet", LB),
    breaks(WAF, "under an old type token", retyped(LB, "it", "aws:alb/loadBalancer:LoadBalancer")),
    breaks(WAF, "the web ACL is for another one",
           house(LB, other=(kinds.LOAD_BALANCER, {"internal": True}), **ACL, guard=(kinds.WEB_ACL_ASSOCIATION, {
               "webAclArn": ref("acl.arn"), "resourceArn": ref("other.arn")}))),
    breaks(WAF, "the web ACL is for something of another stack", guarded(resourceArn=lost("arn:aws:x")),
           undecided_at_preview=True),
    holds(WAF, "a web ACL by a lost edge", guarded(resourceArn=lost("arn:aws:x:::loadbalancer/it")),
          at_preview=("it",)),
)  # fmt: skip

EDGE: dict[str, Any] = {"managedPrefixLists": {"pl-3b927c52": "CloudFront, origin-facing"}}


def fronted(*rules: dict[str, Any], domain: Any = None, **balancer: Any) -> Any:
    """A distribution, the load balancer that it asks, and who that lets in."""
    ingress = [{"protocol": "tcp", "fromPort": 443, "toPort": 443} | rule for rule in rules]
    origin = {"originId": "app", "domainName": domain or ref("it.dnsName"), "customOriginConfig": {"httpPort": 80}}
    return build(
        group=(kinds.SECURITY_GROUP, {"ingress": ingress}),
        it=(kinds.LOAD_BALANCER, {"securityGroups": [ref("group.id")]} | balancer),
        cdn=(kinds.DISTRIBUTION, {"origins": [origin]}),
    )


FROM_EDGE = {"prefixListIds": ["pl-3b927c52"]}
BY_RECORD: dict[str, Any] = {
    "record": (kinds.DNS_RECORD, {
        "name": "origin.example.org", "type": "A", "aliases": [{"name": ref("it.dnsName"), "zoneId": "Z1"}]}),
}  # fmt: skip
ORIGINS = (
    holds(ORIGIN, "the prefix list of CloudFront", fronted(FROM_EDGE), **EDGE),
    holds(ORIGIN, "also a service of the VPC",
          fronted(FROM_EDGE, {"cidrBlocks": ["10.0.0.0/16"]}, {"self": True}), **EDGE),
    holds(ORIGIN, "no distribution asks it", tiers),
    holds(ORIGIN, "the distribution asks another one", fronted({"cidrBlocks": [WORLD]}, domain="app.example.org")),
    holds(ORIGIN, "the distribution asks a bucket",
          house(fronted({"cidrBlocks": [WORLD]}, domain="app.example.org"), files=(kinds.BUCKET, {}),
                more=(kinds.DISTRIBUTION, {"origins": [{"domainName": ref("files.bucketRegionalDomainName")}]}))),
    holds(ORIGIN, "an internal one is not reached from outside", fronted({"cidrBlocks": [WORLD]}, internal=True)),
    breaks(ORIGIN, "the world is let in", fronted({"cidrBlocks": [WORLD]})),
    breaks(ORIGIN, "the world in IPv6, beside CloudFront", fronted(FROM_EDGE, {"ipv6CidrBlocks": ["::/0"]}), **EDGE),
    breaks(ORIGIN, "an office gets around CloudFront", fronted(FROM_EDGE, {"cidrBlocks": ["198.51.101.0/24"]}), **EDGE),
    breaks(ORIGIN, "in a rule of its own",
           house(fronted(FROM_EDGE), rule=(kinds.INGRESS_RULE, {
               "securityGroupId": ref("group.id"), "ipProtocol": "tcp", "fromPort": 80, "toPort": 80,
               "cidrIpv4": WORLD})), **EDGE),
    breaks(ORIGIN, "a prefix list that is something else", fronted(FROM_EDGE),
           managedPrefixLists={"pl-3b927c52": "the office"}),
    breaks(ORIGIN, "the distribution asks by a record that stands for it",
           house(fronted({"cidrBlocks": [WORLD]}, domain="origin.example.org"), **BY_RECORD)),
    breaks(ORIGIN, "the distribution names the record itself",
           build(group=(kinds.SECURITY_GROUP, {"ingress": [
                     {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": [WORLD]}]}),
                 it=(kinds.LOAD_BALANCER, {"securityGroups": [ref("group.id")]}), **BY_RECORD,
                 cdn=(kinds.DISTRIBUTION, {"origins": [{"domainName": ref("record.fqdn")}]}))),
    holds(ORIGIN, "a network load balancer", fronted({"cidrBlocks": [WORLD]}, loadBalancerType="network")),
    breaks(ORIGIN, "a sort that only the update tells",
           fronted({"cidrBlocks": [WORLD]}, loadBalancerType=lost("application")), undecided_at_preview=True),
    breaks(ORIGIN, "its own name, by a lost edge",
           fronted({"cidrBlocks": [WORLD]}, domain=lost("app-1.elb.amazonaws.com"), dnsName="app-1.elb.amazonaws.com"),
           undecided_at_preview=True),
    holds(ORIGIN, "an origin by a lost edge, where nobody else is let in",
          fronted(FROM_EDGE, domain=lost("app.example.org")), **EDGE),
    waits(ORIGIN, "a group of another stack beside its own",
          changed(fronted(FROM_EDGE), "it", securityGroups=[ref("group.id"), "sg-1"]), **EDGE),
    holds(ORIGIN, "the record that the distribution asks by leads elsewhere, another one to the load balancer",
          house(fronted({"cidrBlocks": [WORLD]}, domain="app.example.org"), **BY_RECORD,
                other=(kinds.DNS_RECORD, {"name": "app.example.org", "type": "A", "records": ["192.0.2.1"],
                                          "zoneId": lost("Z1")}),
                unnamed=(kinds.DNS_RECORD, {"name": lost("www.example.org"), "records": ["192.0.2.1"]}),
                loose=(kinds.DNS_RECORD, {"name": "www.example.org", "records": [lost("192.0.2.1")]}))),
    holds(ORIGIN, "the record leads to another load balancer",
          house(fronted({"cidrBlocks": [WORLD]}, domain="app.example.org"),
                other=(kinds.LOAD_BALANCER, {"internal": True}),
                record=(kinds.DNS_RECORD, {"name": "app.example.org", "aliases": [{"name": ref("other.dnsName")}]}))),
    breaks(ORIGIN, "a record of which only the update tells the name",
           house(fronted({"cidrBlocks": [WORLD]}, domain="origin.example.org"),
                 record=(kinds.DNS_RECORD, BY_RECORD["record"][1] | {"name": lost("origin.example.org")}),
                 unlike=(kinds.DNS_RECORD, {"name": "app.example.org", "records": ["192.0.2.1"]})),
           undecided_at_preview=True),
    holds(ORIGIN, "a record of which only the update tells where it leads",
          house(fronted({"cidrBlocks": [WORLD]}, domain="origin.example.org"),
                record=(kinds.DNS_RECORD, {"name": "origin.example.org", "records": [lost("192.0.2.1")]})),
          at_preview=("it",)),
    breaks(ORIGIN, "the world, and a group of another stack",
           changed(fronted({"cidrBlocks": [WORLD]}), "it", securityGroups=[ref("group.id"), "sg-1"])),
    waits(ORIGIN, "a prefix list of which nobody says what it is", fronted(FROM_EDGE)),
    waits(ORIGIN, "no security group is set",
          build(it=(kinds.LOAD_BALANCER, {}), cdn=(kinds.DISTRIBUTION, {
              "origins": [{"originId": "app", "domainName": ref("it.dnsName")}]}))),
    holds(ORIGIN, "an origin by a lost edge", fronted({"cidrBlocks": [WORLD]}, domain=lost("app.example.org")),
          at_preview=("it",)),
)  # fmt: skip

GROUP = one(kinds.TARGET_GROUP, protocol="HTTPS", port=443, targetType="ip")
TARGET_GROUPS = (
    holds(TARGETS, "TLS, and AWS's own health check", GROUP),
    holds(TARGETS, "a health check that is on", changed(GROUP, "it", healthCheck={"enabled": True, "path": "/health"})),
    holds(TARGETS, "TLS of a network load balancer", changed(GROUP, "it", protocol="TLS")),
    holds(TARGETS, "a function is called, not connected to",
          one(kinds.TARGET_GROUP, targetType="lambda", healthCheck={"enabled": False})),
    holds(TARGETS, "a load balancer as target", one(kinds.TARGET_GROUP, targetType="alb", protocol="TCP")),
    holds(TARGETS, "appliances", changed(GROUP, "it", protocol="GENEVE")),
    breaks(TARGETS, "plain HTTP", changed(GROUP, "it", protocol="HTTP")),
    breaks(TARGETS, "plain TCP", changed(GROUP, "it", protocol="TCP")),
    breaks(TARGETS, "no protocol", changed(GROUP, "it", protocol=None)),
    breaks(TARGETS, "the health check is off", changed(GROUP, "it", healthCheck={"enabled": False})),
    breaks(TARGETS, "the health check is off, as text, for a load balancer as target",
           one(kinds.TARGET_GROUP, targetType="alb", protocol="TCP", healthCheck={"enabled": "false"})),
    *(breaks(TARGETS, f"an old type token, {module}",
             retyped(changed(GROUP, "it", protocol="HTTP"), "it", f"{module}/targetGroup:TargetGroup"))
      for module in OLD_NAMES),
)  # fmt: skip

CASES: tuple[Case, ...] = (
    *REDIRECTS, *CLASSICS, *POLICIES, *HARDENING, *ACCESS_LOGS, *PROTECTION, *SCHEMES, *FIREWALLS, *ORIGINS, *TARGET_GROUPS,
    *webacl.CASES,
)  # fmt: skip
