"""How a network changes on the engine: nothing that exists is replaced, and the next preview is empty."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.engine.stack import Stack


def network(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda config: config["groundwork:network"].update(values)


def test_a_network_grows_and_changes_its_way_out_without_a_replacement(stack: Callable[[str], "Stack"]) -> None:
    one = stack("dev")
    one.up(fast=True).expect(0)
    for change in (
        {"availabilityZones": ["us-east-1a", "us-east-1b", "us-east-1c"]},
        {"ipv6": True, "networkAcls": True},
        {"nat": "single"},
        {"nat": "instance"},
        {"nat": "regional"},
        {"nat": "per-az", "blockPublicAccess": True, "ipv6": False, "networkAcls": False},
    ):
        one.edit(network(**change))
        assert one.up(fast=True).expect(0).of("replace") == [], change
    assert one.preview().expect(0).changes == {}
    one.destroy(fast=True).expect(0)
    assert one.cloud.store.things == []
