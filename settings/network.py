"""The network's settings: addresses, zones, the way out."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from settings.address_plan import LARGEST_MASK, DoesNotFitError, plan
from settings.errors import RefusedError
from settings.section import Findings, Mistake, RetentionDays, Section, rule

# RFC 1918 and RFC 6598. AWS also takes public ranges, but then the real owners of those addresses are out of reach.
PRIVATE_RANGES = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
LARGEST_VPC, SMALLEST_VPC = 16, 24  # AWS allows /16 to /28; below /24 not even small subnets for two zones fit well

EXAMPLE = "10.20.0.0/16"  # messages name one that no other stack has, as far as their files can be read
_CIDR_ALLOWED = "a private range of size /16 to /24, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10"


def _cidr(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise RefusedError("is no IPv4 range", "write an address and a size", exemplified=True) from None
    if "/" not in value or not LARGEST_VPC <= network.prefixlen <= SMALLEST_VPC:
        size = f"/{network.prefixlen} is" if "/" in value else "has no size, which is"
        problem = f"{size} not a size for this network"
        if not any(network.network_address in private for private in PRIVATE_RANGES):
            raise RefusedError(problem, "write a private one with its size", exemplified=True)
        fitting = IPv4Network(f"{network.network_address}/{LARGEST_VPC}", strict=False)
        raise RefusedError(problem, f"write for example {fitting}")
    if value != str(network):
        raise RefusedError("is not the first address of its range", f"write {network}")
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise RefusedError("is not a private range", "write a private one", exemplified=True)
    return network


Cidr = Annotated[
    IPv4Network,
    BeforeValidator(_cidr),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(10|172|192|100)\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/(1[6-9]|2[0-4])$",
            "patternErrorMessage": _CIDR_ALLOWED,
        }
    ),
]

AvailabilityZone = Annotated[
    str,
    Field(
        pattern=r"^[a-z]{2,5}(-[a-z]+)+-[0-9]+[a-z]$",
        examples=["us-east-1a"],
        json_schema_extra={"patternErrorMessage": "the name of a zone: its region and a letter"},
    ),
]

NatMode = Literal["none", "instance", "single", "per-az", "regional", "existing"]
Endpoint = Literal["s3", "dynamodb", "ecr", "logs", "secretsmanager", "kms", "sqs"]


class FlowLogsSettings(Section):
    """The record of all connections within the VPC."""

    retention_days: Annotated[
        RetentionDays, Field(description="Days that flow logs are kept in CloudWatch Logs (billed by GB and month).")
    ]


SubnetId = Annotated[
    str,
    Field(
        pattern=r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$",
        examples=["subnet-0123456789abcdef0"],
        json_schema_extra={"patternErrorMessage": "the id of a subnet, for example subnet-0123456789abcdef0"},
    ),
]


class ExistingSubnetsSettings(Section):
    """The three subnets of one zone."""

    public: Annotated[SubnetId, Field(description="For the load balancer: with a route to an internet gateway.")]
    private: Annotated[SubnetId, Field(description="For services: without a route to an internet gateway.")]
    data: Annotated[SubnetId, Field(description="For databases: without any way to the internet.")]


class ExistingNetworkSettings(Section):
    """A VPC that somebody else made and keeps."""

    vpc_id: Annotated[
        str,
        Field(
            pattern=r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$",
            description="The VPC; nothing of it is changed, flow logs are added.",
            examples=["vpc-0123456789abcdef0"],
            json_schema_extra={"patternErrorMessage": "the id of a VPC, for example vpc-0123456789abcdef0"},
        ),
    ]
    subnets: Annotated[
        Mapping[AvailabilityZone, ExistingSubnetsSettings],
        Field(description="The subnets by zone, for each zone of availabilityZones."),
    ]

    @rule
    def _no_subnet_has_two_tiers(self) -> Findings:
        seen: dict[str, tuple[str, str]] = {}
        for zone, subnets in self.subnets.items():
            for tier in ("public", "private", "data"):
                subnet = vars(subnets).get(tier)  # not by attribute: one mistaken value does not hide the others
                if subnet is None:
                    continue
                if subnet in seen:
                    first = "subnets.{}.{}".format(*seen[subnet])
                    yield Mistake(
                        key=("subnets", zone, tier),
                        problem=f"is {first} already: a subnet lies in one zone, and a tier that shares it is not apart"
                        " from the other",
                        given=f'"{subnet}"',
                        allowed="a subnet of its own for each zone and tier",
                        change="name another subnet",
                    )
                seen.setdefault(subnet, (zone, tier))


class NetworkSettings(Section):
    """Addresses, zones and the way out."""

    cidr: Annotated[
        Cidr,
        Field(
            description="The address range of the VPC. No two committed stacks may overlap. Another one needs a new"
            " stack: the VPC is replaced, and AWS does not move what stands in it (load balancer, databases, subnet"
            " groups, file systems).",
            examples=[EXAMPLE],
        ),
    ]
    availability_zones: Annotated[
        tuple[AvailabilityZone, ...],
        Field(
            strict=False,  # YAML has lists, no tuples; the items stay strict
            min_length=2,
            description="The zones to span: two or more of the stack's region (load balancer and database ask for two)."
            " Zones can be added and removed without moving the subnets of the others; one goes only when no database,"
            " cache or Kafka cluster has anything in it: AWS deletes no subnet that is in use.",
            examples=[["us-east-1a", "us-east-1b"]],
            json_schema_extra={"uniqueItems": True},
        ),
    ]
    subnet_mask: Annotated[
        Annotated[int, Field(ge=16, le=LARGEST_MASK)] | None,
        Field(
            description="Size of every subnet: 24 means /24, 251 usable addresses (AWS keeps 5). Each zone takes"
            " four times this. A load balancer asks for /27 or larger. null exactly when the subnets exist already.",
            examples=[24],
        ),
    ]
    nat: Annotated[
        NatMode,
        Field(
            description="The way out of the private tier in IPv4. none: no way out, only endpoints; instance: one small"
            " instance that is replaced by itself, for 64 Mbit/s, about 10 USD a month with its address, lost with its"
            " zone and refused in a protected stack; single: one gateway, lost with its zone; per-az: one for each"
            " zone; regional: one that is in every zone. A gateway costs about 33 USD a month for each zone that it is"
            " in, and traffic (us-east-1, 2026). existing: the private subnets of an existing network have one of their"
            " own.",
            examples=["single"],
        ),
    ]
    endpoints: Annotated[
        tuple[Endpoint, ...],
        Field(
            strict=False,
            description="AWS services reached without NAT. s3 and dynamodb are free; each other one costs about 7"
            " USD a month"
            " in each zone (ecr counts twice). Of an existing network: those that it has; none is made.",
            examples=[["s3", "dynamodb"]],
            json_schema_extra={"uniqueItems": True},
        ),
    ]
    flow_logs: Annotated[FlowLogsSettings, Field(description="The record of all connections within the VPC.")]
    ipv6: Annotated[
        bool,
        Field(
            description="true gives the public and the private tier IPv6 as well: the load balancer answers in both,"
            " and the private tier goes out through a gateway that lets nothing in and costs nothing. The data tier"
            " stays without. false if left out.",
            examples=[True],
        ),
    ] = False
    network_acls: Annotated[
        bool,
        Field(
            description="true puts a network ACL in front of each tier, beside the security groups: the data tier then"
            " talks to nothing but the VPC (not to S3 either, which imports of a database would need), and from outside"
            " only ports 80, 443 and the answers to what went out get in. false if left out.",
            examples=[True],
        ),
    ] = False
    block_public_access: Annotated[
        bool,
        Field(
            description="true in an account that blocks public access to VPCs (a setting of the account and region, not"
            " of a stack): the stack then makes the exceptions that it needs, for its public subnets and, with ipv6,"
            " for what goes out of the private ones. AWS allows 50 exceptions in a region. false if left out.",
            examples=[True],
        ),
    ] = False

    existing: Annotated[
        ExistingNetworkSettings | None,
        Field(
            description="A VPC with subnets that exist, instead of ones of our own. Policies call undecided what only"
            " its routes could tell."
        ),
    ] = None

    @rule
    def _existing_subnets_are_of_the_zones(self) -> Findings:
        if self.existing is None:
            return
        zones, given = list(self.availability_zones), list(self.existing.subnets)
        for zone in zones:
            if zone not in given:
                yield Mistake(
                    key=("existing", "subnets"),
                    problem=f"there are none for {zone}, which availabilityZones lists",
                    given=", ".join(given) or "none",
                    allowed=f"exactly {', '.join(zones)}",
                    change=f"add {zone} with its public, private and data subnet, or take it out of availabilityZones",
                )
        for zone in given:
            if zone not in zones:
                yield Mistake(
                    key=("existing", "subnets", zone),
                    problem="is none of availabilityZones",
                    given=f'the key "{zone}"',
                    allowed=", ".join(zones),
                    change=f"take it out, or add {zone} to availabilityZones",
                )

    @rule
    def _subnets_are_made_or_brought(self) -> Findings:
        if (self.subnet_mask is None) == (self.existing is not None):
            return
        missing = self.subnet_mask is None
        yield Mistake(
            key=("subnetMask",),
            problem="is null although subnets are to be made" if missing else "is given although the subnets exist",
            given=f"{'null' if missing else self.subnet_mask} (existing: {'null' if missing else 'given'})",
            allowed="16 to 28 for subnets of our own, null with existing",
            change="write for example subnetMask: 24" if missing else "set subnetMask to null",
        )

    @rule
    def _way_out_is_made_or_brought(self) -> Findings:
        ours = self.nat not in {"none", "existing"}
        if self.existing is not None and ours:
            yield Mistake(
                key=("nat",),
                problem="would be made in a network that exists and is not ours to change",
                given=f"{self.nat} (existing: given)",
                allowed="existing or none, with existing",
                change="set nat to existing if the private subnets have a way out, else to none",
            )
        elif self.existing is None and self.nat == "existing":
            yield Mistake(
                key=("nat",),
                problem="there is no existing network that could have a way out",
                given="existing (existing: null)",
                allowed="none, instance, single, per-az or regional, without existing",
                change="set nat to single or per-az, or bring a network under existing",
            )

    @rule
    def _an_existing_network_is_left_as_it_is(self) -> Findings:
        if self.existing is None:
            return
        for name, on in (("networkAcls", self.network_acls), ("blockPublicAccess", self.block_public_access)):
            if on:
                yield Mistake(
                    key=(name,),
                    problem="would change a network that exists and is not ours",
                    given="true (existing: given)",
                    allowed="false, with existing",
                    change="take it out: whoever keeps that network decides it",
                )

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
    def _exceptions_are_made_for_subnets(self) -> Findings:
        if self.nat == "regional" and self.block_public_access:
            yield Mistake(
                key=("nat",),
                problem="a regional gateway stands in no subnet, so no exception from the block of public access covers"
                " it",
                given="regional (blockPublicAccess: true)",
                allowed="none, instance, single or per-az, as long as blockPublicAccess is true",
                change="set nat to per-az",
            )

    @rule
    def _subnets_fit(self) -> Findings:
        if self.subnet_mask is None:
            return
        # The zone with the last letter needs the most room: what makes it fit makes all fit, so one mistake is enough.
        zone = max(self.availability_zones, key=lambda zone: zone[-1])
        try:
            plan(self.cidr, self.subnet_mask, [zone])
        except DoesNotFitError as error:
            at: tuple[str | int, ...] = ("availabilityZones", self.availability_zones.index(zone))
            given = f'"{zone}" (cidr: {self.cidr}, subnetMask: {self.subnet_mask})'
            allowed = "zones whose four subnets lie within the cidr"
            if error.mask is not None:  # smaller subnets cost nothing, another range replaces everything
                at, given = ("subnetMask",), f"{self.subnet_mask} (cidr: {self.cidr}, last zone: {zone})"
                sizes = f"{error.mask} to {LARGEST_MASK}" if error.mask < LARGEST_MASK else f"{error.mask}"
                allowed = f"{sizes}, with which the four subnets of each zone lie within the cidr"
            yield Mistake(key=at, problem=error.problem, given=given, allowed=allowed, change=error.way_out)


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
