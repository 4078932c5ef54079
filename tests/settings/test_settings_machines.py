"""Fleets and EC2 capacity: what a stack file says about them, and every mistake in it."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from settings import Settings, schedules, tables
from settings.capacity import CapacitySettings
from settings.fleets import FleetSettings
from settings.machines import MachineSettings
from settings.schedules import ScheduleError
from settings.services import WebSettings
from tests.gathered import for_each

MISSING = ...
Load = Callable[..., Settings]
Refused = Callable[..., dict[str, dict[str, str]]]
FLEET: dict[str, Any] = {
    "kind": "fleet",
    "image": "example/legacy:1",
    "machine": {"type": "t4g.small"},
    "port": 8000,
    "health": "/",
    "scale": {"min": 2, "max": 6},
    "route": {"path": "/legacy/*", "priority": 50},
    "environment": {},
    "uses": {"main": "write"},
}
ARM: dict[str, Any] = {"machine": {"type": "t4g.medium"}, "min": 2, "max": 6}
WEB: dict[str, Any] = {
    "kind": "web",
    "image": "example/placed:1",
    "port": 8000,
    "health": "/",
    "size": {"cpu": 256, "memory": 512, "architecture": "arm64"},
    "scale": {"min": 2, "max": 4, "outAbove": 60, "inBelow": 30},
    "route": {"path": "/placed/*", "priority": 60},
    "environment": {},
    "uses": {},
    "runsOn": "arm",
}


def night(when: str = "cron(0 20 ? * MON-FRI *)", low: int = 2, high: int = 6) -> dict[str, Any]:
    return {"when": when, "timezone": "Europe/Berlin", "min": low, "max": high}


def stack(**changes: Any) -> dict[str, Any]:
    """Changes of the baseline: a fleet `old`, a web service `placed` on capacity `arm`, and values in them by
    `old__scale__min`."""
    parts = {"old": deepcopy(FLEET), "placed": deepcopy(WEB), "arm": deepcopy(ARM)}
    rest: dict[str, Any] = {}
    for path, value in changes.items():
        name, *way = path.split("__")
        if name not in parts:
            rest[path.replace("__", ".")] = value
            continue
        here: Any = parts[name]
        *above, last = way
        for part in above:
            here = here.setdefault(part, {})
        if value is MISSING:
            del here[last]
        else:
            here[last] = value
    capacity = {"compute": {"capacity": {"arm": parts["arm"]}}}
    return {"services.old": parts["old"], "services.placed": parts["placed"], **capacity, **rest}


SPOT: dict[str, Any] = {"base": 1, "share": 50, "types": ["t4g.medium"]}
OLD, PLACED, ARM_KEY = "groundwork:services.old", "groundwork:services.placed", "groundwork:compute.capacity.arm"
TOMORROW = str((datetime.now(UTC) + timedelta(days=2)).date())
CASES: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "no machine": ({"old__machine": MISSING}, f"{OLD}.machine", "nothing", "a map", "add machine"),
    "no type": ({"old__machine": {}}, f"{OLD}.machine.type", "nothing", "family and size", "t4g.small"),
    "a type without a size": ({"old__machine__type": "t4g"}, f"{OLD}.machine.type", '"t4g"', "family and size", "t4g.small"),
    "a size that there is not": ({"old__machine__type": "t4g.smal"}, f"{OLD}.machine.type", '"t4g.smal"', "t4g.small", "t4g.small"),
    "a disk below the image's": ({"old__machine__diskGib": 7}, f"{OLD}.machine.diskGib", "7", "from 8", "8 or more"),
    "a disk beyond gp3": ({"old__machine__diskGib": 16385}, f"{OLD}.machine.diskGib", "16385", "to 16384", "16384 or less"),
    "an image of tomorrow": ({"old__machine__imageAsOf": TOMORROW}, f"{OLD}.machine.imageAsOf", TOMORROW, "to today", "newest image"),
    "an image of no day": ({"old__machine__imageAsOf": "2026-02-30"}, f"{OLD}.machine.imageAsOf", "2026-02-30", "to today", "newest image"),
    "an image of long ago": ({"old__machine__imageAsOf": "2020-01-01"}, f"{OLD}.machine.imageAsOf", "2020-01-01", "2023-03-15", "newest image"),
    "a date as words": ({"old__machine__imageAsOf": "today"}, f"{OLD}.machine.imageAsOf", '"today"', "a date", "2026-11-21"),
    "a life of a year and a day": ({"old__machine__longestLifeDays": 366}, f"{OLD}.machine.longestLifeDays", "366", "to 365", "365 or less"),
    "min above max": ({"old__scale__min": 7}, f"{OLD}.scale.max", "6 (min: 7)", "7 to 500", "raise max"),
    "one instance when protected": ({"old__scale__min": 1, "old__scale__inBelow": 20}, f"{OLD}.scale.min", "1 (ground", "2 or more", "set min to 2"),
    "asleep when protected": (
        {"old__scale__schedules": {"night": night(low=0, high=0), "day": night("cron(0 7 ? * MON-FRI *)")}},
        f"{OLD}.scale.schedules.night.min", "0 (ground", "2 or more", "set min to 2",
    ),
    "thresholds the wrong way round": ({"old__scale__inBelow": 80}, f"{OLD}.scale.inBelow", "80 (outAbove: 80)", "0 to 79", "lower inBelow"),
    "one that goes comes back": ({"old__scale__inBelow": 60}, f"{OLD}.scale.inBelow", "60 (outAbove: 80, min: 2)", "0 to 53", "53 or less"),
    "nothing is added": ({"old__scale__addPercent": 0}, f"{OLD}.scale.addPercent", "0", "from 1", "1 or more"),
    "a tracked metric": ({"old__scale__track": {"cpu": 70}}, f"{OLD}.scale.track", 'the key "track"', "min", "take it out"),
    "a schedule by rate": ({"old__scale__schedules": {"night": night("rate(5 minutes)")}}, f"{OLD}.scale.schedules.night.when", "rate(5", "cron(", "write cron"),
    "a schedule of the last day": ({"old__scale__schedules": {"night": night("cron(0 20 L * ? *)")}}, f"{OLD}.scale.schedules.night.when", "L", "without L", "by number"),
    "a schedule of one year": ({"old__scale__schedules": {"night": night("cron(0 20 1 1 ? 2099)")}}, f"{OLD}.scale.schedules.night.when", "2099", "cron(", "* for the year"),
    "a schedule that is none": ({"old__scale__schedules": {"night": night("nightly")}}, f"{OLD}.scale.schedules.night.when", "nightly", "cron(", "for example cron("),
    "two schedules at one time": (
        {"old__scale__schedules": {"a": night(), "b": night()}}, f"{OLD}.scale.schedules.b.when", "cron(0 20", "of its own", "move it",
    ),
    "a port of root's": ({"old__port": 80}, f"{OLD}.port", "80", "from 1024", "1024 or more"),
    "no route": ({"old__route": None}, f"{OLD}.route", "null", "a map", "docs/settings.md"),
    "no health": ({"old__health": "health"}, f"{OLD}.health", '"health"', "begins with /", "/health"),
    "a size as of a task": ({"old__size": {"cpu": 256}}, f"{OLD}.size", 'the key "size"', "machine", "for another kind"),
    "no packages": ({"old__egress": {"internet": "none"}}, f"{OLD}.egress.internet", "none", "https", "web service"),
    "an image for another processor": (
        {"old__image": "crccheck/hello-world:v1.0.0"}, f"{OLD}.image", "machine.type: t4g.small, which is arm64", "an image for arm64", "a machine.type of x86_64, for example t3.small",
    ),
    "an image for another processor, on a large one": (
        {"old__image": "crccheck/hello-world:v1.0.0", "old__machine__type": "m6g.large"}, f"{OLD}.image", "m6g.large, which is arm64", "an image for arm64", "for example m6i.large",
    ),
    "a tag that moves": ({"old__image": "app:latest"}, f"{OLD}.image", "app:latest", "other than latest", "name the version"),
    "an unknown store": ({"old__uses": {"mian": "write"}}, f"{OLD}.uses.mian", '"mian"', "main", "main"),
    "a priority that is taken": ({"old__route": {"path": "/legacy/*", "priority": 60}}, f"{PLACED}.route.priority", "60", "each number once", "a free one"),
    "capacity that there is not": ({"placed__runsOn": "amr"}, f"{PLACED}.runsOn", '"amr"', "arm", "did you mean arm"),
    "another processor": ({"placed__size__architecture": "x86_64"}, f"{PLACED}.size.architecture", "t4g.medium is arm64", "arm64", "set it to arm64"),
    "larger than a machine": ({"placed__size": {"cpu": 2048, "memory": 4096, "architecture": "arm64"}}, f"{PLACED}.size.memory", "4096 (t4g.medium)", "up to 3840", "larger"),
    "more CPU than a machine": ({"placed__size": {"cpu": 4096, "memory": 8192, "architecture": "arm64"}, "arm__machine__type": "r8g.large"}, f"{PLACED}.size.cpu", "4096", "up to 2048", "smaller"),
    "Spot and EC2": ({"placed__spot": {"base": 1, "share": 50}}, f"{PLACED}.spot", "runsOn: \"arm\"", "spot or runsOn", "take one"),
    "Spot without other types": ({"old__spot": {"base": 1, "share": 50, "types": []}}, f"{OLD}.spot.types", "an empty list", "1", ""),
    "Spot of types unsaid": ({"old__spot": {"base": 1, "share": 50}}, f"{OLD}.spot.types", "nothing", "a list", "add it: types"),
    "Spot alone when protected": ({"old__spot": {**SPOT, "base": 0}}, f"{OLD}.spot.base", "0 (groundwork:protection", "1 or more", "set base to 1 or more"),
    "no share on Spot": ({"old__spot": {**SPOT, "share": 0}}, f"{OLD}.spot.share", "0", "from 1", "1 or more"),
    "more than all on Spot": ({"old__spot": {**SPOT, "share": 101}}, f"{OLD}.spot.share", "101", "to 100", "100 or less"),
    "the machine's type once more": ({"old__spot": {**SPOT, "types": ["t4g.small"]}}, f"{OLD}.spot.types[0]", "t4g.small", "each type once", "take it out"),
    "a type twice": ({"old__spot": {**SPOT, "types": ["t4g.medium", "t4g.medium"]}}, f"{OLD}.spot.types[1]", "t4g.medium", "each type once", "take it out"),
    "a type of another processor": ({"old__spot": {**SPOT, "types": ["t3.small"]}}, f"{OLD}.spot.types[0]", "t3.small (x86_64)", "arm64", "a type of arm64"),
    "a smaller type": ({"old__spot": {**SPOT, "types": ["t4g.micro"]}}, f"{OLD}.spot.types[0]", "t4g.micro (2 vCPU, 1024 MiB)", "2048 MiB or more", "for example t4g."),
    "a type of no such size": ({"old__spot": {**SPOT, "types": ["t4g.smal"]}}, f"{OLD}.spot.types[0]", "t4g.smal", "t4g.small", "did you mean"),
    "no second zone": ({"arm__min": 1}, f"{ARM_KEY}.min", "1 (ground", "2 or more", "set min to 2"),
    "less than none": ({"arm__max": 1}, f"{ARM_KEY}.max", "1 (min: 2)", "2 to 500", "raise max"),
    "more than all": ({"arm__usedPercent": 101}, f"{ARM_KEY}.usedPercent", "101", "to 100", "100 or less"),
    "a disk below that of the image for ECS": ({"arm__machine__diskGib": 20}, f"{ARM_KEY}.machine.diskGib", "20", "30 to", "raise it to 30"),
    "capacity of a wrong name": ({"compute": {"capacity": {"Arm": ARM}}, "placed__runsOn": MISSING}, "groundwork:compute.capacity.Arm", '"Arm"', "lower-case", "rename"),
    "tasks that nobody counts when protected": (
        {"compute__containerInsights": False}, "groundwork:compute.containerInsights", "false (groundwork:protection.protected: true)", "true", "remove the line containerInsights: false",
    ),
    "a misspelt key": ({"compute": {"capacities": {}}, "placed__runsOn": MISSING}, "groundwork:compute.capacities", "capacities", "capacity", "capacity"),
}  # fmt: skip


@for_each("case", CASES)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: str, refused: Refused) -> None:
    changes, key, given, allowed, change = CASES[case]
    found = refused(stack(**changes))
    assert list(found) == [key], "one mistake, one message, at the key that is wrong"
    assert given in found[key]["given"]
    assert allowed in found[key]["allowed"]
    assert change in found[key]["change"]


def test_a_protected_fleet_is_told_of_instances_and_of_both_bounds(refused: Refused) -> None:
    (mistake,) = refused(stack(**CASES["asleep when protected"][0])).values()
    assert mistake["problem"] == "a protected stack's service needs an instance in a second zone"
    assert mistake["change"] == "set min to 2, and max to no less"


def test_what_is_left_out_has_its_value(load: Load) -> None:
    settings = load(stack())
    old, placed, arm = settings.services["old"], settings.services["placed"], settings.compute.capacity["arm"]
    assert isinstance(old, FleetSettings)
    assert (old.machine.disk_gib, old.machine.image_as_of, old.machine.longest_life_days) == (20, None, None)
    assert (old.scale.out_above, old.scale.add_percent, old.scale.in_below) == (80, 30, 30)
    assert (old.scale.cooldown_seconds, old.scale.warmup_seconds) == (300, 60)
    assert isinstance(placed, WebSettings)
    assert placed.runs_on == "arm"
    assert (arm.machine.disk_gib, arm.used_percent) == (30, 100)


def test_a_stack_that_says_nothing_of_compute_has_no_capacity(load: Load) -> None:
    assert load().compute.capacity == {}


@for_each(
    "type_, architecture",
    [
        ("t4g.small", "arm64"),
        ("m7i.large", "x86_64"),
        ("c7gn.large", "arm64"),
        ("im4gn.large", "arm64"),
        ("a1.large", "arm64"),
        ("g4dn.xlarge", "x86_64"),
        ("m7i-flex.large", "x86_64"),
        ("x2gd.medium", "arm64"),
    ],
)
def test_the_type_says_the_processor_whether_or_not_the_table_has_it(type_: str, architecture: str) -> None:
    assert MachineSettings(type=type_).architecture == architecture


def test_the_naming_rule_agrees_with_the_whole_table() -> None:
    for name, known in tables.instance_types().items():
        family = name.partition(".")[0]
        assert MachineSettings(type=name).architecture == known.architecture
        assert ("g" in family.lstrip("mcrt").rstrip("-flex")[1:]) == (known.architecture == "arm64"), name


def test_a_family_newer_than_the_table_is_a_warning_and_no_mistake(
    load: Load, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", said.append)
    load(stack(old__machine__type="m99g.large"))
    assert [text for text in said if "m99g.large" in text and "taken for arm64" in text]


def warned(load: Load, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", said.append)
    load(stack(**changes))
    return [text for text in said if "compute.capacity" in text]


def test_more_tasks_than_network_interfaces_are_a_warning(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    scale = {"min": 2, "max": 13, "outAbove": 60, "inBelow": 30}
    (said,) = warned(load, monkeypatch, placed__scale=scale)
    assert "may have 13 tasks, and 6 x t4g.medium take 12: 2 each" in said
    assert warned(load, monkeypatch, placed__scale={**scale, "max": 12}) == []


def test_capacity_that_nobody_runs_on_is_a_warning(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = warned(load, monkeypatch, placed__runsOn=MISSING)
    assert "no service runs on it" in said
    assert "at least 2 of its instances cost money" in said


def test_without_nat_neither_a_fleet_nor_capacity_can_work(refused: Refused) -> None:
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1"
    away = {"network.nat": "none", "network.endpoints": ["s3", "ecr", "logs", "secretsmanager"]}
    images = {"services.web.image": image, "old__image": image, "placed__image": image}
    found = refused(stack(**{**images, **{key.replace(".", "__"): value for key, value in away.items()}}))
    assert {f"{OLD}.kind", ARM_KEY} <= set(found)
    assert "installs docker" in found[f"{OLD}.kind"]["problem"]


def test_a_fleet_of_an_unprotected_stack_may_have_one_instance_and_sleep(load: Load) -> None:
    asleep = {"night": night(low=0, high=0), "day": night("cron(0 7 ? * MON-FRI *)", 1, 2)}
    scale = {"min": 1, "max": 2, "schedules": asleep}
    old = load(stack(old__scale=scale, protection__protected=False)).services["old"]
    assert isinstance(old, FleetSettings)
    assert (old.scale.sleeps, old.scale.least) == (True, 1)


@for_each(
    "when, written",
    [
        ("cron(0 20 ? * MON-FRI *)", "0 20 * * 1,2,3,4,5"),
        ("cron(30 7 * * ? *)", "30 7 * * *"),
        ("cron(0/30 8-10 ? JAN,MAR SUN *)", "0,30 8,9,10 * 1,3 0"),
        ("cron(0 0 1,15 * ? *)", "0 0 1,15 * *"),
        ("cron(5 4 ? * SAT *)", "5 4 * * 6"),
    ],
)
def test_a_schedule_means_the_same_to_a_group(when: str, written: str) -> None:
    assert schedules.unix(when) == written


@for_each(
    "when",
    [
        "at(2099-01-01T00:00:00)",
        "rate(1 day)",
        "cron(0 0 ? * 2#1 *)",
        "cron(0 0 LW * ? *)",
        "cron(0-58 0-22 1-30 JAN-JUL ? *)",  # 321 characters in numbers
    ],
)
def test_a_schedule_that_a_group_cannot_be_told_is_refused(when: str) -> None:
    with pytest.raises(ScheduleError, match="an Auto Scaling group"):
        schedules.unix(when)


def test_capacity_is_checked_by_itself_too() -> None:
    assert CapacitySettings.model_validate(ARM).machine.architecture == "arm64"


def test_a_fleet_may_have_a_base_with_all_of_the_rest_on_spot_and_in_dev_none_at_all(load: Load) -> None:
    old = load(stack(old__spot={"base": 1, "share": 100, "types": ["t4g.medium", "m7g.large"]})).services["old"]
    assert isinstance(old, FleetSettings)
    assert old.spot is not None
    assert old.spot.types == ("t4g.medium", "m7g.large")
    alone = load(stack(old__spot={**SPOT, "base": 0}, protection__protected=False)).services["old"]
    assert isinstance(alone, FleetSettings)
    assert alone.spot is not None
    assert alone.spot.base == 0
