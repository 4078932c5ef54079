"""What a program asked the account about, as far as it says what something costs: the image of an instance, and the
subnets of the default VPC. The ids in the answers are stand-ins, or what `--answers` gives."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# In the name of an image, or of the parameter that holds its id -> what runs there. The first that is found counts.
_SYSTEMS = (
    ("sql_", "windows_sql"),
    ("sql-server", "windows_sql"),
    ("windows", "windows"),
    ("rhel", "rhel"),
    ("suse", "suse"),
    ("sles", "suse"),
)
# Images of AWS whose root volume is not of the usual size, in GB.
_ROOTS = (("windows", 30), ("ecs/optimized-ami", 30), ("amzn2-ami-ecs", 30), ("al2023-ami-ecs", 30), ("amazon-eks", 20),
          ("service/eks", 20))  # fmt: skip
_IMAGES = ("aws:ec2/getAmi:getAmi", "aws:ec2/getAmiIds:getAmiIds", "aws:ssm/getParameter:getParameter")


class Asked:
    """Answers to lookups by the ids in them."""

    def __init__(self, lookups: Sequence[Mapping[str, Any]]) -> None:
        self._images: dict[str, str] = {}
        self._roots: dict[str, int] = {}
        self._sold: set[str] = set()
        self._subnets: dict[str, bool] = {}
        vpcs = {
            result.get("id") for result in _answers(lookups, "aws:ec2/getVpc:getVpc") if result.get("default") is True
        }
        for lookup in lookups:
            arguments, result = lookup.get("args") or {}, lookup.get("result") or {}
            if lookup.get("token") in _IMAGES:
                words = " ".join((json.dumps(arguments), str(result.get("name")), str(result.get("platform")))).lower()
                for identity in _ids(result):
                    self._images[identity] = next((system for mark, system in _SYSTEMS if mark in words), "linux")
                    if sizes := [size for mark, size in _ROOTS if mark in words]:
                        self._roots[identity] = sizes[0]
                    if "aws-marketplace" in words:
                        self._sold.add(identity)
            elif lookup.get("token") == "aws:ec2/getSubnet:getSubnet" and "mapPublicIpOnLaunch" in result:
                self._subnets[str(result.get("id"))] = result["mapPublicIpOnLaunch"] is True
            elif lookup.get("token") == "aws:ec2/getSubnets:getSubnets":
                wanted = [value for one in arguments.get("filters") or () for value in one.get("values") or ()]
                if any(value in vpcs for value in wanted if isinstance(value, str)):
                    self._subnets |= dict.fromkeys(map(str, result.get("ids") or ()), True)

    def system(self, image: object) -> str | None:
        """What runs on an image that was looked up, by what it was looked up by; None for any other image."""
        return self._images.get(image) if isinstance(image, str) else None

    def root(self, image: object) -> int | None:
        """GB of the root volume of an image that was looked up, where it is not the usual one."""
        return self._roots.get(image) if isinstance(image, str) else None

    def sold(self, image: object) -> bool:
        """Whether an image was looked up among those of the marketplace."""
        return isinstance(image, str) and image in self._sold

    def public(self, subnet: object) -> bool | None:
        """Whether a subnet that was looked up gives public addresses, as those of the default VPC do; None for any
        other."""
        return self._subnets.get(subnet) if isinstance(subnet, str) else None


def _answers(lookups: Sequence[Mapping[str, Any]], token: str) -> Iterator[Mapping[str, Any]]:
    for lookup in lookups:
        if lookup.get("token") == token:
            yield lookup.get("result") or {}


def _ids(result: Mapping[str, Any]) -> Iterator[str]:
    for value in (result.get("id"), result.get("imageId"), result.get("value"), *(result.get("ids") or ())):
        if isinstance(value, str) and value:
            yield value
