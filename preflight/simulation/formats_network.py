"""As ``formats``, of networks, machines and load balancers. Fields and sources are those of it."""

ARN = {"id": "{arn}"}
_EC2 = "arn:{partition}:ec2:{region}:{account}"
_ELB = "arn:{partition}:elasticloadbalancing:{region}:{account}"


def _ec2(prefix: str, kind: str) -> dict[str, str]:
    return {"id": prefix + "-{hex17}", "arn": f"{_EC2}:{kind}/{{id}}"}


def _load_balancer() -> dict[str, dict[str, str]]:
    kinds: dict[str, dict[str, str]] = {}
    for module in ("lb", "alb"):
        kinds[f"aws:{module}/loadBalancer:LoadBalancer"] = {
            **ARN,
            "arnSuffix": "{lbkind}/{name}/{hex16}",
            "arn": f"{_ELB}:loadbalancer/{{lbkind}}/{{name}}/{{hex16}}",
            "dnsName": "{name}-{digits10}.{region}.elb.{dns}",
            "zoneId": "Z{capitals13}",
            "vpcId": "vpc-{hex17}",
        }
        kinds[f"aws:{module}/targetGroup:TargetGroup"] = {
            **ARN,
            "arnSuffix": "targetgroup/{name}/{hex16}",
            "arn": f"{_ELB}:targetgroup/{{name}}/{{hex16}}",
        }
        # A listener's ARN begins with its load balancer's, a rule's with its listener's.
        kinds[f"aws:{module}/listener:Listener"] = {**ARN, "arn": "{listener_of}/{hex16}"}
        kinds[f"aws:{module}/listenerRule:ListenerRule"] = {**ARN, "arn": "{rule_of}/{hex16}"}
        kinds[f"aws:{module}/targetGroupAttachment:TargetGroupAttachment"] = {"id": "{targetGroupArn}-{digits18}"}
        kinds[f"aws:{module}/listenerCertificate:ListenerCertificate"] = {"id": "{listenerArn}_{certificateArn}"}
    return kinds


FORMATS: dict[str, dict[str, str]] = {
    "aws:ec2/vpc:Vpc": {
        **_ec2("vpc", "vpc"),
        "cidrBlock": "10.0.0.0/16",  # of one that exists, or gets its range of a pool
        "mainRouteTableId": "rtb-{hex17}",
        "defaultRouteTableId": "rtb-{hex17}",
        "defaultSecurityGroupId": "sg-{hex17}",
        "defaultNetworkAclId": "acl-{hex17}",
        "dhcpOptionsId": "dopt-{hex17}",
        "instanceTenancy": "default",
        "ipv6AssociationId": "",
    },
    "aws:ec2/defaultVpc:DefaultVpc": {"cidrBlock": "172.31.0.0/16"},
    "aws:ec2/subnet:Subnet": {
        **_ec2("subnet", "subnet"),
        "availabilityZone": "{region}a",
        "ipv6CidrBlockAssociationId": "",
    },
    "aws:ec2/securityGroup:SecurityGroup": {**_ec2("sg", "security-group"), "description": "Managed by Pulumi"},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
        **_ec2("sg", "security-group"),
        "name": "default",
        "namePrefix": "",
        "description": "default VPC security group",
    },
    "aws:ec2/internetGateway:InternetGateway": _ec2("igw", "internet-gateway"),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": {"id": "eigw-{hex17}"},
    "aws:ec2/natGateway:NatGateway": {
        "id": "nat-{hex17}",
        "associationId": "eipassoc-{hex17}",
        "networkInterfaceId": "eni-{hex17}",
        "publicIp": "{ip}",
        "privateIp": "10.0.0.{octet}",
        "connectivityType": "public",
    },
    "aws:ec2/eip:Eip": {
        **_ec2("eipalloc", "elastic-ip"),
        "allocationId": "{id}",
        "publicIp": "{ip}",
        "publicDns": "ec2-{ipdashes}.{compute}.{dns}",
        "domain": "vpc",
        "networkBorderGroup": "{region}",
        "publicIpv4Pool": "amazon",
        "associationId": "",
        "carrierIp": "",
        "customerOwnedIp": "",
        "privateDns": "",
        "privateIp": "",
        "ptrRecord": "",
    },
    "aws:ec2/eipAssociation:EipAssociation": {"id": "eipassoc-{hex17}"},
    "aws:ec2/routeTable:RouteTable": _ec2("rtb", "route-table"),
    "aws:ec2/defaultRouteTable:DefaultRouteTable": _ec2("rtb", "route-table"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"id": "rtbassoc-{hex17}"},
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": {
        "id": "rtbassoc-{hex17}",
        "originalRouteTableId": "rtb-{hex17}",
    },
    "aws:ec2/route:Route": {
        "id": "r-{routeTableId}{digits10}",
        "origin": "CreateRoute",
        "state": "active",
        "instanceId": "",
        "instanceOwnerId": "",
    },
    "aws:ec2/networkAcl:NetworkAcl": _ec2("acl", "network-acl"),
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": {"id": "aclassoc-{hex17}"},
    "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion": {
        "id": "vpcbpa-exclude-{hex17}",
        "resourceArn": f"{_EC2}:subnet/{{subnetId}}",
    },
    "aws:ec2/networkAclRule:NetworkAclRule": {"id": "nacl-{digits10}"},
    "aws:ec2/networkInterface:NetworkInterface": {**_ec2("eni", "network-interface"), "outpostArn": ""},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        **_ec2("vpce", "vpc-endpoint"),
        "state": "available",
        "prefixListId": "pl-{hex8}",
        "ipAddressType": "ipv4",
        "vpcEndpointType": "Gateway",
    },
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": {"id": "a-{vpcEndpointId}{digits10}"},
    "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation": {"id": "a-{vpcEndpointId}{digits10}"},
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": {"id": "pcx-{hex17}", "acceptStatus": "active"},
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": _ec2("dopt", "dhcp-options"),
    "aws:ec2/flowLog:FlowLog": _ec2("fl", "vpc-flow-log"),
    "aws:ec2/securityGroupRule:SecurityGroupRule": {"id": "sgrule-{digits10}", "securityGroupRuleId": "sgr-{hex17}"},
    "aws:ec2/launchTemplate:LaunchTemplate": _ec2("lt", "launch-template"),
    "aws:ec2/instance:Instance": {
        **_ec2("i", "instance"),
        "availabilityZone": "{region}a",
        "instanceState": "running",
        "privateIp": "10.0.0.{octet}",
        "privateDns": "ip-10-0-0-{octet}.ec2.internal",
        "primaryNetworkInterfaceId": "eni-{hex17}",
        "publicIp": "",
        "publicDns": "",
        "instanceLifecycle": "",
        "outpostArn": "",
        "passwordData": "",
        "spotInstanceRequestId": "",
    },
    "aws:ec2/keyPair:KeyPair": {"id": "{keyName}", "arn": f"{_EC2}:key-pair/{{keyName}}", "keyPairId": "key-{hex17}"},
    "aws:ec2/managedPrefixList:ManagedPrefixList": _ec2("pl", "prefix-list"),
    "aws:ec2/transitGateway:TransitGateway": _ec2("tgw", "transit-gateway"),
    "aws:ebs/volume:Volume": _ec2("vol", "volume"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        **_ec2("sgr", "security-group-rule"),
        "securityGroupRuleId": "{id}",
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
        **_ec2("sgr", "security-group-rule"),
        "securityGroupRuleId": "{id}",
    },
    **_load_balancer(),
}
