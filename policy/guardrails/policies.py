"""Policy documents where resources carry them, and checks of their statements in one line.

judge=no_statement(QUEUE_POLICIES, is_public, "a statement lets everyone in")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from . import kinds
from .checks import Check, Read, leaves
from .documents import Document, Statement, read
from .graph import Node
from .reading import Unknown
from .verdicts import HOLDS, Finding, View, breaks, waits

Bad: TypeAlias = Callable[[Statement], bool | None]
"""Whether a statement is of the sort that is looked for; None when something unknown decides."""
BadHere: TypeAlias = Callable[[Statement, Node, View], bool | None]
Carriers: TypeAlias = Mapping[str, tuple[str, ...]]
"""Kind -> the paths at which it carries documents."""

IAM: Carriers = {
    kinds.IAM_POLICY: ("policy",),
    kinds.IAM_ROLE_POLICY: ("policy",),
    kinds.IAM_USER_POLICY: ("policy",),
    kinds.IAM_GROUP_POLICY: ("policy",),
    kinds.PERMISSION_SET_INLINE_POLICY: ("inlinePolicy",),
    kinds.IAM_ROLE: ("inlinePolicies[].policy",),
    kinds.IOT_POLICY: ("policy",),
}
"""What gives rights to whoever carries it; a policy of an organisation (SCP, RCP) gives none, it only takes away."""
TRUST: Carriers = {kinds.IAM_ROLE: ("assumeRolePolicy",)}
BUCKETS: Carriers = {
    kinds.BUCKET_POLICY: ("policy",),
    kinds.BUCKET: ("policy",),
    kinds.ACCESS_POINT: ("policy",),
    kinds.ACCESS_POINT_POLICY: ("policy",),
    kinds.OBJECT_LAMBDA_POLICY: ("policy",),
    kinds.MULTI_REGION_POLICY: ("details.policy",),
}
QUEUES: Carriers = {kinds.QUEUE_POLICY: ("policy",), kinds.QUEUE: ("policy",)}
TOPICS: Carriers = {kinds.TOPIC_POLICY: ("policy",), kinds.TOPIC: ("policy",)}
SECRETS: Carriers = {kinds.SECRET_POLICY: ("policy",), kinds.SECRET: ("policy",)}
KEYS: Carriers = {kinds.KMS_KEY_POLICY: ("policy",), kinds.KMS_KEY: ("policy",), kinds.KMS_REPLICA_KEY: ("policy",)}
REPOSITORIES: Carriers = {kinds.ECR_POLICY: ("policy",)}
ENDPOINTS: Carriers = {kinds.VPC_ENDPOINT_POLICY: ("policy",), kinds.VPC_ENDPOINT: ("policy",)}
EVENT_BUSES: Carriers = {kinds.EVENT_BUS_POLICY: ("policy",)}
SEARCH_DOMAINS: Carriers = {
    kinds.SEARCH_DOMAIN: ("accessPolicies",),
    kinds.SEARCH_DOMAIN_POLICY: ("accessPolicies",),
    kinds.ELASTICSEARCH_DOMAIN: ("accessPolicies",),
    kinds.ELASTICSEARCH_DOMAIN_POLICY: ("accessPolicies",),
}
FUNCTIONS: Carriers = {kinds.FUNCTION_RESOURCE_POLICY: ("policy",)}
REST_APIS: Carriers = {kinds.REST_API: ("policy",), kinds.REST_API_POLICY: ("policy",)}
OTHERS: Carriers = {
    kinds.STREAM_POLICY: ("policy",),
    kinds.TABLE_POLICY: ("policy",),
    kinds.FILE_SYSTEM_POLICY: ("policy",),
    kinds.BACKUP_VAULT_POLICY: ("policy",),
    kinds.GLACIER_VAULT: ("accessPolicy",),
    kinds.GLACIER_VAULT_LOCK: ("policy",),
    kinds.ARTIFACT_DOMAIN_POLICY: ("policyDocument",),
    kinds.ARTIFACT_REPOSITORY_POLICY: ("policyDocument",),
    kinds.MAIL_IDENTITY_POLICY: ("policy",),
    kinds.MAIL_IDENTITY_POLICY_V2: ("policy",),
    kinds.GLUE_POLICY: ("policy",),
    kinds.SCHEMA_REGISTRY_POLICY: ("policy",),
    kinds.PRIVATE_CA_POLICY: ("policy",),
    kinds.ECR_REGISTRY_POLICY: ("policy",),
    kinds.REDSHIFT_POLICY: ("policy",),
    kinds.MEDIA_CONTAINER_POLICY: ("policy",),
    kinds.BUILD_POLICY: ("policy",),
    kinds.TABLE_BUCKET_POLICY: ("resourcePolicy",),
    kinds.TABLE_BUCKET_TABLE_POLICY: ("resourcePolicy",),
    kinds.LOG_DESTINATION_POLICY: ("accessPolicy",),
}
"""Resources whose policies are written like those above, and that have no control of their own."""


def documents(node: Node, view: View, carriers: Carriers) -> Iterator[Document]:
    """The documents that a resource carries, those of unknown content too."""
    for path in carriers[node.kind]:
        for value in leaves(node.props, path, "document"):
            if isinstance(value, Unknown) and "[]" in path:
                yield Document(waits_for=f"{path.partition('[]')[0]}, {view.graph.describe(value)}")
            else:
                yield read(view.graph, node, value)


def no_statement(carriers: Carriers, bad: Bad, says: str, unknown: str = "a part of the policy document") -> Check:
    """No statement of any document is `bad`; `unknown` is what a statement that may be waits for.

    The control's `subjects` are `tuple(carriers)`.
    """
    return no_statement_here(carriers, lambda statement, _node, _view: bad(statement), says, unknown)


def no_statement_here(
    carriers: Carriers, bad: BadHere, says: str, unknown: str = "a part of the policy document"
) -> Check:
    """`no_statement`, where it depends on who carries the document, or on the rest of the program."""

    def answer(node: Node, view: View) -> Finding:
        doubt: Finding | None = None
        for document in documents(node, view, carriers):
            answers = [bad(statement, node, view) for statement in document.statements]
            if True in answers:
                return breaks(says, node.label, *document.path)
            if document.waits_for is not None:
                doubt = waits(document.waits_for, node.label, *document.path)
            elif None in answers:
                doubt = waits(unknown, node.label, *document.path)
        return doubt or HOLDS

    reads = [Read(path, computed=False, kind=kind) for kind, paths in carriers.items() for path in paths]
    return Check(answer, tuple(reads))


def is_public(statement: Statement) -> bool | None:
    """Whether it allows everyone, and no condition narrows that to somebody."""
    everyone, pinned = statement.everyone(), statement.pinned()
    if statement.allow is False or everyone is False or pinned is True:
        return False
    return True if everyone and pinned is False and statement.allow else None


def allows_everything(statement: Statement) -> bool | None:
    """Whether it allows every action on every resource."""
    actions, resources = statement.every_action(), statement.every_resource()
    if statement.allow is False or actions is False or resources is False:
        return False
    # An ARN that is unknown at preview comes from a resource, so it is not "*".
    if not resources:
        return False if actions else None
    return actions if statement.allow else None


def allows_all_but(statement: Statement) -> bool | None:
    """Whether it allows everything but what it names."""
    return statement.allow if statement.not_actions or statement.not_resources else False
