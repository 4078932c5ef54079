"""Shell sessions through Systems Manager, the one way into a machine or a container: no key pair, no port."""

from components.contracts import Statement

# AWS has no resource level for these (IAM service authorization reference, 2026-09), so "*" is all one can say.
OPEN_SESSIONS = Statement(
    sid="OpenSessions",
    actions=[
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ],
    resources=["*"],
)
