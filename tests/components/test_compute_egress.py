"""What a service may reach beside the stores that it uses: port 443 anywhere, unless its settings say otherwise."""

from typing import Any

from tests.components.kinds import EGRESS, INGRESS, SERVICE, web


def ways_out(made: Any) -> dict[str, tuple[Any, ...]]:
    """The rules of the service's own group: where to, protocol and port."""
    return {
        name: (
            rule.get("cidrIpv4") or rule.get("cidrIpv6") or rule.get("prefixListId") or "a group",
            rule["ipProtocol"],
            rule["fromPort"],
        )
        for name, rule in made.inputs(EGRESS).items()
        if name.startswith("web-egress") and not name.endswith("-at-lb") and rule["fromPort"] == rule["toPort"]
    }


def test_without_a_word_it_is_https_to_anywhere(deploy: Any) -> None:
    assert ways_out(deploy(web(uses={}))) == {"web-egress-https": ("0.0.0.0/0", "tcp", 443)}


def test_a_place_that_is_named_is_opened_and_no_other(deploy: Any) -> None:
    to = [{"cidr": "203.0.113.0/24", "port": 587}, {"cidr": "198.51.100.7/32", "port": 123, "protocol": "udp"}]
    assert ways_out(deploy(web(uses={}, egress={"to": to}))) == {
        "web-egress-https": ("0.0.0.0/0", "tcp", 443),
        "web-egress-tcp-587-203-0-113-0-24": ("203.0.113.0/24", "tcp", 587),
        "web-egress-udp-123-198-51-100-7-32": ("198.51.100.7/32", "udp", 123),
    }


def test_a_place_of_ipv6_is_a_rule_of_ipv6(deploy: Any) -> None:
    made = deploy(web(uses={}, egress={"to": [{"cidr": "2001:db8::/32", "port": 25}]}, platform={"ipv6": True}))
    rule = made.inputs(EGRESS)["web-egress-tcp-25-2001-db8---32"]
    assert (rule["cidrIpv6"], "cidrIpv4" in rule) == ("2001:db8::/32", False)


def test_without_internet_only_aws_is_reached_and_only_from_inside(deploy: Any) -> None:
    made = deploy(web(uses={}, egress={"internet": "none"}))
    assert ways_out(made) == {
        "web-egress-endpoints": ("10.0.0.0/16", "tcp", 443),
        "web-egress-s3": ("pl-s3", "tcp", 443),
    }
    needed = {made.of(EGRESS)[name].urn for name in ways_out(made)}
    assert needed <= made.one(SERVICE).dependencies, "without these no image can be pulled"


def test_the_ways_to_stores_stay_as_they_are(deploy: Any) -> None:
    made = deploy(web(egress={"internet": "none"}))
    assert ways_out(made)["web-egress-to-main"] == ("a group", "tcp", 5432)
    assert "web-ingress-at-main" in made.of(INGRESS)


def test_a_place_more_leaves_the_rules_of_the_others_alone(deploy: Any) -> None:
    first, second = ({"cidr": f"203.0.113.{n}/32", "port": 587} for n in (1, 2))
    before = set(deploy(web(egress={"to": [second]})).of(EGRESS))
    after = set(deploy(web(egress={"to": [first, second]})).of(EGRESS))
    assert after - before == {"web-egress-tcp-587-203-0-113-1-32"}
    assert before < after
