"""The settings of the front door: domain, load balancer, its access logs."""

from typing import Annotated

from pydantic import Field

from settings.errors import shown
from settings.section import Findings, Mistake, Section, rule

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


_ARN = r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:"


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


class EdgeSettings(Section):
    """The front door: domain, load balancer, its access logs."""

    domain: Annotated[
        Annotated[
            str,
            Field(
                pattern=rf"^{_LABEL}(\.{_LABEL})+$",
                max_length=253,
                json_schema_extra={
                    "patternErrorMessage": "a full domain name in lower case, without https:// or a path,"
                    " for example app.example.com"
                },
            ),
        ]
        | None,
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
