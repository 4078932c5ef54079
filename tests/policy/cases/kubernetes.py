"""Cases of the controls in `guardrails.controls.kubernetes`."""

from __future__ import annotations

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, holds, lost, one, ref

PUBLIC, SECRETS, LOGS = "eks-endpoint-not-public", "eks-secrets-encrypted", "eks-logging"
CLUSTER = kinds.KUBERNETES_CLUSTER
HALVES = ["0.0.0.0/1", "128.0.0.0/1"]


def endpoint(**config: Any) -> Make:
    return one(CLUSTER, vpcConfig={"subnetIds": ["subnet-1", "subnet-2"], **config})


CASES: tuple[Case, ...] = (
    holds(PUBLIC, "private", endpoint(endpointPublicAccess=False, endpointPrivateAccess=True)),
    holds(PUBLIC, "an office", endpoint(publicAccessCidrs=["66.193.100.22/32"])),
    holds(PUBLIC, "private, whatever the ranges say", endpoint(endpointPublicAccess=False, publicAccessCidrs=HALVES)),
    holds(PUBLIC, "private, whatever another stack says", endpoint(endpointPublicAccess=False, publicAccessCidrs=[lost("::/0")])),
    breaks(PUBLIC, "nobody says", endpoint()),
    breaks(PUBLIC, "yes", endpoint(endpointPublicAccess=True, endpointPrivateAccess=True)),
    breaks(PUBLIC, "two halves", endpoint(publicAccessCidrs=HALVES)),
    breaks(PUBLIC, "an office and everybody", endpoint(publicAccessCidrs=["66.193.100.22/32", "0.0.0.0/0"])),
    breaks(PUBLIC, "an office of another stack and everybody",
           endpoint(publicAccessCidrs=[lost("66.193.100.22/32"), "0.0.0.0/0"])),
    holds(PUBLIC, "an office of another stack", endpoint(publicAccessCidrs=[lost("66.193.100.22/32")]), at_preview=("it",)),
    holds(SECRETS, "a key", build(
        key=(kinds.KMS_KEY, {}),
        it=(CLUSTER, {"encryptionConfig": {"provider": {"keyArn": ref("key.arn")}, "resources": ["secrets"]}}))),
    breaks(SECRETS, "none", one(CLUSTER)),
    holds(LOGS, "audit among others", one(CLUSTER, enabledClusterLogTypes=["api", "audit"])),
    breaks(LOGS, "none", one(CLUSTER)),
    breaks(LOGS, "others only", one(CLUSTER, enabledClusterLogTypes=["api", "authenticator"])),
)  # fmt: skip
