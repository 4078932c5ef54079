"""Every role carries the boundary that the account asks for, and none carries one that nobody asked for."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.security.role import role
from components.security.unscoped import ACTIONS, unscoped
from settings.location import Location
from tests.components.kinds import LOCATION, ROLE, WEB, several

COMPONENTS = Path(__file__).parents[2] / "components"
BOUNDARY = "arn:aws:iam::111122223333:policy/boundary"
JOB = {
    "kind": "job",
    "image": "shop/report:1",
    "schedule": {"when": "rate(1 day)"},
    "stopAfterSeconds": None,
    "size": WEB["size"],
    "environment": {},
    "uses": {},
}


@pytest.mark.parametrize("boundary", [BOUNDARY, None])
def test_every_role_of_services_is_bounded_or_none_is(deploy: Any, boundary: str | None) -> None:
    location = replace(LOCATION, permissions_boundary=boundary)
    roles = deploy(several({"web": WEB, "report": JOB}, location=location)).inputs(ROLE)
    assert len(roles) == 5, "two for each, and the one that starts the job"
    assert {made.get("permissionsBoundary") for made in roles.values()} == {boundary}


def test_a_location_has_no_boundary_unless_it_is_told() -> None:
    assert Location.of("us-east-1", "111122223333").permissions_boundary is None
    assert Location.of("us-east-1", "111122223333", BOUNDARY).permissions_boundary == BOUNDARY


def test_a_role_of_its_own_may_do_nothing(deploy: Any) -> None:
    import pulumi  # noqa: PLC0415

    made = deploy(lambda: role("some", "For a test", [], LOCATION, pulumi.ResourceOptions()))
    assert [r.type for r in made.registered if r.type.startswith("aws:")] == [ROLE]


def test_there_is_one_place_where_roles_are_made() -> None:
    """A role made elsewhere would be the one without the boundary."""
    makers = {
        path.relative_to(COMPONENTS).as_posix()
        for path in COMPONENTS.rglob("*.py")
        if re.search(r"\biam\.Role\(", path.read_text())
    }
    assert makers == {"security/role.py"}


def test_star_is_for_actions_without_a_resource_level_and_each_says_why() -> None:
    assert all(len(reason) > 20 for reason in ACTIONS.values())
    with pytest.raises(ValueError, match=r"s3:GetObject: name the ARN, or say in ACTIONS why there is none"):
        unscoped("Some", ["ecr:GetAuthorizationToken", "s3:GetObject"])
