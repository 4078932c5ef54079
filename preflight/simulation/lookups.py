"""Answers to lookups (``aws.get_...``) that follow from the place alone, and the rendering of policy documents.

Frequent lookups of things that only an account knows get stand-ins (``stand_ins``), which a run notes; all else has no
answer here: the user gives one.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from preflight.simulation import documents
from preflight.simulation.place import Place, digest
from preflight.simulation.stand_ins import STAND_INS
from preflight.stand_in import ANSWER

Arguments = Mapping[str, Any]
Answer = dict[str, Any]

_CAPITAL = re.compile("_([a-z])")

# Accounts that own the load balancers' log delivery in regions opened before August 2022; later ones use a service
# principal. From the ELB user guide, "Enable access logs", 2026-11.
ELB_ACCOUNTS = {
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
    "ca-central-1": "985666609251",
    "eu-central-1": "054676820928",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "eu-north-1": "897822967062",
    "eu-south-1": "635631232127",
    "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "af-south-1": "098369216593",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
    "us-gov-west-1": "048591011584",
    "us-gov-east-1": "190560391635",
    "cn-north-1": "638102146993",
    "cn-northwest-1": "037604701340",
}

REGION_NAMES = {
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)",
    "ca-central-1": "Canada (Central)",
    "eu-central-1": "Europe (Frankfurt)",
    "eu-west-1": "Europe (Ireland)",
    "eu-west-2": "Europe (London)",
    "eu-west-3": "Europe (Paris)",
    "eu-north-1": "Europe (Stockholm)",
    "ap-northeast-1": "Asia Pacific (Tokyo)",
    "ap-south-1": "Asia Pacific (Mumbai)",
    "ap-southeast-1": "Asia Pacific (Singapore)",
    "ap-southeast-2": "Asia Pacific (Sydney)",
    "sa-east-1": "South America (Sao Paulo)",
}


def answer(token: str, arguments: Arguments, place: Place) -> Answer | None:
    """The result of a lookup, or None when only the cloud knows it."""
    known = _ANSWERS.get(token) or STAND_INS.get(token)
    return known(arguments, place) if known is not None else None


def is_stand_in(token: str) -> bool:
    """Whether the answer has only the shape of the real one; a report must say so."""
    return token in STAND_INS


def _caller(_: Arguments, place: Place) -> Answer:
    arn = f"arn:{place.partition}:iam::{place.account}:user/preflight"
    return {"accountId": place.account, "arn": arn, "id": place.account, "userId": "AIDAPREFLIGHTPREFLIGHT"}


def _region(arguments: Arguments, place: Place) -> Answer:
    name = arguments.get("region") or arguments.get("name") or arguments.get("id") or place.region
    return {
        "id": name,
        "name": name,
        "region": name,
        "description": REGION_NAMES.get(name, name),
        "endpoint": f"ec2.{name}.{place.dns_suffix}",
    }


def _regions(_: Arguments, place: Place) -> Answer:
    names = sorted({*REGION_NAMES, place.region}) if place.partition == "aws" else [place.region]
    return {"id": place.partition, "names": names}


def _partition(_: Arguments, place: Place) -> Answer:
    reverse = ".".join(reversed(place.dns_suffix.split(".")))
    return {
        "id": place.partition,
        "partition": place.partition,
        "dnsSuffix": place.dns_suffix,
        "reverseDnsPrefix": reverse,
    }


def _zones(arguments: Arguments, place: Place) -> Answer:
    region = arguments.get("region") or place.region
    excluded = {*(arguments.get("excludeNames") or ()), *(arguments.get("excludeZoneIds") or ())}
    pairs = [(name, f"{_short(region)}-az{n + 1}") for n, name in enumerate(Place(region, place.account).zones)]
    kept = [(name, zone) for name, zone in pairs if name not in excluded and zone not in excluded]
    names = [name for name, _ in kept]
    return {"id": region, "region": region, "names": names, "zoneIds": [z for _, z in kept], "groupNames": [region]}


def _short(region: str) -> str:
    """As in zone ids: us-east-1 is use1."""
    area, direction, *rest = region.split("-")
    return area + "".join(part[0] for part in direction.split()) + "".join(rest)


def _zone(arguments: Arguments, place: Place) -> Answer | None:
    name = arguments.get("name")
    if not name:
        return None
    region = name[:-1]
    zones = _zones({"region": region}, place)
    identity = dict(zip(zones["names"], zones["zoneIds"], strict=True)).get(name, name)
    return {
        "id": name,
        "name": name,
        "region": region,
        "zoneId": identity,
        "nameSuffix": name[-1],
        "state": "available",
        "zoneType": "availability-zone",
        "groupName": region,
        "networkBorderGroup": region,
        "groupLongName": REGION_NAMES.get(region, region),
        "optInStatus": "opt-in-not-required",
        "parentZoneId": "",
        "parentZoneName": "",
    }


def _default_tags(_: Arguments, __: Place) -> Answer:
    return {"id": "default", "tags": {}}


def _elb_account(arguments: Arguments, place: Place) -> Answer | None:
    account = ELB_ACCOUNTS.get(arguments.get("region") or place.region)
    return {"id": account, "arn": f"arn:{place.partition}:iam::{account}:root"} if account else None


def _service_principal(arguments: Arguments, place: Place) -> Answer:
    region = arguments.get("region") or place.region
    service = arguments["serviceName"]
    name = f"{service}.{region}.amazonaws.com" if service == "logs" and place.partition == "aws-cn" else None
    name = name or f"{service}.amazonaws.com"
    return {"id": name, "name": name, "region": region, "serviceName": service, "suffix": "amazonaws.com"}


def _prefix_list(arguments: Arguments, place: Place) -> Answer:
    name = arguments.get("name") or next(
        (
            f["values"][0]
            for f in arguments.get("filters") or ()
            if f.get("name") == "prefix-list-name" and f.get("values")
        ),
        f"com.amazonaws.{place.region}.s3",
    )
    identity = arguments.get("prefixListId") or arguments.get("id") or f"pl-{digest(name, 8)}"
    return {
        "id": identity,
        "name": name,
        "prefixListId": identity,
        "region": place.region,
        "cidrBlocks": ["203.0.113.0/24"],
        "entries": [{"cidr": "203.0.113.0/24", "description": ANSWER}],
        "addressFamily": "IPv4",
        "arn": f"arn:{place.partition}:ec2:{place.region}:aws:prefix-list/{identity}",
        "maxEntries": 10,
        "ownerId": "AWS",
        "tags": {},
        "version": 1,
    }


def _policy_document(arguments: Arguments, _: Place) -> Answer:
    document = _document(arguments)
    minified = json.dumps(document, separators=(",", ":"))
    return {
        **arguments,
        "id": str(int(digest(minified, 8), 16)),
        "json": json.dumps(document, indent=2),
        "minifiedJson": minified,
    }


def _document(arguments: Arguments) -> dict[str, Any]:
    """The order and the one-or-many forms of the Terraform provider."""
    document: dict[str, Any] = {"Version": arguments.get("version") or "2012-10-17"}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    by_sid: dict[str, dict[str, Any]] = {}
    texts = [*(arguments.get("sourcePolicyDocuments") or ()), arguments.get("sourceJson")]
    overrides = [*(arguments.get("overridePolicyDocuments") or ()), arguments.get("overrideJson")]
    groups = [
        *(documents.listed(json.loads(text).get("Statement")) for text in texts if text),
        [_statement(statement) for statement in arguments.get("statements") or ()],
        *(documents.listed(json.loads(text).get("Statement")) for text in overrides if text),
    ]
    for number, statement in enumerate(statement for group in groups for statement in group):
        by_sid[statement.get("Sid") or f" {number}"] = statement  # the same Sid again overrides, in its first place
    document["Statement"] = list(by_sid.values())
    return document


def _statement(written: Arguments) -> dict[str, Any]:
    """A Python program's dictionaries keep their own words (`not_actions`): the bridge takes them as it does ours."""
    given = {_CAPITAL.sub(lambda found: found[1].upper(), key): value for key, value in written.items()}
    statement: dict[str, Any] = {"Sid": given["sid"]} if given.get("sid") else {}
    statement["Effect"] = given.get("effect") or "Allow"
    for ours, theirs in (("actions", "Action"), ("notActions", "NotAction")):
        if given.get(ours):
            statement[theirs] = _one_or_many(given[ours])
    for ours, theirs in (("resources", "Resource"), ("notResources", "NotResource")):
        if given.get(ours):
            statement[theirs] = _one_or_many(given[ours])
    for ours, theirs in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if given.get(ours):
            statement[theirs] = _principals(given[ours])
    conditions: dict[str, dict[str, Any]] = {}
    for condition in given.get("conditions") or ():
        conditions.setdefault(condition["test"], {})[condition["variable"]] = _one_or_many(condition["values"])
    if conditions:
        statement["Condition"] = conditions
    return statement


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _principals(given: list[Arguments]) -> str | dict[str, Any]:
    if len(given) == 1 and given[0]["type"] == "*" and given[0]["identifiers"] == ["*"]:
        return "*"
    merged: dict[str, list[str]] = {}
    for principal in given:
        merged.setdefault(principal["type"], []).extend(principal["identifiers"])
    return {kind: _one_or_many(identifiers) for kind, identifiers in merged.items()}


def _session_context(arguments: Arguments, _: Place) -> Answer:
    return {
        "arn": arguments["arn"],
        "id": arguments["arn"],
        "issuerArn": arguments["arn"],
        "issuerId": "",
        "issuerName": "",
        "sessionName": "",
    }


def _arn(arguments: Arguments, __: Place) -> Answer | None:
    parts = str(arguments.get("arn") or "").split(":", 5)
    if len(parts) != 6:
        return None
    partition, service, region, account, resource = parts[1:]
    return {
        "arn": arguments["arn"],
        "id": arguments["arn"],
        "partition": partition,
        "service": service,
        "region": region,
        "account": account,
        "resource": resource,
    }


_ANSWERS: dict[str, Callable[[Arguments, Place], Answer | None]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getRegions:getRegions": _regions,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getAvailabilityZone:getAvailabilityZone": _zone,
    "aws:index/getDefaultTags:getDefaultTags": _default_tags,
    "aws:index/getArn:getArn": _arn,
    "aws:index/getServicePrincipal:getServicePrincipal": _service_principal,
    "aws:elb/getServiceAccount:getServiceAccount": _elb_account,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:iam/getSessionContext:getSessionContext": _session_context,
}
