"""What every kind of store is built from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import pulumi

from components.contracts import Site
from settings.location import Location
from settings.section import Section

S_co = TypeVar("S_co", bound=Section, covariant=True)


@dataclass(frozen=True, kw_only=True)
class StoreArgs(Generic[S_co]):
    """One store: its name in the stack file, its settings, where it lives, and what it is encrypted and logged with."""

    store: str
    settings: S_co
    site: Site
    key_arn: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    log_bucket: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool
    backed_up: bool = False
    """Whether AWS Backup keeps it."""
    told_by: Sequence[pulumi.Input[str]] = ()
    """ARNs of the buckets that send it messages."""
    secret_values: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """The application secrets of the stack by name, as Pulumi secrets."""
    availability_zones: Sequence[str] = ()
    """Zones over which instances are spread, in this order; none leaves the choice to AWS."""
