"""The settings of the test port: where a release is looked at before the world gets it."""

from ipaddress import IPv4Network
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from settings.errors import RefusedError
from settings.section import Section

RANGES_MOST = 20  # each is a rule, and a security group has 60
LARGEST_RANGE = 8


def _few(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        network = IPv4Network(value)
    except ValueError:
        raise RefusedError(
            "is no IPv4 range by its first address and size", "write for example 203.0.113.0/24, or 203.0.113.9/32"
        ) from None
    if "/" not in value:
        raise RefusedError("has no size", f"write for example {network.network_address}/32")
    if network.prefixlen < LARGEST_RANGE:
        raise RefusedError(
            "is so large that strangers would see what is not released", "write the ranges of those who test"
        )
    return network


Range = Annotated[
    IPv4Network,
    BeforeValidator(_few),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/([89]|[12][0-9]|3[0-2])$",
            "patternErrorMessage": f"an IPv4 range of /{LARGEST_RANGE} or smaller, for example 203.0.113.0/24",
        }
    ),
]


class PortForTestsSettings(Section):
    """A port of the public load balancer at which services whose requests are shifted show their next release."""

    port: Annotated[
        int,
        Field(ge=1024, le=65535, description="Port of the load balancer; 8443 if left out.", examples=[8443]),
    ] = 8443
    reachable_from: Annotated[
        Annotated[tuple[Range, ...], Field(strict=False, min_length=1, max_length=RANGES_MOST)],
        Field(
            description="Address ranges that may reach it, and nobody else: those that people and tests come from.",
            examples=[["203.0.113.0/24"]],
        ),
    ]
