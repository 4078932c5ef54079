"""The surroundings in which a store is built, one thing changed at a time."""

from typing import Any

from components.contracts import Site
from components.data.store import StoreArgs
from components.network import Network, NetworkArgs
from settings.location import Location
from settings.network import NetworkSettings
from settings.section import Section

HERE = Location.of("us-east-1", "111122223333")
KEY = "arn:aws:kms:us-east-1:111122223333:key/data"
LOG_KEY = "arn:aws:kms:us-east-1:111122223333:key/operations"


def store_args(store: str, settings: Section, **change: Any) -> StoreArgs[Any]:
    """A protected store in two zones of us-east-1."""
    args: dict[str, Any] = {
        "site": Site(vpc_id="vpc-1", data_subnet_ids=["subnet-a", "subnet-b"]),
        "availability_zones": ["us-east-1a", "us-east-1b"],
        "key_arn": KEY,
        "log_key_arn": LOG_KEY,
        "log_bucket": "logs",
        "log_retention_days": 90,
        "location": HERE,
        "protected": True,
        **change,
    }
    return StoreArgs(store=store, settings=settings, **args)


def network() -> Network:
    """A network with a way out and endpoints, for which no store is to wait."""
    settings = NetworkSettings.model_validate(
        {
            "cidr": "10.20.0.0/16",
            "availabilityZones": ["us-east-1a", "us-east-1b"],
            "subnetMask": 24,
            "nat": "per-az",
            "endpoints": ["s3", "dynamodb", "kms"],
            "flowLogs": {"retentionDays": 14},
        }
    )
    return Network("network", NetworkArgs(settings=settings, location=HERE, protected=True, log_key_arn=LOG_KEY))


def waited_for(deployment: Any, first: Any) -> set[str]:
    """The types of everything that has to be there before a resource is."""
    waits_for = {r.urn: r.dependencies for r in deployment.registered}
    waiting: list[str] = [first.urn]
    found: set[str] = set()
    while waiting:
        for urn in waits_for[waiting.pop()] - found:
            found.add(urn)
            waiting.append(urn)
    return {urn.split("::")[2].split("$")[-1] for urn in found}
