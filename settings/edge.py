"""The settings of the front door: domain, load balancer, its access logs."""

from typing import Annotated

from pydantic import Field

from settings.errors import shown
from settings.section import Findings, Mistake, Section, rule

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


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
        int,
        Field(
            ge=1,
            le=4000,
            description="Seconds after which the load balancer closes a connection on which nothing moves.",
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

    @rule
    def _domain_and_zone_go_together(self) -> Findings:
        if (self.domain is None) == (self.zone_id is None):
            return
        missing, present = ("zoneId", "domain") if self.zone_id is None else ("domain", "zoneId")
        yield Mistake(
            key=(missing,),
            problem=f"is null although {present} is given: certificate and DNS record need both",
            given=f"null ({present}: {shown(self.domain or self.zone_id)})",
            allowed="domain and zoneId both given, or both null",
            change=f"give {missing}, or set {present} to null as well",
        )
