"""The door for web traffic, from the world or from inside: a load balancer that forwards nothing by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Severity, Signal, happened
from components.edge import testing
from components.security.log_archive import LOAD_BALANCER_PREFIX
from settings.edge import HttpSettings
from settings.testing import PortForTestsSettings

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

    With `ipv6`, which its subnets must have too, it answers in both kinds of addresses. With `internal_ranges` it is an
    internal one in private subnets, which these ranges reach and nobody else; it answers in IPv4 alone. `testing` gives
    it a test port.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    log_bucket: pulumi.Input[str]
    idle_timeout_seconds: int
    certificate_arn: pulumi.Input[str] | None
    protected: bool
    ipv6: bool = False
    http: HttpSettings | None = None
    internal_ranges: Sequence[str] = ()
    testing: PortForTestsSettings | None = None


class LoadBalancer(pulumi.ComponentResource):
    """An application load balancer that answers 404 until a service adds a rule to `listener_arn`.

    With a certificate port 80 only redirects. Its security group lets the world, or only the ranges of an internal one,
    in on the listeners' ports and nothing out: each service adds the way from this group to its own.
    """

    arn: pulumi.Output[str]
    arn_suffix: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    test_listener_arn: pulumi.Output[str] | None
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
        test = _test_listener(name, args, balancer, group, child)

        self.arn = balancer.arn
        self.arn_suffix = balancer.arn_suffix
        self.dns_name = balancer.dns_name
        self.zone_id = balancer.zone_id
        self.security_group_id = group.id
        self.listener_arn = listener.arn
        self.test_listener_arn = None if test is None else test.arn
        self.signals = signals(name, balancer.arn_suffix)
        self.register_outputs({"arn": self.arn, "dnsName": self.dns_name, "listenerArn": self.listener_arn})


def _group(name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions) -> aws.ec2.SecurityGroup:
    whom = "reached from inside alone" if args.internal_ranges else "open to the world"
    group = aws.ec2.SecurityGroup(
        f"{name}-group", vpc_id=args.vpc_id, description=f"The load balancer: {whom}", opts=opts
    )
    for port in [HTTP_PORT] if args.certificate_arn is None else [HTTP_PORT, HTTPS_PORT]:
        for source in _sources(args, port):
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-ingress-{source.role}-{port}",
                security_group_id=group.id,
                cidr_ipv4=source.ipv4,
                cidr_ipv6=source.ipv6,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                description=source.description,
                opts=opts,
            )
    return group


@dataclass(frozen=True, kw_only=True)
class _Source:
    role: str
    description: str
    ipv4: str | None = None
    ipv6: str | None = None


def _sources(args: LoadBalancerArgs, port: int) -> list[_Source]:
    if args.internal_ranges:
        return [
            _Source(
                role=f"from-{network.replace('/', '-')}", description=f"Clients inside on port {port}", ipv4=network
            )
            for network in args.internal_ranges
        ]
    world = [_Source(role="world", description=f"Web clients on port {port}", ipv4=WORLD)]
    if args.ipv6:
        world.append(_Source(role="world-ipv6", description=f"Web clients on port {port}, IPv6", ipv6=WORLD_IPV6))
    return world


def _balancer(
    name: str, args: LoadBalancerArgs, group: aws.ec2.SecurityGroup, opts: pulumi.ResourceOptions
) -> aws.lb.LoadBalancer:
    http = args.http or HttpSettings()
    return aws.lb.LoadBalancer(
        f"{name}-alb",  # at most 24 characters: auto-naming adds 8, AWS takes 32
        load_balancer_type="application",
        internal=bool(args.internal_ranges),
        ip_address_type="dualstack" if args.ipv6 and not args.internal_ranges else "ipv4",
        subnets=list(args.subnet_ids),
        security_groups=[group.id],
        idle_timeout=args.idle_timeout_seconds,
        client_keep_alive=None if args.http is None else http.keep_alive_seconds,
        enable_http2=None if args.http is None else http.http2,
        drop_invalid_header_fields=http.drop_invalid_headers,
        desync_mitigation_mode=http.desync_mitigation,
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
    nothing = _nothing()
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


def _test_listener(
    name: str,
    args: LoadBalancerArgs,
    balancer: aws.lb.LoadBalancer,
    group: aws.ec2.SecurityGroup,
    opts: pulumi.ResourceOptions,
) -> aws.lb.Listener | None:
    if args.testing is None:
        return None
    described = testing.ListenerForTestsArgs(
        settings=args.testing,
        load_balancer_arn=balancer.arn,
        group_id=group.id,
        certificate_arn=args.certificate_arn,
        tls_policy=TLS_POLICY,
        nothing=_nothing(),
    )
    return testing.listener(name, described, opts)


def _nothing() -> aws.lb.ListenerDefaultActionArgs:
    return aws.lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", message_body="Not found", status_code="404"
        ),
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
        happened(
            f"{name}-rejected-connections",
            {"rejected": counted("RejectedConnectionCount")},
            "The load balancer is at its limit of connections and turned clients away.",
            "load-balancer.md",
        ),
    ]
