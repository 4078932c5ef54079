"""What the provider, or AWS at the first request, refuses of inputs taken together: arguments that exclude or need each
other, sizes that do not fit. From the schemas of terraform-provider-aws 6 and AWS's API reference, read
2026-11; what depends on the account or on other resources is not here.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from preflight.simulation import provider_rules, wholes, wholes_stores
from preflight.simulation.limits import networks, number
from preflight.simulation.together import UNKNOWN, Inputs, Problem, blocks, given, one_of, snake, sure

_NAMES = ("name", "bucket", "identifier", "clusterIdentifier")  # those that have a form with a prefix beside them
_DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
_TARGETS = (
    "carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "gatewayId", "localGatewayId", "natGatewayId",
    "networkInterfaceId", "odbNetworkArn", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId",
)  # fmt: skip
_PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")

# Groups of which exactly one has to be given.
ONE_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "aws:autoscaling/group:Group": (("launchConfiguration", "launchTemplate", "mixedInstancesPolicy"),),
    "aws:ec2/flowLog:FlowLog": (
        ("eniId", "regionalNatGatewayId", "subnetId", "transitGatewayAttachmentId", "transitGatewayId", "vpcId"),
    ),
    "aws:ec2/networkAclRule:NetworkAclRule": (("cidrBlock", "ipv6CidrBlock"),),
    "aws:ec2/route:Route": (_DESTINATIONS, _TARGETS),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (("resourceConfigurationArn", "serviceName", "serviceNetworkArn"),),
    "aws:ecs/capacityProvider:CapacityProvider": (("autoScalingGroupProvider", "managedInstancesProvider"),),
    "aws:elasticache/cluster:Cluster": (("engine", "replicationGroupId"),),
    "aws:lambda/function:Function": (("code", "imageUri", "s3Bucket"),),
    "aws:lb/loadBalancer:LoadBalancer": (("subnets", "subnetMappings"),),
    "aws:rds/proxyTarget:ProxyTarget": (("dbClusterIdentifier", "dbInstanceIdentifier"),),
    "aws:s3/bucketAcl:BucketAcl": (("accessControlPolicy", "acl"),),
    "aws:s3/bucketAclV2:BucketAclV2": (("accessControlPolicy", "acl"),),
    "aws:ssm/parameter:Parameter": (("insecureValue", "value", "valueWo"),),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (_PEERS,),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (_PEERS,),
}
# Groups of which at least one has to be given.
_SOME_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "aws:cloudwatch/eventRule:EventRule": (("eventPattern", "scheduleExpression"),),
    "aws:ec2/instance:Instance": (("ami", "launchTemplate"), ("instanceType", "launchTemplate")),
    "aws:ec2/securityGroupRule:SecurityGroupRule": (
        ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "self", "sourceSecurityGroupId"),
    ),
    "aws:route53/record:Record": (("aliases", "records"),),
}
# An argument and those that may not stand beside it.
_EXCLUDES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "aws:autoscaling/group:Group": (("availabilityZones", ("vpcZoneIdentifiers",)),),
    "aws:cloudtrail/trail:Trail": (("eventSelectors", ("advancedEventSelectors",)),),
    "aws:cognito/userPool:UserPool": (("aliasAttributes", ("usernameAttributes",)),),
    "aws:cloudwatch/eventTarget:EventTarget": (("input", ("inputPath", "inputTransformer")),
                                               ("inputPath", ("inputTransformer",))),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (("metricQueries", ("metricName", "namespace", "statistic")),
                                               ("statistic", ("extendedStatistic",))),
    "aws:ecs/service:Service": (("launchType", ("capacityProviderStrategies",)),),
    "aws:ec2/instance:Instance": (("userData", ("userDataBase64",)),
                                  ("networkInterfaces", ("subnetId", "vpcSecurityGroupIds"))),
    "aws:ec2/launchTemplate:LaunchTemplate": (("defaultVersion", ("updateDefaultVersion",)),
                                              ("instanceRequirements", ("instanceType",)),
                                              ("securityGroupNames", ("vpcSecurityGroupIds",))),
    "aws:ec2/subnet:Subnet": (("availabilityZone", ("availabilityZoneId",)),),
    "aws:ec2/vpc:Vpc": (("cidrBlock", ("ipv4NetmaskLength",)),),
    "aws:ec2/securityGroupRule:SecurityGroupRule": (("sourceSecurityGroupId", ("cidrBlocks", "ipv6CidrBlocks", "self")),
                                                    ("self", ("cidrBlocks", "ipv6CidrBlocks"))),
    "aws:elasticache/cluster:Cluster": ((
        "replicationGroupId", ("azMode", "engineVersion", "maintenanceWindow", "nodeType", "notificationTopicArn",
                               "numCacheNodes", "parameterGroupName", "port", "securityGroupIds", "snapshotArns",
                               "snapshotName", "snapshotRetentionLimit", "snapshotWindow", "subnetGroupName")),),
    "aws:elasticache/replicationGroup:ReplicationGroup": (("numCacheClusters", ("numNodeGroups",)),
                                                          ("authToken", ("userGroupIds",))),
    "aws:rds/cluster:Cluster": (("manageMasterUserPassword", ("masterPassword",)),),
    "aws:rds/instance:Instance": (("manageMasterUserPassword", ("password", "replicateSourceDb")),
                                  ("replicateSourceDb", ("dbName", "username")), ("multiAz", ("availabilityZone",))),
    "aws:route53/record:Record": (("aliases", ("records", "ttl")),),
    "aws:s3/bucketObject:BucketObject": (("source", ("content", "contentBase64")), ("content", ("contentBase64",))),
    "aws:s3/bucketObjectv2:BucketObjectv2": (("source", ("content", "contentBase64")),
                                             ("content", ("contentBase64",))),
    "aws:secretsmanager/secretVersion:SecretVersion": (("secretBinary", ("secretString",)),),
    "aws:sqs/queue:Queue": (("kmsMasterKeyId", ("sqsManagedSseEnabled",)),),
}  # fmt: skip


def problems(type_token: str, inputs: Inputs) -> Iterator[Problem]:
    """What does not go together. A value that is not known yet, or is secret, counts as given where one is asked for,
    and goes with any other."""
    yield from exclusive(type_token, inputs)
    for whole in (_WHOLE, wholes.OF_TYPE, wholes_stores.OF_TYPE):
        yield from whole.get(type_token, _nothing)(inputs)


def exclusive(type_token: str, inputs: Inputs) -> Iterator[Problem]:
    """Arguments of which one has to be given, or that exclude each other."""
    for name in _NAMES:
        if sure(inputs, name) and sure(inputs, prefix := f"{name}Prefix"):
            yield Problem(name, f"conflicts with {snake(prefix)}")
    for group in ONE_OF.get(type_token, ()):
        if not one_of(inputs, group):
            found = [key for key in group if sure(inputs, key)]
            got = " and ".join(map(snake, found)) or "none"
            yield Problem(found[0] if found else "", f"one of {_listed(group)} has to be given, got {got}")
    for group in _SOME_OF.get(type_token, ()):
        if not any(given(inputs, key) for key in group):
            yield Problem("", f"one of {_listed(group)} has to be given")
    for key, others in _EXCLUDES.get(type_token, ()):
        for other in others:
            if sure(inputs, key) and sure(inputs, other):
                yield Problem(key, f"conflicts with {snake(other)}")
    yield from provider_rules.of_type(type_token).exclusive(inputs)


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(map(snake, keys))


def _nothing(_: Inputs) -> Iterator[Problem]:
    yield from ()


def _group_rules(inputs: Inputs) -> Iterator[Problem]:
    for side in ("ingress", "egress"):
        rules = inputs.get(side)
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, Mapping):
                yield from _ports(rule, f"{side}[{index}].", inline=True)
                for key in ("cidrBlocks", "ipv6CidrBlocks"):
                    if (reason := networks(rule.get(key))) is not None:
                        yield Problem(f"{side}[{index}].{key}", reason)


def _ports(rule: Mapping[str, Any], place: str = "", *, inline: bool = False) -> Iterator[Problem]:
    low, high = number(rule.get("fromPort")), number(rule.get("toPort"))
    if low is None or high is None:
        return
    protocol = str(rule.get("protocol") or rule.get("ipProtocol")).lower()
    if inline and protocol in ("-1", "all") and (low, high) != (0, 0):
        yield Problem(f"{place}fromPort", f"from_port ({low:g}) and to_port ({high:g}) must be 0 with the protocol -1")
    if protocol in ("tcp", "udp", "6", "17") and low > high:
        yield Problem(f"{place}fromPort", f"from_port ({low:g}) is above to_port ({high:g})")


def _route_table(inputs: Inputs) -> Iterator[Problem]:
    for index, route in enumerate(inputs.get("routes") or ()):
        if isinstance(route, Mapping) and route.get("cidrBlock") not in (None, UNKNOWN, ""):
            if (reason := networks([route["cidrBlock"]])) is not None:
                yield Problem(f"routes[{index}].cidrBlock", reason)
            if not one_of(route, _TARGETS):
                yield Problem(f"routes[{index}]", f"a route has one target: {_listed(_TARGETS)}")


def _volumes(inputs: Inputs) -> Iterator[Problem]:
    for key in ("rootBlockDevice", "ebsBlockDevices"):
        for device in blocks(inputs.get(key), []):
            kind = device.get("volumeType")
            if sure(device, "throughput") and kind not in ("gp3", UNKNOWN, None, ""):
                yield Problem(key, f"throughput is for volumes of type gp3, this is {kind}")
            if sure(device, "iops") and kind not in ("gp3", "io1", "io2", UNKNOWN, None, ""):
                yield Problem(key, f"iops are for volumes of types gp3, io1 and io2, this is {kind}")


def _group_sizes(inputs: Inputs) -> Iterator[Problem]:
    low, wanted, high = (number(inputs.get(key)) for key in ("minSize", "desiredCapacity", "maxSize"))
    if low is not None and high is not None and low > high:
        yield Problem("minSize", f"min_size ({low:g}) is above max_size ({high:g})")
    elif wanted is not None and low is not None and wanted < low:
        yield Problem("desiredCapacity", f"{wanted:g} is below min_size ({low:g})")
    elif wanted is not None and high is not None and wanted > high:
        yield Problem("desiredCapacity", f"{wanted:g} is above max_size ({high:g})")


def _balancer(inputs: Inputs) -> Iterator[Problem]:
    subnets = inputs.get("subnets")
    application = inputs.get("loadBalancerType") in (None, "application")
    idle = number(inputs.get("idleTimeout"))
    if application and idle is not None and not 1 <= idle <= 4000:  # of any other it is not sent
        yield Problem("idleTimeout", f"expected 1 to 4000, got {idle:g}")
    application &= not given(inputs, "customerOwnedIpv4Pool")  # an Outpost is one zone
    if application and isinstance(subnets, list) and UNKNOWN not in subnets and len(set(map(str, subnets))) == 1:
        yield Problem("subnets", "an application load balancer needs subnets in two zones or more, got one subnet")


def _listener(inputs: Inputs) -> Iterator[Problem]:
    protocol = str(inputs.get("protocol")).upper()
    if protocol in ("HTTPS", "TLS") and not given(inputs, "certificateArn"):
        yield Problem("certificateArn", f"a listener of {protocol} needs a certificate")
    if protocol == "HTTP" and sure(inputs, "certificateArn"):
        yield Problem("certificateArn", "a listener of HTTP has no certificate: HTTPS")
    yield from _actions(inputs, "defaultActions")


def _rule(inputs: Inputs) -> Iterator[Problem]:
    yield from _actions(inputs, "actions")


def _actions(inputs: Inputs, key: str) -> Iterator[Problem]:
    needs = {"redirect": ("redirect",), "fixed-response": ("fixedResponse",), "forward": ("targetGroupArn", "forward")}
    for index, action in enumerate(inputs.get(key) or ()):
        wanted = needs.get(str(action.get("type"))) if isinstance(action, Mapping) else None
        if wanted and not any(given(action, each) for each in wanted):
            yield Problem(f"{key}[{index}]", f"an action {action['type']} needs {' or '.join(map(snake, wanted))}")


def _target_group(inputs: Inputs) -> Iterator[Problem]:
    if inputs.get("targetType") not in ("lambda", UNKNOWN):
        for key in ("port", "protocol", "vpcId"):
            if not given(inputs, key):
                yield Problem(key, "is required unless target_type is lambda")


# Set by Lambda itself (developer guide, "Defined runtime environment variables", 2026-11).
_RESERVED = frozenset({
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
})  # fmt: skip


def _function(inputs: Inputs) -> Iterator[Problem]:
    if inputs.get("packageType") in (None, "Zip") and not given(inputs, "imageUri"):
        for key in ("handler", "runtime"):
            if not given(inputs, key):
                yield Problem(key, "is required with package_type Zip")
    if inputs.get("packageType") == "Image" and not given(inputs, "imageUri"):
        yield Problem("imageUri", "is required with package_type Image")
    variables = (
        (inputs.get("environment") or {}).get("variables") if isinstance(inputs.get("environment"), Mapping) else {}
    )
    if isinstance(variables, Mapping):
        for name in sorted(_RESERVED & {*variables}):
            yield Problem("environment.variables", f"{name} is set by Lambda itself")
    layers = inputs.get("layers")
    if isinstance(layers, list) and len(layers) > 5:
        yield Problem("layers", f"{len(layers)} layers, Lambda takes 5")


def _table(inputs: Inputs) -> Iterator[Problem]:
    restored = given(inputs, "restoreSourceName") or given(inputs, "restoreSourceTableArn")
    if inputs.get("billingMode") in (None, "PROVISIONED") and not restored:
        for key in ("readCapacity", "writeCapacity"):
            if inputs.get(key) in (None, 0):
                yield Problem(key, "must be at least 1 when billing_mode is PROVISIONED (or set it to PAY_PER_REQUEST)")
    if inputs.get("streamEnabled") is True and not given(inputs, "streamViewType"):
        yield Problem("streamViewType", "is required when stream_enabled is true")
    yield from _attributes(inputs)


def _attributes(inputs: Inputs) -> Iterator[Problem]:
    """Those that a table declares are those of its keys, no more and no fewer."""
    if UNKNOWN in [inputs.get(key) for key in ("attributes", "globalSecondaryIndexes", "localSecondaryIndexes")]:
        return
    declared = [part.get("name") for part in blocks(inputs.get("attributes"), [])]
    used = [inputs.get("hashKey"), inputs.get("rangeKey")]
    for index in blocks([inputs.get("globalSecondaryIndexes"), inputs.get("localSecondaryIndexes")], []):
        used += [index.get("hashKey"), index.get("rangeKey")]
        used += [key.get("attributeName") for key in blocks(index.get("keySchemas"), [])]
    if UNKNOWN in (*declared, *used):
        return
    keys = {name for name in used if name}
    for name in sorted(keys - {*declared}):
        yield Problem("attributes", f"all indexes must match a defined attribute. Unmatched: {name}")
    for name in sorted({name for name in declared if name} - keys):
        yield Problem("attributes", f"all attributes must be indexed. Unused: {name}")


def _fifo(flag: str) -> Callable[[Inputs], Iterator[Problem]]:
    def rule(inputs: Inputs) -> Iterator[Problem]:
        name, fifo = inputs.get("name"), inputs.get(flag)
        if isinstance(name, str) and name and UNKNOWN not in (name, fifo) and name.endswith(".fifo") != (fifo is True):
            yield Problem("name", f"ends with .fifo if and only if {snake(flag)} is true, got {name!r}")
        if inputs.get("contentBasedDeduplication") is True and fifo in (None, False):
            yield Problem("contentBasedDeduplication", f"needs {snake(flag)}")

    return rule


_MADE_OF = ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime", "s3Import")


def _database(inputs: Inputs) -> Iterator[Problem]:
    if not any(given(inputs, key) for key in _MADE_OF):
        for key in ("allocatedStorage", "engine", "username"):
            if not given(inputs, key):
                yield Problem(key, "is required for a database that is not made of a snapshot or another one")
        if not any(given(inputs, key) for key in ("password", "passwordWo", "manageMasterUserPassword")):
            yield Problem("password", "one of password, password_wo, manage_master_user_password has to be given")
    if (number(inputs.get("monitoringInterval")) or 0) > 0 and not given(inputs, "monitoringRoleArn"):
        yield Problem("monitoringRoleArn", "is required with a monitoring_interval")
    engine = str(inputs.get("engine"))
    if engine.startswith("aurora"):
        yield Problem("engine", f"an instance of {engine} belongs to a cluster: rds.Cluster with rds.ClusterInstance")


# CPU units -> MiB of memory that Fargate has with them (ECS developer guide, 2026-11).
_FARGATE = {
    256: (512, 1024, 2048), 512: range(1024, 4097, 1024), 1024: range(2048, 8193, 1024), 2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024), 8192: range(16384, 61441, 4096), 16384: range(32768, 122881, 8192),
}  # fmt: skip


def _task(inputs: Inputs) -> Iterator[Problem]:
    if "FARGATE" not in (inputs.get("requiresCompatibilities") or ()):
        return
    for key in ("cpu", "memory"):
        if not given(inputs, key):
            yield Problem(key, "is required of the task on Fargate")
    if inputs.get("networkMode") not in ("awsvpc", UNKNOWN):
        yield Problem("networkMode", f"must be awsvpc on Fargate, got {inputs.get('networkMode')}")
    cpu, memory = number(inputs.get("cpu")), number(inputs.get("memory"))
    if cpu is not None and cpu not in _FARGATE:
        yield Problem("cpu", f"Fargate has {', '.join(map(str, _FARGATE))}, got {cpu:g}")
    elif cpu is not None and memory is not None and memory not in _FARGATE[int(cpu)]:
        sizes = _FARGATE[int(cpu)]
        yield Problem("memory", f"Fargate has {sizes[0]} to {sizes[-1]} MiB with {cpu:g} CPU units, got {memory:g}")


def _distribution(inputs: Inputs) -> Iterator[Problem]:
    names = {each.get("originId") for each in blocks([inputs.get("origins"), inputs.get("originGroups")], [])}
    behaviors = [("defaultCacheBehavior", inputs.get("defaultCacheBehavior"))]
    ordered = inputs.get("orderedCacheBehaviors")
    behaviors += [
        (f"orderedCacheBehaviors[{index}]", each)
        for index, each in enumerate(ordered if isinstance(ordered, list) else ())
    ]
    for place, behavior in behaviors:
        if not isinstance(behavior, Mapping):
            continue
        target = behavior.get("targetOriginId")
        known = UNKNOWN not in (target, *names, inputs.get("origins"), inputs.get("originGroups")) and None not in names
        if isinstance(target, str) and known and target not in names:
            yield Problem(
                f"{place}.targetOriginId", f"there is no origin {target!r}: {', '.join(sorted(map(str, names)))}"
            )
        if not one_of(behavior, ("cachePolicyId", "forwardedValues")):
            yield Problem(place, "one of cache_policy_id and forwarded_values has to be given")
    certificate = inputs.get("viewerCertificate")
    if isinstance(certificate, Mapping):
        arn = certificate.get("acmCertificateArn")
        region = re.fullmatch(r"arn:aws:acm:([a-z0-9-]+):.*", arn) if isinstance(arn, str) else None
        if region is not None and region[1] != "us-east-1":
            yield Problem(
                "viewerCertificate.acmCertificateArn",
                f"CloudFront takes certificates of us-east-1, got one of {region[1]}",
            )
        others = any(given(certificate, key) for key in ("cloudfrontDefaultCertificate", "iamCertificateId"))
        chosen = sure(certificate, "acmCertificateArn") or (given(certificate, "acmCertificateArn") and not others)
        if chosen and not given(certificate, "sslSupportMethod"):
            yield Problem("viewerCertificate.sslSupportMethod", "is required with a certificate of your own")
        own = any(given(certificate, key) for key in ("acmCertificateArn", "iamCertificateId"))
        if sure(inputs, "aliases") and not own:
            yield Problem("aliases", "names of your own need a certificate that has them")


def _record(inputs: Inputs) -> Iterator[Problem]:
    if sure(inputs, "records") and inputs.get("ttl") is None:
        yield Problem("ttl", "is required with records")


_WHOLE: dict[str, Callable[[Inputs], Iterator[Problem]]] = {
    "aws:autoscaling/group:Group": _group_sizes,
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:dynamodb/table:Table": _table,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _group_rules,
    "aws:ec2/instance:Instance": _volumes,
    "aws:ec2/routeTable:RouteTable": _route_table,
    "aws:ec2/securityGroup:SecurityGroup": _group_rules,
    "aws:ec2/securityGroupRule:SecurityGroupRule": _ports,
    "aws:ecs/taskDefinition:TaskDefinition": _task,
    "aws:lambda/function:Function": _function,
    "aws:lb/listener:Listener": _listener,
    "aws:lb/listenerRule:ListenerRule": _rule,
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:rds/instance:Instance": _database,
    "aws:route53/record:Record": _record,
    "aws:sns/topic:Topic": _fifo("fifoTopic"),
    "aws:sqs/queue:Queue": _fifo("fifoQueue"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _ports,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ports,
}
# What the simulated cloud of the engine's tests asks as well (`checks.problems`), also of a resource that changes: of a
# table not its units, which a program may have the engine ignore, so that they do not come to it.
SIMULATED: dict[str, Callable[[Inputs], Iterator[Problem]]] = {
    "aws:dynamodb/table:Table": _attributes,
    **{
        token: functools.partial(problems, token)
        for token in (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            "aws:elasticache/user:User",
            "aws:rds/proxyTarget:ProxyTarget",
        )
    },
}
