"""The key, the network and the bucket of the test program, which is `program.py`."""

import pulumi
import pulumi_aws as aws
from pulumi_aws.ec2 import Vpc
from pulumi_aws.iam import get_policy_document_output

ZONES = ("us-east-1a", "us-east-1b")
Id = pulumi.Output[str]


def data_key(opts: pulumi.ResourceOptions) -> aws.kms.Key:
    """A key with an alias and a policy made by a lookup."""
    key = aws.kms.Key("data", description="data", enable_key_rotation=True, deletion_window_in_days=30, opts=opts)
    aws.kms.Alias("data", name="alias/data", target_key_id=key.key_id, opts=opts)
    document = get_policy_document_output(
        statements=[
            aws.iam.GetPolicyDocumentStatementArgs(
                actions=["kms:Decrypt"],
                resources=["*"],
                principals=[
                    aws.iam.GetPolicyDocumentStatementPrincipalArgs(type="Service", identifiers=["logs.amazonaws.com"])
                ],
            )
        ],
        policy_id=key.key_id,
    )
    aws.kms.KeyPolicy("data", key_id=key.id, policy=document.json, opts=opts)
    return key


def network(key: aws.kms.Key, opts: pulumi.ResourceOptions) -> tuple[Vpc, list[Id], list[Id]]:
    """Three tiers in three zones; returns the network and its public and private subnets."""
    vpc = Vpc("net", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags={"Name": "net"}, opts=opts)
    gateway = aws.ec2.InternetGateway("net", vpc_id=vpc.id, opts=opts)
    aws.ec2.DefaultSecurityGroup("net", vpc_id=vpc.id, ingress=[], egress=[], opts=opts)
    public, private, isolated, tables = list[Id](), list[Id](), list[Id](), list[Id]()
    for index, zone in enumerate(ZONES):
        for tier, offset, found in (("public", 0, public), ("private", 16, private), ("data", 32, isolated)):
            subnet = aws.ec2.Subnet(
                f"{tier}-{zone}",
                vpc_id=vpc.id,
                availability_zone=zone,
                cidr_block=f"10.0.{index + offset}.0/24",
                opts=opts,
            )
            found.append(subnet.id)
            table = aws.ec2.RouteTable(f"{tier}-{zone}", vpc_id=vpc.id, opts=opts)
            tables.append(table.id)
            aws.ec2.RouteTableAssociation(f"{tier}-{zone}", subnet_id=subnet.id, route_table_id=table.id, opts=opts)
            if tier == "public":
                aws.ec2.Route(
                    f"{tier}-{zone}",
                    route_table_id=table.id,
                    destination_cidr_block="0.0.0.0/0",
                    gateway_id=gateway.id,
                    opts=opts,
                )
        address = aws.ec2.Eip(f"nat-{zone}", domain="vpc", opts=opts)
        aws.ec2.NatGateway(f"nat-{zone}", subnet_id=public[-1], allocation_id=address.id, opts=opts)
    for service in ("s3", "dynamodb"):
        aws.ec2.VpcEndpoint(
            service, vpc_id=vpc.id, service_name=f"com.amazonaws.us-east-1.{service}", route_table_ids=tables, opts=opts
        )
    group = aws.ec2.SecurityGroup(
        "endpoints",
        vpc_id=vpc.id,
        opts=opts,
        ingress=[
            aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=443, to_port=443, cidr_blocks=["10.0.0.0/16"]),
            {"protocol": "tcp", "from_port": 80, "to_port": 80, "self": True},
        ],
    )
    for service in ("ecr.api", "ecr.dkr", "logs", "kms"):
        aws.ec2.VpcEndpoint(
            service,
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.us-east-1.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=private,
            security_group_ids=[group.id],
            private_dns_enabled=True,
            opts=opts,
        )
    logs = aws.cloudwatch.LogGroup("flow", retention_in_days=90, kms_key_id=key.arn, opts=opts)
    aws.ec2.FlowLog(
        "net",
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination=logs.arn,
        destination_options=aws.ec2.FlowLogDestinationOptionsArgs(file_format="parquet"),
        opts=opts,
    )
    image = aws.ec2.get_ami_output(
        owners=["amazon"], most_recent=True, filters=[aws.ec2.GetAmiFilterArgs(name="name", values=["al2023-*"])]
    )
    aws.ec2.Instance(
        "bastion",
        ami=image.id,
        instance_type=aws.ec2.InstanceType.T3_MICRO,
        subnet_id=private[0],
        root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(encrypted=True),
        metadata_options=aws.ec2.InstanceMetadataOptionsArgs(http_tokens="required"),
        opts=opts,
    )
    return vpc, public, private


def bucket(key: aws.kms.Key, opts: pulumi.ResourceOptions) -> aws.s3.Bucket:
    """A bucket with deeply nested settings around it."""
    uploads = aws.s3.Bucket("uploads", force_destroy=False, opts=opts)
    aws.s3.BucketVersioning("uploads", bucket=uploads.id, versioning_configuration={"status": "Enabled"}, opts=opts)
    aws.s3.BucketPublicAccessBlock(
        "uploads", bucket=uploads.id, block_public_acls=True, restrict_public_buckets=True, opts=opts
    )
    aws.s3.BucketOwnershipControls(
        "uploads",
        bucket=uploads.id,
        opts=opts,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        "uploads",
        bucket=uploads.id,
        opts=opts,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                bucket_key_enabled=True,
                apply_server_side_encryption_by_default=(
                    aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="aws:kms", kms_master_key_id=key.arn
                    )
                ),
            )
        ],
    )
    aws.s3.BucketLifecycleConfiguration(
        "uploads",
        bucket=uploads.id,
        opts=opts,
        rules=[
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="archive",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                transitions=[
                    aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=30, storage_class="STANDARD_IA"),
                    aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=90, storage_class="DEEP_ARCHIVE"),
                ],
            )
        ],
    )
    aws.s3.BucketPolicy(
        "uploads", bucket=uploads.id, policy=uploads.arn.apply(lambda arn: f'{{"Resource":"{arn}"}}'), opts=opts
    )
    return uploads
