"""The network's settings: addresses, zones, the way out."""

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from settings.address_plan import LARGEST_MASK, DoesNotFitError, plan
from settings.errors import RefusedError
from settings.section import Findings, Mistake, RetentionDays, Section, rule

# RFC 1918 and RFC 6598. AWS also takes public ranges, but then the real owners of those addresses are out of reach.
PRIVATE_RANGES = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
LARGEST_VPC, SMALLEST_VPC = 16, 24  # AWS allows /16 to /28; below /24 not even small subnets for two zones fit well

_CIDR_ALLOWED = "a private range of size /16 to /24, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10"


def _cidr(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise RefusedError("is no IPv4 range", "write an address and a size, for example 10.20.0.0/16") from None
    if "/" not in value or not LARGEST_VPC <= network.prefixlen <= SMALLEST_VPC:
        size = f"/{network.prefixlen} is" if "/" in value else "has no size, which is"
        raise RefusedError(f"{size} not a size for this network", f"write for example {network.network_address}/16")
    if value != str(network):
        raise RefusedError("is not the first address of its range", f"write {network}")
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise RefusedError("is not a private range", "write a private one, for example 10.20.0.0/16")
    return network


Cidr = Annotated[
    IPv4Network,
    BeforeValidator(_cidr),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(10|172|192|100)\.\d{1,3}\.\d{1,3}\.\d{1,3}/(1[6-9]|2[0-4])$",
            "patternErrorMessage": _CIDR_ALLOWED,
        }
    ),
]

AvailabilityZone = Annotated[
    str,
    Field(
        pattern=r"^[a-z]{2,5}(-[a-z]+)+-\d+[a-z]$",
        examples=["us-east-1a"],
        json_schema_extra={
            "patternErrorMessage": "the name of a zone: its region and a letter, for example us-east-1a"
        },
    ),
]

Endpoint = Literal["s3", "dynamodb", "ecr", "logs", "secretsmanager", "kms"]


class FlowLogsSettings(Section):
    """The record of all connections within the VPC."""

    retention_days: Annotated[
        RetentionDays, Field(description="Days that flow logs are kept in CloudWatch Logs (billed by GB and month).")
    ]


class NetworkSettings(Section):
    """Addresses, zones and the way out."""

    cidr: Annotated[
        Cidr,
        Field(
            description="The address range of the VPC. No two committed stacks may overlap. Changing it replaces"
            " everything.",
            examples=["10.20.0.0/16"],
        ),
    ]
    availability_zones: Annotated[
        tuple[AvailabilityZone, ...],
        Field(
            strict=False,  # YAML has lists, no tuples; the items stay strict
            min_length=2,
            description="The zones to span: two or more of the stack's region (load balancer and database ask for two)."
            " Zones can be added and removed without moving the subnets of the others.",
            examples=[["us-east-1a", "us-east-1b"]],
            json_schema_extra={"uniqueItems": True},
        ),
    ]
    subnet_mask: Annotated[
        int,
        Field(
            ge=16,
            le=LARGEST_MASK,
            description="Size of every subnet: 24 means /24, 251 usable addresses (AWS keeps 5). Each zone takes"
            " four times this. A load balancer asks for /27 or larger.",
            examples=[24],
        ),
    ]
    nat: Annotated[
        Literal["none", "single", "per-az"],
        Field(
            description="The way out of the private tier. none: no way out, only endpoints; single: one gateway,"
            " lost with its"
            " zone; per-az: one for each zone. Each gateway costs about 33 USD a month, and traffic (us-east-1, 2026).",
            examples=["single"],
        ),
    ]
    endpoints: Annotated[
        tuple[Endpoint, ...],
        Field(
            strict=False,
            description="AWS services reached without NAT. s3 and dynamodb are free; each other one costs about 7"
            " USD a month"
            " in each zone (ecr counts twice).",
            examples=[["s3", "dynamodb"]],
            json_schema_extra={"uniqueItems": True},
        ),
    ]
    flow_logs: Annotated[FlowLogsSettings, Field(description="The record of all connections within the VPC.")]

    @rule
    def _zones_are_listed_once(self) -> Findings:
        yield from _duplicates("availabilityZones", self.availability_zones)

    @rule
    def _endpoints_are_listed_once(self) -> Findings:
        yield from _duplicates("endpoints", self.endpoints)

    @rule
    def _images_come_through_s3(self) -> Findings:
        if "ecr" in self.endpoints and "s3" not in self.endpoints:
            yield Mistake(
                key=("endpoints",),
                problem="ecr without s3: the registry keeps the layers of its images in S3",
                given=", ".join(self.endpoints),
                allowed="ecr together with s3",
                change="add s3 (the gateway endpoint is free)",
            )

    @rule
    def _subnets_fit(self) -> Findings:
        # The zone with the last letter needs the most room: what makes it fit makes all fit, so one mistake is enough.
        zone = max(self.availability_zones, key=lambda zone: zone[-1])
        try:
            plan(self.cidr, self.subnet_mask, [zone])
        except DoesNotFitError as error:
            yield Mistake(
                key=("availabilityZones", self.availability_zones.index(zone)),
                problem=error.problem,
                given=f'"{zone}" (cidr: {self.cidr}, subnetMask: {self.subnet_mask})',
                allowed="zones whose four subnets lie within the cidr",
                change=error.way_out,
            )


def _duplicates(key: str, values: tuple[str, ...]) -> Findings:
    for position, value in enumerate(values):
        if value in values[:position]:
            yield Mistake(
                key=(key, position),
                problem="is listed twice",
                given=f'"{value}"',
                allowed="each one once",
                change="take one of the two out, or name another",
            )
