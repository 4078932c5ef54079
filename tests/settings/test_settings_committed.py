"""The committed stack files: they load, say the same things about different environments, and agree with each other."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Settings
from settings.services import WebSettings

ROOT = Path(__file__).parents[2]
Committed = Callable[[str], Settings]
FILES = {path.name.split(".")[1]: path for path in sorted(ROOT.glob("Pulumi.*.yaml"))}


def keys(node: Any, above: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield f"{above}.{name}"
            yield from keys(child, f"{above}.{name}")


@pytest.mark.parametrize("stack", FILES)
def test_it_loads_without_a_warning(stack: str, committed: Committed, warned: list[str]) -> None:
    written = yaml.safe_load(FILES[stack].read_text())["config"]["groundwork:protection"]["accountId"]
    assert committed(stack).location.account_id == written
    assert warned == []


def platform_keys(path: Path) -> list[str]:
    """Every key but those of what runs, of its queues, streams and caches, of dumps and copies of backups: which of those
    an environment has, is its own matter."""
    kinds = ("queues", "streams", "caches", "dump", "backups.copy")
    stores = tuple(f".config.groundwork:data.{kind}" for kind in kinds)
    own = (".config.groundwork:services.", *stores)
    return [key for key in keys(yaml.safe_load(path.read_text())) if not key.startswith(own)]


def test_every_stack_file_has_the_same_keys() -> None:
    shapes = {stack: platform_keys(path) for stack, path in FILES.items()}
    assert {"dev", "prod"} <= set(shapes)
    different = [stack for stack, keys in shapes.items() if keys != shapes["prod"]]
    assert different == [], "a key that one environment lacks is a surprise in the other"


def test_dev_costs_little_when_idle(committed: Committed) -> None:
    dev = committed("dev")
    database = dev.data.databases["main"]
    assert (getattr(database, "min_capacity", None), dev.network.nat) == (0, "instance")
    assert set(dev.network.endpoints) <= {"s3", "dynamodb"}, "each other endpoint costs by the hour, in every zone"
    assert {service.scale.min for service in dev.services.values() if isinstance(service, WebSettings)} == {1}
    assert {service.kind for service in dev.services.values()} == {"web", "fleet"}
    assert not dev.compute.container_insights


def test_prod_is_protected_in_three_zones_with_a_way_out_each(committed: Committed) -> None:
    prod = committed("prod")
    assert prod.protection.protected
    assert not committed("dev").protection.protected
    assert (len(prod.network.availability_zones), prod.network.nat) == (3, "per-az")


def test_both_run_the_default_image_and_one_of_our_own(committed: Committed) -> None:
    for stack in FILES:
        services = committed(stack).services
        web = services["web"]
        assert isinstance(web, WebSettings)
        assert (web.image or "").startswith("crccheck/hello-world:")
        assert web.port == 8000
        assert web.environment.keys() == {"NODE_ENV"}
        assert services["status"].build == "services/status"
