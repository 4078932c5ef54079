"""What single values may be, also deep inside of blocks: ranges, words and forms that AWS's API does not enumerate.

A path names an argument (`timeout`), one in a block or in every element of a list of blocks (`healthCheck.path`), or,
with `[]`, each element of a list of plain values. From the schemas of terraform-provider-aws 6 (the validation of its
arguments) and the reference of AWS's API, read 2026-11. What is not certain is not here.
"""

from preflight.simulation.limits import (
    Rule,
    address,
    address6,
    between,
    either,
    encoded,
    many,
    matches,
    network,
    of,
    short,
)

ARN = matches(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", "an ARN, as arn:aws:iam::123456789012:role/app")
PORT = between(1, 65535)
_PERCENT = between(0, 100)
_CHECKED = matches(r"|/.{0,1023}", "a path of 1 to 1024 characters that begins with /")
_METHOD = of("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# Names of protocols that the provider turns into numbers (network ACLs), and those of the rules of groups.
PROTOCOLS = frozenset({
    "-1", "all", "ah", "ax.25", "dccp", "egp", "encap", "esp", "etherip", "fc", "ggp", "gre", "hip", "hmp", "hopopt",
    "icmp", "icmpv6", "idpr-cmtp", "igmp", "igp", "ip", "ipcomp", "ipencap", "ipip", "ipv6", "ipv6-frag", "ipv6-icmp",
    "ipv6-nonxt", "ipv6-opts", "ipv6-route", "isis", "iso-tp4", "l2tp", "manet", "mobility-header", "mpls-in-ip",
    "ospf", "pim", "pup", "rdp", "rohc", "rspf", "rsvp", "sctp", "shim6", "skip", "st", "tcp", "udp", "udplite", "vmtp",
    "vrrp", "wesp", "xns-idp", "xtp",
})  # fmt: skip


def _protocol(value: object) -> str | None:
    text = str(value).lower()
    known = text in PROTOCOLS or (text.isdigit() and int(text) <= 255)
    return None if known else f"{value!r} is no protocol: tcp, udp, icmp, icmpv6, a number, or -1 for all"


_DEVICE: dict[str, Rule] = {
    "volumeSize": between(1, 65536),
    "iops": between(100, 256000),
    "throughput": between(125, 2000),
}
_ACTION: dict[str, Rule] = {
    "fixedResponse.contentType": of(
        "text/plain", "text/css", "text/html", "application/javascript", "application/json"
    ),
    "fixedResponse.messageBody": short(1024),
    "fixedResponse.statusCode": matches(r"[245]\d\d", "a status of 2XX, 4XX or 5XX"),
    "forward.stickiness.duration": between(1, 604800),
    "forward.targetGroups.weight": between(0, 999),
    "order": between(1, 50000),
    "redirect.protocol": of("#{protocol}", "HTTP", "HTTPS"),
    "redirect.port": matches(r"#\{port\}|\d{1,5}", "#{port} or a port"),
    "targetGroupArn": ARN,
}
_ORIGIN: dict[str, Rule] = {
    "domainName": matches(r"[^/]+", "a domain: without https:// and path"),
    "originPath": matches(r"|/.*[^/]", "a path that begins with / and does not end with it"),
    "connectionAttempts": between(1, 3),
    "connectionTimeout": between(1, 10),
    "customOriginConfig.httpPort": either(of(80, 443), between(1024, 65535), "80, 443 or 1024 to 65535"),
    "customOriginConfig.httpsPort": either(of(80, 443), between(1024, 65535), "80, 443 or 1024 to 65535"),
    "customOriginConfig.originSslProtocols[]": of("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"),
}
_READ = {"GET", "HEAD"}
_CACHED = (_READ, _READ | {"OPTIONS"})
_METHODS = (*_CACHED, _READ | {"OPTIONS", "PUT", "POST", "PATCH", "DELETE"})
_BEHAVIOR: dict[str, Rule] = {
    "allowedMethods": many(*_METHODS),
    "cachedMethods": many(*_CACHED),
    "functionAssociations.eventType": of("viewer-request", "viewer-response"),
}
_RANGE = matches(r"[0-9a-fA-F.:]+/\d{1,3}", "a range in CIDR notation, as 192.0.2.1/32")


def _in(block: str, rules: dict[str, Rule]) -> dict[str, Rule]:
    return {f"{block}.{key}": rule for key, rule in rules.items()}


OF_TYPE: dict[str, dict[str, Rule]] = {
    "aws:apigateway/integration:Integration": {
        "httpMethod": _METHOD,
        "integrationHttpMethod": _METHOD,
        "timeoutMilliseconds": between(50, 900000),  # what is not streamed: see ``wholes``
    },
    "aws:apigateway/method:Method": {
        "authorization": of("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"),
        "httpMethod": _METHOD,
    },
    "aws:apigateway/resource:Resource": {
        "pathPart": matches(r"[\w.:-]+|\{[\w.:-]+\+?\}", "one part of a path: letters, digits and . _ : -, or {name}")
    },
    "aws:apigateway/restApi:RestApi": {"minimumCompressionSize": between(-1, 10485760)},
    "aws:apigatewayv2/api:Api": {"name": short(128), "corsConfiguration.maxAge": between(-1, 86400)},
    "aws:apigatewayv2/authorizer:Authorizer": {"authorizerResultTtlInSeconds": between(0, 3600)},
    "aws:apigatewayv2/domainName:DomainName": {
        "domainNameConfiguration.endpointType": of("REGIONAL"),
        "domainNameConfiguration.securityPolicy": of("TLS_1_2"),
    },
    "aws:apigatewayv2/integration:Integration": {
        "integrationMethod": _METHOD,
        "payloadFormatVersion": of("1.0", "2.0"),
        "timeoutMilliseconds": between(50, 30000),
    },
    "aws:appautoscaling/target:Target": {
        "minCapacity": between(0, 2147483647),
        "maxCapacity": between(0, 2147483647),
        "serviceNamespace": of(
            "appstream",
            "cassandra",
            "comprehend",
            "custom-resource",
            "dynamodb",
            "ec2",
            "ecs",
            "elasticache",
            "elasticmapreduce",
            "kafka",
            "lambda",
            "neptune",
            "rds",
            "sagemaker",
            "workspaces",
        ),
    },
    "aws:appautoscaling/scheduledAction:ScheduledAction": {
        "schedule": matches(r"(rate|cron|at)\(.+\)", "a schedule: rate(5 minutes), cron() or at()")
    },
    "aws:autoscaling/group:Group": {
        "instanceRefresh.preferences.maxHealthyPercentage": between(100, 200),
        "instanceRefresh.preferences.minHealthyPercentage": _PERCENT,
        "instanceRefresh.strategy": of("Rolling", "ReplaceRootVolume"),
        "metricsGranularity": of("1Minute"),
        "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity": _PERCENT,
        "desiredCapacity": between(0, 1_000_000),
        "minSize": between(0, 1_000_000),
        "maxSize": between(0, 1_000_000),
        "healthCheckType": matches(r"(EC2|ELB|EBS|VPC_LATTICE)(,(EC2|ELB|EBS|VPC_LATTICE))*", "EC2, ELB or EBS"),
    },
    "aws:autoscaling/policy:Policy": {
        "adjustmentType": of("ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"),
        "metricAggregationType": of("Minimum", "Maximum", "Average"),
    },
    "aws:cloudfront/distribution:Distribution": {
        **_in("origins", _ORIGIN),
        **_in("defaultCacheBehavior", _BEHAVIOR),
        **_in("orderedCacheBehaviors", _BEHAVIOR),
        "customErrorResponses.errorCode": of(400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504),
        "httpVersion": of("http1.1", "http2", "http2and3", "http3"),
        "loggingConfig.bucket": matches(r".+\.s3.*\..+", "the domain of a bucket, as logs.s3.amazonaws.com"),
        "restrictions.geoRestriction.restrictionType": of("none", "whitelist", "blacklist"),
        "restrictions.geoRestriction.locations[]": matches(r"[A-Z]{2}", "a country of two capital letters, as DE"),
    },
    "aws:cloudfront/function:Function": {"name": matches(r"[\w-]{1,64}", "a name of 1 to 64 letters, digits, - _")},
    "aws:cloudfront/originAccessControl:OriginAccessControl": {"name": short(64), "signingProtocol": of("sigv4")},
    "aws:codebuild/project:Project": {
        "buildTimeout": between(5, 2160),
        "name": matches(r"[A-Za-z0-9][\w-]{1,254}", "a name of 2 to 255 letters, digits, - and _"),
        "queuedTimeout": between(5, 480),
        "serviceRole": ARN,
    },
    "aws:ebs/volume:Volume": {"size": between(1, 65536), "iops": _DEVICE["iops"], "throughput": _DEVICE["throughput"]},
    "aws:ec2/eip:Eip": {"domain": of("vpc", "standard")},
    "aws:ec2/flowLog:FlowLog": {"iamRoleArn": ARN, "maxAggregationInterval": of(60, 600)},
    "aws:ec2/instance:Instance": {
        **_in("rootBlockDevice", _DEVICE),
        **_in("ebsBlockDevices", _DEVICE),
        "ami": matches(r"ami-.+|resolve:ssm:.+", "the id of an image, as ami-0abc"),
        "creditSpecification.cpuCredits": of("standard", "unlimited"),
        "instanceInitiatedShutdownBehavior": of("stop", "terminate"),
        "metadataOptions.httpPutResponseHopLimit": between(1, 64),
        "privateIp": address,
        "userDataBase64": encoded,
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {
        **_in("blockDeviceMappings.ebs", _DEVICE),
        "creditSpecification.cpuCredits": of("standard", "unlimited"),
        "description": short(255),
        "imageId": matches(r"ami-.+|resolve:ssm:.+", "the id of an image, as ami-0abc"),
        "instanceMarketOptions.marketType": of("spot", "capacity-block", "interruptible-capacity-reservation"),
        "metadataOptions.httpPutResponseHopLimit": between(1, 64),
    },
    "aws:ec2/networkAcl:NetworkAcl": {
        **{f"{side}.protocol": _protocol for side in ("ingress", "egress")},
        **{f"{side}.action": of("allow", "deny", ignoring_case=True) for side in ("ingress", "egress")},
        **{f"{side}.cidrBlock": either(of(""), network, "a network") for side in ("ingress", "egress")},
    },
    "aws:ec2/networkAclRule:NetworkAclRule": {"protocol": _protocol, "ruleNumber": between(1, 32766)},
    "aws:ec2/securityGroup:SecurityGroup": {"ingress.protocol": _protocol, "egress.protocol": _protocol},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"ingress.protocol": _protocol, "egress.protocol": _protocol},
    "aws:ec2/securityGroupRule:SecurityGroupRule": {"protocol": _protocol},
    "aws:ec2/vpc:Vpc": {"instanceTenancy": of("default", "dedicated"), "ipv4NetmaskLength": between(16, 28)},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "vpcEndpointType": of("Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork")
    },
    "aws:ecs/cluster:Cluster": {
        "settings.name": of("containerInsights"),
        "settings.value": of("enabled", "disabled", "enhanced"),
    },
    "aws:ec2/managedPrefixList:ManagedPrefixList": {
        "addressFamily": of("IPv4", "IPv6"),
        "maxEntries": between(1, 2147483647),
    },
    "aws:ecs/capacityProvider:CapacityProvider": {
        "autoScalingGroupProvider.autoScalingGroupArn": ARN,
        "autoScalingGroupProvider.managedScaling.instanceWarmupPeriod": between(0, 10000),
        "autoScalingGroupProvider.managedScaling.maximumScalingStepSize": between(1, 10000),
        "autoScalingGroupProvider.managedScaling.minimumScalingStepSize": between(1, 10000),
        "autoScalingGroupProvider.managedScaling.targetCapacity": between(1, 100),
    },
    "aws:ecs/service:Service": {
        "healthCheckGracePeriodSeconds": between(0, 2147483647),
        "loadBalancers.containerPort": between(0, 65535),
        "loadBalancers.targetGroupArn": ARN,
    },
    "aws:ecs/taskDefinition:TaskDefinition": {
        "ephemeralStorage.sizeInGib": between(21, 200),
        "executionRoleArn": ARN,
        "pidMode": of("host", "task"),
        "taskRoleArn": ARN,
    },
    "aws:eks/cluster:Cluster": {"roleArn": ARN},
    "aws:eks/nodeGroup:NodeGroup": {"nodeRoleArn": ARN},
    "aws:lambda/eventSourceMapping:EventSourceMapping": {"tumblingWindowInSeconds": between(0, 900)},
    "aws:lambda/function:Function": {
        "architectures[]": of("x86_64", "arm64"),
        "codeSigningConfigArn": ARN,
        "deadLetterConfig.targetArn": ARN,
        "ephemeralStorage.size": between(512, 10240),
        "fileSystemConfig.arn": ARN,
        "fileSystemConfig.localMountPath": matches(r"/mnt/[\w.-]+", "a path below /mnt/"),
        "handler": matches(r"\S+", "a handler such as main.handler, without spaces"),
        "kmsKeyArn": ARN,
        "layers[]": ARN,
        "role": ARN,
        "snapStart.applyOn": of("PublishedVersions", "None"),
    },
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {
        "provisionedConcurrentExecutions": between(1, 1_000_000)
    },
    "aws:lb/listener:Listener": {
        **_in("defaultActions", _ACTION),
        "certificateArn": ARN,
        "protocol": of(
            "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE", ignoring_case=True
        ),
    },
    "aws:lb/listenerRule:ListenerRule": _in("actions", _ACTION),
    "aws:lb/loadBalancer:LoadBalancer": {
        "xffHeaderProcessingMode": of("append", "preserve", "remove"),
    },
    "aws:lb/targetGroup:TargetGroup": {
        "healthCheck.interval": between(5, 300),
        "healthCheck.timeout": between(2, 120),
        "healthCheck.healthyThreshold": between(2, 10),
        "healthCheck.unhealthyThreshold": between(2, 10),
        "healthCheck.matcher": matches(r"|[0-9][0-9,-]*", "codes such as 200, 200-299 or 200,202"),
        "healthCheck.path": _CHECKED,
        "healthCheck.port": matches(r"|traffic-port|\d{1,5}", "traffic-port or a port"),
        "healthCheck.protocol": of("HTTP", "HTTPS", "TCP", ignoring_case=True),
        "protocol": of(
            "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE", ignoring_case=True
        ),
    },
    "aws:route53/healthCheck:HealthCheck": {
        "failureThreshold": between(1, 10),
        "ipAddress": either(address, address6, "an IP address"),
        "port": PORT,
        "requestInterval": of(10, 30),
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"ipProtocol": _protocol},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"ipProtocol": _protocol},
    "aws:wafv2/ipSet:IpSet": {"addresses[]": _RANGE, "ipAddressVersion": of("IPV4", "IPV6")},
    "aws:wafv2/webAcl:WebAcl": {
        "rules.statement.rateBasedStatement.limit": between(10, 2_000_000_000),
        "rules.statement.rateBasedStatement.evaluationWindowSec": of(60, 120, 300, 600),
        "rules.visibilityConfig.metricName": matches(r"[\w-]{1,128}", "a name of 1 to 128 letters, digits, - and _"),
        "visibilityConfig.metricName": matches(r"[\w-]{1,128}", "a name of 1 to 128 letters, digits, - and _"),
    },
    "aws:wafv2/webAclAssociation:WebAclAssociation": {"resourceArn": ARN, "webAclArn": ARN},
}
