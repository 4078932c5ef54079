"""Cases of the controls in `guardrails.controls.messaging`."""

from functools import partial
from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import (
    Make,
    breaks,
    build,
    changed,
    document,
    holds,
    lost,
    made_of,
    one,
    ref,
    waits,
    without,
)
from tests.policy.houses import statement, tls_only

SQS, SNS, TLS, BUS, PUBLIC_MSK = (
    "sqs-policy-not-public",
    "sns-policy-not-public",
    "messaging-tls-only",
    "eventbus-policy-not-public",
    "msk-not-public",
)
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-1a2b3c4d5e"}}


def policy(*statements: dict[str, Any]) -> Any:
    """A policy as text."""
    return document({"Statement": list(statements)})


def public(**parts: Any) -> Any:
    """A policy for everyone."""
    return policy(statement(Principal="*", Action="sqs:*", Resource="*", **parts))


def refusal(resource: Any, action: Any = "sqs:*", **parts: Any) -> dict[str, Any]:
    """The statement that refuses plain HTTP."""
    return tls_only(resource) | {"Action": action} | parts


def queue(*statements: dict[str, Any], **inputs: Any) -> Make:
    """A queue with its policy beside it."""
    return build(
        it=(kinds.QUEUE, inputs), its=(kinds.QUEUE_POLICY, {"queueUrl": ref("it.id"), "policy": policy(*statements)})
    )


def topic(*statements: dict[str, Any]) -> Make:
    """A topic with its policy beside it."""
    return build(it=(kinds.TOPIC, {}), its=(kinds.TOPIC_POLICY, {"arn": ref("it.arn"), "policy": policy(*statements)}))


def kafka(**inputs: Any) -> Make:
    """A cluster with brokers in subnets of the program."""
    info = {"clientSubnets": [ref("net.id")], "instanceType": "kafka.m7g.large"} | inputs
    return build(net=(kinds.SUBNET, {}), it=(kinds.MSK_CLUSTER, {"brokerNodeGroupInfo": info}))


def access(kind: Any) -> Make:
    """A cluster with that public access."""
    return kafka(connectivityInfo={"publicAccess": {"type": kind}})


def auth(**methods: Any) -> Make:
    """A cluster with these ways for clients to say who they are."""
    return one(kinds.MSK_CLUSTER, clientAuthentication=methods)


def wire(**inputs: Any) -> Make:
    """A cluster with that encryption in transit."""
    return one(kinds.MSK_CLUSTER, encryptionInfo={"encryptionInTransit": inputs})


def permission(principal: str, **condition: str) -> Make:
    """A permission on an event bus."""
    inputs: dict[str, Any] = {"principal": principal, "statementId": "x"}
    return one(kinds.EVENT_PERMISSION, **inputs, **({"condition": condition} if condition else {}))


FOUND = {"type": "StringEquals", "key": "aws:PrincipalOrgID", "value": "o-1a2b3c4d5e"}

CASES = (
    holds(
        PUBLIC_MSK,
        "a block from somewhere that is not seen",
        without(
            build(
                net=(kinds.SUBNET, {}),
                it=(
                    kinds.MSK_CLUSTER,
                    {
                        "brokerNodeGroupInfo": {
                            "clientSubnets": ["subnet-1"],
                            "connectivityInfo": made_of(
                                ref("net.id"), make=lambda _: {"publicAccess": {"type": "DISABLED"}}
                            ),
                        }
                    },
                ),
            ),
            "net",
        ),
        at_preview=("it",),
    ),
    *(
        holds("msk-tls", f"AWS makes up {key}", wire(**{key: lost(value)}))
        for key, value in (("clientBroker", "TLS"), ("inCluster", True))
    ),
    holds(
        SQS,
        "a service for one topic",
        one(
            kinds.QUEUE_POLICY,
            policy=policy(
                statement(Principal={"Service": "sns.amazonaws.com"}, Action="sqs:SendMessage", Resource="*")
            ),
        ),
    ),
    holds(
        SQS,
        "everyone from one topic",
        one(
            kinds.QUEUE_POLICY,
            policy=public(Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:orders"}}),
        ),
    ),
    holds(SQS, "no policy at all", one(kinds.QUEUE)),
    breaks(SQS, "everyone", one(kinds.QUEUE_POLICY, policy=public())),
    breaks(SQS, "everyone, on the queue itself", one(kinds.QUEUE, policy=public())),
    breaks(
        SQS,
        "every principal of AWS, as a block",
        one(kinds.QUEUE, policy={"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:*"}}),
    ),
    breaks(
        SQS,
        "a condition that any topic meets",
        one(kinds.QUEUE_POLICY, policy=public(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}})),
    ),
    holds(SQS, "everyone over TLS is refused the rest", one(kinds.QUEUE_POLICY, policy=policy(refusal("*")))),
    waits(SQS, "a policy that is no JSON", one(kinds.QUEUE, policy="everyone")),
    breaks(
        SQS,
        "a policy with the queue's ARN in it",
        build(
            q=(kinds.QUEUE, {}),
            it=(
                kinds.QUEUE_POLICY,
                {
                    "queueUrl": ref("q.url"),
                    "policy": policy(statement(Principal="*", Action="sqs:SendMessage", Resource=ref("q.arn"))),
                },
            ),
        ),
        undecided_at_preview=True,
    ),
    holds(
        SNS,
        "everyone of one account",
        one(kinds.TOPIC_POLICY, policy=public(Condition={"StringEquals": {"AWS:SourceOwner": "111122223333"}})),
    ),
    holds(SNS, "a topic without a policy", one(kinds.TOPIC)),
    breaks(SNS, "everyone", one(kinds.TOPIC_POLICY, policy=public())),
    breaks(SNS, "everyone, on the topic itself", one(kinds.TOPIC, policy=public())),
    breaks(
        SNS, "everyone by HTTPS", one(kinds.TOPIC, policy=public(Condition={"StringEquals": {"SNS:Protocol": "https"}}))
    ),
    holds(TLS, "a queue, on everything", queue(refusal("*"))),
    holds(TLS, "a queue, by its ARN", queue(refusal(ref("it.arn"))), at_preview=("it",)),
    holds(TLS, "a queue, on the queue itself", one(kinds.QUEUE, policy=policy(refusal("*", "SQS:*")))),
    holds(TLS, "a topic, where sns:* is not allowed", topic(refusal("*", "sns:Publish"))),
    holds(
        TLS,
        "a second policy refuses",
        build(
            it=(kinds.QUEUE, {"policy": policy(statement(Principal={"AWS": "111122223333"}, Action="sqs:*"))}),
            its=(kinds.QUEUE_POLICY, {"queueUrl": ref("it.id"), "policy": policy(refusal("*"))}),
        ),
    ),
    holds(
        TLS,
        "a component vouches for the policy, without the ARN that it does not know yet",
        build(
            room=(
                "shop:app:Topic",
                {"statements": [{k: v for k, v in refusal("*", "sns:Publish").items() if k != "Resource"}]},
            ),
            it=(kinds.TOPIC, {}, {"parent": "room"}),
            its=(
                kinds.TOPIC_POLICY,
                {"arn": ref("it.arn"), "policy": policy(refusal(ref("it.arn"), "sns:Publish"))},
                {"parent": "room"},
            ),
        ),
    ),
    *(
        case(
            TLS,
            f"a component vouches for the policy, and names {which}",
            changed(
                build(
                    room=("shop:app:Topic", {}),
                    other=(kinds.VPC, {}),
                    it=(kinds.TOPIC, {}, {"parent": "room"}),
                    its=(
                        kinds.TOPIC_POLICY,
                        {"arn": ref("it.arn"), "policy": policy(refusal(ref(f"{which}.arn"), "sns:Publish"))},
                        {"parent": "room"},
                    ),
                ),
                "room",
                statements=[refusal(ref(f"{which}.arn"), "sns:Publish")],
            ),
        )
        for case, which in ((holds, "it"), (partial(breaks, undecided_at_preview=True), "other"))
    ),
    holds(
        TLS,
        "a policy that refuses, and one that is perhaps for it",
        build(
            it=(kinds.QUEUE, {}),
            its=(kinds.QUEUE_POLICY, {"queueUrl": ref("it.id"), "policy": policy(refusal("*"))}),
            more=(kinds.QUEUE_POLICY, {"queueUrl": lost("x"), "policy": policy(refusal("*"))}),
        ),
    ),
    breaks(TLS, "a queue without a policy", one(kinds.QUEUE)),
    breaks(
        TLS,
        "a policy that only allows, and one that is perhaps for it",
        build(
            it=(kinds.QUEUE, {}),
            its=(
                kinds.QUEUE_POLICY,
                {
                    "queueUrl": ref("it.id"),
                    "policy": policy(statement(Principal={"AWS": "111122223333"}, Action="sqs:*")),
                },
            ),
            more=(kinds.QUEUE_POLICY, {"queueUrl": lost("x"), "policy": policy(refusal("*"))}),
        ),
    ),
    breaks(TLS, "a topic without a policy", one(kinds.TOPIC)),
    breaks(TLS, "a policy that only allows", queue(statement(Principal={"AWS": "111122223333"}, Action="sqs:*"))),
    breaks(TLS, "only sending is refused", queue(refusal("*", "sqs:SendMessage"))),
    breaks(TLS, "only one account is refused", queue(refusal("*", Principal={"AWS": "111122223333"}))),
    breaks(
        TLS, "requests with TLS are refused", queue(refusal("*", Condition={"Bool": {"aws:SecureTransport": "true"}}))
    ),
    breaks(
        TLS,
        "only some requests without TLS are refused",
        queue(
            refusal(
                "*",
                Condition={
                    "Bool": {"aws:SecureTransport": "false"},
                    "StringEquals": {"aws:PrincipalAccount": "111122223333"},
                },
            )
        ),
    ),
    breaks(TLS, "another queue is meant", queue(refusal("arn:aws:sqs:eu-west-1:111122223333:other"), name="orders")),
    breaks(
        TLS,
        "a policy of another queue",
        build(
            it=(kinds.QUEUE, {}),
            other=(kinds.QUEUE, {}),
            its=(kinds.QUEUE_POLICY, {"queueUrl": ref("other.id"), "policy": policy(refusal("*"))}),
        ),
    ),
    holds(
        TLS,
        "its ARN as text",
        queue(
            refusal("arn:aws:sqs:eu-west-1:111122223333:orders"),
            name="orders",
            arn="arn:aws:sqs:eu-west-1:111122223333:orders",
        ),
    ),
    breaks(
        TLS,
        "whether the text is its ARN shows later",
        queue(refusal("arn:aws:sqs:eu-west-1:999988887777:orders"), name="orders"),
        undecided_at_preview=True,
    ),
    breaks(
        TLS,
        "the policy of a queue of another stack",
        build(it=(kinds.QUEUE, {}), its=(kinds.QUEUE_POLICY, {"queueUrl": lost("x"), "policy": policy(refusal("*"))})),
        undecided_at_preview=True,
    ),
    holds(TLS, "its ARN and another", queue(refusal("*", Resource=["arn:aws:sqs:*:*:x", "*"]))),
    holds(
        BUS,
        "one account",
        one(
            kinds.EVENT_BUS_POLICY,
            policy=policy(statement(Principal={"AWS": "111122223333"}, Action="events:PutEvents", Resource="*")),
        ),
    ),
    holds(BUS, "the organisation", one(kinds.EVENT_BUS_POLICY, policy=public(Condition=ORG))),
    breaks(BUS, "everyone", one(kinds.EVENT_BUS_POLICY, policy=public())),
    holds(BUS, "one account by permission", permission("111122223333")),
    holds(BUS, "the organisation by permission", permission("*", **FOUND)),
    breaks(BUS, "everyone by permission", permission("*")),
    breaks(BUS, "any organisation", permission("*", **FOUND | {"value": "*"})),
    breaks(BUS, "a condition on something else", permission("*", **FOUND | {"key": "aws:PrincipalTag"})),
    breaks(BUS, "all organisations but one", permission("*", **FOUND | {"type": "StringNotEquals"})),
    holds(PUBLIC_MSK, "nothing is said", kafka()),
    holds(PUBLIC_MSK, "it is switched off", access("DISABLED")),
    breaks(PUBLIC_MSK, "it is switched on", access("SERVICE_PROVIDED_EIPS")),
    holds(PUBLIC_MSK, "AWS makes up the block", kafka(connectivityInfo=lost({"publicAccess": {"type": "DISABLED"}}))),
    holds(PUBLIC_MSK, "an empty block", kafka(connectivityInfo={})),
    breaks(
        PUBLIC_MSK,
        "the whole block comes from another stack",
        one(kinds.MSK_CLUSTER, brokerNodeGroupInfo=lost({"connectivityInfo": {"publicAccess": {"type": "X"}}})),
        undecided_at_preview=True,
    ),
    breaks(
        PUBLIC_MSK,
        "what sort of access comes from another stack",
        access(lost("SERVICE_PROVIDED_EIPS")),
        undecided_at_preview=True,
    ),
    holds("msk-tls", "nothing is said, and AWS speaks TLS", one(kinds.MSK_CLUSTER)),
    holds("msk-tls", "TLS everywhere", wire(clientBroker="TLS", inCluster=True)),
    breaks("msk-tls", "clients may choose", wire(clientBroker="TLS_PLAINTEXT")),
    breaks("msk-tls", "clear text", wire(clientBroker="PLAINTEXT", inCluster=True)),
    breaks("msk-tls", "clear text between brokers", wire(inCluster=False)),
    holds("msk-auth", "roles", auth(sasl={"iam": True})),
    holds("msk-auth", "passwords", auth(sasl={"scram": True}, unauthenticated=False)),
    holds("msk-auth", "certificates", auth(tls={"certificateAuthorityArns": ["arn:aws:acm-pca:x"]})),
    breaks("msk-auth", "nothing is said", one(kinds.MSK_CLUSTER)),
    breaks("msk-auth", "no method is on", auth(sasl={"iam": False}, tls={"certificateAuthorityArns": []})),
    breaks("msk-auth", "strangers besides", auth(sasl={"iam": True}, unauthenticated=True)),
    holds("sqs-encrypted", "nothing is said, and AWS encrypts", one(kinds.QUEUE)),
    holds(
        "sqs-encrypted",
        "a key",
        build(
            key=(kinds.KMS_KEY, {}), it=(kinds.QUEUE, {"kmsMasterKeyId": ref("key.id"), "sqsManagedSseEnabled": False})
        ),
    ),
    breaks("sqs-encrypted", "it is switched off", one(kinds.QUEUE, sqsManagedSseEnabled=False)),
    breaks(
        "sqs-encrypted",
        "it is switched off, and the key is empty",
        one(kinds.QUEUE, sqsManagedSseEnabled=False, kmsMasterKeyId=""),
    ),
    holds("sns-encrypted", "the key of AWS", one(kinds.TOPIC, kmsMasterKeyId="alias/aws/sns")),
    breaks("sns-encrypted", "no key", one(kinds.TOPIC)),
    breaks("sns-encrypted", "an empty key", one(kinds.TOPIC, kmsMasterKeyId="")),
    breaks(
        BUS,
        "whom it is for shows later",
        one(kinds.EVENT_PERMISSION, principal=lost("*"), statementId="x"),
        undecided_at_preview=True,
    ),
    holds("kinesis-encrypted", "a key", one(kinds.STREAM, encryptionType="KMS", kmsKeyId="alias/aws/kinesis")),
    breaks("kinesis-encrypted", "nobody says", one(kinds.STREAM)),
    breaks("kinesis-encrypted", "no", one(kinds.STREAM, encryptionType="NONE")),
)
