"""Search domains: OpenSearch, and Elasticsearch as it was called before."""

from __future__ import annotations

from guardrails import kinds
from guardrails.checks import all_of, is_true
from guardrails.documents import Statement
from guardrails.graph import Node
from guardrails.joins import SEARCH_DOMAIN
from guardrails.policies import SEARCH_DOMAINS, is_public, no_statement_here
from guardrails.reading import Absent, Known
from guardrails.verdicts import BASELINE, Control, Scope, Severity, View

_WHAT = "a part of the policy document, or whether its domain stands in a VPC"
DOMAINS = (kinds.SEARCH_DOMAIN, kinds.ELASTICSEARCH_DOMAIN)


def _public(statement: Statement, node: Node, view: View) -> bool | None:
    """A domain in a VPC is reached through its security groups only, whomever its policy lets in."""
    public = is_public(statement)
    if public is False:
        return False
    domain = node if node.kind in DOMAINS else view.graph.link(node.props.text("domainName"), SEARCH_DOMAIN, node).one
    if domain is None:
        return None
    placed = domain.props.record("vpcOptions")
    if isinstance(placed, Absent):
        return public
    return False if isinstance(placed, Known) else None


CONTROLS = (
    Control(
        id="search-policy-not-public",
        title="No search domain on the internet lets everyone in",
        severity=Severity.CRITICAL,
        scope=Scope.GRAPH,
        subjects=tuple(SEARCH_DOMAINS),
        references=("Opensearch.2", "ES.2", "CKV_AWS_248"),
        why="Without a VPC the policy of the domain is all that stands between its indexes and the world.",
        fix="place it in a VPC (vpc_options), or name the principals or addresses in its policy",
        judge=no_statement_here(SEARCH_DOMAINS, _public, "a statement allows everyone, and it stands in no VPC", _WHAT),
        own_packs=(BASELINE,),
    ),
    Control(
        id="search-encrypted",
        title="Search domains encrypt what they store",
        severity=Severity.HIGH,
        subjects=DOMAINS,
        references=("Opensearch.1", "ES.1", "CKV_AWS_5"),
        why="Indexes and snapshots are readable without a key; it is off unless it is asked for.",
        fix='set encrypt_at_rest={"enabled": True} before the first deployment; later it may replace the domain',
        judge=is_true("encryptAtRest.enabled", says="its storage is not encrypted"),
        own_packs=(BASELINE,),
    ),
    Control(
        id="search-tls",
        title="Search domains speak TLS only, with clients and between their nodes",
        severity=Severity.MEDIUM,
        subjects=DOMAINS,
        references=("Opensearch.3", "ES.3", "CKV_AWS_6", "CKV_AWS_83"),
        why="Documents and logins can otherwise be read on the way.",
        fix='set domain_endpoint_options={"enforce_https": True} and node_to_node_encryption={"enabled": True}',
        judge=all_of(
            is_true("domainEndpointOptions.enforceHttps", says="it answers plain HTTP"),
            is_true("nodeToNodeEncryption.enabled", says="its nodes speak in the open"),
        ),
    ),
)
