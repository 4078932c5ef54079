"""What an update draws anew: a function that publishes, and a launch template, get one more version, and with it other
outputs; a stack of CloudFormation is asked again for its own."""

from collections.abc import Collection, Mapping
from typing import Any

_FUNCTION = "aws:lambda/function:Function"
_OUTPUTS = ("version", "qualifiedArn", "qualifiedInvokeArn")
# Inputs of a function that are no part of a version (terraform-provider-aws, needsFunctionConfigUpdate, read 2026-11).
_OUTSIDE = frozenset(
    {
        "publish",
        "replaceSecurityGroupsOnDestroy",
        "replacementSecurityGroupIds",
        "reservedConcurrentExecutions",
        "skipDestroy",
        "tags",
        "tagsAll",
    }
)


_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
# Inputs of a launch template that make no version of it (terraform-provider-aws, updateKeys, read 2026-11).
_BESIDE = frozenset({"defaultVersion", "tags", "tagsAll", "updateDefaultVersion"})
_STACK = "aws:cloudformation/stack:Stack"


def renewed(type_token: str, inputs: Mapping[str, Any], changed: Collection[str]) -> tuple[str, ...]:
    """The outputs that an update of these inputs draws anew; a preview does not know them."""
    if type_token == _TEMPLATE and not _BESIDE.issuperset(changed):
        return ("latestVersion", "defaultVersion") if inputs.get("updateDefaultVersion") is True else ("latestVersion",)
    if type_token == _STACK and not {"tags", "tagsAll"}.issuperset(changed):
        return ("outputs",)
    publishes = type_token == _FUNCTION and inputs.get("publish") is True and not _OUTSIDE.issuperset(changed)
    return _OUTPUTS if publishes else ()


def carried(
    type_token: str, inputs: Mapping[str, Any], changed: Collection[str], before: Mapping[str, Any]
) -> dict[str, Any]:
    """The version after an update, as outputs: one more, or the one that there was. Empty for all other types."""
    if type_token == _TEMPLATE and "latestVersion" in before:
        anew = renewed(type_token, inputs, changed)
        numbers = {key: int(before[key]) for key in ("latestVersion", "defaultVersion") if key in before}
        return {**numbers, **{key: int(before["latestVersion"]) + 1 for key in anew}}
    if type_token != _FUNCTION or "version" not in before:
        return {}
    if not renewed(type_token, inputs, changed):
        return {key: before[key] for key in _OUTPUTS if key in before}
    number = str(before["version"])
    after = str(int(number) + 1) if number.isdigit() else "1"
    return {
        "version": after,
        "qualifiedArn": f"{before['arn']}:{after}",
        "qualifiedInvokeArn": str(before["invokeArn"]).replace("/invocations", f":{after}/invocations"),
    }
