"""Cases of the controls in `guardrails.controls.search`."""

from __future__ import annotations

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, breaks, build, document, holds, one, ref, waits
from tests.policy.houses import statement

PUBLIC, REST, TLS = "search-policy-not-public", "search-encrypted", "search-tls"
DOMAIN, POLICY = kinds.SEARCH_DOMAIN, kinds.SEARCH_DOMAIN_POLICY
OLD, OLD_POLICY = kinds.ELASTICSEARCH_DOMAIN, kinds.ELASTICSEARCH_DOMAIN_POLICY
IN_VPC = {"vpcOptions": {"subnetIds": ["subnet-1"]}}
HTTPS, AMONG_NODES = {"domainEndpointOptions": {"enforceHttps": True}}, {"nodeToNodeEncryption": {"enabled": True}}
ADDRESSES = {"IpAddress": {"aws:SourceIp": "66.193.100.22/32"}}


def said(**parts: Any) -> dict[str, Any]:
    """Inputs with a policy for everyone."""
    open_to_all = statement(Principal="*", Action="es:*", Resource="*", **parts)
    return {"accessPolicies": document({"Statement": [open_to_all]})}


CASES: tuple[Case, ...] = (
    holds(PUBLIC, "no policy", one(DOMAIN)),
    holds(PUBLIC, "known addresses", one(DOMAIN, **said(Condition=ADDRESSES))),
    holds(PUBLIC, "it is in a VPC", one(DOMAIN, **said(), **IN_VPC)),
    holds(
        PUBLIC,
        "a policy of its own for a domain in a VPC",
        build(
            it=(DOMAIN, {"domainName": "logs", **IN_VPC}), its=(POLICY, {"domainName": ref("it.domainName"), **said()})
        ),
    ),
    breaks(PUBLIC, "everyone", one(DOMAIN, **said())),
    breaks(PUBLIC, "everyone, by the old name", one(OLD, **said())),
    breaks(
        PUBLIC,
        "a policy of its own",
        build(
            domain=(OLD, {"domainName": "logs"}), it=(OLD_POLICY, {"domainName": ref("domain.domainName"), **said()})
        ),
    ),
    waits(PUBLIC, "for a domain of another stack", one(POLICY, domainName="logs", **said())),
    holds(REST, "encrypted", one(DOMAIN, encryptAtRest={"enabled": True})),
    breaks(REST, "nobody says", one(DOMAIN)),
    breaks(REST, "no", one(OLD, encryptAtRest={"enabled": False})),
    holds(TLS, "both ways", one(DOMAIN, **HTTPS, **AMONG_NODES)),
    breaks(TLS, "nobody says", one(DOMAIN)),
    breaks(TLS, "clients only", one(DOMAIN, **HTTPS)),
    breaks(TLS, "nodes only", one(OLD, **AMONG_NODES)),
)
