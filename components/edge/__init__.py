"""Edge: where the world meets the platform."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import FrontDoor, Signal
from components.edge.brought import BroughtLoadBalancer
from components.edge.certificate import Certificate, CertificateArgs
from components.edge.load_balancer import LoadBalancer, LoadBalancerArgs
from settings.edge import EdgeSettings

__all__ = ["Certificate", "CertificateArgs", "Edge", "EdgeArgs", "LoadBalancer", "LoadBalancerArgs"]


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    """The public subnets, the archive for access logs, and the name under which the platform is found.

    `ipv6` says that the subnets have IPv6 addresses as well.
    """

    settings: EdgeSettings
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    log_bucket: pulumi.Input[str]
    protected: bool
    ipv6: bool = False


class Edge(pulumi.ComponentResource):
    """The load balancer; with a domain also its certificate and DNS record, so that `url` is HTTPS.

    An existing one is brought by its ids instead; certificate, record and HTTPS are its owner's then.
    """

    load_balancer: FrontDoor
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
            certificate = _certificate(name, args.settings, child)
            made = _load_balancer(name, args, certificate, child)
            self.load_balancer = made
            self.signals = [*made.signals, *(certificate.signals if certificate else [])]
            self.url = _address(name, args, made, child)
        self.register_outputs({"url": self.url})


def _load_balancer(
    name: str, args: EdgeArgs, certificate: Certificate | None, opts: pulumi.ResourceOptions
) -> LoadBalancer:
    assert args.settings.idle_timeout_seconds is not None, "settings have one whenever they bring no load balancer"
    return LoadBalancer(
        f"{name}-lb",
        LoadBalancerArgs(
            vpc_id=args.vpc_id,
            subnet_ids=args.subnet_ids,
            log_bucket=args.log_bucket,
            idle_timeout_seconds=args.settings.idle_timeout_seconds,
            certificate_arn=certificate.arn if certificate else None,
            protected=args.protected,
            ipv6=args.ipv6,
        ),
        opts,
    )


def _certificate(name: str, settings: EdgeSettings, opts: pulumi.ResourceOptions) -> Certificate | None:
    if settings.domain is None or settings.zone_id is None:
        return None
    return Certificate(f"{name}-certificate", CertificateArgs(domain=settings.domain, zone_id=settings.zone_id), opts)


def _address(name: str, args: EdgeArgs, balancer: LoadBalancer, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The address that people type. An AAAA record only where the load balancer has IPv6: clients try it first."""
    settings = args.settings
    if settings.domain is None or settings.zone_id is None:
        return pulumi.Output.concat("http://", balancer.dns_name)
    for kind, role in {"A": "alias", **({"AAAA": "alias-ipv6"} if args.ipv6 else {})}.items():
        aws.route53.Record(
            f"{name}-{role}-{settings.domain}",
            zone_id=settings.zone_id,
            name=settings.domain,
            type=kind,
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True
                )
            ],
            opts=opts,
        )
    return pulumi.Output.from_input(f"https://{settings.domain}")
