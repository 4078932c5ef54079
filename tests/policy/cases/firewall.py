"""Cases of the controls on security groups."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Make, breaks, build, changed, holds, one, ref
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


HALVES = ("0.0.0.0/1", "128.0.0.0/1")

CASES = (
    holds("sg-no-public-admin-port", "SSH from a private network", inline(rule(22, 22, "10.0.0.0/8"))),
    breaks("sg-no-public-admin-port", "a range that holds RDP", inline(rule(3000, 4000, WORLD))),
    breaks("sg-no-public-admin-port", "SSH in a rule of its own", modern(22, 22, WORLD)),
    holds("sg-no-public-db-port", "HTTPS for everybody", inline(rule(443, 443, WORLD))),
    breaks("sg-no-public-db-port", "PostgreSQL for everybody", modern(5432, 5432, WORLD)),
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
    ),
)
