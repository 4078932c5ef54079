"""What AWS refuses of the address ranges of a program's own VPCs: a subnet outside of its VPC, subnets that overlap."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from preflight.faults import Fault
from preflight.registry import Entry

_VPC, _SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
_MORE = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"


def faults(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Of the subnets whose VPC is one of the program. A range that is not known fits everywhere."""
    made = [entry for entry in entries if not entry.external]
    ranges: dict[str, list[IPv4Network | None]] = {
        each.urn: [_range(each)]
        for each in made
        if each.type == _VPC and not each.inputs.get("ipv4IpamPoolId") and not each.options.get("import")
    }
    for more in (each for each in made if each.type == _MORE):
        if (vpc := _vpc_of(more)) in ranges:
            ranges[vpc].append(_range(more))
        else:  # it may be of any
            ranges = {urn: [*known, None] for urn, known in ranges.items()}
    seen: dict[str, list[tuple[Entry, IPv4Network]]] = {}
    for subnet in (each for each in made if each.type == _SUBNET):
        vpc, network = _vpc_of(subnet), _range(subnet)
        if network is None or vpc not in ranges or None in ranges[vpc]:
            continue
        known = [each for each in ranges[vpc] if each is not None]
        if not any(network.subnet_of(each) for each in known):
            yield _fault(subnet, f"{network} is not within its VPC, which has {', '.join(map(str, known))}")
        for other, theirs in seen.setdefault(vpc, []):
            if network.overlaps(theirs):
                yield _fault(subnet, f"{network} overlaps with {theirs} of {other.name!r} in the same VPC")
        seen[vpc].append((subnet, network))


def _vpc_of(entry: Entry) -> str:
    urns = entry.property_dependencies.get("vpcId", [])
    return urns[0] if len(urns) == 1 else ""


def _range(entry: Entry) -> IPv4Network | None:
    value = entry.inputs.get("cidrBlock")
    try:
        return IPv4Network(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _fault(entry: Entry, reason: str) -> Fault:
    message = f"{entry.type} '{entry.name}': cidr_block: {reason}"
    return Fault(kind="refused", message=message, source=entry.source, urn=entry.urn)
