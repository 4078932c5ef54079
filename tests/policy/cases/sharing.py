"""Cases of the controls in `guardrails.controls.sharing`."""

from __future__ import annotations

from typing import Any

from guardrails import kinds
from guardrails.policies import OTHERS

from tests.policy.cases.kit import Case, breaks, build, document, holds, lost, one, ref
from tests.policy.houses import statement

PUBLIC, SHARED = "resource-policy-not-public", "not-shared-with-everyone"
IMAGE, PAPER, LAYER, FILES = (
    kinds.IMAGE_PERMISSION, kinds.SSM_DOCUMENT, kinds.LAYER_PERMISSION, kinds.FILE_SYSTEM_POLICY,
)  # fmt: skip
ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-abc1234567"}}
NOT_MOUNTED = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}}
MOUNTED = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}


def open_to(principal: Any, **parts: Any) -> Any:
    return document({"Statement": [statement(Principal=principal, Action="x:*", Resource="*", **parts)]})


CASES: tuple[Case, ...] = (
    *(breaks(PUBLIC, f"everyone, of {kind}", one(kind, **{path: open_to("*")})) for kind, (path,) in OTHERS.items()),
    *(holds(PUBLIC, f"an organisation, of {kind}", one(kind, **{path: open_to({"AWS": "*"}, Condition=ORGANISATION)}))
      for kind, (path,) in OTHERS.items()),
    holds(PUBLIC, "one account", one(kinds.STREAM_POLICY, policy=open_to({"AWS": "arn:aws:iam::111122223333:root"}))),
    breaks(PUBLIC, "all but one", one(kinds.TABLE_POLICY, policy=document({"Statement": [
        statement(NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}, Action="dynamodb:GetItem", Resource="*")]}))),
    holds(PUBLIC, "nobody may delete", one(kinds.BACKUP_VAULT_POLICY, policy=document({"Statement": [
        {**statement(Principal="*", Action="backup:DeleteRecoveryPoint", Resource="*"), "Effect": "Deny"}]}))),
    holds(PUBLIC, "a vault without a policy", one(kinds.GLACIER_VAULT)),
    breaks(PUBLIC, "a document that names a stream", build(
        stream=(kinds.STREAM, {}),
        it=(kinds.STREAM_POLICY, {"policy": document({"Statement": [
            statement(Principal="*", Action="kinesis:GetRecords", Resource=ref("stream.arn"))]})})),
        undecided_at_preview=True),
    holds(PUBLIC, "whoever mounts the file system", one(FILES, policy=open_to({"AWS": "*"}, Condition=MOUNTED))),
    breaks(PUBLIC, "whoever does not mount it", one(FILES, policy=open_to({"AWS": "*"}, Condition=NOT_MOUNTED))),
    breaks(PUBLIC, "whoever speaks TLS", one(
        FILES, policy=open_to({"AWS": "*"}, Condition={"Bool": {"aws:SecureTransport": "true"}}))),
    breaks(PUBLIC, "mounting is nothing to a vault", one(
        kinds.BACKUP_VAULT_POLICY, policy=open_to({"AWS": "*"}, Condition=MOUNTED))),
    holds(SHARED, "an image with an account", one(IMAGE, accountId="111122223333")),
    breaks(SHARED, "an image with everybody", one(IMAGE, group="all")),
    holds(SHARED, "a document with nobody", one(PAPER)),
    holds(SHARED, "a document with two accounts", one(
        PAPER, permissions={"type": "Share", "account_ids": "111122223333,444455556666"})),
    breaks(SHARED, "a document with everybody", one(PAPER, permissions={"type": "Share", "account_ids": "All"})),
    holds(SHARED, "a layer with an account", one(LAYER, principal="111122223333")),
    holds(SHARED, "a layer with an organisation", one(LAYER, principal="*", organizationId="o-abc1234567")),
    breaks(SHARED, "a layer with everybody", one(LAYER, principal="*")),
    holds(SHARED, "a layer with an account of another stack", one(LAYER, principal=lost("111122223333")),
          at_preview=("it",)),
)  # fmt: skip
