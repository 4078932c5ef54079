"""Each mistake in region, protection, front door and observability of a stack file: the key, the value, what is allowed, what to change, and nothing else."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tests.gathered import for_each
from tests.settings.cases import MISSING, UNPROTECTED, Case, Refused, is_said, one


def cases() -> Iterator[Case]:
    """All of them, section by section."""
    yield one("region missing", "aws:region", MISSING, "nothing", "us-east-1", "for example us-east-1")
    yield one("region misspelt", "aws:region", "eu-wst-1", '"eu-wst-1"', "eu-west-2", "did you mean eu-west-1?")
    swapped = "(or a region elsewhere: eu-central-1, ap-southeast-1, ...)"
    yield one(
        "region with swapped letters", "aws:region", "us-esat-1", '"us-esat-1"', swapped, "did you mean us-east-1?"
    )
    either = "name a region, for example us-east-1"
    for region, partition in (
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ):
        yield one(
            f"region of {partition}",
            "aws:region",
            region,
            f'"{region}"',
            "a region of aws, aws-cn or aws-us-gov",
            "name a region of one of these partitions",
        )
    yield one("region as near to two", "aws:region", "us-west-3", '"us-west-3"', "us-west-1 or us-west-2 (or", either)
    yield from provider_keys()
    yield from protection()
    yield from edge()
    yield from existing_load_balancer()
    yield one(
        "email", "observability.email", "alerts", '"alerts"', "one e-mail address", "email: platform-alerts@example.com"
    )
    yield one("retention", "observability.logRetentionDays", 91, "91", "60, 90, 120", "did you mean 90?")


def provider_keys() -> Iterator[Case]:
    """Keys of `aws:` that the program's own provider would not read."""
    for name, value, change in (
        ("defaultTags", {"tags": {"team": "shop"}}, "default_tags of the provider in __main__.py"),
        ("allowedAccountIds", ["111122223333"], "groundwork:protection.accountId"),
        ("assumeRoles", [{"roleArn": "arn:aws:iam::111122223333:role/x"}], "and set AWS_PROFILE to that"),
        ("accessKey", "hunter2", "have AWS make another"),
        ("maxRetries", 3, "arguments of aws.Provider"),
        ("regoin", "eu-west-1", "aws:region is there as well"),
    ):
        given = f'the key "aws:{name}"'
        yield one(f"{name} of the provider", f"aws:{name}", value, given, "aws:region", change)


def protection() -> Iterator[Case]:
    """Account and protection."""
    key = "protection.accountId"
    yield one("account as a number", key, 111122223333, "111122223333", "12 digits", 'accountId: "111122223333"')
    for name, number in (("octal", 0o11122223333), ("shorter", 12345678901)):
        yield one(
            f"account as a number, {name}", key, number, str(number), "12 digits", 'as in accountId: "111122223333"'
        )
    yield one("account too short", key, "1111", '"1111"', "12 digits", 'accountId: "111122223333"')
    arabic = "".join(chr(0x660 + int(digit)) for digit in "111122223333")
    yield one("account in digits of another script", key, arabic, arabic, "12 digits", 'accountId: "111122223333"')
    yield one("true in quotes", "protection.protected", "true", '"true"', "true or false", "protected: true")
    yield one("yes", "protection.protected", "yes", '"yes"', "true or false", "protected: true")
    yield one("one for true", "protection.protected", 1, "1", "true or false", "protected: true")


def edge() -> Iterator[Case]:
    """The front door."""
    key = "edge.domain"
    for name, domain in (
        ("address for a domain", "https://app.example.com"),
        ("domain with a path", "app.example.com/x"),
        ("capitals", "App.example.com"),
        ("wildcard", "*.example.com"),
        ("no dot", "localhost"),
    ):
        yield one(name, key, domain, f'"{domain}"', "a full domain name in lower case", "domain: app.example.com")
    yield one("zone without domain", key, None, "null (zoneId", "both null", "zoneId to null", **UNPROTECTED)
    yield one("domain without zone", "edge.zoneId", None, 'null (domain: "app', "both null", "domain to null")
    yield one("no HTTPS when protected", key, None, "null (ground", "a domain name", "give domain and zoneId",
              **{"edge.zoneId": None})  # fmt: skip
    yield one("ARN for a zone", "edge.zoneId", "arn:aws:x", '"arn:aws:x"', "Route 53", "zoneId: Z0123456789EXAMPLE")
    yield one("timeout too long", "edge.idleTimeoutSeconds", 4001, "4001", "from 1 to 4000", "4000 or less")
    yield one("logs for no day", "edge.logRetentionDays", 0, "0", "from 1 to 3650", "logRetentionDays: 1 or more")


def existing_load_balancer() -> Iterator[Case]:
    """A load balancer that somebody else made."""
    here, arn = "edge.existing", "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/" + "0" * 16
    listener = f"{arn.replace(':loadbalancer/', ':listener/')}/{'1' * 16}"
    base = {
        "edge.zoneId": None,
        "edge.idleTimeoutSeconds": None,
        here: {"arn": arn, "listenerArn": listener, "securityGroupId": "sg-0123456789abcdef0"},
    }

    def of(name: str, path: str, value: Any, *texts: str) -> Case:
        return Case(name, {**deepcopy(base), path: value}, path, *texts)

    key = "edge.idleTimeoutSeconds"
    yield one("no time-out", key, None, "null (existing: null)", "1 to 4000", "idleTimeoutSeconds: 60")
    yield of("a time-out for what exists", key, 60, "60 (existing: given)", "null", "to null")
    yield of("no name for what exists", "edge.domain", None, "null (existing: given)", "a domain name", "app.example")
    yield of("a record for what exists", "edge.zoneId", "Z0123456789", '"Z0123456789" (existing', "null", "to null")
    yield of("no load balancer", f"{here}.arn", "main", '"main"', "loadbalancer/app/...", "docs/settings.md")
    other = listener.replace("/main/", "/other/")
    path = f"{here}.listenerArn"
    yield of("listener of another", path, other, "app/other/", "a listener of app/main/0", ":listener/app/main/0")
    yield of("no group", f"{here}.securityGroupId", "sg-1", '"sg-1"', "the id of a security group", "sg-0123456789")
    for name, part, wrong in (("region", "us-east-1", "eu-west-1"), ("account", "111122223333", "444455556666")):
        values = {"arn": arn.replace(part, wrong), "listenerArn": listener, "securityGroupId": "sg-01234567"}
        yield Case(
            f"load balancer of another {name}",
            {**base, here: values},
            f"{here}.arn",
            wrong,
            ":us-east-1:111122223333:",
            "own region and account",
        )


CASES = list(cases())


@for_each("case", CASES, name=lambda case: case.name)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    is_said(case, refused)
