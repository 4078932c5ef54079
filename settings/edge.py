"""The settings of the front door: domain, load balancers, their access logs."""

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from settings.errors import RefusedError, shown
from settings.network import PRIVATE_RANGES
from settings.section import Findings, Mistake, Section, rule
from settings.testing import PortForTestsSettings

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# Characters of the name on a certificate, its full stops included (ACM API, RequestCertificate, model of 2026-11-17).
CERTIFIED_MOST = 64


RANGES_MOST = 25  # each is a rule for two ports, and a security group has 60 rules
LARGEST_RANGE = 8


def _private(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        network = IPv4Network(value)
    except ValueError:
        raise RefusedError(
            "is no IPv4 range by its first address and size", "write for example 10.20.0.0/16, or 10.20.1.9/32"
        ) from None
    if "/" not in value or network.prefixlen < LARGEST_RANGE:
        raise RefusedError("has no size, or one that is too large", f"write for example {network.network_address}/32")
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise RefusedError("is not a private range", "write one of the VPC, or of a network that is joined to it")
    return network


PrivateRange = Annotated[
    IPv4Network,
    BeforeValidator(_private),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(10|172|192|100)\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/([89]|[12][0-9]|3[0-2])$",
            "patternErrorMessage": "a range within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10",
        }
    ),
]

Domain = Annotated[
    str,
    Field(
        pattern=rf"^({_LABEL}\.)+[a-z0-9][a-z0-9-]{{0,61}}[a-z0-9]$",  # ACM wants two letters at the end
        max_length=253,
        json_schema_extra={
            "patternErrorMessage": "a full domain name in lower case, without https:// or a path,"
            " for example app.example.com"
        },
    ),
]

_ARN = r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:"


class ExistingLoadBalancerSettings(Section):
    """An application load balancer that somebody else made and keeps, with its certificate and its DNS record."""

    arn: Annotated[
        str,
        Field(
            pattern=_ARN + r"loadbalancer/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}$",
            description="The load balancer, facing the internet, in the VPC of the stack.",
            json_schema_extra={"patternErrorMessage": "the ARN of an application load balancer (loadbalancer/app/...)"},
        ),
    ]
    listener_arn: Annotated[
        str,
        Field(
            pattern=_ARN + r"listener/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}/[0-9a-f]{16}$",
            description="Its HTTPS listener. Services add their rules to it, by the priority of their routes.",
            json_schema_extra={"patternErrorMessage": "the ARN of one of its listeners (listener/app/...)"},
        ),
    ]
    security_group_id: Annotated[
        str,
        Field(
            pattern=r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$",
            description="Its security group. Services add the way from it to their tasks.",
            examples=["sg-0123456789abcdef0"],
            json_schema_extra={"patternErrorMessage": "the id of a security group, for example sg-0123456789abcdef0"},
        ),
    ]

    @property
    def suffix(self) -> str:
        """What CloudWatch calls it, for example app/main/0123456789abcdef."""
        return self.arn.partition(":loadbalancer/")[2]

    @rule
    def _listener_is_its_own(self) -> Findings:
        if self.listener_arn.partition(":listener/")[2].rpartition("/")[0] != self.suffix:
            yield Mistake(
                key=("listenerArn",),
                problem="belongs to another load balancer",
                given=shown(self.listener_arn),
                allowed=f"a listener of {self.suffix}",
                change=f"name one that begins with {self.arn.replace(':loadbalancer/', ':listener/')}/",
            )


class HttpSettings(Section):
    """How the load balancers of the stack speak HTTP. What is left out is as AWS has it, or safer."""

    keep_alive_seconds: Annotated[
        int,
        Field(
            ge=60,
            le=604800,
            description="Seconds after which a client's connection is closed, however busy it is; 3600 if left out.",
            examples=[3600],
        ),
    ] = 3600
    http2: Annotated[bool, Field(description="false refuses HTTP/2 of clients; true if left out.", examples=[True])] = (
        True
    )
    desync_mitigation: Annotated[
        Literal["monitor", "defensive", "strictest"],
        Field(
            description="What becomes of requests that servers could read in two ways: monitor only counts them (not in"
            " a protected stack), defensive, if left out, lets through what is safe, strictest nothing but what follows"
            " RFC 7230.",
            examples=["strictest"],
        ),
    ] = "defensive"
    drop_invalid_headers: Annotated[
        bool,
        Field(
            description="false lets headers through whose names have other characters than letters, digits and hyphens"
            " (not in a protected stack); true if left out.",
            examples=[True],
        ),
    ] = True


class InternalSettings(Section):
    """The internal load balancer, which is made when a route of a service is `internal`."""

    domain: Annotated[
        Domain | None,
        Field(
            description="Name that it is reached at, in the zone of zoneId; internal.<domain> if left out.",
            examples=["internal.app.example.com"],
        ),
    ] = None
    reachable_from: Annotated[
        Annotated[tuple[PrivateRange, ...], Field(strict=False, max_length=RANGES_MOST)] | None,
        Field(
            description="Private address ranges that may reach it; the range of the VPC if left out.",
            examples=[["10.20.0.0/16"]],
        ),
    ] = None

    @rule
    def _somebody_reaches_it(self) -> Findings:
        if self.reachable_from is not None and not self.reachable_from:
            yield Mistake(
                key=("reachableFrom",),
                problem="lets nobody in",
                given="an empty list",
                allowed="one private range or more",
                change="take it out, which means the range of the VPC, or name for example 10.20.0.0/16",
            )


class EdgeSettings(Section):
    """The front door: domain, load balancer, its access logs."""

    domain: Annotated[
        Domain | None,
        Field(
            description="Name that the product is reached at, in HTTPS. null only in an unprotected stack: then"
            " plain HTTP at the"
            " load balancer's own name.",
            examples=["app.example.com"],
        ),
    ]
    zone_id: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^Z[A-Z0-9]{4,31}$",
                json_schema_extra={
                    "patternErrorMessage": "the id of a Route 53 hosted zone, for example Z0123456789EXAMPLE"
                },
            ),
        ]
        | None,
        Field(
            description="Public Route 53 hosted zone of the domain. null exactly when domain is null.",
            examples=["Z0123456789EXAMPLE"],
        ),
    ]
    idle_timeout_seconds: Annotated[
        Annotated[int, Field(ge=1, le=4000)] | None,
        Field(
            description="Seconds after which the load balancer closes a connection on which nothing moves. null exactly"
            " when it exists already.",
            examples=[60],
        ),
    ]
    log_retention_days: Annotated[
        int,
        Field(
            ge=1,
            le=3650,
            description="Days that the load balancer's access logs are kept in the log archive (S3, any number of"
            " days).",
            examples=[90],
        ),
    ]

    existing: Annotated[
        ExistingLoadBalancerSettings | None,
        Field(
            description="A load balancer that exists, instead of one of our own; then domain is the name that it is"
            " reached at, and zoneId is null. That its listener speaks HTTPS is for whoever keeps it to know."
        ),
    ] = None

    http: Annotated[
        HttpSettings | None,
        Field(description="How the load balancers speak HTTP.", examples=[{"keepAliveSeconds": 3600}]),
    ] = None
    internal: Annotated[
        InternalSettings | None,
        Field(
            description="The internal load balancer. Made only when a route is `internal`; costs as much as a public"
            " one."
        ),
    ] = None

    testing: Annotated[
        PortForTestsSettings | None,
        Field(
            description="A test port of the public load balancer, for services whose requests are shifted.",
            examples=[{"reachableFrom": ["203.0.113.0/24"]}],
        ),
    ] = None

    @property
    def internal_domain(self) -> str | None:
        """The name of the internal load balancer, where there are names."""
        given = self.internal.domain if self.internal is not None else None
        return given or (None if self.domain is None else f"internal.{self.domain}")

    @rule
    def _what_exists_is_not_ours_to_change(self) -> Findings:
        if self.existing is not None and self.http is not None:
            yield Mistake(
                key=("http",),
                problem="says how a load balancer speaks that exists and is not ours to change",
                given="a map of settings (existing: given)",
                allowed="nothing, with existing",
                change="take it out",
            )
        if self.existing is not None and self.testing is not None:
            yield Mistake(
                key=("testing",),
                problem="asks for a listener of a load balancer that exists and is not ours to change",
                given="a map of settings (existing: given)",
                allowed="nothing, with existing",
                change="take it out",
            )
        if self.existing is not None and self.internal is not None:
            yield Mistake(
                key=("internal",),
                problem="describes an internal load balancer, and beside an existing one none is made",
                given="a map of settings (existing: given)",
                allowed="nothing, with existing",
                change="take it out",
            )

    @rule
    def _names_fit_on_certificates(self) -> Findings:
        if self.existing is not None:
            return
        internal = self.internal.domain if self.internal is not None else None
        for key, name in ((("domain",), self.domain), (("internal", "domain"), internal)):
            if name is not None and len(name) > CERTIFIED_MOST:
                yield Mistake(
                    key=key,
                    problem="is longer than the name on a certificate may be",
                    given=f"{shown(name)} ({len(name)} characters)",
                    allowed=f"at most {CERTIFIED_MOST} characters",
                    change="choose a shorter name",
                )

    @rule
    def _internal_name_has_its_zone(self) -> Findings:
        if self.internal is None or self.internal.domain is None or self.existing is not None:
            return
        if self.domain is None:
            yield Mistake(
                key=("internal", "domain"),
                problem="has no zone: without a domain the internal load balancer speaks plain HTTP at its own name",
                given=f"{shown(self.internal.domain)} (domain: null)",
                allowed="null, as long as domain is null",
                change="take it out, or give domain and zoneId",
            )
        elif self.internal.domain == self.domain:
            yield Mistake(
                key=("internal", "domain"),
                problem="is the name of the public load balancer",
                given=shown(self.internal.domain),
                allowed="another name in the same zone",
                change=f"write for example internal.{self.domain}, or take it out",
            )

    @rule
    def _time_out_is_of_our_own(self) -> Findings:
        if (self.idle_timeout_seconds is None) == (self.existing is not None):
            return
        missing = self.idle_timeout_seconds is None
        yield Mistake(
            key=("idleTimeoutSeconds",),
            problem="is null although a load balancer is to be made"
            if missing
            else "is that of a load balancer that exists and is not ours to change",
            given=f"{'null' if missing else self.idle_timeout_seconds} (existing: {'null' if missing else 'given'})",
            allowed="1 to 4000 for a load balancer of our own, null with existing",
            change="write for example idleTimeoutSeconds: 60" if missing else "set idleTimeoutSeconds to null",
        )

    @rule
    def _an_existing_one_has_its_name(self) -> Findings:
        if self.existing is None:
            return
        if self.domain is None:
            yield Mistake(
                key=("domain",),
                problem="is null: nothing else says at which name the existing load balancer is reached",
                given="null (existing: given)",
                allowed="a domain name",
                change="write the name that its DNS record has, for example app.example.com",
            )
        if self.zone_id is not None:
            yield Mistake(
                key=("zoneId",),
                problem="asks for a DNS record, which an existing load balancer has already",
                given=f"{shown(self.zone_id)} (existing: given)",
                allowed="null, with existing",
                change="set zoneId to null",
            )

    @rule
    def _domain_and_zone_go_together(self) -> Findings:
        if self.existing is not None or (self.domain is None) == (self.zone_id is None):
            return
        missing, present = ("zoneId", "domain") if self.zone_id is None else ("domain", "zoneId")
        yield Mistake(
            key=(missing,),
            problem=f"is null although {present} is given: certificate and DNS record need both",
            given=f"null ({present}: {shown(self.domain or self.zone_id)})",
            allowed="domain and zoneId both given, or both null",
            change=f"give {missing}, or set {present} to null as well",
        )
