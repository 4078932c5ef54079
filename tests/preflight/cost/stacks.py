"""Small stacks by hand, in the form of a report's resources."""

from typing import Any

from preflight.cost import usage as usage_of
from preflight.cost.estimate import estimate


def resource(
    token: str, name: str = "it", *, custom: bool = True, component: str | None = None, parent: str | None = None,
    remote: bool = False, **inputs: Any,
) -> dict[str, Any]:  # fmt: skip
    """One resource. An input given as `another(resource)` comes from that resource: its value is unknown, its edge is not."""
    edges = {key: value.urns for key, value in inputs.items() if isinstance(value, _From)}
    return {
        "urn": f"urn:pulumi:test::test::{token}::{name}",
        "type": token,
        "name": name,
        "custom": custom,
        "remote": remote,
        "parent": parent,
        "component": component,
        "inputs": {key: value.value if isinstance(value, _From) else value for key, value in inputs.items()},
        "propertyDependencies": edges,
    }


class _From:
    def __init__(self, value: Any, urns: list[str]) -> None:
        self.value, self.urns = value, urns


def another(*resources: dict[str, Any], value: Any = None) -> Any:
    """An input that comes from other resources."""
    return _From({"$unknown": True} if value is None else value, [each["urn"] for each in resources])


def cost(*resources: dict[str, Any], region: str = "us-east-1", **section: Any) -> dict[str, Any]:
    """The estimate of such a stack."""
    return estimate(resources, usage_of.read(section, "test:usage"), region)


def counted(found: dict[str, Any], profile: str = "idle") -> dict[str, str]:
    """Quantities of a profile by meter, without what counts for nothing."""
    result: dict[str, float] = {}
    for each in found["resources"]:
        for line in each["lines"]:
            quantity = float(line["quantity"][profile])
            if quantity:
                result[line["meter"]] = result.get(line["meter"], 0) + quantity
    return {meter: f"{quantity:g}" for meter, quantity in sorted(result.items())}
