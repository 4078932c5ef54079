"""What one run is about: the worker's job, typed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from preflight.simulation.place import Place

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"


def region_of_environment() -> str:
    """The region that the environment says, as pulumi-aws reads it; empty where it says none."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One stack in one mode. ``config`` has full keys and the values as the engine would send them; ``assumed``: the
    region of ``place`` was given by nobody."""

    project: str
    stack: str
    organization: str
    preview: bool
    config: Mapping[str, str]
    secret_keys: frozenset[str]
    place: Place
    answers: Mapping[str, Any]
    stack_outputs: Mapping[str, Mapping[str, Any]]
    assumed: bool = False
