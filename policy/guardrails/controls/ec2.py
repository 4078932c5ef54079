"""How machines are started, and what they may tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from guardrails import kinds, plaintext
from guardrails.checks import is_true, leaves, limit_spoken
from guardrails.credentials import decoded
from guardrails.forwarding import forwards, unless_it_forwards
from guardrails.graph import Graph, Node
from guardrails.interfaces import MACHINE, reached
from guardrails.joins import SCALING_GROUP, SUBNET
from guardrails.parameters import HOP_LIMIT
from guardrails.reading import ABSENT, Absent, Known, Record, Unknown, Value, or_default
from guardrails.regions import same_region
from guardrails.templates import MACHINES, Machines
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Scope, Severity, View, breaks, waits

_USER_DATA = ("userData", "userDataBase64")
_LATTICE = "vpc-lattice"
_NO_PREFERENCE = ("no-preference", -1)


def _metadata(node: Node, view: View, key: str, form: str) -> list[Value[Any]]:
    """What is said of the metadata of a machine; where it says nothing, what the account's default says."""
    machines: Machines = view.graph.shared(Machines)
    values = list(machines.values(node, f"metadataOptions.{key}", form, computed=True))
    if not any(isinstance(value, Absent) for value in values):
        return values
    default = _of_account(node, view, key, form)
    return [default if isinstance(value, Absent) else value for value in values]


def _of_account(node: Node, view: View, key: str, form: str) -> Value[Any]:
    """The account's default in the region of a machine; unknown where that may be another region's."""
    for each in view.graph.of(kinds.METADATA_DEFAULTS):
        here = same_region(each.region, node.region)
        (value,) = leaves(each.props, key, form)
        says = not isinstance(value, Absent) and not (isinstance(value, Known) and value.value in _NO_PREFERENCE)
        if says and here is not False:
            return value if here else Unknown(traced=False)
    return ABSENT


def _imdsv2(node: Node, view: View) -> Iterable[Finding]:
    tokens = [or_default(value, "optional") for value in _metadata(node, view, "httpTokens", "text")]
    lax = any(isinstance(value, Known) and value.value.lower() != "required" for value in tokens)
    yield from _of_metadata(node, view, lax, tokens, "its metadata can be read without a session token")


def _hop_limit(node: Node, view: View) -> Iterable[Finding]:
    hops = [or_default(value, 1) for value in _metadata(node, view, "httpPutResponseHopLimit", "number")]
    far = max((value.value for value in hops if isinstance(value, Known)), default=0)
    says = f"its metadata travels {far} hops, more than {limit_spoken(HOP_LIMIT, view)}"
    yield from _of_metadata(node, view, far > view.config[HOP_LIMIT], hops, says)


def _of_metadata(node: Node, view: View, broken: bool, values: list[Any], says: str) -> Iterator[Finding]:
    """Nothing is asked of a machine whose metadata is switched off."""
    endpoints = _metadata(node, view, "httpEndpoint", "text")
    doubt = next((value for value in (*values, *endpoints) if isinstance(value, Unknown)), None)
    if all(isinstance(value, Known) and value.value.lower() == "disabled" for value in endpoints):
        yield HOLDS
    elif broken and not any(isinstance(value, Unknown) for value in endpoints):
        yield breaks(says, node.label)
    elif broken or any(isinstance(value, Unknown) for value in values):
        assert doubt is not None
        yield waits(f"metadataOptions, {view.graph.describe(doubt)}", node.label)
    else:
        yield HOLDS


def _ebs_encrypted(node: Node, view: View) -> Iterable[Finding]:
    defaults: _Defaults = view.graph.shared(_Defaults)
    always = defaults.hold(node)
    volumes = [] if always else list(_volumes(node, view))
    doubts = [volume for volume in volumes if isinstance(volume, str)]
    if False in volumes and always is None:
        yield waits("whether the account encrypts volumes by default", node.label)
    elif False in volumes:
        yield breaks("a volume is not encrypted", node.label)
    elif doubts:
        yield waits(doubts[0], node.label)
    else:
        yield HOLDS


class _Defaults:
    """Where the account encrypts every volume, whatever the volume says."""

    def __init__(self, graph: Graph) -> None:
        found = graph.of(kinds.ENCRYPTION_BY_DEFAULT)
        self._said = {(or_default(each.props.flag("enabled"), True), each.region) for each in found}

    def hold(self, node: Node) -> bool | None:
        """Whether one holds for a volume or machine; None: one may."""
        answers: list[bool | None] = []
        for enabled, region in self._said:
            here = same_region(region, node.region)
            if enabled != Known(False) and here is not False:
                answers.append(True if here and enabled == Known(True) else None)
        return True if True in answers else None if answers else False


def _volumes(node: Node, view: View) -> Iterator[bool | str]:
    """Of each volume whether it is encrypted, or what that waits for."""
    if node.kind == kinds.VOLUME:
        yield _volume(node.props, view)
    elif node.kind == kinds.LAUNCH_TEMPLATE:
        yield from _mapped(node, view)
    else:
        yield from _attached(node, view)


def _volume(record: Record, view: View) -> bool | str:
    encrypted, snapshot = record.flag("encrypted"), record.text("snapshotId")
    if isinstance(encrypted, Known):
        return bool(encrypted.value)
    if isinstance(encrypted, Unknown) and not encrypted.computed:
        return f"whether a volume is encrypted, {view.graph.describe(encrypted)}"
    if isinstance(snapshot, Known) or (isinstance(snapshot, Unknown) and not snapshot.computed):
        return "whether the snapshot that a volume is made from is encrypted"
    return False


def _mapped(template: Node, view: View) -> Iterator[bool | str]:
    """The volumes of a launch template; without any, those of the image."""
    mappings = template.props.items("blockDeviceMappings")
    blocks = list(mappings.value.records()) if isinstance(mappings, Known) else []
    if not blocks:
        yield "whether its volumes are encrypted, of which its template says nothing yet: those of its image, perhaps"
    for block in blocks:
        ebs = block.value.record("ebs") if isinstance(block, Known) else block
        if isinstance(ebs, Known):
            encrypted, snapshot = ebs.value.flag("encrypted"), ebs.value.text("snapshotId")
            open_ones = [value for value in (encrypted, snapshot) if isinstance(value, Unknown)]
            known = isinstance(encrypted, Known) or not open_ones
            yield _volume(ebs.value, view) if known else f"a volume, {view.graph.describe(open_ones[0])}"
        elif isinstance(ebs, Unknown):
            yield f"a volume of its template, {view.graph.describe(ebs)}"


def _attached(node: Node, view: View) -> Iterator[bool | str]:
    """The volumes of a machine; what it does not say of its root, its template does."""
    machines: Machines = view.graph.shared(Machines)
    root = node.props.record("rootBlockDevice")
    if isinstance(root, Unknown):
        yield f"its root volume, {view.graph.describe(root)}"
    elif isinstance(root, Known) and not isinstance(_flag(root.value), Absent):
        yield _volume(root.value, view)
    else:
        named = machines.templates(node)
        if named.waits_for is not None:
            yield named.waits_for
        elif named.templates:
            for template in named.templates:
                yield from _mapped(template, view)
        else:
            yield False
    devices = node.props.items("ebsBlockDevices")
    for device in devices.value.records() if isinstance(devices, Known) else [devices]:
        if isinstance(device, Known):
            yield _volume(device.value, view)
        elif isinstance(device, Unknown):
            yield f"its volumes, {view.graph.describe(device)}"


def _flag(record: Record) -> Value[bool]:
    found = record.flag("encrypted")
    return Absent() if isinstance(found, Unknown) and found.computed else found


def _no_public_ip(node: Node, view: View) -> Iterable[Finding]:
    """A machine that forwards what others send has to be reached by the answers."""
    if node.kind in _GIVEN_TO:
        yield _elastic(node, view)
    else:
        yield from unless_it_forwards(node, view, _addressed(node, view))


_GIVEN_TO = {kinds.EIP: ("instance", "networkInterface"), kinds.EIP_ASSOCIATION: ("instanceId", "networkInterfaceId")}


def _elastic(node: Node, view: View) -> Finding:
    """An Elastic IP is a public address too, whatever the machine says of itself; also one of its network interface."""
    key, by_interface = _GIVEN_TO[node.kind]
    machine = view.graph.link(node.props.text(key), MACHINE, node, key)
    interface = node.props.text(by_interface)
    if not machine.sure and not isinstance(interface, Absent):
        answer, path = reached(interface, view, node, by_interface)
        return _given(node, answer, path)
    answers = [forwards(each, view) for each in machine.sure]
    if any(answer is False for answer in answers):
        return _given(node, True, machine.sure)
    if not machine.complete or any(isinstance(answer, str) for answer in answers):
        return _given(node, f"whether it is a machine's that forwards nothing: {machine.missing}", ())
    return HOLDS


def _given(node: Node, answer: bool | str, path: Iterable[Node]) -> Finding:
    """Whether a machine that forwards nothing has it, or what that waits for."""
    if isinstance(answer, str):
        return waits(answer, node.label)
    return (
        breaks("it gives a machine a public address", node.label, *(each.label for each in path)) if answer else HOLDS
    )


def _addressed(node: Node, view: View) -> Iterator[Finding]:
    own = "networkInterfaces[]." if node.kind == kinds.LAUNCH_TEMPLATE else ""
    machines: Machines = view.graph.shared(Machines)
    values = list(
        machines.values(
            node, "networkInterfaces[].associatePublicIpAddress", "flag", own=f"{own}associatePublicIpAddress"
        )
    ) if node.kind != kinds.LAUNCH_CONFIGURATION else [node.props.flag("associatePublicIpAddress")]  # fmt: skip
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    if Known(True) in values:
        yield breaks("it gets a public address", node.label)
    elif unknown is not None:
        yield waits(f"associatePublicIpAddress, {view.graph.describe(unknown)}", node.label)
    elif Known(False) in values:
        yield HOLDS
    else:
        yield _by_subnet(node, view)


def _by_subnet(node: Node, view: View) -> Finding:
    """Where a machine says nothing, its subnet does."""
    members = view.graph.link(node.props.text("subnetId"), SUBNET)
    if members.one is not None and _gives(members.one):
        return breaks("its subnet gives it a public address, as it says nothing itself", node.label, members.one.label)
    given = [_gives(subnet) for subnet in (*members.sure, *members.maybe)]
    if members.waits_for is not None or any(answer is not False for answer in given):
        return waits(f"whether its subnet gives it a public address: {members.missing}", node.label)
    return HOLDS


def _gives(subnet: Node) -> bool | None:
    """Whether a subnet gives public addresses; None: it is not known."""
    found = or_default(subnet.props.flag("mapPublicIpOnLaunch"), subnet.kind == kinds.DEFAULT_SUBNET)
    return found.value if isinstance(found, Known) else None


def _user_data(node: Node, view: View) -> Iterable[Finding]:
    doubt = None
    for key in _USER_DATA:
        value = node.props.text(key)
        answer = plaintext.within(Known(decoded(value.value)) if isinstance(value, Known) else value, view)
        if isinstance(answer, str):
            yield breaks(f"{answer} in {key}", node.label)
            return
        if answer is None:
            doubt = waits(f"{key}, which is not known yet", node.label)
    yield doubt or HOLDS


def _elb_health(node: Node, view: View) -> Iterable[Finding]:
    behind = _behind_balancer(node, view)
    kind = or_default(node.props.text("healthCheckType"), "EC2")
    if behind is False or (isinstance(kind, Known) and "ELB" in kind.value.upper().replace(" ", "").split(",")):
        yield HOLDS
    elif isinstance(kind, Unknown):
        yield waits(f"healthCheckType, {view.graph.describe(kind)}", node.label)
    elif behind is None:
        yield waits("whether it is behind a load balancer", node.label)
    else:
        yield breaks("machines that the load balancer finds ill are not replaced", node.label)


def _behind_balancer(node: Node, view: View) -> bool | None:
    """Whether the group has targets behind a load balancer, in any of the forms; None: it may have."""
    answers: list[bool | None] = []
    for key in ("targetGroupArns", "loadBalancers"):
        listed = node.props.items(key)
        answers.append(None if isinstance(listed, Unknown) else isinstance(listed, Known) and not listed.value.blank)
    answers += [_balances(value) for value in leaves(node.props, "trafficSources[].type", "text")]
    attached = view.graph.companions(kinds.SCALING_ATTACHMENT, "autoscalingGroupName", SCALING_GROUP)
    sources = view.graph.companions(kinds.SCALING_TRAFFIC_SOURCE, "autoscalingGroupName", SCALING_GROUP)
    answers += [True for _ in attached.of(node)] + [None for _ in attached.maybe(node)]
    for each in sources.of(node):
        answers += [_balances(value) for value in leaves(each.props, "trafficSource.type", "text")]
    answers += [None for _ in sources.maybe(node)]
    return True if True in answers else None if None in answers else False


def _balances(kind: Value[str]) -> bool | None:
    """Whether a traffic source of this type is a load balancer; where it is not said, AWS sees it by its ARN."""
    return None if isinstance(kind, Unknown) else isinstance(kind, Absent) or kind.value.lower() != _LATTICE


CONTROLS = (
    Control(
        id="imdsv2-required",
        title="Instance metadata asks for a session token",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=MACHINES,
        references=("EC2.8", "EC2.170", "AutoScaling.3", "CIS 5.7", "CKV_AWS_79"),
        own_packs=(BASELINE,),
        why="One forged request from inside the machine reads its credentials.",
        fix='set metadata_options={"http_tokens": "required"}, or ec2.InstanceMetadataDefaults(http_tokens="required")',
        judge=_imdsv2,
    ),
    Control(
        id="imds-hop-limit",
        title="Instance metadata does not travel further than it has to",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=MACHINES,
        references=("AutoScaling.4", "CKV_AWS_341"),
        parameters=(HOP_LIMIT,),
        why="Every further hop lets containers and proxies on the machine take its credentials.",
        fix='set metadata_options={"http_put_response_hop_limit": 1}, 2 where containers need it',
        judge=_hop_limit,
    ),
    Control(
        id="ebs-encrypted",
        title="Volumes are encrypted, by themselves or by the default of the account",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(*MACHINES, kinds.VOLUME),
        references=(
            "EC2.3", "EC2.7", "EC2.181", "CIS 5.1.1", "CKV_AWS_3", "CKV_AWS_8", "CKV_AWS_106", "AwsSolutions-EC26",
        ),
        own_packs=(BASELINE,),
        why="A snapshot or a discarded disk of an unencrypted volume can be read by whoever gets it.",
        fix='set encrypted=True (launch templates: "true"), or add ebs.EncryptionByDefault(enabled=True)',
        judge=_ebs_encrypted,
    ),
    Control(
        id="efs-encrypted",
        title="File systems are encrypted",
        severity=Severity.HIGH,
        subjects=(kinds.FILE_SYSTEM,),
        references=("EFS.1", "CIS 2.3.1", "CKV_AWS_42", "AwsSolutions-EFS1"),
        own_packs=(BASELINE,),
        why="What is in it can be read without a key, and its backups too; turning it on later replaces it.",
        fix="set encrypted=True before the first deployment; later it replaces the file system",
        judge=is_true("encrypted"),
    ),
    Control(
        id="ec2-no-public-ip",
        title="Machines do not get public addresses",
        severity=Severity.HIGH,
        subjects=(*MACHINES, *_GIVEN_TO),
        references=("EC2.9", "EC2.25", "AutoScaling.5", "CKV_AWS_88"),
        own_packs=(BASELINE,),
        why="With a public address only the security group is left between the machine and the internet.",
        fix="set associate_public_ip_address=False and use a private subnet with a load balancer or Session Manager",
        judge=_no_public_ip,
    ),
    Control(
        id="userdata-no-secrets",
        title="No secret stands in user data",
        severity=Severity.CRITICAL,
        subjects=MACHINES,
        references=("CKV_AWS_46",),
        own_packs=(BASELINE,),
        why="Every process on the machine and whoever may describe it reads user data.",
        fix="let the machine fetch it from Secrets Manager with its role, and rotate what stood there",
        judge=_user_data,
    ),
    Control(
        id="asg-elb-health-check",
        title="Groups behind a load balancer replace what that finds ill",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.SCALING_GROUP,),
        references=("AutoScaling.1", "CKV2_AWS_15", "AwsSolutions-AS2"),
        why="A machine that runs and does not answer otherwise stays for ever.",
        fix='set health_check_type="ELB" and a health_check_grace_period',
        judge=_elb_health,
    ),
)  # fmt: skip
FAMILY = Family("ec2", "Machines (EC2, Auto Scaling)", CONTROLS)
