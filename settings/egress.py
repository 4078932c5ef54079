"""The settings of what a service may reach outside of the stack."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import Field

from settings.errors import Findings, shown
from settings.section import Mistake, Section, rule

HTTPS_PORT = 443
RULES_MOST = 20  # of the 60 rules that a security group may have in one direction


def network(text: str) -> IPv4Network | IPv6Network:
    """An address range as written; raises ValueError for one that has host bits, or is none."""
    return ip_network(text)


class DestinationSettings(Section):
    """One place that a service may reach: a range of addresses, one port."""

    cidr: Annotated[
        str,
        Field(
            max_length=43,
            description="Range of addresses, IPv4 or IPv6.",
            examples=["203.0.113.0/24"],
            json_schema_extra={"patternErrorMessage": "a range of addresses such as 203.0.113.0/24"},
        ),
    ]
    port: Annotated[int, Field(ge=1, le=65535, description="Port there.", examples=[587])]
    protocol: Annotated[
        Literal["tcp", "udp"], Field(description="tcp or udp; tcp when not given.", examples=["tcp"])
    ] = "tcp"

    @rule
    def _it_is_a_range(self) -> Findings:
        try:
            network(self.cidr)
        except ValueError as error:
            yield Mistake(
                key=("cidr",),
                problem=f"is no range of addresses: {error}",
                given=shown(self.cidr),
                allowed="an address with the length of its prefix, no bits set behind it",
                change="write for example 203.0.113.0/24, or 203.0.113.7/32 for a single address",
            )


class EgressSettings(Section):
    """What a service may reach beside the stores and services that it uses."""

    internet: Annotated[
        Literal["https", "none"],
        Field(
            description="https: port 443 anywhere, for registries, AWS and partners; so it is when nothing is given."
            " none: only AWS, through the endpoints of the stack's network.",
            examples=["https"],
        ),
    ] = "https"
    to: Annotated[
        tuple[DestinationSettings, ...],
        Field(
            strict=False,
            max_length=RULES_MOST,
            description="Further places, each a range of addresses and a port.",
            examples=[[]],
        ),
    ] = ()

    @rule
    def _each_place_is_named_once(self) -> Findings:
        for position, place in enumerate(self.to):
            if place in self.to[:position]:
                yield Mistake(
                    key=("to", position),
                    problem="is listed twice",
                    given=f"{shown(place.cidr)}, port {place.port}",
                    allowed="each place once",
                    change="take one of the two out",
                )

    @rule
    def _https_is_said_once(self) -> Findings:
        for position, place in enumerate(self.to):
            if self.internet == "https" and (place.port, place.protocol) == (HTTPS_PORT, "tcp"):
                yield Mistake(
                    key=("to", position),
                    problem="has no effect: `internet: https` opens port 443 to everywhere",
                    given=f"{shown(place.cidr)}, port {place.port} (internet: https)",
                    allowed="other ports, or any with internet: none",
                    change="take it out, or set internet to none",
                )
