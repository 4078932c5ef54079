"""One stack that the tests change one thing of: a service behind a load balancer, private, with a database, a bucket and
a queue; a NAT gateway in each of two zones."""

from typing import Any

from tests.preflight.reach.stacks import TRUST, Doc, Ref, resource

_EC2 = "aws:ec2/"
VPC = resource("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
GATEWAY = resource("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=Ref(VPC))


def subnet(name: str, zone: str, number: int, **inputs: Any) -> dict[str, Any]:
    return resource(
        "aws:ec2/subnet:Subnet", name, vpcId=Ref(VPC), availabilityZone=zone, cidrBlock=f"10.0.{number}.0/24", **inputs
    )


def table(name: str, *subnets: dict[str, Any], **target: Any) -> list[dict[str, Any]]:
    """A route table with a default route and its associations."""
    made = resource("aws:ec2/routeTable:RouteTable", name, vpcId=Ref(VPC))
    route = resource(
        "aws:ec2/route:Route", f"{name}-out", routeTableId=Ref(made), destinationCidrBlock="0.0.0.0/0", **target
    )
    kind = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    return [made, route] + [
        resource(kind, f"{name}-{each['name']}", routeTableId=Ref(made), subnetId=Ref(each)) for each in subnets
    ]


def group(name: str) -> dict[str, Any]:
    return resource("aws:ec2/securityGroup:SecurityGroup", name, vpcId=Ref(VPC))


def let_in(name: str, into: dict[str, Any], port: int, **source: Any) -> dict[str, Any]:
    kind = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    return resource(kind, name, securityGroupId=Ref(into), ipProtocol="tcp", fromPort=port, toPort=port, **source)


def let_out(name: str, out_of: dict[str, Any], port: int, **target: Any) -> dict[str, Any]:
    kind = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    return resource(kind, name, securityGroupId=Ref(out_of), ipProtocol="tcp", fromPort=port, toPort=port, **target)


PUBLIC = [subnet("public-a", "us-east-1a", 0), subnet("public-b", "us-east-1b", 1)]
PRIVATE = [subnet("private-a", "us-east-1a", 10), subnet("private-b", "us-east-1b", 11)]
EIPS = [resource("aws:ec2/eip:Eip", f"eip-{zone}") for zone in "ab"]
NATS = [
    resource(
        "aws:ec2/natGateway:NatGateway", f"nat-{zone}", subnetId=Ref(PUBLIC[number]), allocationId=Ref(EIPS[number])
    )
    for number, zone in enumerate("ab")
]
LB_GROUP, APP_GROUP, DB_GROUP = group("lb-group"), group("app-group"), group("db-group")
BALANCER = resource(
    "aws:lb/loadBalancer:LoadBalancer", "lb", subnets=[Ref(each) for each in PUBLIC], securityGroups=[Ref(LB_GROUP)]
)
TARGETS = resource("aws:lb/targetGroup:TargetGroup", "targets", port=8080, vpcId=Ref(VPC))
LISTENER = resource(
    "aws:lb/listener:Listener", "https", loadBalancerArn=Ref(BALANCER, "arn"), port=443, protocol="HTTPS",
    defaultActions=[{"type": "forward", "targetGroupArn": Ref(TARGETS, "arn")}],
)  # fmt: skip
DATABASE = resource(
    "aws:rds/instance:Instance", "db", engine="postgres", instanceClass="db.t4g.micro", allocatedStorage=20,
    storageType="gp3", vpcSecurityGroupIds=[Ref(DB_GROUP)], dbSubnetGroupName="db-subnets", password={"$secret": True},
)  # fmt: skip
DB_SUBNETS = resource(
    "aws:rds/subnetGroup:SubnetGroup", "db-subnets", name="db-subnets", subnetIds=[Ref(each) for each in PRIVATE]
)
BUCKET = resource("aws:s3/bucket:Bucket", "bucket")
QUEUE = resource("aws:sqs/queue:Queue", "queue")
ROLE = resource("aws:iam/role:Role", "role", assumeRolePolicy=Doc((TRUST["Statement"],)))
POLICY = resource(
    "aws:iam/rolePolicy:RolePolicy", "policy", role=Ref(ROLE),
    policy=Doc(({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": Ref(BUCKET, "arn", "/*")},)),
)  # fmt: skip
TASK = resource(
    "aws:ecs/taskDefinition:TaskDefinition", "task", family="app", taskRoleArn=Ref(ROLE, "arn"), cpu="256", memory="512",
    requiresCompatibilities=["FARGATE"], containerDefinitions='[{"name": "app", "portMappings": [{"containerPort": 8080}]}]',
)  # fmt: skip
SERVICE = resource(
    "aws:ecs/service:Service", "service", launchType="FARGATE", desiredCount=4, taskDefinition=Ref(TASK, "arn"),
    loadBalancers=[{"targetGroupArn": Ref(TARGETS, "arn"), "containerPort": 8080}],
    networkConfiguration={"subnets": [Ref(each) for each in PRIVATE], "securityGroups": [Ref(APP_GROUP)]},
)  # fmt: skip

_ALL = [
    VPC, GATEWAY, *PUBLIC, *PRIVATE, *EIPS, *NATS,
    *table("public", *PUBLIC, gatewayId=Ref(GATEWAY)),
    *table("out-a", PRIVATE[0], natGatewayId=Ref(NATS[0])), *table("out-b", PRIVATE[1], natGatewayId=Ref(NATS[1])),
    LB_GROUP, APP_GROUP, DB_GROUP, BALANCER, TARGETS, LISTENER, DATABASE, DB_SUBNETS, BUCKET, QUEUE, ROLE, POLICY, TASK, SERVICE,
    let_in("world-in", LB_GROUP, 443, cidrIpv4="0.0.0.0/0"),
    let_out("lb-out", LB_GROUP, 8080, referencedSecurityGroupId=Ref(APP_GROUP)),
    let_in("app-in", APP_GROUP, 8080, referencedSecurityGroupId=Ref(LB_GROUP)),
    let_out("app-https", APP_GROUP, 443, cidrIpv4="0.0.0.0/0"),
    let_out("app-db", APP_GROUP, 5432, referencedSecurityGroupId=Ref(DB_GROUP)),
    let_in("db-in", DB_GROUP, 5432, referencedSecurityGroupId=Ref(APP_GROUP)),
]  # fmt: skip
STACK = {each["name"]: each for each in _ALL}
