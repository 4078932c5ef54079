"""A network by awsx with a database, as its documentation shows it; `open` moves the database to the public subnets."""

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

exposed = pulumi.Config().get_bool("open")
network = awsx.ec2.Vpc(
    "network",
    cidr_block="10.0.0.0/16",
    availability_zone_names=["eu-west-1a", "eu-west-1b"],
    nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=awsx.ec2.NatGatewayStrategy.SINGLE),
    subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
)
aws.ec2.DefaultSecurityGroup("closed", vpc_id=network.vpc_id)
application = aws.ec2.SecurityGroup("application", vpc_id=network.vpc_id, description="The application")
store = aws.ec2.SecurityGroup("store", vpc_id=network.vpc_id, description="The database")
aws.vpc.SecurityGroupIngressRule(
    "application-to-store",
    security_group_id=store.id,
    referenced_security_group_id=application.id,
    ip_protocol="tcp",
    from_port=5432,
    to_port=5432,
    description="Queries",
)
subnets = aws.rds.SubnetGroup(
    "subnets", subnet_ids=network.public_subnet_ids if exposed else network.private_subnet_ids
)
aws.rds.Instance(
    "store",
    engine="postgres",
    engine_version="17.4",
    instance_class="db.t4g.small",
    allocated_storage=20,
    username="shop",
    manage_master_user_password=True,
    db_subnet_group_name=subnets.name,
    vpc_security_group_ids=[store.id],
    storage_encrypted=True,
    backup_retention_period=7,
    deletion_protection=True,
    skip_final_snapshot=False,
    final_snapshot_identifier="shop-last",
)
pulumi.export("vpc", network.vpc_id)
