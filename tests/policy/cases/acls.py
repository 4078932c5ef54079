"""Cases of the controls in `guardrails.controls.acls`."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, holds, house, lost, one, ref, waits
from tests.policy.houses import WORLD

NACL = "nacl-no-public-admin-port"


def entry(number: int, action: str, low: int, high: int, cidr: str = WORLD, **more: Any) -> dict[str, Any]:
    """One inline entry."""
    sort = "ipv6CidrBlock" if ":" in cidr else "cidrBlock"
    return {"ruleNo": number, "action": action, "protocol": "tcp", "fromPort": low, "toPort": high, sort: cidr} | more


def acl(*entries: dict[str, Any]) -> Make:
    """An ACL with inline entries."""
    return one(kinds.NETWORK_ACL, ingress=list(entries))


def own(number: int, action: str, low: int, high: int, cidr: str = WORLD, **more: Any) -> Any:
    """An entry in a resource of its own."""
    sort = "ipv6CidrBlock" if ":" in cidr else "cidrBlock"
    inputs = {
        "networkAclId": ref("acl.id"), "ruleNumber": number, "ruleAction": action, "protocol": "6",
        "fromPort": low, "toPort": high, sort: cidr,
    }  # fmt: skip
    return (kinds.NETWORK_ACL_RULE, inputs | more)


EVERYTHING = entry(100, "allow", 0, 0, protocol="-1")
DENIED = [entry(at, "deny", port, port, cidr)
          for at, (port, cidr) in enumerate([(22, WORLD), (3389, WORLD), (22, "::/0"), (3389, "::/0")], 10)]  # fmt: skip
BARE = build(acl=(kinds.NETWORK_ACL, {}))

CASES: tuple[Case, ...] = (
    holds(NACL, "an ACL without entries denies everything", acl()),
    holds(NACL, "web ports for everybody", acl(entry(100, "allow", 443, 443), entry(110, "allow", 80, 80, "::/0"))),
    holds(NACL, "SSH from a private network", acl(entry(100, "allow", 22, 22, "10.0.0.0/8"))),
    holds(NACL, "SSH from a small network of the internet", acl(entry(100, "allow", 22, 22, "52.95.110.0/24"))),
    holds(NACL, "SSH from an office", acl(entry(100, "allow", 22, 22, "198.51.100.0/24"))),
    holds(NACL, "denied by a lower number than the leave for everything",
          acl(EVERYTHING, *DENIED, entry(15, "deny", 3389, 3389, protocol="udp"))),
    holds(NACL, "denied by a resource of its own that comes first",
          house(BARE, no=own(10, "deny", 22, 22), yes=own(20, "allow", 20, 30))),
    holds(NACL, "what goes out", build(it=(kinds.NETWORK_ACL, {"egress": [EVERYTHING]}))),
    holds(NACL, "what goes out, in a resource of its own", house(BARE, out=own(10, "allow", 22, 22, egress=True))),
    holds(NACL, "pings of the world", acl(entry(100, "allow", 0, 0, protocol="1"))),
    holds(NACL, "UDP 22 is no SSH", acl(entry(100, "allow", 22, 22, protocol="17"))),
    breaks(NACL, "every protocol", acl(EVERYTHING)),
    breaks(NACL, "every protocol by its other name", acl(entry(100, "allow", 0, 0, protocol="all"))),
    breaks(NACL, "SSH", acl(entry(100, "allow", 22, 22))),
    breaks(NACL, "RDP, in the range for answers", acl(entry(100, "allow", 1024, 65535))),
    breaks(NACL, "RDP over UDP", acl(entry(100, "allow", 3389, 3389, protocol="udp"))),
    breaks(NACL, "IPv6 spelled out", acl(entry(100, "allow", 22, 22, "0:0:0:0:0:0:0:0/0"))),
    breaks(NACL, "two halves", acl(entry(100, "allow", 22, 22, "0.0.0.0/1"), entry(110, "allow", 22, 22, "128.0.0.0/1"))),
    breaks(NACL, "a denial that comes too late", acl(entry(100, "allow", 22, 22), entry(110, "deny", 22, 22))),
    breaks(NACL, "a denial of IPv4 only",
           acl(entry(10, "deny", 22, 22), entry(20, "allow", 22, 22), entry(30, "allow", 22, 22, "::/0"))),
    breaks(NACL, "a narrow denial", acl(entry(10, "deny", 22, 22, "198.51.100.0/24"), entry(20, "allow", 22, 22))),
    breaks(NACL, "a denial of another protocol",
           acl(entry(10, "deny", 22, 22, protocol="udp"), entry(20, "allow", 22, 22))),
    breaks(NACL, "a default ACL", one(kinds.DEFAULT_NETWORK_ACL, ingress=[EVERYTHING])),
    breaks(NACL, "an entry of its own", house(BARE, it=own(10, "allow", 22, 22))),
    breaks(NACL, "an entry of its own in an ACL of another stack",
           one(kinds.NETWORK_ACL_RULE, networkAclId="acl-1", ruleNumber=100, ruleAction="allow", protocol="-1",
               cidrBlock=WORLD)),
    breaks(NACL, "only the open one of two entries is named",
           house(BARE, it=own(10, "allow", 22, 22), office=own(5, "allow", 22, 22, "52.95.110.0/24"))),
    breaks(NACL, "the two that open it together are named, and no third one",
           house(BARE, low=own(10, "allow", 22, 22, "0.0.0.0/3"), high=own(20, "allow", 22, 22, "64.0.0.0/3"),
                 web=own(30, "allow", 443, 443)), "low", "high"),
    breaks(NACL, "as wide as the configuration has it, beside some of IPv6",
           house(BARE, it=own(10, "allow", 22, 22), some=own(20, "allow", 22, 22, "2600::/12")), publicCoverage=1),
    breaks(NACL, "as wide as the configuration has it, at a number that only the update tells",
           acl(entry(10, "allow", 22, 22, ruleNo=lost(10))), undecided_at_preview=True, publicCoverage=1),
    breaks(NACL, "each half in an entry of its own",
           house(BARE, low=own(10, "allow", 22, 22, "0.0.0.0/3"), high=own(20, "allow", 22, 22, "64.0.0.0/3")),
           "low", "high"),
    breaks(NACL, "the denial is in another ACL",
           house(BARE, other=(kinds.NETWORK_ACL, {"ingress": [*DENIED]}), it=own(10, "allow", 22, 22))),
    breaks(NACL, "an entry of its own in the default ACL of a VPC",
           build(vpc=(kinds.VPC, {}), acl=(kinds.DEFAULT_NETWORK_ACL, {"defaultNetworkAclId": ref("vpc.defaultNetworkAclId")}),
                 it=own(10, "allow", 22, 22))),
    breaks(NACL, "a denial of which only the update tells the number",
           acl(entry(10, "allow", 22, 22), entry(20, "deny", 22, 22, ruleNo=lost(20))), undecided_at_preview=True),
    breaks(NACL, "a range that only the update tells", acl(entry(10, "allow", 22, 22, cidrBlock=lost(WORLD))),
           undecided_at_preview=True),
    holds(NACL, "a denial that perhaps belongs there",
          house(BARE, no=own(10, "deny", 22, 22, networkAclId=lost("networkacl-id-acl")), yes=own(20, "allow", 22, 22)),
          at_preview=("yes",)),
    waits(NACL, "a range that is none", acl(entry(10, "allow", 22, 22, "anywhere"))),
)  # fmt: skip
