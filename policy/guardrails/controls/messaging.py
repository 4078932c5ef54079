"""Queues, topics, buses and brokers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from guardrails import kinds
from guardrails.checks import Check, Read, all_of, any_of, by_kind, equals, is_false, is_set, is_true, leaves
from guardrails.documents import Statement, matches
from guardrails.graph import Node, Reference
from guardrails.joins import QUEUE, TOPIC
from guardrails.policies import EVENT_BUSES, QUEUES, TOPICS, Carriers, is_public, no_statement
from guardrails.reading import Absent, Known, Record, Unknown, Value
from guardrails.transport import refused
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Scope, Severity, View, breaks, waits

_EVERYONE = "a statement allows everyone, and no condition narrows it"
_PART = "an effect, principal or condition of the policy document"
_POLICIES: dict[str, tuple[str, str, Reference, Carriers, tuple[str, ...]]] = {
    kinds.QUEUE: (kinds.QUEUE_POLICY, "queueUrl", QUEUE, QUEUES, ("sqs:SendMessage", "sqs:ReceiveMessage")),
    kinds.TOPIC: (kinds.TOPIC_POLICY, "arn", TOPIC, TOPICS, ("sns:Publish",)),
}
"""Where else the policy is, and what it has to refuse; Amazon SNS takes no `sns:*` in a topic's policy."""
_BROKER_PARTS = (kinds.SUBNET, kinds.DEFAULT_SUBNET, kinds.SECURITY_GROUP, kinds.KMS_KEY)


def _tls_only(node: Node, view: View) -> Iterable[Finding]:
    kind, key, reference, carriers, actions = _POLICIES[node.kind]

    def covers(statement: Statement) -> bool | None:
        return _covers(statement, node)

    found = view.graph.companions(kind, key, reference)
    mine, maybe = found.of(node), found.maybe(node)
    doubt = None if mine or not maybe else waits(f"whether {maybe[0].label} is for this one", node.label)
    yield refused(node, view, (mine, doubt), carriers, actions, covers, "no policy denies requests without TLS")


def _covers(statement: Statement, node: Node) -> bool | None:
    """A component that vouches for a policy may leave out the resource, which can only be this one."""
    if not statement.resources:
        return True
    arn, name = node.props.text("arn"), node.props.text("name")
    answers: list[bool | None] = []
    for resource in statement.resources:
        if isinstance(resource, Unknown):
            answers.append(True if node.urn in resource.sources else None)
        elif set(resource.value) <= {"*"} or not isinstance(arn, Unknown):
            answers.append(matches(resource.value, arn.value if isinstance(arn, Known) else ""))
        else:
            other = isinstance(name, Known) and not matches(resource.value.rpartition(":")[2], name.value)
            answers.append(False if other else None)
    return True if True in answers else None if None in answers else False


# -- EventBridge -------------------------------------------------------------------------------------------------------


def _permission(node: Node, _view: View) -> Finding:
    """AWS knows one condition here, on `aws:PrincipalOrgID`."""
    principal = node.props.text("principal")
    if isinstance(principal, Known) and principal.value != "*":
        return HOLDS
    key = next(iter(leaves(node.props, "condition.key", "text")))
    value = next(iter(leaves(node.props, "condition.value", "text")))
    kind = next(iter(leaves(node.props, "condition.type", "text")))
    narrowed = [
        _is(key, lambda text: text.lower() == "aws:principalorgid"),
        _is(value, lambda text: text.startswith("o-")),
        _is(kind, lambda text: text.lower() == "stringequals"),
    ]
    if all(narrowed):
        return HOLDS
    if isinstance(principal, Known) and False in narrowed:
        return breaks("every account may send to the bus", node.label)
    return waits("its principal or condition, which is not known yet", node.label)


def _is(value: Value[str], holds: Callable[[str], bool]) -> bool | None:
    return None if isinstance(value, Unknown) else isinstance(value, Known) and holds(value.value)


_BUS = by_kind(
    {
        kinds.EVENT_BUS_POLICY: no_statement(EVENT_BUSES, is_public, _EVERYONE, _PART),
        kinds.EVENT_PERMISSION: Check(
            _permission,
            tuple(Read(path) for path in ("principal", "condition.key", "condition.type", "condition.value")),
        ),
    }
)

# -- MSK ---------------------------------------------------------------------------------------------------------------


def _msk_not_public(node: Node, view: View) -> Iterable[Finding]:
    """AWS fills in `connectivityInfo`, so what is unknown there was set by nobody unless something else made it up."""
    value: Value[Record] = node.props.record("brokerNodeGroupInfo")
    for key in ("connectivityInfo", "publicAccess"):
        value = value.value.record(key) if isinstance(value, Known) else value
    if isinstance(value, Unknown) and _made_by_aws(value, node, view):
        yield HOLDS
        return
    kind = value.value.text("type") if isinstance(value, Known) else value
    if isinstance(kind, Known):
        public = kind.value.upper() != "DISABLED"
        yield breaks("its brokers have public addresses", node.label) if public else HOLDS
    elif isinstance(kind, Absent):
        yield HOLDS
    else:
        yield waits(f"the public access of its brokers, {view.graph.describe(kind)}", node.label)


def _made_by_aws(value: Unknown, node: Node, view: View) -> bool:
    """A block that stands beside known ones, of which only subnets and security groups are said to be the source."""
    if not isinstance(node.props.record("brokerNodeGroupInfo"), Known):
        return False
    return value.traced and all(each.kind in _BROKER_PARTS for each in view.graph.sources(value))


_ONE_METHOD = any_of(
    is_true("clientAuthentication.sasl.iam"),
    is_true("clientAuthentication.sasl.scram"),
    is_set("clientAuthentication.tls.certificateAuthorityArns"),
    says="no method is on by which clients prove who they are",
)

CONTROLS: tuple[Control, ...] = (
    Control(
        id="sqs-policy-not-public",
        title="No queue policy allows everyone",
        severity=Severity.CRITICAL,
        subjects=tuple(QUEUES),
        references=("SQS.3", "CKV_AWS_168", "CKV_AWS_387"),
        why="Anybody could then read the messages, or write those that a worker believes.",
        fix="name the principals, or add a condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID",
        judge=no_statement(QUEUES, is_public, _EVERYONE, _PART),
        own_packs=(BASELINE,),
    ),
    Control(
        id="sns-policy-not-public",
        title="No topic policy allows everyone",
        severity=Severity.CRITICAL,
        subjects=tuple(TOPICS),
        references=("SNS.4", "CKV_AWS_169"),
        why="Anybody could then subscribe to what is said, or say it.",
        fix="name the principals, or add a condition on aws:SourceArn, aws:SourceOwner or aws:PrincipalOrgID",
        judge=no_statement(TOPICS, is_public, _EVERYONE, _PART),
        own_packs=(BASELINE,),
    ),
    Control(
        id="msk-not-public",
        title="Kafka brokers have no public addresses",
        severity=Severity.CRITICAL,
        subjects=(kinds.MSK_CLUSTER,),
        references=("MSK.4", "CKV_AWS_291"),
        why="With public access only the authentication of the cluster is left before the topics.",
        fix='set broker_node_group_info.connectivity_info.public_access={"type": "DISABLED"}, or leave it out',
        judge=_msk_not_public,
        own_packs=(BASELINE,),
    ),
    Control(
        id="eventbus-policy-not-public",
        title="No event bus lets everyone send",
        severity=Severity.HIGH,
        subjects=(kinds.EVENT_BUS_POLICY, kinds.EVENT_PERMISSION),
        references=("EventBridge.3", "AwsSolutions-EVB1"),
        why="Whoever can send an event can start everything that a rule starts.",
        fix="name the accounts, or add a condition on aws:PrincipalOrgID",
        judge=_BUS,
        own_packs=(BASELINE,),
    ),
    Control(
        id="msk-tls",
        title="Kafka clients and brokers speak TLS only",
        severity=Severity.HIGH,
        subjects=(kinds.MSK_CLUSTER,),
        references=("MSK.1", "CKV_AWS_81", "AwsSolutions-MSK2", "AwsSolutions-MSK3"),
        why="Messages and credentials could otherwise be read on the way.",
        fix='set encryption_info.encryption_in_transit={"client_broker": "TLS", "in_cluster": True}',
        judge=all_of(
            equals("encryptionInfo.encryptionInTransit.clientBroker", "TLS", absent="TLS", computed=True),
            is_true("encryptionInfo.encryptionInTransit.inCluster", absent=True, computed=True),
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="msk-auth",
        title="Kafka clients prove who they are",
        severity=Severity.HIGH,
        subjects=(kinds.MSK_CLUSTER,),
        references=("MSK.6",),
        why="Without client_authentication everybody in the network reads and writes every topic.",
        fix='set client_authentication={"sasl": {"iam": True}}',
        judge=all_of(
            is_false("clientAuthentication.unauthenticated", says="clients may also come without a name"), _ONE_METHOD
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="kinesis-encrypted",
        title="Streams are encrypted with a key",
        severity=Severity.MEDIUM,
        subjects=(kinds.STREAM,),
        references=("Kinesis.1", "CKV_AWS_43", "AwsSolutions-KDS1"),
        why="Records otherwise lie in clear text until they expire.",
        fix='set encryption_type="KMS" and kms_key_id="alias/aws/kinesis" or a key of yours',
        judge=equals("encryptionType", "KMS", absent="NONE"),
    ),
    Control(
        id="sqs-encrypted",
        title="Queues are encrypted",
        severity=Severity.MEDIUM,
        subjects=(kinds.QUEUE,),
        references=("SQS.1", "CKV_AWS_27", "AwsSolutions-SQS2"),
        why="AWS encrypts new queues by itself; only who switches that off keeps messages in clear text.",
        fix="drop sqs_managed_sse_enabled=False, or set kms_master_key_id",
        judge=any_of(
            is_true("sqsManagedSseEnabled", absent=True, says="sqsManagedSseEnabled is false, and it has no key"),
            is_set("kmsMasterKeyId"),
        ),
    ),
    Control(
        id="sns-encrypted",
        title="Topics are encrypted with a KMS key",
        severity=Severity.MEDIUM,
        subjects=(kinds.TOPIC,),
        references=("SNS.1", "CKV_AWS_26"),
        why="Messages would otherwise lie in clear text while they wait for their receivers.",
        fix="set kms_master_key_id to a key whose policy lets the publishing services use it",
        judge=is_set("kmsMasterKeyId"),
    ),
    Control(
        id="messaging-tls-only",
        title="Every queue and topic refuses requests without TLS",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=tuple(_POLICIES),
        references=("AwsSolutions-SQS4", "AwsSolutions-SNS3"),
        why="Both also answer plain HTTP, and then messages can be read on the way.",
        fix='deny sqs:* (topics: sns:Publish) to Principal "*" when Bool aws:SecureTransport is "false"',
        judge=_tls_only,
        own_packs=(BASELINE,),
    ),
)
FAMILY = Family("messaging", "Messaging (SQS, SNS, EventBridge, MSK)", CONTROLS)
