"""Where alarms go: one encrypted topic and the people who read it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.security import documents
from settings.location import Location


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    """Who is told, and the key that CloudWatch may use to publish (see the operations key)."""

    email: str
    key_arn: pulumi.Input[str]
    location: Location


class Alerts(pulumi.ComponentResource):
    """A topic that only this account's alarms may publish to, over TLS, with an e-mail subscription.

    AWS sends the address a confirmation link; until somebody follows it no alarm arrives.
    """

    topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # Without the topic's ARN, which a child makes: a policy judges who and what before it is known.
        props = {"statements": documents.rendered(_statements(args.location, ()))}
        super().__init__("groundwork:observability:Alerts", name, props, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(f"{name}-topic", kms_master_key_id=args.key_arn, opts=child)
        aws.sns.TopicPolicy(
            f"{name}-topic-policy",
            arn=topic.arn,
            policy=documents.document(_statements(args.location, (topic.arn,))),
            opts=child,
        )
        aws.sns.TopicSubscription(f"{name}-email", topic=topic.arn, protocol="email", endpoint=args.email, opts=child)
        self.topic_arn = topic.arn
        self.register_outputs({"topicArn": self.topic_arn})


def _statements(location: Location, topic: tuple[pulumi.Input[str], ...]) -> list[Statement]:
    alarms = f"arn:{location.partition}:cloudwatch:{location.region}:{location.account_id}:alarm:*"
    return [
        Statement(
            sid="AlarmsOfThisAccount",
            actions=["sns:Publish"],
            resources=topic,
            principals={"Service": ["cloudwatch.amazonaws.com"]},
            conditions={
                "StringEquals": {"aws:SourceAccount": location.account_id},
                "ArnLike": {"aws:SourceArn": alarms},
            },
        ),
        Statement(
            sid="OnlyOverTls",
            effect="Deny",
            actions=["sns:Publish"],
            resources=topic,
            principals={"AWS": ["*"]},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    ]
