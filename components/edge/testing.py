"""The test port of a load balancer: the same names and certificate, for whoever is listed."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.testing import PortForTestsSettings


@dataclass(frozen=True, kw_only=True)
class ListenerForTestsArgs:
    """The load balancer, its group, and how its main listener speaks."""

    settings: PortForTestsSettings
    load_balancer_arn: pulumi.Input[str]
    group_id: pulumi.Input[str]
    certificate_arn: pulumi.Input[str] | None
    tls_policy: str
    nothing: aws.lb.ListenerDefaultActionArgs


def listener(name: str, args: ListenerForTestsArgs, opts: pulumi.ResourceOptions) -> aws.lb.Listener:
    """A listener that answers 404 until a service adds its test rule; only the listed ranges get to it."""
    port = args.settings.port
    for network in map(str, args.settings.reachable_from):
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-ingress-test-{network.replace('/', '-')}",
            security_group_id=args.group_id,
            cidr_ipv4=network,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"Tests of what is not released yet, on port {port}",
            opts=opts,
        )
    tls = args.certificate_arn is not None
    return aws.lb.Listener(
        f"{name}-test",
        load_balancer_arn=args.load_balancer_arn,
        port=port,
        protocol="HTTPS" if tls else "HTTP",
        ssl_policy=args.tls_policy if tls else None,
        certificate_arn=args.certificate_arn,
        default_actions=[args.nothing],
        opts=opts,
    )
