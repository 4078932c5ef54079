"""Edge: where the world meets the platform."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import FrontDoor, Signal, Site
from components.edge.brought import BroughtLoadBalancer
from components.edge.certificate import Certificate, CertificateArgs
from components.edge.load_balancer import LoadBalancer, LoadBalancerArgs
from settings.edge import EdgeSettings
from settings.testing import PortForTestsSettings

__all__ = ["Certificate", "CertificateArgs", "Edge", "EdgeArgs", "LoadBalancer", "LoadBalancerArgs"]


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    """The network, the archive for access logs, and the name under which the platform is found.

    The load balancer stands in the public subnets. With `internal_ranges` there is an internal one beside it, in the
    private subnets, for whoever has an address of these ranges.
    """

    settings: EdgeSettings
    site: Site
    log_bucket: pulumi.Input[str]
    protected: bool
    internal_ranges: Sequence[str] = ()


class Edge(pulumi.ComponentResource):
    """The load balancer; with a domain also its certificate and DNS record, so that `url` is HTTPS.

    An existing one is brought by its ids instead; certificate, record and HTTPS are its owner's then. The internal one,
    where it is asked for, has a name, a certificate and a record of its own.
    """

    load_balancer: FrontDoor
    internal_load_balancer: FrontDoor | None = None
    url: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:edge:Edge", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        if args.settings.existing is not None:
            brought = BroughtLoadBalancer(f"{name}-lb", args.settings.existing)
            self.load_balancer, self.signals = brought, brought.signals
            self.url = pulumi.Output.from_input(f"https://{args.settings.domain}")
        else:
            public = _public(name, args)
            made, self.signals = _door(public, args, child)
            self.load_balancer, self.url = made, _address(public, args, made, child)
        if args.internal_ranges:
            inside = _inside(name, args)
            made, more = _door(inside, args, child)
            self.internal_load_balancer, self.signals = made, [*self.signals, *more]
            _address(inside, args, made, child)
        self.register_outputs({"url": self.url})


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a load balancer stands, and what it is called: in the program, and by its clients."""

    balancer: str
    names: str
    domain: str | None
    subnet_ids: Sequence[pulumi.Input[str]]
    ranges: Sequence[str] = ()
    ipv6: bool = False
    testing: PortForTestsSettings | None = None


def _public(name: str, args: EdgeArgs) -> _Place:
    domain = args.settings.domain
    return _Place(
        balancer=f"{name}-lb",
        names=name,
        domain=domain,
        subnet_ids=args.site.public_subnet_ids,
        ipv6=args.site.ipv6,
        testing=args.settings.testing,
    )


def _inside(name: str, args: EdgeArgs) -> _Place:
    return _Place(
        balancer=f"{name}-internal",
        names=f"{name}-internal",
        domain=args.settings.internal_domain,
        subnet_ids=args.site.private_subnet_ids,
        ranges=args.internal_ranges,
    )


def _door(place: _Place, args: EdgeArgs, opts: pulumi.ResourceOptions) -> tuple[LoadBalancer, list[Signal]]:
    assert args.settings.idle_timeout_seconds is not None, "settings have one whenever they bring no load balancer"
    certificate = _certificate(place, args.settings, opts)
    balancer = LoadBalancer(
        place.balancer,
        LoadBalancerArgs(
            vpc_id=args.site.vpc_id,
            subnet_ids=place.subnet_ids,
            log_bucket=args.log_bucket,
            idle_timeout_seconds=args.settings.idle_timeout_seconds,
            certificate_arn=certificate.arn if certificate else None,
            protected=args.protected,
            ipv6=place.ipv6,
            http=args.settings.http,
            internal_ranges=place.ranges,
            testing=place.testing,
        ),
        opts,
    )
    return balancer, [*balancer.signals, *(certificate.signals if certificate else [])]


def _certificate(place: _Place, settings: EdgeSettings, opts: pulumi.ResourceOptions) -> Certificate | None:
    if place.domain is None or settings.zone_id is None:
        return None
    args = CertificateArgs(domain=place.domain, zone_id=settings.zone_id)
    return Certificate(f"{place.names}-certificate", args, opts)


def _address(place: _Place, args: EdgeArgs, balancer: LoadBalancer, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The address that people type. An AAAA record only where the load balancer has IPv6: clients try it first."""
    if place.domain is None or args.settings.zone_id is None:
        return pulumi.Output.concat("http://", balancer.dns_name)
    for kind, role in {"A": "alias", **({"AAAA": "alias-ipv6"} if place.ipv6 else {})}.items():
        aws.route53.Record(
            f"{place.names}-{role}-{place.domain}",
            zone_id=args.settings.zone_id,
            name=place.domain,
            type=kind,
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True
                )
            ],
            opts=opts,
        )
    return pulumi.Output.from_input(f"https://{place.domain}")
