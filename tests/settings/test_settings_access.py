"""Secrets, levels, ways out, boundary and processors: every mistake in them, and what is fine."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from settings import PROJECT_ROOT, Settings, dockerfile, images
from settings.section import Salvaged
from settings.shape import number
from tests.gathered import for_each
from tests.settings.cases import STATUS, UNPROTECTED, UPLOADS, WEB, Case, Refused, is_said, one
from tests.settings.conftest import configure

Load = Callable[..., Settings]
SECRETS = f"{WEB}.secrets"
THEIRS = "arn:aws:secretsmanager:us-east-1:111122223333:secret:mail-AbCdEf"
ENDPOINTS = {"network.endpoints": ["s3", "ecr", "logs", "secretsmanager"]}
VALUE = "hunter2-hunter2"


def secrets() -> Iterator[Case]:
    """Where the value of a secret variable comes from."""
    key = f"{SECRETS}.PAYMENT_KEY"
    yield Case("nowhere", {SECRETS: {"PAYMENT_KEY": {}}}, f"{key}.config", "neither", "exactly one", "name a value")
    both = {"config": "payment-key", "arn": THEIRS}
    yield Case("two places", {SECRETS: {"PAYMENT_KEY": both}}, f"{key}.config", "both", "exactly one", "take one")
    yield Case(
        "not set",
        {SECRETS: {"PAYMENT_KEY": {"config": "payment-key"}}},
        f"{key}.config",
        'the name "payment-key"',
        "groundwork:secrets has no value",
        "pulumi config set --secret --path 'groundwork:secrets.payment-key' --stack prod",
    )
    yield Case(
        "the value itself as text", {SECRETS: {"PAYMENT_KEY": VALUE}}, key, "not shown", "a map", "see docs/settings.md"
    )
    yield Case(
        "the value for its name",
        {SECRETS: {"PAYMENT_KEY": {"config": "Hunter2_Hunter2"}}},
        f"{key}.config",
        "not shown",
        "the name of a value, not the value",
        "config: payment-key",
    )
    arn = f"{key}.arn"
    short = THEIRS.removesuffix("-AbCdEf")
    yield Case("half an ARN", {SECRETS: {"PAYMENT_KEY": {"arn": short}}}, arn, "not shown", "six characters", "arn: ")
    yield Case(
        "a secret of another region",
        {SECRETS: {"PAYMENT_KEY": {"arn": THEIRS.replace("us-east-1", "eu-west-1")}}},
        arn,
        "eu-west-1",
        "arn:aws:secretsmanager:us-east-1:",
        "replicate the secret",
    )
    yield Case(
        "a secret of another account",
        {SECRETS: {"PAYMENT_KEY": {"arn": THEIRS.replace("111122223333", "444455556666")}}},
        f"{key}.keyArn",
        "444455556666",
        "the ARN of the KMS key",
        "let the account 111122223333",
    )
    yield Case(
        "an alias for a key",
        {SECRETS: {"PAYMENT_KEY": {"arn": THEIRS, "keyArn": "arn:aws:kms:us-east-1:111122223333:alias/mail"}}},
        f"{key}.keyArn",
        "not shown",
        "not of an alias",
        "keyArn: ",
    )
    yield Case(
        "a field that is no key",
        {SECRETS: {"PAYMENT_KEY": {"arn": THEIRS, "field": "a:b"}}},
        f"{key}.field",
        "not shown",
        "plain characters",
        "field: dsn",
    )
    theirs = {"arn": THEIRS}
    for name, problem in (("NODE_ENV", "keep one of the two"), ("MAIN_PASSWORD", "rename"), ("AWS_REGION", "take it")):
        yield Case(f"{name} twice", {SECRETS: {name: theirs}}, f"{SECRETS}.{name}", f'the name "{name}"', "", problem)
    yield Case("bad name", {SECRETS: {"A-B": theirs}}, f"{SECRETS}.A-B", '"A-B"', "letters, digits and _", "rename it")


def ways_out() -> Iterator[Case]:
    """What a service may reach."""
    key = f"{WEB}.egress"
    all_ = {key: {"internet": "all"}}
    yield Case("all of the internet", all_, f"{key}.internet", '"all"', "https or none", "https or none")
    place = {"cidr": "203.0.113.0/24", "port": 587}
    for name, cidr, given in (
        ("host bits", "203.0.113.1/24", "203.0.113.1/24"),
        ("a name", "mail.example.com", "mail"),
    ):
        wrong = {"to": [{**place, "cidr": cidr}]}
        yield Case(name, {key: wrong}, f"{key}.to[0].cidr", given, "the length of its prefix", "203.0.113.7/32")
    yield Case("twice", {key: {"to": [place, place]}}, f"{key}.to[1]", "port 587", "each place once", "take one of")
    again = {"to": [{**place, "port": 443}]}
    yield Case("https again", {key: again}, f"{key}.to[0]", "port 443 (internet: https)", "other ports", "take it out")
    yield Case("no port", {key: {"to": [{**place, "port": 0}]}}, f"{key}.to[0].port", "0", "from 1", "port: 1 or more")
    six = {"to": [{"cidr": "2001:db8::/32", "port": 25}]}
    yield Case("IPv6 without it", {key: six}, f"{key}.to[0].cidr", "ipv6: false", "a range of IPv4", "ipv6 to true")
    none = {key: {"internet": "none"}}
    yield Case(
        "no way to AWS",
        {**none, **_in_ecr()},
        f"{key}.internet",
        "none (groundwork:network.endpoints: s3, dynamodb, ecr)",
        "logs and secretsmanager",
        "add logs and secretsmanager",
    )
    yield Case("no way to the image", {**none, **ENDPOINTS}, f"{key}.internet", "hello-world", "private ECR", "copy")


def rest() -> Iterator[Case]:
    """Levels, boundary, processors, how a container runs."""
    for store, level in (("main", "write"), ("uploads", "write")):
        path = f"{WEB}.uses.{store}"
        yield one(f"admin of {store}", path, "admin", "admin (ground", level, f"write {store}: {level}")
    key = "protection.permissionsBoundary"
    for name, arn in (
        ("of another account", "arn:aws:iam::444455556666:policy/boundary"),
        ("of another partition", "arn:aws-cn:iam::111122223333:policy/boundary"),
    ):
        yield one(f"boundary {name}", key, arn, f'"{arn}"', "arn:aws:iam::111122223333:policy/", "111122223333")
    role = "arn:aws:iam::111122223333:role/boundary"
    yield one("a role for a boundary", key, role, f'"{role}"', "the ARN of an IAM policy", "policy/boundary")
    size = f"{WEB}.size"
    arm = {"cpu": 1024, "memory": 2048, "architecture": "arm64"}
    yield Case("image of one processor", {size: arm}, f"{WEB}.image", "arm64", "an image for arm64", "to x86_64")
    for image, only in (("shop/web:1.2-amd64", "x86_64"), ("amd64/nginx:1.29", "x86_64")):
        change = f"size.architecture to {only}"
        yield Case(f"{image} on arm64", {size: arm, f"{WEB}.image": image}, f"{WEB}.image", image, "for arm64", change)
    image = "arm64v8/nginx:1.29"
    yield one("an arm64 image on x86", f"{WEB}.image", image, image, "an image for x86_64", "architecture to arm64")
    scratch = f"{WEB}.scratch"
    yield one("scratch as a list", scratch, ["/tmp"], "a list of 1", "a map", "scratch: {")
    for name, folder in (("system folder", "/proc/x"), ("way up", "/a/../b"), ("the platform's", "/managed-agents")):
        yield Case(name, {scratch: {folder: 8}}, f"{scratch}[{json.dumps(folder)}]", folder, "absolute", "another")
    inner = {"/a": 8, "/a/b": 8}
    yield Case("one in the other", {scratch: inner}, f'{scratch}["/a/b"]', '"/a/b"', "apart from each other", "another")
    yield one("more than memory", scratch, {"/a": 1025}, "1025 MiB in all", "up to 1024", "smaller")
    for code, given, change in ((59, "59", "60 or more"), (1801, "1801", "1800 or less")):
        restart = {"attemptPeriodSeconds": code}
        path = f"{WEB}.restart.attemptPeriodSeconds"
        yield Case(f"restart {code}", {f"{WEB}.restart": restart}, path, given, "from 60 to 1800", change)
    yield one("stop at once", f"{WEB}.stopSeconds", 1, "1", "from 2 to 120", "2 or more")
    yield one("no files", f"{WEB}.openFiles", 0, "0", "from 1024 to 1048576", "1024 or more")


def _in_ecr() -> dict[str, Any]:
    return {f"{WEB}.image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1"}


CASES = [*secrets(), *ways_out(), *rest()]


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, refused)


@for_each("case", CASES, name=lambda case: case.name)
def test_no_message_shows_what_could_be_a_secret(case: Case, refused: Refused) -> None:
    assert "unter2" not in str(refused(case.changes))


# -- values of the configuration --------------------------------------------------------------------------------------

FILE = "Pulumi.prod.yaml"
KEY = "groundwork:secrets"
USED = {SECRETS: {"PAYMENT_KEY": {"config": "payment-key"}}}


def given(root: Path, values: Any, *, written: Any = ...) -> None:
    """Writes the stack file: each value encrypted, unless `written` says what stands there."""
    secure = {name: {"secure": "v1:abc"} for name in values} if isinstance(values, dict) else {"secure": "v1:abc"}
    (root / FILE).write_text(yaml.safe_dump({"config": {KEY: secure if written is ... else written}}))


def test_a_value_that_is_set_is_a_pulumi_secret_and_no_setting(load: Load, root: Path, warned: list[str]) -> None:
    given(root, {"payment-key": VALUE})
    settings = load({**USED, "secrets": {"payment-key": VALUE}}, secrets=[KEY])
    assert list(settings.secret_values) == ["payment-key"]
    assert isinstance(settings.secret_values["payment-key"], pulumi.Output)
    assert VALUE not in repr(settings)
    assert VALUE not in settings.model_dump_json()
    assert warned == []


@pytest.mark.parametrize(
    ("written", "is_secret"),
    [
        ({"payment-key": VALUE}, False),
        ({"payment-key": VALUE, "other": {"secure": "v1:abc"}}, True),
        (None, False),
    ],
    ids=["the only one", "beside an encrypted one", "not in the file"],
)
def test_a_value_in_clear_text_is_refused_and_not_shown(
    refused: Refused, root: Path, written: Any, is_secret: bool
) -> None:
    given(root, {}, written=written)
    found = refused({**USED, "secrets": {"payment-key": VALUE}}, secrets=[KEY] if is_secret else [])
    assert list(found) == [f"{KEY}.payment-key"]
    assert "clear text" in found[f"{KEY}.payment-key"]["problem"]
    assert "replace the secret" in found[f"{KEY}.payment-key"]["change"]
    assert VALUE not in str(found)


def test_a_value_given_on_the_command_line_in_the_place_of_an_encrypted_one_is_taken(load: Load, root: Path) -> None:
    given(root, {"payment-key": VALUE})
    assert list(load({**USED, "secrets": {"payment-key": VALUE}}).secret_values) == ["payment-key"]


@for_each(
    "content, key, problem",
    [
        ({"payment-key": ""}, f"{KEY}.payment-key", "is empty"),
        ({"payment-key": "  "}, f"{KEY}.payment-key", "is empty"),
        ({"payment-key": 12}, f"{KEY}.payment-key", "is not text"),
        ({"payment-key": {"a": VALUE}}, f"{KEY}.payment-key", "is not text"),
        ({"payment-key": "x" * 65537}, f"{KEY}.payment-key", "longer than Secrets Manager takes"),
        ({"payment-key": "x", "Other": "y"}, f"{KEY}.Other", "not a name"),
        ([VALUE], KEY, "no map"),
        (VALUE, KEY, "no map"),
    ],
)
def test_a_value_that_cannot_be_kept_is_one_message_without_it(
    refused: Refused, root: Path, content: Any, key: str, problem: str
) -> None:
    given(root, content)
    found = refused({**USED, "secrets": content}, secrets=[KEY])
    assert list(found) == [key]
    assert problem in found[key]["problem"]
    assert VALUE not in str(found)


def test_a_misspelt_name_is_told_with_the_one_that_was_meant(refused: Refused, root: Path) -> None:
    given(root, {"payment-keys": VALUE})
    key = "groundwork:services.web.secrets.PAYMENT_KEY.config"
    found = refused({**USED, "secrets": {"payment-keys": VALUE}}, secrets=[KEY])
    assert list(found) == [key]
    assert found[key]["change"].startswith("did you mean payment-keys?")


def test_all_that_are_not_set_are_told_at_once(refused: Refused) -> None:
    wanted = {name: {"config": name.lower()} for name in ("A", "B")}
    found = refused({SECRETS: wanted, f"{STATUS}.secrets": {"C": {"config": "c"}}})
    assert [key.rpartition(".secrets.")[2] for key in found] == ["A.config", "B.config", "C.config"]


def test_a_value_that_nobody_uses_is_a_warning(load: Load, root: Path, warned: list[str]) -> None:
    given(root, {"old": VALUE})
    load({"secrets": {"old": VALUE}}, secrets=[KEY])
    assert len(warned) == 1
    assert warned[0].startswith(f"{KEY}.old: no service names it")
    assert VALUE not in warned[0]


def test_values_are_read_wherever_they_stand_and_a_misspelt_section_is_none(root: Path) -> None:
    configure({"secrest": {"a": "x"}})
    with pytest.raises(pulumi.RunError, match="did you mean groundwork:secrets") as caught:
        Settings.load(root)
    assert "groundwork:secrets" in str(caught.value)


def test_a_broken_rule_is_told_even_where_nothing_could_be_salvaged(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("settings.salvage.salvage", lambda model, raw: Salvaged())
    place = {"cidr": "203.0.113.0/24", "port": 587}
    found = refused({f"{WEB}.egress": {"to": [place, place]}})
    assert list(found) == ["groundwork:services.web.egress.to[1]"]


def test_a_place_is_judged_beside_mistakes_elsewhere(refused: Refused) -> None:
    wrong = {"cidr": "203.0.113.1/24", "port": 587}
    found = refused({f"{WEB}.egress": {"to": [{"cidr": "203.0.113.0/24", "port": 587}, wrong]}, f"{WEB}.port": 80})
    assert set(found) == {"groundwork:services.web.port", "groundwork:services.web.egress.to[1].cidr"}


# -- what is fine ----------------------------------------------------------------------------------------------------


def test_admin_is_for_stacks_that_are_not_protected(load: Load) -> None:
    service = load({**UNPROTECTED, f"{WEB}.uses": {"main": "admin", "uploads": "admin"}}).services["web"]
    assert service.needs == {"main": ("admin",), "uploads": ("admin",)}


def test_where_admin_is_possible_it_is_named_among_the_levels(refused: Refused) -> None:
    (found,) = refused({**UNPROTECTED, f"{WEB}.uses.uploads": "readd"}).values()
    assert found["allowed"] == "read, write or admin"
    assert found["change"] == "write uploads: read"


def test_without_internet_all_is_well_when_aws_is_reached(load: Load) -> None:
    changes = {**_in_ecr(), **ENDPOINTS, f"{WEB}.egress": {"internet": "none"}}
    assert load(changes).services["web"].egress.internet == "none"


def test_a_network_that_is_brought_has_no_endpoints_to_go_through(refused: Refused) -> None:
    from tests.settings.test_settings_bad_network import brought  # noqa: PLC0415

    found = refused({**brought(), **_in_ecr(), f"{WEB}.egress": {"internet": "none"}})
    assert "this one is brought" in found["groundwork:services.web.egress.internet"]["problem"]


def test_images_that_come_through_nat_in_a_protected_stack_are_a_warning(load: Load, warned: list[str]) -> None:
    load({"network.endpoints": ["s3", "dynamodb"]})
    (said,) = warned
    assert said.startswith("groundwork:network.endpoints: ecr is not among them")
    assert "(status)" in said, "web comes from Docker Hub, for which there is no endpoint"
    warned.clear()
    load({"network.endpoints": ["s3", "dynamodb"], **UNPROTECTED})
    assert warned == []


def test_a_boundary_of_aws_or_of_the_account_is_taken_and_reaches_the_location(load: Load) -> None:
    for arn in ("arn:aws:iam::111122223333:policy/team/boundary", "arn:aws:iam::aws:policy/PowerUserAccess"):
        assert load({"protection.permissionsBoundary": arn}).location.permissions_boundary == arn
    assert load().location.permissions_boundary is None


def test_what_is_left_out_is_as_safe_as_before(load: Load) -> None:
    web: Any = load().services["web"]
    assert (web.stop_seconds, web.scratch, web.open_files, web.restart, web.secrets) == (60, {}, None, None, {})
    assert (web.egress.internet, web.egress.to) == ("https", ())


def test_the_page_about_access_shows_what_a_protected_stack_takes(load: Load, root: Path) -> None:
    (snippet,) = re.findall(r"```yaml\n(.*?)```", (PROJECT_ROOT / "docs/access.md").read_text(), re.DOTALL)
    given(root, {"payment-key": VALUE})
    (shop,) = yaml.safe_load(snippet)["groundwork:services"].values()
    loaded: Any = load({"services.shop": shop, "secrets": {"payment-key": VALUE}}, secrets=[KEY]).services["shop"]
    assert loaded.secret_names == {"payment-key"}
    assert shop.keys() >= {"secrets", "egress", "scratch", "restart", "stopSeconds", "openFiles"}


# -- processors -------------------------------------------------------------------------------------------------------


@for_each(
    "text, known",
    [
        ("FROM python:3.13\n", ("python:3.13", None)),
        ("FROM --platform=linux/amd64 python:3.13\n", ("python:3.13", "linux/amd64")),
        ("from --platform='linux/arm64' python AS base\nFROM base\n", ("python", "linux/arm64")),
        ("FROM --platform=$BUILDPLATFORM golang AS build\nFROM scratch\nCOPY --from=build /a /a\n", ("scratch", None)),
        ("FROM --platform=$TARGETPLATFORM alpine\n", ("alpine", None)),
        ("ARG V=1\nFROM \\\n  --platform=linux/amd64 \\\n  alpine:3\n", ("alpine:3", "linux/amd64")),
        ("FROM alpine AS alpine\nRUN true\n", ("alpine", None)),
        ("# FROM nothing\n", None),
    ],
)
def test_what_an_image_is_built_on_is_what_its_last_stage_comes_from(text: str, known: Any) -> None:
    assert dockerfile.built_on(text) == known


@pytest.mark.parametrize(
    ("text", "why", "end"),
    [
        ("FROM --platform=linux/amd64 alpine:3.22\n", "--platform=linux/amd64", "comes from size.architecture"),
        ("FROM amd64/alpine:3.22\n", "amd64 are", "an image for arm64"),
    ],
)
def test_a_dockerfile_for_another_processor_is_refused(
    refused: Refused, root: Path, text: str, why: str, end: str
) -> None:
    (root / "services/status/Dockerfile").write_text(text)
    found = refused({})
    assert list(found) == ["groundwork:services.status.build"]
    assert why in found["groundwork:services.status.build"]["problem"]
    assert "(size.architecture: arm64)" in found["groundwork:services.status.build"]["given"]
    assert found["groundwork:services.status.build"]["change"].endswith(end)


def test_a_dockerfile_for_any_processor_or_for_the_right_one_is_fine(load: Load, root: Path) -> None:
    for text in ("FROM --platform=linux/arm64 alpine\n", "FROM alpine\n", "FROM arm64v8/alpine\n", "FROM ${BASE}\n"):
        (root / "services/status/Dockerfile").write_text(text)
        assert load().services["status"].build == "services/status"


@for_each(
    "reference, known",
    [
        ("crccheck/hello-world:v1.0.0", {"x86_64"}),
        ("docker.io/crccheck/hello-world:v1.0.0", {"x86_64"}),
        ("ghcr.io/crccheck/hello-world:v1.0.0", None),
        ("shop/web:1.0-arm64", {"arm64"}),
        ("shop/web:arm64", None),
        ("shop/web:1.0", None),
        (f"shop/web@sha256:{'a' * 64}", None),
    ],
)
def test_processors_are_known_from_tag_namespace_or_table_and_else_not(reference: str, known: Any) -> None:
    found = images.architectures(images.parse(reference))
    assert (None if found is None else set(found[0])) == known


# -- numbers ----------------------------------------------------------------------------------------------------------


@for_each(
    "value, text",
    [
        (1e6, "1000000"),
        (1e12, "1000000000000"),
        (1123200.0, "1123200"),
        (0.5, "0.5"),
        (float("inf"), ".inf"),
        (float("nan"), ".nan"),
        (1e21, "1e+21"),
    ],
)
def test_numbers_are_written_as_people_and_yaml_write_them(value: float, text: str) -> None:
    assert number(value) == text


def test_a_number_in_a_message_is_written_out(refused: Refused) -> None:
    (found,) = refused({f"{UPLOADS}.archiveAfterDays": "1000000.0"}).values()
    assert found["change"] == "write it without quotes: archiveAfterDays: 1000000"
