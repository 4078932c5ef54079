"""Answers to frequent lookups of what only an account knows: an AMI, a parameter, a hosted zone, the default VPC, a
certificate, what logs in to a registry or a cluster. They have the shape of the real ones and not their values.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from preflight.simulation import default_vpc
from preflight.simulation.place import Place, digest
from preflight.stand_in import ANSWER

Arguments = Mapping[str, Any]
Answer = dict[str, Any]


def _ami(arguments: Arguments, place: Place) -> Answer:
    seed = json.dumps(arguments, sort_keys=True, default=str)
    names = [v for f in arguments.get("filters") or () if f.get("name") == "name" for v in f.get("values") or ()]
    identity = f"ami-{digest(seed, 17)}"
    arm = any("arm64" in name or "aarch64" in name for name in (*names, str(arguments.get("nameRegex") or "")))
    return {
        "id": identity,
        "imageId": identity,
        "arn": f"arn:{place.partition}:ec2:{place.region}::image/{identity}",
        "name": names[0].replace("*", ANSWER) if names else ANSWER,
        "architecture": "arm64" if arm else "x86_64",
        "ownerId": place.account,
        "owners": arguments.get("owners") or [],
        "region": place.region,
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "virtualizationType": "hvm",
        "state": "available",
        "tags": {},
        "blockDeviceMappings": [],
        "productCodes": [],
    }


def _parameter(arguments: Arguments, place: Place) -> Answer:
    name = str(arguments["name"])
    value = f"ami-{digest(name, 17)}" if name.startswith("/aws/service/") and "ami" in name else ANSWER
    arn = f"arn:{place.partition}:ssm:{place.region}:{place.account}:parameter/{name.removeprefix('/')}"
    return {
        "id": name,
        "name": name,
        "arn": arn,
        "type": "String",
        "value": value,
        "insecureValue": value,
        "version": 1,
        "region": place.region,
    }


def _hosted_zone(arguments: Arguments, place: Place) -> Answer:
    name = str(arguments.get("name") or f"{ANSWER}.example").rstrip(".")
    identity = arguments.get("zoneId") or "Z" + digest(name, 19).upper()
    return {
        "id": identity,
        "zoneId": identity,
        "arn": f"arn:{place.partition}:route53:::hostedzone/{identity}",
        "name": name,
        "privateZone": bool(arguments.get("privateZone")),
        "nameServers": [f"ns-{n}.awsdns-stand-in.com" for n in range(4)],
        "primaryNameServer": "ns-0.awsdns-stand-in.com",
        "callerReference": ANSWER,
        "comment": "",
        "linkedServiceDescription": "",
        "linkedServicePrincipal": "",
        "resourceRecordSetCount": 2,
        "tags": {},
    }


def _registry_token(arguments: Arguments, place: Place) -> Answer:
    """What a program logs in to ECR with: the user is always AWS."""
    registry = str(arguments.get("registryId") or place.account)
    return {
        "id": place.region,
        "authorizationToken": base64.b64encode(b"AWS:stand-in").decode(),
        "expiresAt": "2026-01-01T12:00:00Z",
        "password": ANSWER,
        "proxyEndpoint": f"https://{registry}.dkr.ecr.{place.region}.{place.dns_suffix}",
        "region": place.region,
        "registryId": registry,
        "userName": "AWS",
    }


def _issued(arguments: Arguments, place: Place) -> Answer:
    """A certificate that was issued before, by its domain."""
    domain = str(arguments.get("domain") or f"{ANSWER}.example")
    region = arguments.get("region") or place.region
    identity = digest(json.dumps(arguments, sort_keys=True, default=str), 32)
    dashed = "-".join((identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]))
    arn = f"arn:{place.partition}:acm:{region}:{place.account}:certificate/{dashed}"
    return {"id": arn, "arn": arn, "domain": domain, "status": "ISSUED", "region": region, "tags": {},
            "certificate": "", "certificateChain": ""}  # fmt: skip


def _cluster_token(arguments: Arguments, place: Place) -> Answer:
    name = str(arguments.get("name"))
    return {"id": name, "name": name, "region": place.region, "token": "k8s-aws-v1.stand-in"}


def _sign_on(_: Arguments, place: Place) -> Answer:
    """The one instance of IAM Identity Center that an organisation has."""
    name = digest(place.account + "sso", 16)
    return {"id": place.region, "arns": [f"arn:{place.partition}:sso:::instance/ssoins-{name}"],
            "identityStoreIds": [f"d-{name[:10]}"]}  # fmt: skip


# Programs rarely look at more than the id of these; a note tells that the value is not the account's.
STAND_INS: dict[str, Callable[[Arguments, Place], Answer | None]] = {
    **default_vpc.ANSWERS,
    "aws:acm/getCertificate:getCertificate": _issued,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _registry_token,
    "aws:ecr/getCredentials:getCredentials": _registry_token,
    "aws:eks/getClusterAuth:getClusterAuth": _cluster_token,
    "aws:ec2/getAmi:getAmi": _ami,
    "aws:ssoadmin/getInstances:getInstances": _sign_on,
    "aws:ssm/getParameter:getParameter": _parameter,
    "aws:route53/getZone:getZone": _hosted_zone,
}
