"""Shell sessions through Systems Manager, the one way into a machine or a container: no key pair, no port."""

from components.security.unscoped import unscoped

OPEN_SESSIONS = unscoped(
    "OpenSessions",
    [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ],
)
