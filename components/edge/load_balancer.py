"""The one door for web traffic: an internet-facing application load balancer that forwards nothing by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Severity, Signal
from components.security.log_archive import LOAD_BALANCER_PREFIX

HTTP_PORT = 80
HTTPS_PORT = 443
WORLD = "0.0.0.0/0"
WORLD_IPV6 = "::/0"
# TLS 1.2 and 1.3; every browser since 2014 speaks one of them.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
# One year, and not `includeSubDomains`: the names below ours may belong to somebody else.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"
NAMESPACE = "AWS/ApplicationELB"


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """Where the load balancer stands and how it is reached; without a certificate it speaks plain HTTP.

    With `ipv6`, which its subnets must have too, it answers in both kinds of addresses.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    log_bucket: pulumi.Input[str]
    idle_timeout_seconds: int
    certificate_arn: pulumi.Input[str] | None
    protected: bool
    ipv6: bool = False


class LoadBalancer(pulumi.ComponentResource):
    """An application load balancer in public subnets that answers 404 until a service adds a rule to `listener_arn`.

    With a certificate port 80 only redirects. Its security group lets the world in on the listeners' ports and nothing
    out: each service adds the way from this group to its own.
    """

    arn: pulumi.Output[str]
    arn_suffix: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:edge:LoadBalancer", name, None, opts)
        if args.protected and args.certificate_arn is None:
            raise ValueError(
                f"load balancer {name!r} has no certificate, and a protected stack must not serve plain HTTP: "
                "set edge.domain and edge.zoneId"
            )
        child = pulumi.ResourceOptions(parent=self)
        group = _group(name, args, child)
        balancer = _balancer(name, args, group, child)
        listener = _listeners(name, args, balancer, child)

        self.arn = balancer.arn
        self.arn_suffix = balancer.arn_suffix
        self.dns_name = balancer.dns_name
        self.zone_id = balancer.zone_id
        self.security_group_id = group.id
        self.listener_arn = listener.arn
        self.signals = signals(name, balancer.arn_suffix)
        self.register_outputs({"arn": self.arn, "dnsName": self.dns_name, "listenerArn": self.listener_arn})


def _group(name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(
        f"{name}-group", vpc_id=args.vpc_id, description="The load balancer: open to the world", opts=opts
    )
    for port in [HTTP_PORT] if args.certificate_arn is None else [HTTP_PORT, HTTPS_PORT]:
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-ingress-world-{port}",
            security_group_id=group.id,
            cidr_ipv4=WORLD,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"Web clients on port {port}",
            opts=opts,
        )
        if args.ipv6:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-ingress-world-ipv6-{port}",
                security_group_id=group.id,
                cidr_ipv6=WORLD_IPV6,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                description=f"Web clients on port {port}, IPv6",
                opts=opts,
            )
    return group


def _balancer(
    name: str, args: LoadBalancerArgs, group: aws.ec2.SecurityGroup, opts: pulumi.ResourceOptions
) -> aws.lb.LoadBalancer:
    return aws.lb.LoadBalancer(
        f"{name}-alb",  # at most 24 characters: auto-naming adds 8, AWS takes 32
        load_balancer_type="application",
        internal=False,
        ip_address_type="dualstack" if args.ipv6 else "ipv4",
        subnets=list(args.subnet_ids),
        security_groups=[group.id],
        idle_timeout=args.idle_timeout_seconds,
        drop_invalid_header_fields=True,
        desync_mitigation_mode="defensive",
        access_logs=aws.lb.LoadBalancerAccessLogsArgs(
            bucket=args.log_bucket, prefix=LOAD_BALANCER_PREFIX, enabled=True
        ),
        enable_deletion_protection=args.protected,
        opts=opts,
    )


def _listeners(
    name: str, args: LoadBalancerArgs, balancer: aws.lb.LoadBalancer, opts: pulumi.ResourceOptions
) -> aws.lb.Listener:
    """The listener that services add their rules to."""
    nothing = aws.lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", message_body="Not found", status_code="404"
        ),
    )
    if args.certificate_arn is None:
        return aws.lb.Listener(
            f"{name}-http",
            load_balancer_arn=balancer.arn,
            port=HTTP_PORT,
            protocol="HTTP",
            default_actions=[nothing],
            opts=opts,
        )
    aws.lb.Listener(
        f"{name}-http",
        load_balancer_arn=balancer.arn,
        port=HTTP_PORT,
        protocol="HTTP",
        default_actions=[
            aws.lb.ListenerDefaultActionArgs(
                type="redirect",
                redirect=aws.lb.ListenerDefaultActionRedirectArgs(
                    protocol="HTTPS", port=str(HTTPS_PORT), status_code="HTTP_301"
                ),
            )
        ],
        opts=opts,
    )
    return aws.lb.Listener(
        f"{name}-https",
        load_balancer_arn=balancer.arn,
        port=HTTPS_PORT,
        protocol="HTTPS",
        ssl_policy=TLS_POLICY,
        certificate_arn=args.certificate_arn,
        routing_http_response_strict_transport_security_header_value=STRICT_TRANSPORT_SECURITY,
        default_actions=[nothing],
        opts=opts,
    )


def signals(name: str, arn_suffix: pulumi.Input[str]) -> list[Signal]:
    """What is worth watching of a load balancer, by the name that CloudWatch has for it.

    AWS recommends no alarm for load balancers; the figures are ours, 5 % by analogy with AWS's for S3 and ECS.
    """

    def counted(metric: str) -> Metric:
        return Metric(namespace=NAMESPACE, name=metric, statistic="Sum", dimensions={"LoadBalancer": arn_suffix})

    return [
        Signal(
            name=f"{name}-5xx-rate",
            metrics={"errors": counted("HTTPCode_ELB_5XX_Count"), "requests": counted("RequestCount")},
            expression="100 * FILL(errors, 0) / requests",
            comparison="GreaterThanThreshold",
            threshold=5,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            missing="notBreaching",
            severity=Severity.CRITICAL,
            meaning="More than 5 % of requests end in an error of the load balancer itself: no target took them.",
            runbook="load-balancer.md",
        ),
        # RequestCount leaves out requests for which no target could be chosen, so with nothing healthy behind it the
        # rate has no data at all. The plain count covers that.
        Signal(
            name=f"{name}-5xx-count",
            metrics={"errors": counted("HTTPCode_ELB_5XX_Count")},
            comparison="GreaterThanThreshold",
            threshold=10,
            period_seconds=300,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning="More than 10 requests in five minutes ended in an error of the load balancer itself.",
            runbook="load-balancer.md",
        ),
        Signal(
            name=f"{name}-rejected-connections",
            metrics={"rejected": counted("RejectedConnectionCount")},
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning="The load balancer is at its limit of connections and turned clients away.",
            runbook="load-balancer.md",
        ),
    ]
