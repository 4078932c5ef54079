"""What a good stack file becomes, and what is let through with a warning."""

import subprocess
import sys
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from settings.databases import AuroraSettings, RdsSettings
from settings.network import NetworkSettings
from settings.scaling import CooldownSettings, ScaleSettings
from settings.stores import variable
from tests.gathered import for_each

Load = Callable[..., Any]
Refused = Callable[..., dict[str, dict[str, str]]]
ROOT = Path(__file__).parents[2]


def test_a_good_stack_loads_without_a_word(load: Load, warned: list[str]) -> None:
    settings = load()
    assert warned == []
    assert settings.network.cidr == IPv4Network("10.20.0.0/16")
    assert settings.network.availability_zones == ("us-east-1a", "us-east-1b", "us-east-1c")
    assert isinstance(settings.data.databases["main"], AuroraSettings)
    assert isinstance(settings.data.databases["plain"], RdsSettings)
    assert settings.services["web"].scale.cooldown == CooldownSettings(in_=300, out=60)
    assert settings.services["status"].image is None
    assert settings.location.region == "us-east-1"
    assert settings.location.account_id == "111122223333"


def test_settings_cannot_be_changed(load: Load) -> None:
    settings = load()
    with pytest.raises(ValidationError, match="frozen"):
        settings.network.nat = "none"


def test_a_settings_object_that_breaks_a_rule_cannot_be_made_in_python_either() -> None:
    with pytest.raises(ValidationError, match="is below min"):
        ScaleSettings(min=3, max=2, out_above=60, in_below=30, cooldown=CooldownSettings(in_=1, out=1))


def test_python_may_use_its_own_names_and_types() -> None:
    network = NetworkSettings.model_validate(
        {
            "cidr": IPv4Network("10.9.0.0/16"),
            "availability_zones": ["us-east-1a", "us-east-1b"],
            "subnet_mask": 24,
            "nat": "none",
            "endpoints": (),
            "flow_logs": {"retention_days": 7},
        }
    )
    assert network.flow_logs.retention_days == 7


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data.databases.main.version": "17.12"}, '"17.12" of aurora-postgresql is newer than our table'),
        ({"data.databases.plain.version": "19.1"}, '"19.1" of postgres is newer than our table'),
        ({"data.databases.plain.instanceClass": "db.m9g.large"}, '"db.m9g.large" is newer than our table'),
        ({"aws:region": "ap-northeast-1", "network.availabilityZones": ["ap-northeast-1a", "ap-northeast-1b"]},
         '"ap-northeast-1b" exists for some accounts only'),
    ],
)  # fmt: skip
def test_what_may_be_newer_than_our_tables_is_a_warning(
    load: Load, warned: list[str], changes: dict[str, Any], said: str
) -> None:
    load(changes)
    assert len(warned) == 1
    assert said in warned[0]


def test_a_warning_comes_beside_mistakes_but_is_none(refused: Refused, warned: list[str]) -> None:
    found = refused({"data.databases.main.version": "17.12", "network.subnetMask": 8})
    assert list(found) == ["groundwork:network.subnetMask"]
    assert len(warned) == 1


def test_a_region_without_recorded_letters_takes_any_zone_of_its_own(load: Load, refused: Refused) -> None:
    taipei = {"aws:region": "ap-east-2", "network.availabilityZones": ["ap-east-2a", "ap-east-2d"]}
    assert load(taipei).location.partition == "aws"
    assert list(refused({**taipei, "network.availabilityZones.1": "ap-east-1d"})) == [
        "groundwork:network.availabilityZones[1]"
    ]


@for_each(
    "image",
    [
        "crccheck/hello-world@sha256:" + "a" * 64,
        "crccheck/hello-world:latest@sha256:" + "a" * 64,
        "registry.example.com:5000/team/web:1.2.3",
        "localhost/web:dev",
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:2026-11-21",
    ],
)
def test_a_pinned_image_is_accepted_in_a_protected_stack(load: Load, image: str) -> None:
    assert load({"services.web.image": image}).services["web"].image == image


def test_an_unprotected_stack_may_be_small(load: Load) -> None:
    settings = load(
        {
            "protection.protected": False,
            "edge.domain": None,
            "edge.zoneId": None,
            "services.web.image": "crccheck/hello-world",
            "services.web.scale.min": 1,
            "data.databases.main.minCapacity": 0,
            "data.databases.main.pauseAfterSeconds": 300,
            "data.databases.main.instances": 1,
            "data.databases.main.backupDays": 1,
            "data.databases.plain.multiAz": False,
            "data.databases.plain.backupDays": 1,
        }
    )
    assert settings.edge.domain is None


def test_without_nat_our_own_images_and_those_in_ecr_still_run(load: Load) -> None:
    settings = load(
        {
            "network.nat": "none",
            "network.endpoints": ["s3", "ecr", "logs", "secretsmanager"],
            "services.web.image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1",
        }
    )
    assert settings.network.nat == "none"


def test_a_stack_without_services_needs_no_endpoints(load: Load) -> None:
    assert load({"services": {}, "network.nat": "none", "network.endpoints": []}).services == {}


@for_each(
    "name",
    [
        *("CACHE_KEY_PREFIX", "TOKEN_TTL_SECONDS", "SSH_PUBLIC_KEY", "MONKEY", "KEYBOARD", "PASSENGERS", "BYPASS"),
        "STRIPE_SECRET_ARN",
    ],
)
def test_names_that_only_resemble_secrets_are_fine(load: Load, name: str) -> None:
    assert load({f"services.web.environment.{name}": "x"}).services["web"].environment[name] == "x"


def test_an_empty_secret_tells_nobody_anything(load: Load) -> None:
    assert load({"services.web.environment.API_TOKEN": ""})


def test_two_services_may_share_a_path_on_different_hosts(load: Load) -> None:
    both = {"services.status.route.path": "/*", "services.status.route.host": "status.example.com"}
    assert load(both).services["status"].route.host == "status.example.com"


def test_a_wide_route_hides_only_what_comes_after_it(load: Load, refused: Refused) -> None:
    assert load({"services.status.route.path": "/status", "services.web.route.path": "/s?atus"})
    assert list(refused({"services.status.route.priority": 201})) == ["groundwork:services.status.route.priority"]
    other_host = {"services.status.route.priority": 201, "services.web.route.host": "app.example.com"}
    assert load(other_host), "requests for other hosts still get there"


def test_variables_carry_the_name_of_their_store() -> None:
    assert variable("main-db", "HOST") == "MAIN_DB_HOST"


@pytest.fixture(scope="module")
def imported() -> list[str]:
    """What one process says: whether importing settings has imported Pulumi, and which modules that only a mistaken file
    or an editor needs are there when a good stack file has been loaded."""
    code = (
        "import sys, settings, settings.schema\n"
        "print('pulumi' in sys.modules)\n"
        "for name in ('translation', 'salvage', 'shape', 'schema'): sys.modules.pop(f'settings.{name}', None)\n"
        "import pulumi, json, yaml\n"
        "config = yaml.load(open('Pulumi.dev.yaml'), yaml.CSafeLoader)['config']\n"
        "secrets = 'groundwork:secrets'  # encrypted in the file: stand-ins\n"
        "config |= {secrets: dict.fromkeys(config[secrets], 'stand-in')} if secrets in config else {}\n"
        "texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}\n"
        "pulumi.runtime.set_all_config(texts, [secrets])\n"
        "mocks = type('M', (pulumi.runtime.Mocks,), {'new_resource': None, 'call': None})()\n"
        "pulumi.runtime.set_mocks(mocks, stack='dev')\n"
        "from settings import Settings\n"
        "Settings.load()\n"
        "print(*sorted(m for m in sys.modules if m in {'difflib', 'pydantic.networks', 'email_validator'}\n"
        "      or m in {'settings.translation', 'settings.salvage', 'settings.shape', 'settings.schema'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_importing_settings_imports_no_pulumi(imported: list[str]) -> None:
    assert imported[0] == "False"


def test_a_good_stack_file_does_not_pay_for_the_explanation_of_bad_ones(imported: list[str]) -> None:
    assert imported[1:] == [""]


def test_only_one_module_of_the_program_reads_the_configuration() -> None:
    sources = [ROOT / "__main__.py", *ROOT.glob("components/**/*.py"), *ROOT.glob("settings/**/*.py")]
    readers = [path.relative_to(ROOT).as_posix() for path in sources if "pulumi.Config(" in path.read_text()]
    assert readers == ["settings/stack_file.py"]
