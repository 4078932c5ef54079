"""The front door: HTTPS alone where there is a domain, and nothing forwarded that no service asked for."""

from collections.abc import Callable
from typing import Any

import pytest

from components.contracts import Site
from components.edge import Edge, EdgeArgs, LoadBalancer, LoadBalancerArgs
from components.observability.alarms import RUNBOOKS
from components.security.log_archive import LOAD_BALANCER_PREFIX
from settings.edge import EdgeSettings

LISTENER = "aws:lb/listener:Listener"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
RECORD = "aws:route53/record:Record"
ISSUED = "aws:acm/certificateValidation:CertificateValidation"
DOMAIN: dict[str, Any] = {"domain": "app.example.com", "zone_id": "Z0123456789EXAMPLE"}
NO_DOMAIN: dict[str, Any] = {"domain": None, "zone_id": None}


def edge(*, protected: bool = True, **change: Any) -> Callable[[], Edge]:
    settings = EdgeSettings(**{**DOMAIN, "idle_timeout_seconds": 60, "log_retention_days": 90, **change})
    args = EdgeArgs(
        settings=settings,
        site=Site(vpc_id="vpc-1", public_subnet_ids=["subnet-a", "subnet-b"]),
        log_bucket="logs",
        protected=protected,
    )
    return lambda: Edge("edge", args)


def actions(listener: Any) -> list[str]:
    return [action["type"] for action in listener.inputs["defaultActions"]]


def test_with_a_domain_port_80_only_redirects_and_nothing_is_forwarded_over_http(deploy: Any) -> None:
    listeners = deploy(edge()).of(LISTENER)
    assert set(listeners) == {"edge-lb-http", "edge-lb-https"}
    assert actions(listeners["edge-lb-http"]) == ["redirect"]
    redirect = listeners["edge-lb-http"].inputs["defaultActions"][0]["redirect"]
    assert redirect == {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}
    assert [name for name, one in listeners.items() if "forward" in actions(one)] == []


def test_the_https_listener_speaks_modern_tls_and_tells_browsers_to_stay_with_it(deploy: Any) -> None:
    https = deploy(edge()).of(LISTENER)["edge-lb-https"]
    assert https.inputs["protocol"] == "HTTPS"
    assert https.inputs["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    assert https.inputs["routingHttpResponseStrictTransportSecurityHeaderValue"] == "max-age=31536000"
    assert https.inputs["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"


def test_without_a_domain_there_is_one_plain_listener_that_answers_404(deploy: Any) -> None:
    made = deploy(edge(protected=False, **NO_DOMAIN))
    http = made.one(LISTENER)
    assert (http.name, http.inputs["protocol"], http.inputs["port"]) == ("edge-lb-http", "HTTP", 80)
    assert actions(http) == ["fixed-response"]
    assert "routingHttpResponseStrictTransportSecurityHeaderValue" not in http.inputs, (
        "browsers would refuse to come back"
    )
    assert made.of(RECORD) == made.of(ISSUED) == {}


def test_a_protected_stack_without_a_certificate_is_refused(deploy: Any) -> None:
    with pytest.raises(ValueError, match=r"'edge-lb' has no certificate.*set edge.domain"):
        deploy(edge(domain=None, zone_id=None))


def test_the_listener_waits_until_the_certificate_is_issued(deploy: Any) -> None:
    made = deploy(edge())
    needed = made.of(LISTENER)["edge-lb-https"].property_dependencies["certificateArn"]
    assert made.one(ISSUED).urn in needed, "a listener with a certificate that is not issued is refused"


def test_the_proof_of_the_domain_is_one_record_named_after_it(deploy: Any) -> None:
    made = deploy(edge())
    proof = made.of(RECORD)["edge-certificate-proof-app.example.com"]
    assert proof.inputs["type"] == "CNAME"
    assert proof.inputs["zoneId"] == "Z0123456789EXAMPLE"
    assert proof.urn in made.one(ISSUED).property_dependencies["validationRecordFqdns"]


def test_the_domain_leads_to_the_load_balancer_by_ipv4_only(deploy: Any) -> None:
    made = deploy(edge())
    records = {name: r for name, r in made.of(RECORD).items() if r.inputs.get("aliases")}
    assert {name: r.inputs["type"] for name, r in records.items()} == {"edge-alias-app.example.com": "A"}
    alias = records["edge-alias-app.example.com"]
    assert alias.inputs["name"] == "app.example.com"
    assert made.one(BALANCER).urn in alias.property_dependencies["aliases"]


def test_the_url_is_https_with_a_domain_and_the_balancers_own_name_without(deploy: Any) -> None:
    seen: list[str] = []
    deploy(lambda: edge()().url.apply(seen.append))
    deploy(lambda: edge(protected=False, **NO_DOMAIN)().url.apply(seen.append))
    assert seen[0] == "https://app.example.com"
    assert seen[1].startswith("http://edge-lb-alb")


@pytest.mark.parametrize(("settings", "ports"), [(DOMAIN, [80, 443]), (NO_DOMAIN, [80])])
def test_the_world_reaches_the_listeners_ports_and_no_other(deploy: Any, settings: Any, ports: list[int]) -> None:
    made = deploy(edge(protected=False, **settings))
    rules = made.inputs(INGRESS).values()
    assert sorted((r["fromPort"], r["toPort"], r["cidrIpv4"]) for r in rules) == [(p, p, "0.0.0.0/0") for p in ports]
    assert all(rule["description"] for rule in rules)
    assert made.of(EGRESS) == {}, "each service adds the way to itself"
    group = made.one("aws:ec2/securityGroup:SecurityGroup").inputs
    assert not group.keys() & {"ingress", "egress"}, "inline rules and rules of their own fight"


def test_the_load_balancer_faces_the_world_and_trusts_no_request(deploy: Any) -> None:
    balancer = deploy(edge()).one(BALANCER).inputs
    assert balancer["internal"] is False
    assert balancer["subnets"] == ["subnet-a", "subnet-b"]
    assert balancer["dropInvalidHeaderFields"] is True
    assert balancer["desyncMitigationMode"] == "defensive"
    assert balancer["accessLogs"] == {"bucket": "logs", "prefix": LOAD_BALANCER_PREFIX, "enabled": True}


@pytest.mark.parametrize("protected", [True, False])
def test_only_a_protected_stack_keeps_its_load_balancer_from_deletion(deploy: Any, protected: bool) -> None:
    assert deploy(edge(protected=protected)).one(BALANCER).inputs["enableDeletionProtection"] is protected


def test_names_leave_room_for_the_suffix_that_aws_limits_to_32_characters(deploy: Any) -> None:
    assert len(deploy(edge()).one(BALANCER).name) <= 24


def test_errors_of_the_load_balancer_are_watched_as_a_rate_and_as_a_count(deploy: Any) -> None:
    signals = {signal.name: signal for signal in deploy(edge()).built.signals}
    assert set(signals) == {
        "edge-lb-5xx-rate",
        "edge-lb-5xx-count",
        "edge-lb-rejected-connections",
        "edge-certificate-expiry",
    }
    assert "FILL(errors, 0)" in (signals["edge-lb-5xx-rate"].expression or ""), "the error metric is absent at zero"
    assert signals["edge-lb-5xx-count"].expression is None, "without a healthy target the rate has no data"


def test_every_signal_names_a_runbook_that_exists(deploy: Any) -> None:
    signals = deploy(edge()).built.signals
    assert [signal.name for signal in signals if not (RUNBOOKS / signal.runbook).is_file()] == []


def test_without_a_certificate_none_is_watched(deploy: Any) -> None:
    names = [signal.name for signal in deploy(edge(protected=False, **NO_DOMAIN)).built.signals]
    assert "edge-certificate-expiry" not in names


def test_every_child_belongs_to_a_component(deploy: Any) -> None:
    assert [urn for urn in deploy(edge()).urns if "::groundwork::aws:" in urn] == []


def test_a_load_balancer_can_stand_on_its_own(deploy: Any) -> None:
    args = LoadBalancerArgs(
        vpc_id="vpc-1",
        subnet_ids=["a", "b"],
        log_bucket="logs",
        idle_timeout_seconds=90,
        certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/x",
        protected=True,
    )
    made = deploy(lambda: LoadBalancer("door", args))
    assert made.of(LISTENER)["door-https"].inputs["certificateArn"] == args.certificate_arn
    assert made.one(BALANCER).inputs["idleTimeout"] == 90
