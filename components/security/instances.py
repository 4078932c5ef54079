"""What every EC2 instance of ours may do: be reached through Systems Manager, which replaces key pairs and port 22."""

from components.contracts import Statement
from components.security import documents
from components.security.sessions import OPEN_SESSIONS
from settings.location import Location


def trust(location: Location) -> Statement:
    """Only EC2 hands the role out, to the instances that carry its profile."""
    return documents.assumed_by(f"ec2.{location.dns_suffix}")


def managed(location: Location) -> list[Statement]:
    """What the agent needs for sessions. AWS's own policy for it also lets an instance read every parameter."""
    return [
        Statement(
            sid="SayThatItRuns",
            actions=["ssm:UpdateInstanceInformation"],
            resources=[location.arn("ec2", "instance/*")],
        ),
        OPEN_SESSIONS,
    ]
