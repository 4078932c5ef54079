"""The base of all settings models: strict, frozen, camelCase in YAML, with rules that still run when other values are
mistaken."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from settings.errors import Doubt, Finding, Findings, Key, Mistake, RulesBrokenError, Unknown, below

Method = TypeVar("Method", bound=Callable[..., Findings])

StoreName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length=20,  # names of resources hold it with a role and a suffix; the shortest limit is 63 (S3, RDS)
        json_schema_extra={
            "patternErrorMessage": "lower-case letters, digits and single hyphens, a letter first, at most 20"
            " characters"
        },
    ),
]

ServiceName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length=16,  # a target group's name is limited to 32, of which auto-naming takes 8
        json_schema_extra={
            "patternErrorMessage": "lower-case letters, digits and single hyphens, a letter first, at most 16"
            " characters"
        },
    ),
]

# CloudWatch Logs accepts these and no other (API model of 2026-11-17).
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip

_PLAIN = frozenset({str, int, float, bool, NoneType})  # to ask whether one of these is a model takes pydantic a while


def rule(method: Method) -> Method:
    """Marks a method of a section as a rule over several of its values: it yields what it finds, keys relative to the
    section."""
    method.is_rule = True  # type: ignore[attr-defined]
    return method


class Section(BaseModel):
    """Immutable part of the stack file. Values are of exactly the stated type, unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,  # for code that builds a section; a stack file is read by alias alone
        validate_by_alias=True,
        serialize_by_alias=True,
        allow_inf_nan=False,
        defer_build=True,  # one validator is built, for the whole tree, instead of one a class
    )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A field without a value only exists in a section salvaged from a mistaken file."""
            if name in type(self).model_fields:
                raise Unknown(name)
            return super().__getattr__(name)

    @model_validator(mode="after")
    def _keep_the_rules(self) -> Self:
        broken = [finding for finding in own_findings(self) if isinstance(finding, Mistake)]
        if broken:
            raise RulesBrokenError(broken)
        return self


class Salvaged(Section):
    """Stands where a section should be whose kind cannot be told: rules that ask it anything are skipped."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                return super().__getattr__(name)
            raise Unknown(name)


def findings(section: Section, key: Key = ()) -> Iterator[Finding]:
    """What the rules of a section and of all sections below it have to say."""
    for name, value in vars(section).items():
        for way, child in _sections(value):
            yield from findings(child, (*key, alias(type(section), name), *way))
    for finding in own_findings(section):
        yield below(key, finding)


def _sections(value: object) -> Iterable[tuple[Key, Section]]:
    """The sections that a value of a section is or holds, and the way to each."""
    if type(value) in _PLAIN:
        return ()
    if isinstance(value, Section):
        return [((), value)]
    entries: Iterable[tuple[Any, object]] = ()
    if isinstance(value, Mapping):
        entries = value.items()
    elif isinstance(value, tuple):
        entries = enumerate(value)
    return [((way,), one) for way, one in entries if type(one) not in _PLAIN and isinstance(one, Section)]


def own_findings(section: Section) -> list[Finding]:
    """What the rules of this section alone have to say."""
    return [finding for check in _rules(type(section)) for finding in skipping(check, section)]


def skipping(check: Callable[..., Findings], *subjects: object) -> list[Finding]:
    """What a rule says up to the point where it needs a value that is itself mistaken."""
    said: list[Finding] = []
    try:
        for finding in check(*subjects):
            said.append(finding)  # noqa: PERF402 - what was said before the mistaken value counts
    except Unknown:
        pass
    return said


@cache
def alias(model: type[Section], name: str) -> str:
    """The key in the stack file that a field is read from."""
    return model.model_fields[name].alias or name


@cache
def _rules(model: type[Section]) -> tuple[Callable[..., Findings], ...]:
    members = [member for base in reversed(model.__mro__) for member in vars(base).values()]
    return tuple(member for member in members if isinstance(member, FunctionType) and hasattr(member, "is_rule"))


__all__ = ["Doubt", "Findings", "Mistake", "RetentionDays", "Section", "ServiceName", "StoreName", "rule"]
