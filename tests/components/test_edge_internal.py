"""The internal load balancer: made when it is asked for, in the private tier, and reached by nobody outside."""

from collections.abc import Callable
from typing import Any

import pytest

from components.contracts import Site
from components.edge import Edge, EdgeArgs
from components.security.log_archive import LOAD_BALANCER_PREFIX
from settings.edge import EdgeSettings

LISTENER = "aws:lb/listener:Listener"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
RECORD = "aws:route53/record:Record"
ISSUED = "aws:acm/certificateValidation:CertificateValidation"


def edge(*ranges: str, protected: bool = True, ipv6: bool = False, **change: Any) -> Callable[[], Edge]:
    given = {"domain": "app.example.com", "zoneId": "Z0123456789EXAMPLE", "idleTimeoutSeconds": 60}
    settings = EdgeSettings.model_validate({**given, "logRetentionDays": 90, **change})
    args = EdgeArgs(
        settings=settings,
        site=Site(
            vpc_id="vpc-1",
            public_subnet_ids=["public-a", "public-b"],
            private_subnet_ids=["private-a", "private-b"],
            ipv6=ipv6,
        ),
        log_bucket="logs",
        protected=protected,
        internal_ranges=ranges,
    )
    return lambda: Edge("edge", args)


def inside(made: Any, token: str) -> dict[str, Any]:
    return {name: r for name, r in made.of(token).items() if name.startswith("edge-internal")}


def test_nobody_asks_and_there_is_none(deploy: Any) -> None:
    made = deploy(edge())
    assert made.built.internal_load_balancer is None
    assert [r.name for r in made.registered if "internal" in r.name] == []


def test_it_stands_in_the_private_tier_and_the_public_one_is_as_it_was(deploy: Any) -> None:
    with_it, without = deploy(edge("10.20.0.0/16")), deploy(edge())
    balancer = inside(with_it, BALANCER)["edge-internal-alb"].inputs
    assert balancer["internal"] is True
    assert balancer["subnets"] == ["private-a", "private-b"]
    assert balancer["accessLogs"] == {"bucket": "logs", "prefix": LOAD_BALANCER_PREFIX, "enabled": True}
    public = {r.urn: r.inputs for r in without.registered}
    assert public.items() <= {r.urn: r.inputs for r in with_it.registered}.items()


def test_only_the_given_ranges_reach_it(deploy: Any) -> None:
    rules = inside(deploy(edge("10.20.0.0/16", "192.168.7.0/24")), INGRESS)
    assert {(r.inputs["cidrIpv4"], r.inputs["fromPort"], r.inputs["toPort"]) for r in rules.values()} == {
        (network, port, port) for network in ("10.20.0.0/16", "192.168.7.0/24") for port in (80, 443)
    }
    assert [name for name, r in rules.items() if "cidrIpv6" in r.inputs] == []


def test_its_rules_are_named_after_their_range_so_that_one_more_moves_none(deploy: Any) -> None:
    before = inside(deploy(edge("10.20.0.0/16")), INGRESS)
    after = inside(deploy(edge("10.19.0.0/16", "10.20.0.0/16")), INGRESS)
    assert {name: r.inputs["cidrIpv4"] for name, r in before.items()}.items() <= {
        name: r.inputs["cidrIpv4"] for name, r in after.items()
    }.items()


def test_it_speaks_https_under_a_name_of_its_own_with_a_certificate_of_its_own(deploy: Any) -> None:
    made = deploy(edge("10.20.0.0/16"))
    https = inside(made, LISTENER)["edge-internal-https"]
    assert made.of(ISSUED)["edge-internal-certificate-issued"].urn in https.property_dependencies["certificateArn"]
    assert https.inputs["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"
    http = inside(made, LISTENER)["edge-internal-http"].inputs
    assert [action["type"] for action in http["defaultActions"]] == ["redirect"]
    alias = made.of(RECORD)["edge-internal-alias-internal.app.example.com"]
    assert (alias.inputs["name"], alias.inputs["type"]) == ("internal.app.example.com", "A")
    assert made.of(BALANCER)["edge-internal-alb"].urn in alias.property_dependencies["aliases"]


def test_its_name_can_be_chosen(deploy: Any) -> None:
    made = deploy(edge("10.20.0.0/16", internal={"domain": "api.example.com"}))
    assert made.of("aws:acm/certificate:Certificate")["edge-internal-certificate-certificate"].inputs["domainName"] == (
        "api.example.com"
    )
    assert "edge-internal-alias-api.example.com" in made.of(RECORD)


def test_without_a_domain_it_speaks_plain_http_in_an_unprotected_stack(deploy: Any) -> None:
    made = deploy(edge("10.20.0.0/16", protected=False, domain=None, zoneId=None))
    assert set(inside(made, LISTENER)) == {"edge-internal-http"}
    assert made.of(RECORD) == {}
    with pytest.raises(ValueError, match="'edge-lb' has no certificate"):
        deploy(edge("10.20.0.0/16", domain=None, zoneId=None))


def test_it_has_no_ipv6_since_its_ranges_have_none(deploy: Any) -> None:
    made = deploy(edge("10.20.0.0/16", ipv6=True))
    assert made.of(BALANCER)["edge-internal-alb"].inputs["ipAddressType"] == "ipv4"
    assert made.of(BALANCER)["edge-lb-alb"].inputs["ipAddressType"] == "dualstack"
    assert [n for n, r in made.of(RECORD).items() if r.inputs["type"] == "AAAA"] == ["edge-alias-ipv6-app.example.com"]


@pytest.mark.parametrize("protected", [True, False])
def test_it_is_kept_from_deletion_as_the_public_one_is(deploy: Any, protected: bool) -> None:
    balancers = deploy(edge("10.20.0.0/16", protected=protected)).inputs(BALANCER).values()
    assert [b["enableDeletionProtection"] for b in balancers] == [protected, protected]


def test_it_is_watched_as_the_public_one_is(deploy: Any) -> None:
    names = {signal.name for signal in deploy(edge("10.20.0.0/16")).built.signals}
    public = {name.replace("edge-lb-", "") for name in names if name.startswith("edge-lb-")}
    assert public == {"5xx-rate", "5xx-count", "rejected-connections"}
    assert {f"edge-internal-{name}" for name in public} | {"edge-internal-certificate-expiry"} <= names


HTTP = {"keepAliveSeconds": 600, "http2": False, "desyncMitigation": "strictest", "dropInvalidHeaders": True}


def test_how_http_is_spoken_holds_for_both_and_is_not_said_unless_asked(deploy: Any) -> None:
    for balancer in deploy(edge("10.20.0.0/16", http=HTTP)).inputs(BALANCER).values():
        assert (balancer["clientKeepAlive"], balancer["enableHttp2"]) == (600, False)
        assert (balancer["desyncMitigationMode"], balancer["dropInvalidHeaderFields"]) == ("strictest", True)
    plain = deploy(edge()).one(BALANCER).inputs
    assert not {"clientKeepAlive", "enableHttp2"} & plain.keys()
    assert (plain["desyncMitigationMode"], plain["dropInvalidHeaderFields"]) == ("defensive", True)


def test_names_leave_room_for_the_suffix_that_aws_limits_to_32_characters(deploy: Any) -> None:
    balancers = deploy(edge("10.20.0.0/16")).of(BALANCER)
    assert [name for name in balancers if len(name) > 24 or name.startswith("internal-")] == []
