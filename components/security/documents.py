"""Policy documents from statements: the one place where a `Statement` becomes the JSON that AWS wants."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.contracts import Statement

VERSION = "2012-10-17"
ROLE_MOST = 10_240  # characters of all inline policies of a role, without white space (IAM quotas, read 2026-11)


def rendered(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """The statements in IAM's own form, still data.

    A component passes this list as its `statements` input, beside using it: a JSON document with one unknown ARN in it
    is unknown as a whole at preview, whereas these are sent property by property, so that a policy can judge actions
    and principals before any ARN is known.
    """
    return [_rendered(statement) for statement in statements]


def document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    """The policy document, byte-identical for equal statements so that a second preview is empty."""
    return pulumi.Output.json_dumps(
        {"Version": VERSION, "Statement": rendered(statements)}, sort_keys=True, separators=(",", ":")
    )


def of_role(statements: Sequence[Statement], name: str) -> pulumi.Output[str]:
    """The document of the one policy of a role, called `name`, whose statements a stack file can make as many as it
    likes; raises RunError, once all its ARNs are known, for one that is longer than IAM takes."""
    return document(statements).apply(lambda text: _short_enough(text, name))


def _short_enough(text: str, name: str) -> str:
    if len(text) > ROLE_MOST:
        raise pulumi.RunError(
            f"the rights of {name!r} are {len(text)} characters long, and IAM takes {ROLE_MOST} for a role: let it use"
            " fewer stores, stores with fewer indexes, or make two services of it"
        )
    return text


def assumed_by(service: str, conditions: Mapping[str, Mapping[str, pulumi.Input[str]]] | None = None) -> Statement:
    """The trust statement of a role that one AWS service assumes, e.g. ``ecs-tasks.amazonaws.com``."""
    return Statement(
        sid="Trust", actions=["sts:AssumeRole"], principals={"Service": [service]}, conditions=conditions or {}
    )


def _rendered(statement: Statement) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": statement.effect,
        "Action": sorted(statement.actions),
        "Resource": list(statement.resources),
        "Principal": {kind: list(names) for kind, names in statement.principals.items()},
        "Condition": {operator: dict(keys) for operator, keys in statement.conditions.items()},
    }
    return {key: value for key, value in parts.items() if value}
