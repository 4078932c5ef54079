"""What is said behind an exception of the program whose cause is a missing SDK, another version of one, or a variable."""

import inspect
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from preflight import advice as module
from preflight.advice import advice


def _caught(call: Callable[[], object]) -> BaseException:
    try:
        call()
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("pulumi_shop")
    source = """
def get_shelf(name): pass
class Shelf:
    def __init__(self, resource_name, *args, **kwargs): self._internal_init(resource_name, *args, **kwargs)
    def _internal_init(__self__, resource_name, opts=None, name_prefix=None, depth=None): pass
class ShelfArgs:
    def __init__(self, depth=None): pass
"""
    exec(source, module.__dict__)
    for name in ("get_shelf", "Shelf", "ShelfArgs"):
        vars(module)[name].__module__ = "pulumi_shop"
    monkeypatch.setitem(sys.modules, "pulumi_shop", module)
    return module


def test_a_package_that_is_missing_is_named_as_it_is_published() -> None:
    said = advice(_caught(lambda: __import__("pulumi_nowhere")))
    assert sys.prefix in said
    assert said.endswith("Install the project's requirements (pulumi-nowhere)")
    assert advice(_caught(lambda: __import__("nowhere_at_all"))).endswith("Install the project's requirements")


def test_an_argument_that_this_version_has_no_more_is_named_with_the_one_near_it(sdk: ModuleType) -> None:
    said = advice(_caught(lambda: sdk.Shelf("x", shelf_name_prefix="y")))
    assert "pulumi_shop, knows" not in said
    assert "The installed pulumi_shop knows no argument shelf_name_prefix of Shelf (near it: name_prefix)." in said
    assert "requirements" in said
    assert "no argument colour of ShelfArgs. " in advice(_caught(lambda: sdk.ShelfArgs(colour=1)))
    assert "no argument nam of get_shelf (near it: name)" in advice(_caught(lambda: sdk.get_shelf(nam=1)))


def test_what_stands_in_the_place_of_an_argument_is_said_for_each_that_this_version_has_no_more() -> None:
    table = json.loads(Path(module.__file__).with_name("renamed.json").read_text(encoding="utf-8"))["pulumi_aws"]
    for place, arguments in table.items():
        inner, _, name = place.rpartition(".")
        made = getattr(import_module(f"pulumi_aws.{inner}".rstrip(".")), name)
        taken = inspect.signature(made._internal_init).parameters
        for argument, instead in arguments.items():
            said = advice(_caught(partial(made, "x", **{argument: "y"})))
            assert f"no argument {argument} of {name} (instead: {instead})." in said, (place, argument)
            first = instead.partition("=")[0]
            assert " " in first or first in taken, (place, argument)


def test_of_classes_of_one_name_the_one_that_was_made_is_told_of() -> None:
    ec2, rds = import_module("pulumi_aws.ec2"), import_module("pulumi_aws.rds")
    assert "no argument db_nam of Instance (near it: db_name)" in advice(_caught(lambda: rds.Instance("x", db_nam="y")))
    assert "no argument ami_id of Instance (near it: ami" in advice(_caught(lambda: ec2.Instance("x", ami_id="y")))


def test_a_name_that_this_version_has_no_more_is_named_with_those_near_it(sdk: ModuleType) -> None:
    said = advice(AttributeError("module 'pulumi_shop' has no attribute 'get_shelves'"))
    assert "has no pulumi_shop.get_shelves (near it: get_shelf)" in said
    missing = ImportError("cannot import name 'Shelff' from 'pulumi_shop' (/x.py)", name="pulumi_shop")
    assert "has no pulumi_shop.Shelff (near it: Shelf)." in advice(missing)  # no class of arguments: it was none
    lost = _caught(lambda: import_module("pulumi_aws.s3").BucketReplicationConfiguration)
    assert "(near it: BucketReplicationConfig" in advice(lost)  # and no GetBucketReplicationConfigurationResult
    missing = ImportError("cannot import name 'ShelffArgs' from 'pulumi_shop' (/x.py)", name="pulumi_shop")
    assert "has no pulumi_shop.ShelffArgs (near it: ShelfArgs, " in advice(missing)


def test_a_variable_of_the_environment_is_told_from_any_other_key() -> None:
    said = advice(_caught(lambda: os.environ["PREFLIGHT_NOBODY_SETS_THIS"]))
    assert "The environment variable PREFLIGHT_NOBODY_SETS_THIS is not set" in said
    assert advice(_caught(lambda: dict[str, int]()["PREFLIGHT_NOBODY_SETS_THIS"])) == ""


def test_a_program_that_starts_pulumi_itself_is_told_what_preflight_runs() -> None:
    error = FileNotFoundError(2, "No such file or directory", "pulumi")
    assert "(the Automation API)" in advice(error)
    assert advice(FileNotFoundError(2, "No such file or directory", "pulumi.json")) == ""


def test_mistakes_of_the_program_itself_get_no_advice() -> None:
    def own(size: int) -> None: ...

    assert advice(_caught(lambda: own(shape=1))) == ""  # type: ignore[call-arg]
    assert advice(_caught(lambda: os.nowhere)) == ""  # type: ignore[attr-defined]
    assert advice(ValueError("no")) == ""
