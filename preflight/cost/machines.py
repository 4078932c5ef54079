"""Raters of EC2: instances, groups of them, nodes of Kubernetes, with their volumes, addresses and metrics."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from preflight.cost import agent, bills, capacity
from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, monthly, rates
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, known, maps, number, text

_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
_SUBNET, _DEFAULT_SUBNET = "aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet"
_ROOT_GB, _WINDOWS_ROOT_GB = 8, 30  # of AWS's images; used where the program leaves the size to the image
_NODE_GB, _WINDOWS_NODE_GB = 20, 50  # of the nodes of EKS (API reference, CreateNodegroup, read 2026-11)
_ROOTS = frozenset({"/dev/xvda", "/dev/sda1"})  # the root device of all images of AWS, and of most others
_DETAILED = 7  # metrics of detailed monitoring of one instance (CloudWatch price page, read 2026-11)
_WINDOWS = ("<powershell>", "<script>")
_NAMES = {"windows": "Windows", "windows_sql": "Windows with SQL Server", "rhel": "RHEL", "suse": "SUSE"}
# Where an Elastic IP names what it is for: the instance, or its first interface.
_ELASTIC = (
    ("instance", "aws:ec2/eip:Eip"),
    ("networkInterface", "aws:ec2/eip:Eip"),
    ("instanceId", "aws:ec2/eipAssociation:EipAssociation"),
    ("networkInterfaceId", "aws:ec2/eipAssociation:EipAssociation"),
)
_PUBLIC = "ipv4.public.in_use.hour"
_SPOT = "on Spot, counted at the regular price less the discount assumed"

Given = Mapping[str, Any]


@rates("aws:ec2/instance:Instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest")
def instance(entry: Entry, context: Context) -> Iterator[Line]:
    """Instance-hours, its volumes, its metrics and its public address."""
    given = inputs(entry)
    template = inputs(next(iter(context.view.behind(entry, "launchTemplate", _TEMPLATE)), {}))
    whole = {**template, **{key: value for key, value in given.items() if value is not None}}
    on_spot = "spotInstanceRequest" in entry["type"] or any(
        market.get("marketType") == "spot" for market in maps(whole.get("instanceMarketOptions"))
    )
    yield from _machine(whole, whole.get("instanceType"), Decimal(HOURS), context, on_spot=on_spot)
    yield from _volumes(_disks(template, given, _root(whole, context)), Decimal(1))
    found = agent.series(whole.get("userData"))
    detailed = given["monitoring"] is True if "monitoring" in given else _watched(template)
    yield from _metrics(found, Decimal(1), Decimal(1), detailed=detailed)
    yield from _address(entry, whole, context)
    _software(whole, context)


def _address(entry: Entry, given: Given, context: Context) -> Iterator[Line]:
    """The public address that comes with an instance; an Elastic IP that is given to it takes its place."""
    view = context.view
    if any(view.naming(entry, key, token) for key, token in _ELASTIC):
        return
    if given.get("primaryNetworkInterface") or [*maps(given.get("networkInterfaces"))]:
        wanted: object = _interfaces_public(given)
    else:
        wanted = given.get("associatePublicIpAddress")
        if wanted is None:
            wanted = _by_subnet(entry, "subnetId", context)
    if wanted is True:
        yield Line(meter=_PUBLIC, quantity=Decimal(HOURS), what="public address")
    elif wanted is None:
        raise Unpriced("whether its subnet gives it a public address is not known")


def _interfaces_public(given: Given) -> bool:
    return any(
        str(one.get("associatePublicIpAddress")).lower() == "true" for one in maps(given.get("networkInterfaces"))
    )


def _by_subnet(entry: Entry, key: str, context: Context) -> bool | None:
    """Whether the subnets of an input give public addresses to what starts in them; None where that is not known. What
    says nothing of subnets starts in those of the default VPC, which do."""
    subnets = context.view.behind(entry, key, _SUBNET, _DEFAULT_SUBNET)
    if subnets:
        return all(map(_gives, subnets))
    given = inputs(entry).get(key)
    if given is None:
        return True
    answers = {context.view.asked.public(one) for one in (given if isinstance(given, list) else [given])}
    return next(iter(answers)) if len(answers) == 1 else None


def _gives(subnet: Entry) -> bool:
    """A subnet that AWS made with the default VPC does, unless it is told not to."""
    given = inputs(subnet).get("mapPublicIpOnLaunch")
    return subnet["type"] == _DEFAULT_SUBNET if given is None else given is True


@rates("aws:autoscaling/group:Group")
def group(entry: Entry, context: Context) -> Iterator[Line]:
    """Instance-hours between the group's bounds, with the volumes of its launch template."""
    given = inputs(entry)
    templates = context.view.behind(entry, "launchTemplate", _TEMPLATE) or context.view.behind(
        entry, "mixedInstancesPolicy", _TEMPLATE
    )
    sources = templates or context.view.behind(entry, "launchConfiguration", _CONFIGURATION)
    if not sources:
        raise Unpriced("its launch template is not in this program")
    template = inputs(sources[0])
    overrides = [
        override
        for policy in maps(given.get("mixedInstancesPolicy"))
        for part in maps(policy.get("launchTemplate"))
        for override in maps(part.get("overrides"))
        if override.get("instanceType")
    ]
    weight = max(Decimal(1), number(overrides[0], "weightedCapacity", 1)) if overrides else Decimal(1)
    held = [(share, size / weight) for share, size in capacity.instances(entry, context)]
    count = sum((share * size for share, size in held), Decimal(0))
    spot = sum((share * _on_spot(given, template, size) for share, size in held), Decimal(0))
    kind = overrides[0]["instanceType"] if overrides else template.get("instanceType")
    if spot < count:
        yield from _machine(template, kind, (count - spot) * HOURS, context)
    if spot:
        yield from _machine(template, kind, spot * HOURS, context, on_spot=True)
    yield from _volumes(_disks(template, template, _root(template, context)), count)
    interfaces, unknown = [*maps(template.get("networkInterfaces"))], ""
    public: object = template.get("associatePublicIpAddress")
    if any(one.get("associatePublicIpAddress") is not None for one in interfaces):
        public = _interfaces_public(template)
    elif public is None and not any(one.get("networkInterfaceId") for one in interfaces):
        public = _by_subnet(entry, "vpcZoneIdentifiers", context)
        if public is None:
            unknown = "whether its subnets give public addresses is not known"
    if str(public).lower() == "true":
        yield Line(meter=_PUBLIC, quantity=count * HOURS, what="public addresses of instances")
    running = sum((share for share, size in held if size), Decimal(0))
    detailed = _watched(template) if templates else template.get("enableMonitoring") is not False
    yield from _metrics(agent.series(template.get("userData")), running, count, detailed=detailed)
    if unknown and count:
        raise Unpriced(unknown)
    _software(template, context)


@rates("aws:eks/nodeGroup:NodeGroup")
def nodes(entry: Entry, context: Context) -> Iterator[Line]:
    """As many nodes as are wanted: what scales them runs in the cluster and is not seen. In a public subnet each has an
    address."""
    given = inputs(entry)
    template = inputs(next(iter(context.view.behind(entry, "launchTemplate", _TEMPLATE)), {}))
    kinds = given.get("instanceTypes")
    kind = (kinds[0] if isinstance(kinds, list) and kinds else None) or template.get("instanceType") or "t3.medium"
    scaling = next(maps(given.get("scalingConfig")), {})
    count = number(scaling, "desiredSize")
    windows = str(given.get("amiType")).startswith("WINDOWS")
    system = {"getPasswordData": windows}
    on_spot = given.get("capacityType") == "SPOT"
    yield from _machine({**template, **system}, kind, count * HOURS, context, on_spot=on_spot)
    size = number(given, "diskSize", _WINDOWS_NODE_GB if windows else _NODE_GB)
    yield from _volumes(_disks(template, {}, size), count)
    public: object = _by_subnet(entry, "subnetIds", context)
    if interfaces := [*maps(template.get("networkInterfaces"))]:
        public = (
            _interfaces_public(template) if any("associatePublicIpAddress" in one for one in interfaces) else public
        )
    if public is True:
        yield Line(meter=_PUBLIC, quantity=count * HOURS, what="public addresses of nodes")
    elif public is None and count:
        raise Unpriced("whether its subnets give public addresses is not known")


def _metrics(found: agent.Series, running: Decimal, count: Decimal, *, detailed: bool) -> Iterator[Line]:
    """Custom metrics while there are instances, and for each of them; detailed monitoring is charged as such."""
    if quantity := found.shared * running + found.each * count:
        yield monthly("cloudwatch.metric.custom", quantity, "metrics of the CloudWatch agent, by the hour")
    if detailed and count:
        yield monthly("cloudwatch.metric.custom", _DETAILED * count, "detailed monitoring of instances, by the hour")


def _watched(template: Given) -> bool:
    return any(one.get("enabled") is True for one in maps(template.get("monitoring")))


def _on_spot(given: Given, template: Given, count: Decimal) -> Decimal:
    """How many of `count` instances of a group are on Spot; AWS's own defaults are none."""
    for policy in maps(given.get("mixedInstancesPolicy")):
        for distribution in maps(policy.get("instancesDistribution")):
            further = max(Decimal(0), count - number(distribution, "onDemandBaseCapacity", 0))
            return further * (100 - number(distribution, "onDemandPercentageAboveBaseCapacity", 100)) / 100
    spot = any(market.get("marketType") == "spot" for market in maps(template.get("instanceMarketOptions")))
    return count if spot or template.get("spotPrice") else Decimal(0)


def _machine(given: Given, kind: object, hours: Decimal, context: Context, *, on_spot: bool = False) -> Iterator[Line]:
    """Hours of a type, by what runs and whose hardware it is on: only Linux and Windows on shared hardware have prices
    here."""
    if not isinstance(kind, str):
        raise Unpriced("its instance type is not known")
    system = _system(given, context)
    placement = next(maps(given.get("placement")), {})
    tenancy = given.get("tenancy") or given.get("placementTenancy") or placement.get("tenancy") or "default"
    shared = "" if tenancy == "default" else f"{tenancy}." if isinstance(tenancy, str) else "unknown_tenancy."
    what = f"{kind}, {_NAMES.get(system, 'Linux')}, {_SPOT if on_spot else 'on demand'}"
    paid = hours * (1 - context.usage.spot_discount) if on_spot else hours
    yield Line(meter=f"ec2.{system}.{shared}{kind}.hour", quantity=paid, what=what)


def _software(given: Given, context: Context) -> None:
    if context.view.asked.sold(_image(given)):
        raise Unpriced("what the marketplace takes for its image is not known")


def _image(given: Given) -> object:
    return given.get("ami") or given.get("imageId")


def _system(given: Given, context: Context) -> str:
    """What runs: by the name under which its image was looked up, else by what only Windows has."""
    return context.view.asked.system(_image(given)) or ("windows" if _windows(given) else "linux")


def _root(given: Given, context: Context) -> int:
    known = context.view.asked.root(_image(given))
    return known or (_WINDOWS_ROOT_GB if _system(given, context).startswith("windows") else _ROOT_GB)


def _windows(given: Given) -> bool:
    """By what only Windows has: a password, PowerShell in the user data, an image that says so."""
    if given.get("getPasswordData") is True:
        return True
    image = _image(given)
    if isinstance(image, str) and "windows" in image.lower():
        return True
    for key in ("userData", "userDataBase64"):
        data = given.get(key)
        if isinstance(data, str) and any(mark in plain for mark in _WINDOWS for plain in (data, _decoded(data))):
            return True
    return False


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


def _disks(template: Given, given: Given, root_gb: Decimal | int) -> list[Given]:
    """The volumes of an instance: those of the template, over them those of its own; a root at least. What the program
    leaves open is as AWS has it: the root volume as of the image (`root_gb`, gp3), any other gp2."""
    named: dict[str, Given] = {}
    for mapping in maps(template.get("blockDeviceMappings")):
        for ebs in maps(mapping.get("ebs")):
            named[_device(mapping)] = ebs
    for ebs in maps(given.get("ebsBlockDevices")):
        named[_device(ebs)] = {**named.get(_device(ebs), {}), **ebs}
    root: dict[str, Any] = {"volumeType": "gp3", "volumeSize": str(root_gb)}
    for name in [name for name in named if name in _ROOTS]:
        root |= {key: value for key, value in named.pop(name).items() if value is not None}
    for own in [*maps(given.get("rootBlockDevice"))][:1]:
        root |= {key: value for key, value in own.items() if value is not None}
    return [root, *named.values()]


def _device(mapping: Given) -> str:
    """The name of a device; one that is not known is told apart from others by what it says."""
    return str(mapping.get("deviceName"))


def _volumes(devices: Sequence[Given], count: Decimal) -> Iterator[Line]:
    for device in devices:
        bill = bills.volume(_kind(device), number(device, "volumeSize"), **_speed(device))
        for meter, quantity in bill:
            yield Line(meter=meter, quantity=quantity * count, what="volumes of instances")


def _kind(device: Given) -> str:
    """The type of a volume; gp2 where nothing is said (API reference)."""
    kind = device.get("volumeType")
    if kind is None:
        return "gp2"
    if not isinstance(kind, str) or not known(kind):
        raise Unpriced("the type of a volume is not known")
    return kind


def _speed(device: Given) -> dict[str, Decimal]:
    return {"iops": number(device, "iops", 0), "mibps": number(device, "throughput", 0)}


@rates("aws:ebs/volume:Volume")
def disk(entry: Entry, _context: Context) -> Iterator[Line]:
    """A volume of its own."""
    given = inputs(entry)
    kind = text(entry, "type", "gp2")
    for meter, quantity in bills.volume(kind, number(given, "size"), **_speed(given)):
        yield Line(meter=meter, quantity=quantity, what=f"{kind} volume")
    if kind == "standard":
        raise Unpriced("requests to magnetic volumes are not asked for")
