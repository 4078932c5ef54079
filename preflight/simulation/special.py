"""Computed outputs that are more than a template: lists of objects, values that follow from another resource."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from preflight.simulation.facts import Facts
from preflight.simulation.place import digest

Find = Callable[[str], Mapping[str, Any] | None]
Outputs = dict[str, Any]


def outputs(facts: Facts, find: Find) -> Outputs:
    """Hand-set outputs of one resource by wire name, ``id`` among them where it follows from elsewhere."""
    tags = facts.inputs.get("tags")
    made: Outputs = {"tagsAll": dict(tags) if isinstance(tags, Mapping) else {}}
    special = _SPECIAL.get(facts.type_token)
    if special is not None:
        made.update(special(facts, find))
    return made


def _certificate(facts: Facts, _: Find) -> Outputs:
    domain = facts.inputs.get("domainName") or ""
    names = [domain, *(facts.inputs.get("subjectAlternativeNames") or [])]
    options: dict[str, dict[str, str]] = {}
    for name in dict.fromkeys(str(name) for name in names if name):
        bare = name.removeprefix("*.")  # a wildcard shares the record of its parent domain
        options[name] = {
            "domainName": name,
            "resourceRecordName": f"_{digest(bare, 32)}.{bare}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{digest(bare + 'v', 32)}.{digest(bare, 10)}.acm-validations.aws.",
        }
    return {"domainValidationOptions": list(options.values()), "subjectAlternativeNames": list(options)}


def _master_secret(facts: Facts) -> list[dict[str, str]]:
    if facts.inputs.get("manageMasterUserPassword") is not True:
        return []
    kind = "cluster" if facts.type_token.endswith(":Cluster") else "db"
    default_key = facts.fill("arn:{partition}:kms:{region}:{account}:key/{uuid}")
    key = facts.inputs.get("masterUserSecretKmsKeyId") or default_key
    secret = facts.fill("arn:{partition}:secretsmanager:{region}:{account}:secret:rds!" + kind + "-{uuid}-{letters6}")
    return [{"kmsKeyId": str(key), "secretArn": secret, "secretStatus": "active"}]


# What a read replica in the same region has from its source.
_OF_THE_SOURCE = ("engine", "username", "dbName", "dbSubnetGroupName", "kmsKeyId", "allocatedStorage", "licenseModel",
                  "engineLifecycleSupport")  # fmt: skip


# Of a database that is made from another one nothing here knows whether that was encrypted.
_MADE_FROM = ("snapshotIdentifier", "restoreToPointInTime", "replicationSourceIdentifier", "globalClusterIdentifier")


def _database(facts: Facts, find: Find) -> Outputs:
    made: Outputs = {"masterUserSecrets": _master_secret(facts), "port": facts.default_port}
    if any(facts.inputs.get(key) for key in _MADE_FROM):
        made["storageEncrypted"] = None
    if facts.type_token.endswith(":Cluster"):
        made["availabilityZones"] = list(facts.place.zones)
    elif (source := find(str(facts.inputs.get("replicateSourceDb") or ""))) is not None:
        made |= {key: source[key] for key in (*_OF_THE_SOURCE, "port") if key in source}
    return made


def _encrypted_as(source: str) -> Callable[[Facts, Find], Outputs]:
    """Whether a disk or a snapshot is encrypted follows from what it is made of; of what is not in the program nothing
    here knows it."""

    def made(facts: Facts, find: Find) -> Outputs:
        if not facts.inputs.get(source) or facts.inputs.get("encrypted") is not None:
            return {}
        return {"encrypted": (find(str(facts.inputs[source])) or {}).get("encrypted")}

    return made


def _cluster_instance(facts: Facts, find: Find) -> Outputs:
    cluster = find(str(facts.inputs.get("clusterIdentifier"))) or {}
    inherited = {key: cluster[key] for key in ("kmsKeyId", "dbSubnetGroupName", "engineVersion") if key in cluster}
    port = cluster.get("port") or facts.default_port
    return {"port": port, "writer": True, "storageEncrypted": cluster.get("storageEncrypted"), **inherited}


def _network_of(key: str) -> Callable[[Facts, Find], Outputs]:
    def vpc_id(facts: Facts, find: Find) -> Outputs:
        for subnet in facts.inputs.get(key) or ():
            found = find(str(subnet))
            if found is not None and found.get("vpcId"):
                return {"vpcId": found["vpcId"], "supportedNetworkTypes": ["IPV4"]}
        return {"supportedNetworkTypes": ["IPV4"]}

    return vpc_id


def _default_of_vpc(facts: Facts, find: Find) -> Outputs:
    vpc = find(str(facts.inputs.get("vpcId"))) or {}
    identity = vpc.get("defaultSecurityGroupId") or facts["id"]
    return {"id": identity, "arn": facts.fill("arn:{partition}:ec2:{region}:{account}:security-group/") + str(identity)}


def _vpc(facts: Facts, _: Find) -> Outputs:
    """AWS draws the IPv6 range from its own addresses; always a /56, so the last two digits of the group are zeros."""
    if facts.inputs.get("assignGeneratedIpv6CidrBlock") is not True:
        return {}
    drawn = digest(facts.seed + "ipv6", 6)
    return {
        "ipv6CidrBlock": f"2600:1f18:{drawn[:4]}:{drawn[4:]}00::/56".replace(":0000::", "::"),
        "ipv6AssociationId": f"vpc-cidr-assoc-{digest(facts.seed, 17)}",
        "ipv6CidrBlockNetworkBorderGroup": facts["region"],
    }


_OWN_INTERFACES = ("networkInterfaces", "primaryNetworkInterface", "launchTemplate")


def _instance(facts: Facts, find: Find) -> Outputs:
    """Where an instance says nothing of a public address, its subnet does; those of the default VPC give one."""
    if any(facts.inputs.get(key) for key in _OWN_INTERFACES):
        return {}
    subnet = facts.inputs.get("subnetId")
    found = find(str(subnet)) if subnet else {"mapPublicIpOnLaunch": True}
    if found is None:
        return {}
    default = "existingDefaultSubnet" in found  # made by AWS: it gives addresses unless it is told not to
    return {"associatePublicIpAddress": bool(found.get("mapPublicIpOnLaunch", default))}


# Regions whose website endpoints have a dash before the region, as the older ones do (S3 user guide, 2026-11).
_DASHED = frozenset({"us-east-1", "us-west-1", "us-west-2", "us-gov-west-1", "ap-southeast-1", "ap-southeast-2",
                     "ap-northeast-1", "eu-west-1", "sa-east-1"})  # fmt: skip


def _website(facts: Facts) -> Outputs:
    mark = "-" if facts["region"] in _DASHED else "."
    domain = facts.fill("s3-website" + mark + "{region}.{dns}")
    return {"websiteDomain": domain, "websiteEndpoint": f"{facts['bucket']}.{domain}"}


def _bucket(facts: Facts, _: Find) -> Outputs:
    return _website(facts) if facts.inputs.get("website") else {}


def _graphql(facts: Facts, _: Find) -> Outputs:
    host = facts.fill("{letters26}.appsync-{{}}.{region}.{dns}/graphql")
    return {"uris": {"GRAPHQL": "https://" + host.format("api"), "REALTIME": "wss://" + host.format("realtime-api")}}


def _default_route_table(facts: Facts, find: Find) -> Outputs:  # noqa: ARG001
    identity = facts.inputs.get("defaultRouteTableId")
    return {"id": identity} if identity else {}


def _endpoint(facts: Facts, _: Find) -> Outputs:
    if facts.inputs.get("vpcEndpointType") != "Interface":
        return {"dnsEntries": [], "networkInterfaceIds": [], "cidrBlocks": []}
    service = str(facts.inputs.get("serviceName") or "").rpartition(".")[2]
    host = facts.fill("{id}-{letters8}.") + facts.fill(service + ".{region}.vpce.{dns}")
    interfaces = [f"eni-{digest(facts.seed + str(s), 17)}" for s in facts.inputs.get("subnetIds") or ()]
    entry = {"dnsName": host, "hostedZoneId": facts.fill("Z{capitals13}")}
    return {"dnsEntries": [entry], "networkInterfaceIds": interfaces, "cidrBlocks": [], "prefixListId": ""}


def _zone(_: Facts, __: Find) -> Outputs:
    suffixes = ("com", "net", "org", "co.uk")
    return {"nameServers": [f"ns-{n * 512 + 1}.awsdns-0{n + 1}.{suffix}" for n, suffix in enumerate(suffixes)]}


def _record(facts: Facts, _: Find) -> Outputs:
    return {"fqdn": str(facts.inputs.get("name") or "").rstrip(".")}


def _replication_group(facts: Facts, _: Find) -> Outputs:
    """Names of the nodes: with shards (cluster mode) the shard's number stands before the node's; and whether it is
    encrypted at rest where nothing is said: Valkey is, Redis is not. A secondary of a global group is as that is."""
    name, shards = facts["replicationGroupId"], facts.inputs.get("numNodeGroups")
    made: Outputs = {"atRestEncryptionEnabled": str(facts.inputs.get("engine")).lower() == "valkey"}
    if facts.inputs.get("globalReplicationGroupId"):
        made = dict.fromkeys(("atRestEncryptionEnabled", "transitEncryptionEnabled"))
    if shards is None:
        count = int(facts.inputs.get("numCacheClusters") or 1)
        return made | {"memberClusters": [f"{name}-{n + 1:03}" for n in range(count)], "clusterEnabled": False}
    count = int(facts.inputs.get("replicasPerNodeGroup") or 0) + 1
    members = [f"{name}-{shard + 1:04}-{n + 1:03}" for shard in range(int(shards)) for n in range(count)]
    return made | {"memberClusters": members, "clusterEnabled": True}


def _serverless_cache(facts: Facts, _: Find) -> Outputs:
    address = facts.fill("{name}-{letters6}.serverless.cache.{dns}")
    return {
        "endpoints": [{"address": address, "port": 6379}],
        "readerEndpoints": [{"address": address, "port": 6380}],
        "status": "available",
    }


def _file_system(_: Facts, __: Find) -> Outputs:
    return {"sizeInBytes": [{"value": 6144, "valueInIa": 0, "valueInStandard": 6144}], "name": ""}


def _queue(facts: Facts, _: Find) -> Outputs:
    """SQS encrypts with its own key where a queue names none; a queue has one of the two."""
    return {"sqsManagedSseEnabled": facts.inputs.get("kmsMasterKeyId") is None}


def _revision(facts: Facts, _: Find) -> Outputs:
    return {"revision": facts["revision"]}


_RESOLVED = "AWS::SSM::Parameter::Value<"


def _stack(facts: Facts, _: Find) -> Outputs:
    """The outputs that a template in JSON declares: a parameter's value where one refers to it, resolved where it names
    a parameter of Systems Manager; anything else only has the shape of a text."""
    try:
        template = json.loads(facts.given("templateBody"))
        declared, parameters = template.get("Outputs") or {}, template.get("Parameters") or {}
    except (AttributeError, ValueError):
        return {"outputs": {}}
    given = facts.inputs.get("parameters") or {}
    made: dict[str, str] = {}
    for name, output in declared.items():
        value = output.get("Value") if isinstance(output, Mapping) else None
        referred = value.get("Ref") if isinstance(value, Mapping) else None
        if isinstance(value, str):
            made[name] = value
        elif referred in parameters:
            kind = str(parameters[referred].get("Type"))
            text = str(given.get(referred, parameters[referred].get("Default", "")))
            seed = text + json.dumps(given, sort_keys=True, default=str)  # read anew when anything changes
            made[name] = text if not kind.startswith(_RESOLVED) else _of_parameter(kind, seed)
        else:
            made[name] = f"{facts.logical}-{name}"
    return {"outputs": made}


def _of_parameter(kind: str, seed: str) -> str:
    return f"ami-{digest(seed, 17)}" if "Image::Id" in kind else f"value-{digest(seed, 7)}"


def _first_version(*keys: str) -> Callable[[Facts, Find], Outputs]:
    return lambda _, __: dict.fromkeys(keys, 1)


def _firewall(facts: Facts, find: Find) -> Outputs:
    """An endpoint in each subnet, listed under the zone of that."""
    states = []
    mappings = facts.inputs.get("subnetMappings")
    for index, mapping in enumerate(mappings if isinstance(mappings, list) else ()):
        subnet = mapping.get("subnetId") if isinstance(mapping, Mapping) else None
        zone = (find(str(subnet)) or {}).get("availabilityZone") or facts.place.zones[index % len(facts.place.zones)]
        endpoint = "vpce-" + digest(f"{facts.seed}{index}", 17)
        states.append({"availabilityZone": zone, "attachments": [{"endpointId": endpoint, "subnetId": subnet}]})
    return {"firewallStatuses": [{"syncStates": states, "transitGatewayAttachmentSyncStates": []}]}


_SPECIAL: dict[str, Callable[[Facts, Find], Outputs]] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:rds/instance:Instance": _database,
    "aws:rds/cluster:Cluster": _database,
    "aws:rds/clusterInstance:ClusterInstance": _cluster_instance,
    "aws:rds/subnetGroup:SubnetGroup": _network_of("subnetIds"),
    "aws:elasticache/subnetGroup:SubnetGroup": _network_of("subnetIds"),
    "aws:lb/loadBalancer:LoadBalancer": _network_of("subnets"),
    "aws:alb/loadBalancer:LoadBalancer": _network_of("subnets"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_of_vpc,
    "aws:ec2/defaultRouteTable:DefaultRouteTable": _default_route_table,
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:networkfirewall/firewall:Firewall": _firewall,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ec2/instance:Instance": _instance,
    "aws:ebs/volume:Volume": _encrypted_as("snapshotId"),
    "aws:ebs/snapshot:Snapshot": _encrypted_as("volumeId"),
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": lambda facts, _: _website(facts),
    "aws:appsync/graphQLApi:GraphQLApi": _graphql,
    "aws:cloudformation/stack:Stack": _stack,
    "aws:route53/zone:Zone": _zone,
    "aws:route53/record:Record": _record,
    "aws:elasticache/replicationGroup:ReplicationGroup": _replication_group,
    "aws:elasticache/serverlessCache:ServerlessCache": _serverless_cache,
    "aws:efs/fileSystem:FileSystem": _file_system,
    "aws:sqs/queue:Queue": _queue,
    "aws:ecs/taskDefinition:TaskDefinition": _revision,
    "aws:ec2/launchTemplate:LaunchTemplate": _first_version("latestVersion", "defaultVersion"),
    "aws:ssm/parameter:Parameter": _first_version("version"),
}
