"""Private ways to AWS services: traffic that neither leaves the VPC nor pays for NAT."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.network.tiers import tags
from components.security import documents
from settings.location import Location

GATEWAYS = ("s3", "dynamodb")
# Name in the stack file -> services behind it. The first part of a service's name is its IAM prefix.
INTERFACES: Mapping[str, Sequence[str]] = {
    "ecr": ("ecr.api", "ecr.dkr"),
    "logs": ("logs",),
    "secretsmanager": ("secretsmanager",),
    "kms": ("kms",),
    "sqs": ("sqs",),
}
# Elsewhere every service is `com.amazonaws.<region>.<service>`; in these partitions ECR has a prefix of its own
# (endpoint names of aws-cdk, aws-ec2/lib/vpc-endpoint.ts, read 2026-11).
ECR_PREFIXES: Mapping[str, str] = {"aws-cn": "cn.com.amazonaws"}

# Buckets from which Docker Hub and Quay serve layers to clients inside AWS, by their region; elsewhere such links leave
# by NAT (github.com/moby/moby/issues/34185; hosts that both name for firewalls, read 2026-11). Public ECR has none.
PUBLIC_LAYERS: Mapping[str, list[str]] = {"us-east-1": ["docker-images-prod", "quayio-production-s3"]}


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """Which services, for which network: the tables of gateway endpoints, the subnets of interface endpoints."""

    services: Sequence[str]
    vpc_id: pulumi.Input[str]
    vpc_cidr: str
    route_table_ids: Sequence[pulumi.Input[str]]
    subnet_ids: Sequence[pulumi.Input[str]]
    location: Location


class Endpoints(pulumi.ComponentResource):
    """Endpoints that only principals of this account can use, and only hosts of this VPC can reach.

    Interface endpoints take over the public names of their services for the whole VPC (private DNS).
    """

    ready: Sequence[pulumi.Output[str]]
    """Known when every endpoint answers: what a subnet without another way out has to wait for."""
    prefix_lists: Mapping[str, pulumi.Output[str]]
    """The addresses behind each gateway endpoint, by service, as security groups take them."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        gateways = [service for service in GATEWAYS if service in args.services]
        interfaces = [service for key, names in INTERFACES.items() if key in args.services for service in names]
        policies = {service: policy(service, args.location) for service in [*gateways, *interfaces]}
        statements = [statement for policy_ in policies.values() for statement in policy_]
        super().__init__("groundwork:network:Endpoints", name, {"statements": documents.rendered(statements)}, opts)
        child = pulumi.ResourceOptions(parent=self)
        made: list[pulumi.CustomResource] = []
        prefix_lists: dict[str, pulumi.Output[str]] = {}
        for service in gateways:
            endpoint = aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=args.vpc_id,
                vpc_endpoint_type="Gateway",
                service_name=_service_name(service, args.location),
                route_table_ids=args.route_table_ids,
                policy=documents.document(policies[service]),
                tags={"Name": f"{name}-{service}"},
                opts=child,
            )
            made.append(endpoint)
            prefix_lists[service] = endpoint.prefix_list_id
        if interfaces:
            group, door = _from_inside(name, args, child)
            made.append(door)
            for service in interfaces:
                role = f"{name}-{service.replace('.', '-')}"
                endpoint = aws.ec2.VpcEndpoint(
                    role,
                    vpc_id=args.vpc_id,
                    vpc_endpoint_type="Interface",
                    service_name=_service_name(service, args.location),
                    subnet_ids=args.subnet_ids,
                    security_group_ids=[group.id],
                    private_dns_enabled=True,
                    policy=documents.document(policies[service]),
                    tags=tags(role, "private"),
                    opts=child,
                )
                made.append(endpoint)
        self.ready = [resource.id for resource in made]
        self.prefix_lists = prefix_lists
        self.register_outputs({})


def policy(service: str, location: Location) -> list[Statement]:
    """Who may do what through the endpoint of `service`: principals of this account, if they have the right anyway."""
    ours = {"aws:PrincipalAccount": location.account_id}
    if service == "s3":
        return [
            # Other buckets of others are out of reach, also by a signed link of theirs: that is what keeps data in.
            _allow("OwnBuckets", ["s3:*"], ["*"], {**ours, "aws:ResourceAccount": location.account_id}),
            *(_allow(sid, ["s3:GetObject"], objects, {}) for sid, objects in _read_by_hosts(location).items()),
        ]
    if service == "dynamodb":
        return [
            _allow("OwnTables", ["dynamodb:*"], [location.arn("dynamodb", "table/*")], ours),
            # AWS knows no resource for these; they tell of the caller's own account only.
            _allow(
                "AccountOfTables",
                ["dynamodb:DescribeEndpoints", "dynamodb:DescribeLimits", "dynamodb:ListTables"],
                ["*"],
                ours,
            ),
        ]
    sid = "Own" + "".join(part.capitalize() for part in service.split("."))
    return [_allow(sid, [f"{service.partition('.')[0]}:*"], ["*"], ours)]


def _read_by_hosts(location: Location) -> dict[str, list[str]]:
    """Objects of others, by statement. Hosts read them unsigned or by links that their owners sign: no condition on the
    principal would let them through."""
    buckets = {
        # Without its layers no image of ECR can be pulled (ECR user guide, "Minimum Amazon S3 bucket permissions").
        "ImageLayers": [f"prod-{location.region}-starport-layer-bucket"],
        # What `dnf` installs on instances (Amazon Linux 2023 user guide; the name ends so in all regions).
        "Packages": [f"al2023-repos-{location.region}-de612dc2"],
        "PublicImageLayers": PUBLIC_LAYERS.get(location.region, []),
    }
    return {
        sid: [location.arn("s3", f"{bucket}/*", region=False, account=False) for bucket in names]
        for sid, names in buckets.items()
        if names
    }


def _allow(sid: str, actions: Sequence[str], resources: Sequence[str], equals: Mapping[str, str]) -> Statement:
    return Statement(
        sid=sid,
        actions=actions,
        resources=resources,
        principals={"AWS": ["*"]},
        conditions={"StringEquals": equals} if equals else {},
    )


def _service_name(service: str, location: Location) -> str:
    prefix = ECR_PREFIXES.get(location.partition) if service in INTERFACES["ecr"] else None
    return f"{prefix or 'com.amazonaws'}.{location.region}.{service}"


def _from_inside(
    name: str, args: EndpointsArgs, child: pulumi.ResourceOptions
) -> tuple[aws.ec2.SecurityGroup, aws.vpc.SecurityGroupIngressRule]:
    group = aws.ec2.SecurityGroup(
        name,
        vpc_id=args.vpc_id,
        description="Interface endpoints: HTTPS from inside the VPC",
        tags=tags(name, "private"),
        opts=child,
    )
    door = aws.vpc.SecurityGroupIngressRule(
        f"{name}-https",
        security_group_id=group.id,
        description="HTTPS from inside the VPC",
        cidr_ipv4=args.vpc_cidr,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        opts=child,
    )
    return group, door
