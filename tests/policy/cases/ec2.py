"""Cases of the controls in `guardrails.controls.ec2`."""

from __future__ import annotations

import base64
import gzip
from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, holds, lost, one, ref, waits

TEMPLATE, INSTANCE, VOLUME, GROUP = kinds.LAUNCH_TEMPLATE, kinds.INSTANCE, kinds.VOLUME, kinds.SCALING_GROUP
OLD = kinds.LAUNCH_CONFIGURATION
TOKENS, HOPS, EBS = "imdsv2-required", "imds-hop-limit", "ebs-encrypted"
ADDRESS, DATA, HEALTH = "ec2-no-public-ip", "userdata-no-secrets", "asg-elb-health-check"


def options(**block: Any) -> dict[str, Any]:
    return {"metadataOptions": block}


def from_template(template: dict[str, Any], **inputs: Any) -> Make:
    return build(template=(TEMPLATE, template), it=(INSTANCE, {"launchTemplate": {"id": ref("template.id")}} | inputs))


def with_default(default: dict[str, Any], kind: str = INSTANCE, **inputs: Any) -> Make:
    return build(default=(kinds.METADATA_DEFAULTS, default), it=(kind, inputs))


FOREIGN = {"launchTemplate": {"id": lost("lt-0abc")}}
REQUIRED = options(httpTokens="required")
METADATA = (
    holds(TOKENS, "a template that asks", one(TEMPLATE, **REQUIRED)),
    holds(TOKENS, "an instance that asks", one(INSTANCE, **REQUIRED)),
    holds(TOKENS, "an older list of one", one(INSTANCE, metadataOptions=[{"httpTokens": "required"}])),
    holds(TOKENS, "a launch configuration that asks", one(OLD, **REQUIRED)),
    holds(TOKENS, "metadata switched off", one(INSTANCE, **options(httpEndpoint="disabled"))),
    holds(TOKENS, "an instance from a template that asks", from_template(REQUIRED)),
    holds(TOKENS, "by the name of the template", build(
        template=(TEMPLATE, REQUIRED | {"name": "web"}), it=(INSTANCE, {"launchTemplate": {"name": "web"}}),
    )),
    holds(TOKENS, "other options of its own", from_template(REQUIRED, **options(httpEndpoint="enabled"))),
    breaks(TOKENS, "a template that says nothing", one(TEMPLATE)),
    breaks(TOKENS, "what AWS takes, as the update tells",
           one(INSTANCE, **options(httpEndpoint="enabled", httpTokens=lost("optional")))),
    breaks(TOKENS, "a template with other options", one(TEMPLATE, **options(httpEndpoint="enabled"))),
    breaks(TOKENS, "optional", one(TEMPLATE, **options(httpTokens="optional"))),
    breaks(TOKENS, "an instance that says nothing", one(INSTANCE)),
    breaks(TOKENS, "a spot instance that says nothing", one(kinds.SPOT_INSTANCE)),
    breaks(TOKENS, "a launch configuration that says nothing", one(OLD)),
    breaks(TOKENS, "an instance that goes against its template", from_template(REQUIRED, **options(httpTokens="optional"))),
    breaks(TOKENS, "an instance from a template that says nothing", from_template({}), "template", "it"),
    waits(TOKENS, "a template of another stack", one(INSTANCE, **FOREIGN)),
    holds(TOKENS, "the account's default", with_default({"httpTokens": "required"})),
    holds(TOKENS, "the account's default, for a template", with_default({"httpTokens": "required"}, TEMPLATE)),
    holds(TOKENS, "the account's default, for other options", with_default(
        {"httpTokens": "required"}, **options(httpEndpoint="enabled", httpTokens=lost("required")))),
    holds(TOKENS, "the account's default switches metadata off", with_default({"httpEndpoint": "disabled"})),
    breaks(TOKENS, "against the account's default", with_default(
        {"httpTokens": "required"}, **options(httpTokens="optional"))),
    breaks(TOKENS, "a default without preference", with_default({"httpTokens": "no-preference"})),
    breaks(TOKENS, "a default of something else", with_default({"httpPutResponseHopLimit": 1})),
    breaks(TOKENS, "the default of another region", with_default(
        {"httpTokens": "required", "region": "eu-west-1"}, region="eu-central-1")),
    breaks(TOKENS, "a default whose region comes later, and is another", build(
        vpc=(kinds.VPC, {}), default=(kinds.METADATA_DEFAULTS, {"httpTokens": "required", "region": ref("vpc.region")}),
        it=(INSTANCE, {"region": "eu-west-1"}),
    ), undecided_at_preview=True),
    holds(HOPS, "more by the account's default than the machine takes", with_default(
        {"httpPutResponseHopLimit": 9}, **options(httpPutResponseHopLimit=1))),
    holds(HOPS, "a default without preference", with_default({"httpPutResponseHopLimit": -1})),
    breaks(HOPS, "by the account's default", with_default({"httpPutResponseHopLimit": 9}), told="travels 9 hops"),
    holds(HOPS, "one hop by default", one(TEMPLATE)),
    holds(HOPS, "two for containers", one(TEMPLATE, **options(httpPutResponseHopLimit=2))),
    holds(HOPS, "as a text", one(INSTANCE, **options(httpPutResponseHopLimit="1"))),
    holds(HOPS, "metadata switched off", one(INSTANCE, **options(httpEndpoint="disabled", httpPutResponseHopLimit=9))),
    holds(HOPS, "an instance from a template", from_template(options(httpPutResponseHopLimit=1))),
    holds(HOPS, "one hop by default, where one is allowed", one(TEMPLATE), metadataHopLimit=1),
    breaks(HOPS, "three", one(TEMPLATE, **options(httpPutResponseHopLimit=3)), told="travels 3 hops, more than 2 ("),
    breaks(HOPS, "64", one(INSTANCE, **options(httpPutResponseHopLimit=64))),
    breaks(HOPS, "two where one is allowed", one(INSTANCE, **options(httpPutResponseHopLimit=2)), metadataHopLimit=1),
    breaks(HOPS, "from its template", from_template(options(httpPutResponseHopLimit=5)), "template", "it"),
    waits(HOPS, "a template of another stack", one(INSTANCE, **FOREIGN)),
)  # fmt: skip


def mapped(*volumes: dict[str, Any]) -> dict[str, Any]:
    return {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": volume} for volume in volumes]}


ROOT = {"rootBlockDevice": {"encrypted": True}}
DEFAULT = kinds.ENCRYPTION_BY_DEFAULT
VOLUMES = (
    holds(EBS, "a volume", one(VOLUME, encrypted=True)),
    holds(EBS, "a template with a text", one(TEMPLATE, **mapped({"encrypted": "true"}))),
    holds(EBS, "an instance", one(INSTANCE, **ROOT)),
    holds(EBS, "an instance with another volume", one(INSTANCE, **ROOT, ebsBlockDevices=[{"encrypted": True}])),
    holds(EBS, "an instance from a template", from_template(mapped({"encrypted": "true"}))),
    holds(EBS, "a disk of the host is no volume", one(TEMPLATE, blockDeviceMappings=[
        {"ebs": {"encrypted": "true"}}, {"deviceName": "/dev/sdb", "virtualName": "ephemeral0"},
    ])),
    holds(EBS, "the account's default", build(default=(DEFAULT, {}), it=(VOLUME, {}))),
    holds(EBS, "the account's default, against what the volume says",
          build(default=(DEFAULT, {"enabled": True}), it=(INSTANCE, {"rootBlockDevice": {"encrypted": False}}))),
    holds(EBS, "the account's default of the same region", build(
        default=(DEFAULT, {"region": "eu-west-1"}), it=(VOLUME, {"region": "eu-west-1"}),
    )),
    holds(EBS, "the account's default, where only the volume says its region", build(
        default=(DEFAULT, {}), it=(VOLUME, {"region": "eu-west-1"}),
    )),
    holds(EBS, "the account's default, where only that says its region", build(
        default=(DEFAULT, {"region": "eu-west-1"}), it=(VOLUME, {}),
    )),
    holds(EBS, "an encrypted volume, whatever the account's default is for", build(
        vpc=(kinds.VPC, {}), default=(DEFAULT, {"region": ref("vpc.region")}),
        it=(VOLUME, {"encrypted": True, "region": "eu-west-1"}),
    )),
    holds(EBS, "an encrypted volume of a template, made from a snapshot", build(
        snap=("aws:ebs/snapshot:Snapshot", {}), it=(TEMPLATE, mapped({"encrypted": "true", "snapshotId": ref("snap.id")})),
    )),
    holds(EBS, "the size of a root volume that a template encrypts",
          from_template(mapped({"encrypted": "true"}), rootBlockDevice={"volumeSize": 20})),
    breaks(EBS, "the region of the volume counts, not that of its provider", build(
        default=(DEFAULT, {"region": "eu-west-1"}),
        it=(VOLUME, {"region": "eu-central-1"}, {"provider": {"region": "eu-west-1"}}),
    )),
    waits(EBS, "a volume from a snapshot of the program",
          build(snap=("aws:ebs/snapshot:Snapshot", {}), it=(VOLUME, {"snapshotId": ref("snap.id")}))),
    breaks(EBS, "a volume that says nothing", one(VOLUME)),
    *(breaks(EBS, f"{key} of another volume, as AWS makes it up", one(INSTANCE, **ROOT, ebsBlockDevices=[
        {"deviceName": "/dev/sdb", key: lost(value)}])) for key, value in (("encrypted", False), ("snapshotId", ""))),
    breaks(EBS, "a volume that says no", one(VOLUME, encrypted=False)),
    breaks(EBS, "a key alone", one(VOLUME, kmsKeyId="arn:aws:kms:x")),
    breaks(EBS, "a template that says no", one(TEMPLATE, **mapped({"encrypted": "false"}))),
    breaks(EBS, "a template that says nothing of its volume", one(TEMPLATE, **mapped({"volumeSize": 20}))),
    breaks(EBS, "the second volume", one(TEMPLATE, **mapped({"encrypted": "true"}, {"encrypted": ""}))),
    breaks(EBS, "an instance that says nothing", one(INSTANCE)),
    breaks(EBS, "a root volume that says nothing", one(INSTANCE, rootBlockDevice={"volumeSize": 20})),
    breaks(EBS, "an instance's other volume", one(INSTANCE, **ROOT, ebsBlockDevices=[{"deviceName": "/dev/sdb"}])),
    breaks(EBS, "a launch configuration", one(OLD, rootBlockDevice={"encrypted": False})),
    breaks(EBS, "the account's default is off", build(default=(DEFAULT, {"enabled": False}), it=(VOLUME, {}))),
    breaks(EBS, "the account's default of another region", build(
        default=(DEFAULT, {"enabled": True, "region": "eu-west-1"}), it=(VOLUME, {"region": "eu-central-1"}),
    )),
    breaks(EBS, "the default of another provider's region", build(
        default=(DEFAULT, {"enabled": True}, {"provider": {"region": "eu-west-1"}}),
        it=(VOLUME, {}, {"provider": {"region": "eu-central-1"}}),
    )),
    waits(EBS, "a volume from a snapshot", one(VOLUME, snapshotId="snap-1")),
    waits(EBS, "a template that leaves it to the image", one(TEMPLATE)),
    waits(EBS, "a template of another stack", one(INSTANCE, **FOREIGN)),
)  # fmt: skip


def placed(subnet: dict[str, Any], **inputs: Any) -> Make:
    return build(subnet=(kinds.SUBNET, subnet), it=(INSTANCE, {"subnetId": ref("subnet.id")} | inputs))


def elastic(inputs: dict[str, Any]) -> Make:
    return build(it=(INSTANCE, inputs), own=(kinds.EIP, {"instance": ref("it.id")}))


def associated() -> Make:
    to = {"instanceId": ref("it.id"), "allocationId": ref("ip.id")}
    return build(it=(INSTANCE, {}), ip=(kinds.EIP, {"domain": "vpc"}), own=(kinds.EIP_ASSOCIATION, to))


def reached_by(
    interface: dict[str, Any], machine: dict[str, Any], /, key: str = "interface.id", **others: Any
) -> dict[str, Make]:
    """An address at an interface, in both ways of giving it, by how it is given."""
    base = {"interface": (kinds.NETWORK_INTERFACE, interface), "it": (INSTANCE, machine), **others}
    return {
        "it": build(**base, own=(kinds.EIP, {"networkInterface": ref(key)})),
        "an association": build(
            **base, ip=(kinds.EIP, {"domain": "vpc"}),
            own=(kinds.EIP_ASSOCIATION, {"networkInterfaceId": ref(key), "allocationId": ref("ip.id")}),
        ),
    }  # fmt: skip


PRIMARY = {"primaryNetworkInterface": {"networkInterfaceId": ref("interface.id")}}
SECOND = {"networkInterfaces": [{"networkInterfaceId": ref("interface.id"), "deviceIndex": 1}]}
JOIN = {
    "joined": (
        kinds.NETWORK_INTERFACE_ATTACHMENT,
        {"instanceId": ref("it.id"), "networkInterfaceId": ref("interface.id")},
    )
}
FORWARDS = {"sourceDestCheck": False}
STARTED = {"template": (TEMPLATE, SECOND)}
LOST_CHECK = {"sourceDestCheck": lost(True)}
BY_INTERFACE = (
    *(breaks(ADDRESS, f"an address of an interface that is a machine's, by {way}: {says}", make, "own")
      for says, given in {
          "its primary one": reached_by({}, PRIMARY),
          "its second one": reached_by({}, SECOND),
          "attached": reached_by({}, {}, "interface.id", **JOIN),
          "attached, as the attachment says": reached_by({}, {}, "joined.networkInterfaceId", **JOIN),
          "a template's": reached_by({}, {}, "interface.id", **STARTED),
          "the one that AWS makes": reached_by({}, {"primaryNetworkInterfaceId": "eni-1"}, "it.primaryNetworkInterfaceId"),
      }.items() for way, make in given.items()),
    breaks(ADDRESS, "an address of an interface that says its machine itself", build(
        it=(INSTANCE, {}), interface=(kinds.NETWORK_INTERFACE, {"attachments": [{"instance": ref("it.id"), "deviceIndex": 1}]}),
        own=(kinds.EIP, {"networkInterface": ref("interface.id")}),
    ), "own"),
    *(holds(ADDRESS, f"an address of an interface, by {way}: {says}", make)
      for says, given in {
          "that forwards": reached_by(FORWARDS, PRIMARY),
          "that forwards and is taken at the start": reached_by(FORWARDS, {}),
          "of a machine that forwards": reached_by({}, SECOND | FORWARDS),
          "of a NAT gateway": reached_by({}, {}, "nat.networkInterfaceId", nat=(kinds.NAT_GATEWAY, {"networkInterfaceId": "eni-2"})),
      }.items() for way, make in given.items()),
    *(waits(ADDRESS, f"an address of an interface, by {way}: {says}", make, "own")
      for says, given in {
          "that nothing attaches": reached_by({}, {}),
          "of another stack": {"it": build(
              interface=(kinds.NETWORK_INTERFACE, {}), it=(INSTANCE, PRIMARY),
              own=(kinds.EIP, {"networkInterface": "eni-0123456789abcdef0"}))},
      }.items() for way, make in given.items()),
    breaks(ADDRESS, "an address of an interface whose check turns out to be on", reached_by(LOST_CHECK, PRIMARY)["it"], "own",
           undecided_at_preview=True),
)  # fmt: skip
OPEN = {"networkInterfaces": [{"associatePublicIpAddress": "true"}]}
ADDRESSES = (
    holds(ADDRESS, "an instance that says nothing", one(INSTANCE)),
    holds(ADDRESS, "an instance that says no", one(INSTANCE, associatePublicIpAddress=False)),
    holds(
        ADDRESS, "no, where the subnet says yes", placed({"mapPublicIpOnLaunch": True}, associatePublicIpAddress=False)
    ),
    holds(ADDRESS, "in a private subnet", placed({})),
    holds(ADDRESS, "a template that says nothing", one(TEMPLATE)),
    holds(ADDRESS, "a text in a template", one(TEMPLATE, networkInterfaces=[{"associatePublicIpAddress": "false"}])),
    holds(ADDRESS, "a launch configuration", one(OLD)),
    holds(
        ADDRESS,
        "a NAT instance, to which answers come",
        one(INSTANCE, associatePublicIpAddress=True, sourceDestCheck=False),
    ),
    breaks(ADDRESS, "an instance", one(INSTANCE, associatePublicIpAddress=True)),
    breaks(
        ADDRESS, "an instance that forwards nothing", one(INSTANCE, associatePublicIpAddress=True, sourceDestCheck=True)
    ),
    breaks(ADDRESS, "a spot instance", one(kinds.SPOT_INSTANCE, associatePublicIpAddress="true")),
    breaks(ADDRESS, "yes as a text in a template", one(TEMPLATE, **OPEN)),
    breaks(ADDRESS, "the second interface", one(TEMPLATE, networkInterfaces=[{}, {"associatePublicIpAddress": True}])),
    breaks(ADDRESS, "a launch configuration that asks", one(OLD, associatePublicIpAddress=True)),
    breaks(ADDRESS, "by its template", from_template(OPEN), "template", "it"),
    breaks(ADDRESS, "by its subnet", placed({"mapPublicIpOnLaunch": True})),
    waits(ADDRESS, "a template of another stack", one(INSTANCE, **FOREIGN)),
    holds(ADDRESS, "an address that no machine has", one(kinds.EIP, domain="vpc")),
    holds(ADDRESS, "the address of a NAT instance", elastic({"sourceDestCheck": False})),
    holds(
        ADDRESS,
        "the address of what turns out to be a NAT instance",
        elastic({"sourceDestCheck": lost(False)}),
        at_preview=("own",),
    ),
    breaks(ADDRESS, "an address of its own", elastic({"associatePublicIpAddress": False}), "own"),
    breaks(ADDRESS, "an address of its own, by an association", associated(), "own"),
    waits(ADDRESS, "an address for a machine of another stack", one(kinds.EIP, instance="i-0123456789abcdef0")),
)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SCRIPT = (
    "#!/bin/bash\naws secretsmanager get-secret-value --secret-id prod/db > /etc/app\nexport PASSWORD=$(cat /etc/app)\n"
)
LEAK = "#!/bin/bash\nexport DB_PASSWORD=hunter2\n"
USER_DATA = (
    holds(DATA, "none", one(INSTANCE)),
    holds(DATA, "a script that fetches it", one(INSTANCE, userData=SCRIPT)),
    holds(DATA, "encoded", one(TEMPLATE, userData=encoded(SCRIPT))),
    holds(DATA, "the token of the metadata service", one(INSTANCE, userData=(
        'TOKEN=$(curl -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60")\n'
        'curl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/\n'
    ))),
    holds(DATA, "an ECS agent", one(TEMPLATE, userData=encoded("#!/bin/bash\necho ECS_CLUSTER=web >> /etc/ecs/ecs.config\n"))),
    breaks(DATA, "plain", one(INSTANCE, userData=LEAK)),
    breaks(DATA, "encoded in a template", one(TEMPLATE, userData=encoded(LEAK))),
    breaks(DATA, "encoded in an instance", one(INSTANCE, userDataBase64=encoded(LEAK))),
    breaks(DATA, "compressed", one(INSTANCE, userDataBase64=base64.b64encode(gzip.compress(LEAK.encode())).decode())),
    breaks(DATA, "a launch configuration", one(OLD, userData=LEAK)),
    breaks(DATA, "an access key", one(INSTANCE, userData="aws configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE\n")),
    breaks(DATA, "YAML", one(INSTANCE, userData="#cloud-config\nwrite_files:\n- content: |\n    password: hunter2\n")),
    breaks(DATA, "an option", one(INSTANCE, userData="#!/bin/sh\ninstall-agent --api-key hunter2\n")),
    holds(DATA, "of another stack", one(INSTANCE, userData=lost(SCRIPT)), at_preview=("it",)),
)  # fmt: skip
ELB = {"healthCheckType": "ELB"}
TARGETS = {"targetGroupArns": ["arn:aws:tg"]}
JOINED = {"autoscalingGroupName": ref("it.name"), "lbTargetGroupArn": "arn:aws:tg"}
LATTICE = {"identifier": "arn:aws:lattice", "type": "vpc-lattice"}
GROUPS = (
    holds(HEALTH, "behind nothing", one(GROUP)),
    holds(HEALTH, "behind nothing, with empty lists", one(GROUP, targetGroupArns=[], loadBalancers=[], trafficSources=[])),
    holds(HEALTH, "target groups", one(GROUP, **TARGETS, **ELB)),
    holds(HEALTH, "several checks", one(GROUP, **TARGETS, healthCheckType="EC2,ELB")),
    holds(HEALTH, "attached", build(it=(GROUP, ELB), joined=(kinds.SCALING_ATTACHMENT, JOINED))),
    holds(HEALTH, "Lattice is no load balancer", one(GROUP, trafficSources=[LATTICE])),
    breaks(HEALTH, "target groups and no health check of theirs", one(GROUP, **TARGETS)),
    breaks(HEALTH, "target groups of the program", build(
        group=(kinds.TARGET_GROUP, {}), it=(GROUP, {"targetGroupArns": [ref("group.arn")], "healthCheckType": "EC2"}),
    )),
    breaks(HEALTH, "a classic load balancer", one(GROUP, loadBalancers=["web"], healthCheckType="EC2")),
    breaks(HEALTH, "a traffic source", one(GROUP, trafficSources=[{"identifier": "arn:aws:tg"}])),
    breaks(HEALTH, "attached without it", build(it=(GROUP, {}), joined=(kinds.SCALING_ATTACHMENT, JOINED)), "it"),
    breaks(HEALTH, "attached as a traffic source", build(
        it=(GROUP, {}),
        joined=(kinds.SCALING_TRAFFIC_SOURCE, {
            "autoscalingGroupName": ref("it.name"), "trafficSource": {"identifier": "arn:aws:tg", "type": "elbv2"},
        }),
    )),
    holds(HEALTH, "attached to Lattice", build(
        it=(GROUP, {}),
        joined=(kinds.SCALING_TRAFFIC_SOURCE, {"autoscalingGroupName": ref("it.name"), "trafficSource": LATTICE}),
    )),
)  # fmt: skip
FILES = (
    holds("efs-encrypted", "encrypted", one(kinds.FILE_SYSTEM, encrypted=True)),
    breaks("efs-encrypted", "nobody says", one(kinds.FILE_SYSTEM)),
    breaks("efs-encrypted", "no", one(kinds.FILE_SYSTEM, encrypted=False)),
)
CASES: tuple[Case, ...] = (*METADATA, *VOLUMES, *ADDRESSES, *BY_INTERFACE, *USER_DATA, *GROUPS, *FILES)
