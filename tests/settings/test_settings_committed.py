"""The committed stack files: they load, say the same things about different environments, and agree with each other."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Settings, schema
from settings.services import WebSettings
from tests.committed import ACCOUNT, came_with_it

ROOT = Path(__file__).parents[2]
Committed = Callable[[str], Settings]
FILES = {path.name.split(".")[1]: path for path in sorted(ROOT.glob("Pulumi.*.yaml"))}


@pytest.mark.parametrize("stack", FILES)
def test_it_loads_and_what_came_with_the_repository_without_a_warning(
    stack: str, committed: Committed, warned: list[str]
) -> None:
    written = yaml.safe_load(FILES[stack].read_text())["config"]["groundwork:protection"]["accountId"]
    assert committed(stack).location.account_id == written
    assert warned == [] or not came_with_it(stack)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_stack_files_of_the_tests_are_the_committed_ones_until_these_are_an_owner_s(stack: str) -> None:
    """What counts on what stands in them goes on to hold when services and stores come and go."""
    config = yaml.safe_load(FILES[stack].read_text())["config"]
    assert came_with_it(stack) or config["groundwork:protection"]["accountId"] != ACCOUNT, (
        f"copy Pulumi.{stack}.yaml to tests/stacks/{stack}.yaml; in a repository of your own give it your account instead"
    )


OWN_MATTER = ("groundwork:data.dump", "groundwork:data.backups.copy")
"""Parts of the data that an environment has as a whole or not at all."""
_schema = cache(schema.stack_file_schema)


def platform_keys(given: Mapping[str, Any], node: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The keys of settings. What has a name (a service, a table, a value under `secrets`) is an environment's own matter;
    so are other people's keys, and those that Pulumi writes beside `config`."""
    for key, child in given.items():
        place = f"{above}.{key}" if above else key
        known = node["properties"].get(key)
        if known is None or place in OWN_MATTER:
            continue
        shapes = [_resolved(each) for each in known.get("anyOf") or known.get("oneOf") or [known]]
        if not any(shape.get("type") == "object" and "properties" not in shape for shape in shapes):
            yield place
        inner = [shape for shape in shapes if "properties" in shape]
        if isinstance(child, dict) and inner:
            yield from platform_keys(child, inner[0], place)


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _schema()["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    return found


def different(files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What to write into which file so that all have the same settings."""
    config = _schema()["properties"]["config"]
    found = {stack: set(platform_keys(file["config"], config)) for stack, file in files.items()}
    every = set().union(*found.values())
    return [
        f"Pulumi.{stack}.yaml lacks {key}, which another stack file has: write it there too, with its default (docs/settings.md)"
        for stack, keys in found.items()
        for key in sorted(every - keys)
        if not any(key.startswith(f"{other}.") for other in every - keys)
    ]


def test_every_stack_file_has_the_same_settings() -> None:
    files = {stack: yaml.safe_load(path.read_text()) for stack, path in FILES.items()}
    assert {"dev", "prod"} <= set(files)
    assert different(files) == [], "a setting that one environment lacks is a surprise in the other"


def test_what_pulumi_writes_and_what_has_a_name_may_differ_and_a_setting_may_not() -> None:
    files = {stack: yaml.safe_load(FILES["dev"].read_text()) for stack in ("dev", "staging")}
    dev = files["dev"]
    dev |= {"secretsprovider": "awskms://alias/pulumi-state", "encryptedkey": "AAAA", "encryptionsalt": "v1:AAAA"}
    config, data = dev["config"], dev["config"]["groundwork:data"]
    for kind in ("databases", "tables", "buckets", "files", "queues"):
        data.setdefault(kind, {})["another"] = {"anything": 1}
    data.pop("streams", None)
    config["groundwork:services"]["another"] = {"kind": "web"}
    config["groundwork:compute"]["capacity"] = {"arm": {"min": 2}}
    config |= {
        "groundwork:secrets": {"payment-key": {"secure": "v1:abc"}},
        "preflight:usage": {},
        "aws:profile": "x",
        "datadog:site": "y",
    }
    assert different(files) == []
    config["groundwork:edge"]["http"] = {"keepAliveSeconds": 60}
    del config["groundwork:network"]["flowLogs"]
    assert [line.partition(",")[0] for line in different(files)] == [
        "Pulumi.dev.yaml lacks groundwork:network.flowLogs",
        "Pulumi.staging.yaml lacks groundwork:edge.http",
    ]


def test_dev_costs_little_when_idle(shipped: Committed) -> None:
    dev = shipped("dev")
    database = dev.data.databases["main"]
    assert (getattr(database, "min_capacity", None), dev.network.nat) == (0, "instance")
    assert set(dev.network.endpoints) <= {"s3", "dynamodb"}, "each other endpoint costs by the hour, in every zone"
    assert {service.scale.min for service in dev.services.values() if isinstance(service, WebSettings)} == {1}
    assert {service.kind for service in dev.services.values()} == {"web", "fleet"}
    assert not dev.compute.container_insights


def test_prod_is_protected_in_three_zones_with_a_way_out_each(shipped: Committed) -> None:
    prod = shipped("prod")
    assert prod.protection.protected
    assert not shipped("dev").protection.protected
    assert (len(prod.network.availability_zones), prod.network.nat) == (3, "per-az")


def test_both_run_the_default_image_and_one_of_our_own(shipped: Committed) -> None:
    for stack in ("dev", "prod"):
        services = shipped(stack).services
        web = services["web"]
        assert isinstance(web, WebSettings)
        assert (web.image or "").startswith("crccheck/hello-world:")
        assert web.port == 8000
        assert web.environment.keys() == {"NODE_ENV"}
        assert services["status"].build == "services/status"
