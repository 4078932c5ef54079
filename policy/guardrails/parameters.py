"""What a user may set: each parameter with its form, default and meaning. A control reads it as `config[PARAMETER]`.

A new one is a constant here and its place in `PARAMETERS`; the JSON schema, the check of what is given and the page
of the catalogue follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Form(Protocol[T_co]):
    """How a value is written: its JSON schema, and `read`, which adds a sentence to `mistakes` for each mistake."""

    @property
    def schema(self) -> dict[str, Any]:
        """As the engine checks it before the pack sees anything."""

    def read(self, where: str, raw: Any, mistakes: list[str]) -> T_co | None:
        """The value; None when there are mistakes. Numbers may arrive as floats."""


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`."""

    noun: str
    low: int
    high: int

    @property
    def schema(self) -> dict[str, Any]:
        """An integer with bounds."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def read(self, where: str, raw: Any, mistakes: list[str]) -> int | None:
        """The number."""
        if _is_number(raw) and float(raw).is_integer() and self.low <= raw <= self.high:
            return int(raw)
        mistakes.append(f"{where}: {raw!r} is no {self.noun}; allowed are whole numbers from {self.low} to {self.high}")
        return None


@dataclass(frozen=True)
class Share:
    """A part of a whole: above 0, up to 1."""

    @property
    def schema(self) -> dict[str, Any]:
        """A number with bounds."""
        return {"type": "number", "exclusiveMinimum": 0, "maximum": 1}

    def read(self, where: str, raw: Any, mistakes: list[str]) -> float | None:
        """The number."""
        if _is_number(raw) and 0 < raw <= 1:
            return float(raw)
        mistakes.append(f"{where}: {raw!r} is no share; allowed are numbers above 0 and up to 1")
        return None


@dataclass(frozen=True)
class Word:
    """A text that matches `pattern` as a whole; `example` shows one."""

    noun: str
    pattern: str
    example: str

    @property
    def schema(self) -> dict[str, Any]:
        """A string; the pattern is checked by the pack, with a better message."""
        return {"type": "string"}

    def read(self, where: str, raw: Any, mistakes: list[str]) -> str | None:
        """The text."""
        if isinstance(raw, str) and re.fullmatch(self.pattern, raw):
            return raw
        mistakes.append(f"{where}: {raw!r} is no {self.noun} such as {self.example}")
        return None


@dataclass(frozen=True)
class Expression:
    """A regular expression."""

    example: str

    @property
    def schema(self) -> dict[str, Any]:
        """A string; whether it is an expression is checked by the pack."""
        return {"type": "string"}

    def read(self, where: str, raw: Any, mistakes: list[str]) -> str | None:
        """The expression as text."""
        try:
            re.compile(raw if isinstance(raw, str) and raw else "(")
        except re.error:
            mistakes.append(f"{where}: {raw!r} is no pattern, a regular expression such as {self.example}")
            return None
        return str(raw)


@dataclass(frozen=True)
class Several(Generic[T]):
    """A list without order."""

    of: Form[T]

    @property
    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.of.schema}

    def read(self, where: str, raw: Any, mistakes: list[str]) -> frozenset[T] | None:
        """The set."""
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            mistakes.append(f"{where}: should be a list, it is {type(raw).__name__}")
            return None
        read = [self.of.read(where, item, mistakes) for item in raw]
        return frozenset(item for item in read if item is not None)


@dataclass(frozen=True)
class Table(Generic[T]):
    """Names, each with a value; a name matches `key` as a whole."""

    key: Word
    of: Form[T]

    @property
    def schema(self) -> dict[str, Any]:
        """An object with any keys."""
        return {"type": "object", "additionalProperties": self.of.schema}

    def read(self, where: str, raw: Any, mistakes: list[str]) -> Mapping[str, T] | None:
        """The names with their values, sorted by name."""
        if not isinstance(raw, Mapping):
            mistakes.append(f"{where}: should be an object, it is {type(raw).__name__}")
            return None
        found = {}
        for name in sorted(raw):
            value = self.of.read(f"{where}.{name}", raw[name], mistakes)
            if self.key.read(where, name, mistakes) is not None and value is not None:
                found[name] = value
        return found


@dataclass(frozen=True, eq=False)
class Parameter(Generic[T]):
    """One knob. `shown` is the default as the catalogue prints it, where that is not plain."""

    name: str
    form: Form[T]
    default: T
    meaning: str
    shown: str | None = None


_NAME = Word("name", r".+", "web")
_TYPE = Word("type token", r"[\w-]+:[\w/.-]+:\w+", "aws:ec2/natGateway:NatGateway")
_PORT = Whole("port", 0, 65535)
_DAYS = Whole("number of days", 1, 3650)

PUBLIC_PORTS = Parameter(
    "allowedPublicPorts", Several(_PORT), frozenset({80, 443}), "ports that may face the world", "80, 443"
)
PREFIX_LISTS = Parameter(
    "managedPrefixLists",
    Table(Word("prefix list id", r"pl-[0-9a-z]+", "pl-3b927c52"), Word("meaning", r".+", '"CloudFront"')),
    {},
    "prefix list id -> what it is: lists of others that are known not to be public-wide",
)
PUBLIC_COVERAGE = Parameter(
    "publicCoverage", Share(), 0.25, "share of the public addresses from which on sources are the world"
)
REGIONS = Parameter(
    "regions",
    Several(Word("region", r"[a-z]{2,4}(-[a-z]+)+-\d", "eu-central-1")),
    frozenset(),
    "regions in which resources may be; none given: any",
)
ACCOUNTS = Parameter(
    "accounts",
    Several(Word("account id", r"\d{12}", '"111122223333"')),
    frozenset(),
    "accounts that are ours: trusted in policies, and what a provider may pin",
)
REQUIRED_TAGS = Parameter(
    "requiredTags",
    Table(_NAME, Expression('"prod|dev"')),
    {},
    'tag -> pattern that its whole value matches (".*": any value); for every taggable resource',
)
BACKUP_DAYS = Parameter("minimumBackupDays", Whole("number of days", 1, 35), 7, "days that database backups are kept")
LOG_DAYS = Parameter("minimumLogRetentionDays", _DAYS, 30, "days that log groups keep what is written")
ENCRYPTED_LOGS = Parameter(
    "encryptedLogGroups",
    Several(_NAME),
    frozenset(),
    "patterns of names of log groups that have a KMS key of ours, such as /shop/*; none given: not asked",
)
REGISTRIES = Parameter(
    "trustedRegistries",
    Several(_NAME),
    frozenset(),
    "beginnings of image names that may be run, such as public.ecr.aws/; none given: any",
)
BOUNDARY = Parameter(
    "permissionsBoundary",
    Several(Word("policy ARN", r"arn:[\w-]+:iam::(\d{12}|aws):policy/.+", "arn:aws:iam::111122223333:policy/edge")),
    frozenset(),
    "permissions boundaries of which every role carries one; none given: not asked",
)
DETECTORS = Parameter(
    "ownsDetectors",
    Several(Word("detector", r"guardduty|securityhub|access-analyzer|config|budget", "guardduty")),
    frozenset(),
    "what this stack is to switch on for the account: guardduty, securityhub, access-analyzer, config, budget",
)
TLS_POLICIES = Parameter(
    "tlsPolicies",
    Several(Word("pattern of a policy's name", r"ELBSecurityPolicy-[\w*-]+", "ELBSecurityPolicy-TLS13-*")),
    frozenset({"ELBSecurityPolicy-TLS13-1-2-*", "ELBSecurityPolicy-TLS13-1-3-*"}),
    "security policies that listeners may have; * stands for any characters",
)
HOP_LIMIT = Parameter("metadataHopLimit", Whole("hop limit", 1, 64), 2, "hops that instance metadata may travel")
ROTATION_DAYS = Parameter("maximumRotationDays", _DAYS, 90, "days after which a secret is rotated at the latest")
KEY_DELETION_DAYS = Parameter(
    "minimumKeyDeletionDays", Whole("number of days", 7, 30), 30, "days that a key waits for its deletion"
)
ENDPOINTS = Parameter(
    "requiredEndpoints",
    Several(Word("service", r"[a-z0-9.-]+", "ecr.dkr")),
    frozenset({"s3"}),
    "services for which a VPC with private compute has an endpoint",
    "s3",
)
PUBLIC_COMPUTE = Parameter(
    "publicCompute", Several(_NAME), frozenset(), "logical names of services, groups and functions in public subnets"
)
BUDGETS = Parameter(
    "resourceBudgets",
    Table(_TYPE, Whole("number of resources", 0, 100000)),
    {},
    "type token -> how many resources of it a stack may have",
)
LAMBDA_RUNTIMES = Parameter(
    "supportedRuntimes",
    Several(Word("Lambda runtime", r"[a-z]+[\w.]*", "python3.13")),
    frozenset(
        {
            "dotnet8", "dotnet10", "java8.al2", "java11", "java17", "java21", "java25", "nodejs20.x", "nodejs22.x",
            "nodejs24.x", "provided.al2", "provided.al2023", "python3.10", "python3.11", "python3.12", "python3.13",
            "python3.14", "ruby3.2", "ruby3.3", "ruby3.4",
        }
    ),
    "Lambda runtimes that AWS still patches (Lambda Developer Guide, 2025-12); none given: any",
    "those of 2025-12",
)  # fmt: skip
EXEMPTION_DAYS = Parameter("maximumExemptionDays", _DAYS, 180, "days that an exemption may still run")

PARAMETERS: tuple[Parameter[Any], ...] = (
    PUBLIC_PORTS, PREFIX_LISTS, PUBLIC_COVERAGE, REGIONS, ACCOUNTS, REQUIRED_TAGS, BACKUP_DAYS, LOG_DAYS, REGISTRIES,
    BOUNDARY, DETECTORS, TLS_POLICIES, HOP_LIMIT, ROTATION_DAYS, KEY_DELETION_DAYS, ENDPOINTS, PUBLIC_COMPUTE, BUDGETS,
    EXEMPTION_DAYS, ENCRYPTED_LOGS, LAMBDA_RUNTIMES,
)  # fmt: skip


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
