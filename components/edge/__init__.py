"""Edge: where the world meets the platform."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Signal
from components.edge.certificate import Certificate, CertificateArgs
from components.edge.load_balancer import LoadBalancer, LoadBalancerArgs
from settings.edge import EdgeSettings

__all__ = ["Certificate", "CertificateArgs", "Edge", "EdgeArgs", "LoadBalancer", "LoadBalancerArgs"]


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    """The public subnets, the archive for access logs, and the name under which the platform is found."""

    settings: EdgeSettings
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    log_bucket: pulumi.Input[str]
    protected: bool


class Edge(pulumi.ComponentResource):
    """The load balancer; with a domain also its certificate and DNS record, so that `url` is HTTPS."""

    load_balancer: LoadBalancer
    url: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:edge:Edge", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = _certificate(name, args.settings, child)
        self.load_balancer = LoadBalancer(
            f"{name}-lb",
            LoadBalancerArgs(
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                log_bucket=args.log_bucket,
                idle_timeout_seconds=args.settings.idle_timeout_seconds,
                certificate_arn=certificate.arn if certificate else None,
                protected=args.protected,
            ),
            child,
        )
        self.url = _address(name, args.settings, self.load_balancer, child)
        self.signals = [*self.load_balancer.signals, *(certificate.signals if certificate else [])]
        self.register_outputs({"url": self.url})


def _certificate(name: str, settings: EdgeSettings, opts: pulumi.ResourceOptions) -> Certificate | None:
    if settings.domain is None or settings.zone_id is None:
        return None
    return Certificate(f"{name}-certificate", CertificateArgs(domain=settings.domain, zone_id=settings.zone_id), opts)


def _address(
    name: str, settings: EdgeSettings, balancer: LoadBalancer, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """The address that people type. No AAAA record: the load balancer has IPv4 only."""
    if settings.domain is None or settings.zone_id is None:
        return pulumi.Output.concat("http://", balancer.dns_name)
    aws.route53.Record(
        f"{name}-alias-{settings.domain}",
        zone_id=settings.zone_id,
        name=settings.domain,
        type="A",
        aliases=[
            aws.route53.RecordAliasArgs(name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True)
        ],
        opts=opts,
    )
    return pulumi.Output.from_input(f"https://{settings.domain}")
