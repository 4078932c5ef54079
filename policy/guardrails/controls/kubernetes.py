"""Clusters of Kubernetes: who reaches their API, what they keep, what they write down."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.addresses import coverage, is_range
from guardrails.checks import is_set, leaves
from guardrails.graph import Node
from guardrails.parameters import PUBLIC_COVERAGE
from guardrails.reading import Known, Unknown, or_default
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Severity, View, breaks, waits

_EVERYWHERE = "0.0.0.0/0"
_FLAG, _SOURCES = "vpcConfig.endpointPublicAccess", "vpcConfig.publicAccessCidrs[]"


def _endpoint(node: Node, view: View) -> Iterable[Finding]:
    """AWS opens the API to the world unless it is told otherwise."""
    public = [or_default(value, True) for value in leaves(node.props, _FLAG, "flag")]
    if Known(False) in public:
        yield HOLDS
        return
    found = list(leaves(node.props, _SOURCES, "text", computed=True))
    cidrs = [value.value for value in found if isinstance(value, Known)] if found else [_EVERYWHERE]
    unknown = next((value for value in (*public, *found) if isinstance(value, Unknown)), None)
    wide = coverage(tuple(filter(is_range, cidrs))) >= view.config[PUBLIC_COVERAGE]
    if wide and Known(True) in public:
        yield breaks("its API answers the whole internet", node.label)
    elif unknown is not None:
        yield waits(f"who reaches its API, {view.graph.describe(unknown)}", node.label)
    else:
        yield HOLDS


def _audited(node: Node, view: View) -> Iterable[Finding]:
    types = list(leaves(node.props, "enabledClusterLogTypes[]", "text"))
    unknown = next((value for value in types if isinstance(value, Unknown)), None)
    if Known("audit") in types:
        yield HOLDS
    elif unknown is not None:
        yield waits(f"enabledClusterLogTypes, {view.graph.describe(unknown)}", node.label)
    else:
        yield breaks("its audit log is not written", node.label)


CONTROLS = (
    Control(
        id="eks-endpoint-not-public",
        title="The API of a Kubernetes cluster does not answer the world",
        severity=Severity.HIGH,
        subjects=(kinds.KUBERNETES_CLUSTER,),
        references=("EKS.1", "CKV_AWS_38", "AwsSolutions-EKS1"),
        own_packs=(BASELINE,),
        parameters=(PUBLIC_COVERAGE,),
        why="Whoever finds a token or a fault in the API server owns the cluster from anywhere.",
        fix="set vpc_config endpoint_private_access=True, endpoint_public_access=False, or narrow public_access_cidrs",
        judge=_endpoint,
    ),
    Control(
        id="eks-secrets-encrypted",
        title="Kubernetes clusters encrypt their secrets with a key of ours",
        severity=Severity.MEDIUM,
        subjects=(kinds.KUBERNETES_CLUSTER,),
        references=("EKS.3", "CKV_AWS_58"),
        why="Whoever reads the store of the cluster, or a backup of it, otherwise reads its secrets.",
        fix='set encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]}',
        judge=is_set("encryptionConfig.provider.keyArn", says="its secrets are not encrypted with a key of ours"),
    ),
    Control(
        id="eks-logging",
        title="Kubernetes clusters write down who asked their API for what",
        severity=Severity.MEDIUM,
        subjects=(kinds.KUBERNETES_CLUSTER,),
        references=("EKS.8", "CKV_AWS_37", "AwsSolutions-EKS2"),
        why="Nobody can say afterwards who did what in the cluster.",
        fix='set enabled_cluster_log_types to at least "audit"',
        judge=_audited,
    ),
)
FAMILY = Family("eks", "Kubernetes (EKS)", CONTROLS)
