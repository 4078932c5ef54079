"""Each mistake in the network of a stack file, of our own or brought."""

from collections.abc import Iterator
from typing import Any

from tests.gathered import for_each
from tests.settings.cases import IN_ECR, MISSING, NO_NAT, Case, Refused, is_said, one


def network() -> Iterator[Case]:
    """Addresses, zones, the way out."""
    key = "network.cidr"
    yield one("no range", key, "ten", '"ten"', "/16 to /24", "10.1.0.0/16")
    yield one("range without size", key, "10.20.0.0", '"10.20.0.0"', "/16 to /24", "write for example 10.20.0.0/16")
    yield one("range too large", key, "10.0.0.0/8", '"10.0.0.0/8"', "/16 to /24", "10.0.0.0/16")
    yield one("range too small", key, "10.20.0.0/25", '"10.20.0.0/25"', "/16 to /24", "10.20.0.0/16")
    yield one("host bits", key, "10.20.1.0/16", '"10.20.1.0/16"', "/16 to /24", "write 10.20.0.0/16")
    yield one("public range", key, "52.20.0.0/16", '"52.20.0.0/16"', "172.16.0.0/12", "for example 10.1.0.0/16")
    yield one(
        "public range without size",
        key,
        "8.8.0.0",
        '"8.8.0.0"',
        "/16 to /24",
        "write a private one with its size, for example 10.1.0.0/16",
    )
    yield one("beyond 172.31", key, "172.32.0.0/16", '"172.32.0.0/16"', "172.16.0.0/12", "10.1.0.0/16")
    yield one("range as a number", key, 10, "10", "/16 to /24", "cidr: 10.1.0.0/16")
    yield one("range empty", key, None, "nothing (null)", "/16 to /24", "cidr: 10.1.0.0/16")
    yield Case(
        "range of another stack",
        {key: "10.10.0.0/16"},
        key,
        "\"10.10.0.0/16\" in stack 'prod', \"10.10.0.0/16\" in stack 'dev'",
        "apart from 10.10.0.0/16",
        "use 10.1.0.0/16, which is free",
    )
    key = "network.subnetMask"
    yield one("number in quotes", key, "24", '"24"', "a whole number from 16 to 27", "without quotes: subnetMask: 24")
    yield one("decimals", key, 24.5, "24.5", "a whole number from 16 to 27", "subnetMask: 24")
    yield one("true for a number", key, True, "true", "a whole number from 16 to 27", "subnetMask: 24")
    yield one("mask too small", key, 28, "28", "from 16 to 27", "use subnetMask: 27 or less")
    yield one("mask too large", key, 8, "8", "from 16 to 27", "use subnetMask: 16 or more")
    size = "20 to 27, with which the four subnets of each zone lie within the cidr"
    yield one("subnets too large", key, 17, "17 (cidr: 10.20.0.0/16, last zone: us-east-1c)", size, "20 or more")
    key, ways = "network.nat", "none, instance, single, per-az, regional or existing"
    yield one("misspelt nat", key, "per_az", '"per_az"', ways, "did you mean per-az?")
    yield one("nat as a number", key, 1, "1", ways, "nat: single")
    yield one("nat as a truth", key, False, "false", ways, "nat: single")
    yield one("nat as a list", key, ["single"], "a list of 1", ways, "nat: single")
    yield one(
        "one small instance for a protected stack",
        key,
        "instance",
        "instance (groundwork:protection.protected: true)",
        "none, single, per-az or regional",
        "set nat to per-az",
    )
    yield one(
        "an exception for a gateway in no subnet",
        key,
        "regional",
        "regional (blockPublicAccess: true)",
        "none, instance, single or per-az",
        "set nat to per-az",
        **{"network.blockPublicAccess": True},
    )
    yield from existing_network()
    for switch in ("ipv6", "networkAcls", "blockPublicAccess"):
        key = f"network.{switch}"
        yield one(f"{switch} in quotes", key, "true", '"true"', "true or false", f"{switch}: true")
        yield one(f"{switch} empty", key, None, "nothing (null)", "true or false", f"{switch}: true")
    yield one("ACLs in wrong letters", "network.networkACLs", True, 'the key "networkACLs"', "ipv6", "networkAcls?")
    key = "network.availabilityZones"
    yield one("one zone", key, ["us-east-1a"], "a list of 1", "2 or more", "[us-east-1a, us-east-1b]")
    yield one("zones as text", key, "us-east-1a", '"us-east-1a"', "a list of 2 or more", "[us-east-1a, us-east-1b]")
    for name, zone, allowed, change in (
        ("another region", "eu-west-1c", "us-east-1a, us-east-1b", "name a zone of us-east-1"),
        ("no such letter", "us-east-1g", "us-east-1f", "did you mean us-east-1f?"),
        ("twice", "us-east-1a", "each one once", "take one of the two out"),
        ("zone id", "use1-az1", "its region and a letter", "for example us-east-1a"),
        ("region for a zone", "us-east-1", "its region and a letter", "for example us-east-1a"),
    ):
        yield Case(name, {f"{key}.2": zone}, f"{key}[2]", f'"{zone}"', allowed, change)
    yield Case(
        "zone as a number", {f"{key}.1": 2}, f"{key}[1]", "2", "its region and a letter", "for example us-east-1a"
    )
    yield Case(
        "zone beyond the range",
        {"network.cidr": "10.20.0.0/20", f"{key}.2": "us-east-1f"},
        "network.subnetMask",
        "24 (cidr: 10.20.0.0/20, last zone: us-east-1f)",
        "25 to 27, with which the four subnets of each zone lie within the cidr",
        "a subnetMask of 25 or more or a cidr of /19 or larger would do",
    )
    yield Case(
        "two zones beyond the range",
        {"network.cidr": "10.20.0.0/22", key: ["us-east-1a", "us-east-1a", "us-east-1c", "us-east-1b"][1:]},
        "network.subnetMask",
        "24 (cidr: 10.20.0.0/22, last zone: us-east-1c)",
        "26 to 27, with which",
        "a subnetMask of 26 or more or a cidr of /20 or larger would do",
    )
    yield Case(
        "a zone that no mask makes room for",
        {"network.cidr": "10.20.0.0/24", f"{key}.2": "us-east-1f"},
        f"{key}[2]",
        '"us-east-1f" (cidr: 10.20.0.0/24, subnetMask: 24)',
        "zones whose four subnets lie within the cidr",
        "a cidr of /19 or larger would do",
    )
    key = "network.endpoints"
    yield Case("unknown endpoint", {f"{key}.1": "dynamo"}, f"{key}[1]", '"dynamo"', "s3, dynamodb, ecr", "dynamodb?")
    yield Case("endpoint twice", {f"{key}.1": "s3"}, f"{key}[1]", '"s3"', "each one once", "take one of the two out")
    yield one("ecr without s3", key, ["ecr"], "ecr", "ecr together with s3", "add s3")
    yield one("endpoints missing", key, MISSING, "nothing", "a list, each item s3", "endpoints: [s3, dynamodb]")
    yield Case(
        "no way to the secrets of a database",
        {**NO_NAT, **IN_ECR, key: ["s3", "ecr", "logs"]},
        key,
        "s3, ecr, logs (nat: none)",
        "ecr, s3, logs and secretsmanager",
        "add secretsmanager, or set groundwork:network.nat to single or per-az",
    )
    yield one("flow logs", "network.flowLogs.retentionDays", 15, "15", "7, 14, 30", "did you mean 14?")
    yield one(
        "snake case", "network.subnet_mask", 24, 'the key "subnet_mask"', "subnetMask", "did you mean subnetMask?"
    )


def existing_network() -> Iterator[Case]:
    """A network that somebody else made."""
    here = "network.existing.subnets"

    def of(name: str, path: str, value: Any, *texts: str, key: str | None = None) -> Case:
        return Case(name, {**brought(), path: value}, key or path, *texts)

    yield one("no subnets to make", "network.subnetMask", None, "null (existing: null)", "16 to 28", "subnetMask: 24")
    yield one("a way out of nothing", "network.nat", "existing", "existing (existing: null)", "single", "set nat to")
    yield of("a size for what exists", "network.subnetMask", 24, "24 (existing: given)", "null", "to null")
    yield of("a gateway in what exists", "network.nat", "per-az", "per-az (existing", "existing or none", "set nat")
    for switch in ("networkAcls", "blockPublicAccess"):
        path = f"network.{switch}"
        yield of(f"{switch} of what exists", path, True, "true (existing: given)", "false", "take it out")
    vpc = "network.existing.vpcId"
    yield of("no VPC", vpc, "10.0.0.0", '"10.0.0.0"', "the id of a VPC", "vpcId: vpc-0123456789abc")
    public = "subnet-a0000000"
    yield of("data in a public subnet", f"{here}.us-east-1b.data", public, f'"{public}"', "of its own", "name another")
    path = f"{here}.us-east-1a.public"
    yield of("no subnet", path, "ours", '"ours"', "the id of a subnet", "public: subnet-0123")
    yield of("a tier missing", path, MISSING, "nothing", "the id of a subnet", "subnet-0123")
    zones = [f"us-east-1{letter}" for letter in "abc"]
    yield of(
        "a zone without subnets",
        "network.availabilityZones",
        zones,
        "us-east-1a, us-east-1b",
        "exactly us-east-1a, us-east-1b, us-east-1c",
        "add us-east-1c",
        key=here,
    )
    more = {"public": "subnet-c0000000", "private": "subnet-c1000000", "data": "subnet-c2000000"}
    path = f"{here}.us-east-1c"
    yield of("subnets of no zone", path, more, 'the key "us-east-1c"', "us-east-1a, us-east-1b", "take it out")


def brought() -> dict[str, Any]:
    """What makes the baseline one that brings its network."""
    tiers = ("public", "private", "data")
    subnets = {
        f"us-east-1{zone}": {tier: f"subnet-{zone}{digit}000000" for digit, tier in enumerate(tiers)} for zone in "ab"
    }
    return {
        "network.availabilityZones": list(subnets),
        "network.subnetMask": None,
        "network.nat": "existing",
        "network.existing": {"vpcId": "vpc-0123456789abcdef0", "subnets": subnets},
    }


CASES = list(network())


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, refused)


@for_each(
    "zones, key",
    {
        "one zone": (["eu-west-1a"], "availabilityZones"),
        "text": ("eu-west-1a", "availabilityZones"),
        "zone id": (["eu-west-1a", "euw1-az2"], "availabilityZones[1]"),
    }.values(),
)
def test_zones_that_are_named_are_those_of_the_stack(zones: Any, key: str, refused: Refused) -> None:
    found = refused({"aws:region": "eu-west-1", "network.availabilityZones": zones})
    mistake = found[f"groundwork:network.{key}"]
    assert "eu-west-1a" in mistake["change"]
    assert "us-east-1" not in str(mistake)
