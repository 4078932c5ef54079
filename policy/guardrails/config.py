"""The pack's configuration: what Pulumi hands over under the policy `guardrails`, checked before any control runs.

A protected stack is an ordinary stack with more configuration: what stands under `protected` is laid over the rest
where the stack's name matches one of `protectedStacks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from .parameters import PARAMETERS, Parameter, Several, Word
from .verdicts import BASELINE, PACKS, USUAL_LEVELS, Control, Level, Outcome, Severity

T = TypeVar("T")
POLICY = "guardrails"
LEVELS = [level.value for level in Level]
PROTECTED_STACKS = ("prod",)
_PATTERNS = Several(Word("pattern of stack names", r"\S+", "prod*"))


class ConfigError(Exception):
    """The configuration is wrong; the text has one line for each mistake, with what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a user may decide about the controls; `config[PARAMETER]` is the value of a parameter.

    `protected` says that this is a stack of which people and data depend. `exemptions` are raw: a wrong one is a
    finding, and not a mistake that stops everything.
    """

    packs: frozenset[str] = frozenset({BASELINE})
    severities: Mapping[Severity, Level] = field(default_factory=lambda: USUAL_LEVELS)
    levels: Mapping[str, Level] = field(default_factory=dict)
    undecided: Level = Level.ADVISORY
    undecided_mandatory: frozenset[str] = frozenset()
    protected: bool = False
    exemptions: tuple[Any, ...] = ()
    exemptions_file: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, parameter: Parameter[T]) -> T:
        found: T = self.values.get(parameter.name, parameter.default)
        return found

    def level(self, control: Control) -> Level:
        """The level of the control's violations; who names a control switches it on, whatever its packs."""
        if control.id in self.levels:
            return self.levels[control.id]
        return Level.DISABLED if self.packs.isdisjoint(control.packs) else self.severities[control.severity]

    def level_of(self, control: Control, outcome: Outcome) -> Level:
        """What a verdict of this control does to the run. A control that fails is mandatory: nothing was proved."""
        if outcome is Outcome.PASS or self.level(control) is Level.DISABLED:
            return Level.DISABLED
        if outcome is Outcome.ERROR:
            return Level.MANDATORY
        if outcome is Outcome.EXEMPTED:
            return Level.ADVISORY
        if outcome is Outcome.UNDECIDED:
            return Level.MANDATORY if control.id in self.undecided_mandatory else self.undecided
        return self.level(control)


def schema(controls: Iterable[Control]) -> dict[str, dict[str, Any]]:
    """The JSON schema of each key, as the CLI checks it before the pack sees anything."""
    stricter = _stricter(controls)
    own = stricter | {
        "packs": stricter["packs"] | {"default": [BASELINE]},
        "protectedStacks": _PATTERNS.schema | {"description": "Patterns of stack names. Default: prod."},
        "exemptions": {"type": "array", "description": "Exemptions, each as in the file. Default: none."},
        "exemptionsFile": {
            "type": "string",
            "description": "YAML file in the pack's or the working folder. Default: the pack's exemptions.yaml.",
        },
    }
    overlay = {
        "type": "object",
        "properties": _stricter(controls),
        "additionalProperties": False,
        "description": "What holds on protected stacks besides. Default: nothing.",
    }
    return own | {"protected": overlay}


def _stricter(controls: Iterable[Control]) -> dict[str, dict[str, Any]]:
    """The keys that `protected` may lay over."""
    ids = sorted(control.id for control in controls)
    level = {"type": "string", "enum": LEVELS}
    return {
        "packs": {
            "type": "array",
            "items": {"type": "string", "enum": list(PACKS)},
            "description": "Packs of controls that are asked.",
        },
        "severityLevels": {
            "type": "object",
            "description": "Severity -> level of violations. Default: critical and high mandatory, else advisory.",
            "properties": {severity.value: level for severity in Severity},
            "additionalProperties": False,
        },
        "levels": {
            "type": "object",
            "description": "Control id -> level of its violations; switches it on in whatever pack it is.",
            "properties": dict.fromkeys(ids, level),
            "additionalProperties": False,
        },
        "undecided": {
            "type": "string",
            "enum": ["advisory", "disabled"],
            "description": "Level of undecided verdicts. Default: advisory.",
        },
        "undecidedMandatory": {
            "type": "array",
            "items": {"type": "string", "enum": ids},
            "description": "Controls whose undecided verdicts are mandatory. Default: none.",
        },
        **{each.name: each.form.schema | {"description": f"{each.meaning}."} for each in PARAMETERS},
    }


def parse(raw: Mapping[str, Any], controls: Sequence[Control], stack: str = "") -> Config:
    """The configuration for a stack, or `ConfigError` with all mistakes. The engine checks no unknown keys: this does.

    Mistakes under `protected` are found on every stack, so that nobody learns of them on the day of the release.
    """
    mistakes: list[str] = []
    overlay = raw.get("protected", {})
    if not isinstance(overlay, Mapping):
        mistakes.append(f"protected: should be an object, it is {type(overlay).__name__}")
        overlay = {}
    plain = _Reader({key: value for key, value in raw.items() if key != "protected"}, controls, "", mistakes)
    _refuse_unknown_keys(raw, list(schema(controls)), "", mistakes)
    _refuse_unknown_keys(overlay, list(_stricter(controls)), "protected.", mistakes)
    first = plain.config()
    patterns = _PATTERNS.read("protectedStacks", raw.get("protectedStacks", PROTECTED_STACKS), mistakes) or frozenset()
    protected = any(fnmatchcase(stack, pattern) for pattern in patterns)
    _Reader(overlay, controls, "protected.", mistakes).config()
    if mistakes:
        raise ConfigError("\n".join(dict.fromkeys(mistakes)))
    if not protected:
        return first
    return _Reader(_laid_over(raw, overlay), controls, "", mistakes).config(protected=True)


def _laid_over(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Objects are joined key by key, anything else is replaced."""
    joined = dict(raw)
    for key, value in overlay.items():
        before = joined.get(key)
        joined[key] = {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return joined


class _Reader:
    def __init__(self, raw: Mapping[str, Any], controls: Sequence[Control], prefix: str, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        self._prefix = prefix
        self._raw = raw
        self._ids = [control.id for control in controls]

    def config(self, *, protected: bool = False) -> Config:
        return Config(
            packs=self._named("packs", PACKS, "pack", [BASELINE]),
            severities=USUAL_LEVELS | {Severity(name): at for name, at in self._levels("severityLevels", _SEVERITIES)},
            levels=dict(self._levels("levels", self._ids)),
            undecided=self._undecided(),
            undecided_mandatory=self._named("undecidedMandatory", self._ids, "control", []),
            protected=protected,
            exemptions=tuple(self._typed("exemptions", list, [])),
            exemptions_file=self._typed("exemptionsFile", str, None) if "exemptionsFile" in self._raw else None,
            values=self._parameters(),
        )

    def _levels(self, key: str, names: Sequence[str]) -> Iterable[tuple[str, Level]]:
        what = f"control in {key}" if key == "levels" else f"severity in {key}"
        for name, level in self._typed(key, dict, {}).items():
            if name not in names:
                self.mistakes.append(_unknown(what, name, names))
            elif level not in LEVELS:
                self.mistakes.append(
                    f"{self._prefix}{key}.{name}: {level!r} is no level; allowed are {', '.join(LEVELS)}"
                )
            else:
                yield name, Level(level)

    def _undecided(self) -> Level:
        level = self._raw.get("undecided", "advisory")
        if level in ("advisory", "disabled"):
            return Level(level)
        self.mistakes.append(
            f"{self._prefix}undecided: {level!r} is not allowed; allowed are advisory and disabled, and"
            " undecidedMandatory lists the controls whose undecided verdicts are to stop a run"
        )
        return Level.ADVISORY

    def _named(self, key: str, allowed: Sequence[str], what: str, default: list[str]) -> frozenset[str]:
        named = self._typed(key, list, default)
        self.mistakes += [_unknown(f"{what} in {key}", name, allowed) for name in named if name not in allowed]
        return frozenset(name for name in named if name in allowed)

    def _parameters(self) -> dict[str, Any]:
        values = {}
        for each in PARAMETERS:
            if each.name in self._raw:
                value = each.form.read(f"{self._prefix}{each.name}", self._raw[each.name], self.mistakes)
                if value is not None and value != each.default:
                    values[each.name] = value
        return values

    def _typed(self, key: str, wanted: type, default: Any) -> Any:
        value = self._raw.get(key, default)
        if key not in self._raw or isinstance(value, wanted):
            return value
        name = "an object" if wanted is dict else "a list" if wanted is list else "a text"
        self.mistakes.append(f"{self._prefix}{key}: should be {name}, it is {type(value).__name__}")
        return default


_SEVERITIES = [severity.value for severity in Severity]


def _refuse_unknown_keys(raw: Mapping[str, Any], allowed: Sequence[str], prefix: str, mistakes: list[str]) -> None:
    mistakes += [_unknown("parameter", f"{prefix}{key}", allowed, key) for key in raw if key not in allowed]


def _unknown(what: str, name: object, allowed: Sequence[str], key: object = None) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message, and 5 ms

    near = get_close_matches(str(key if key is not None else name), allowed, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; allowed are {', '.join(sorted(allowed))}"
    return f"unknown {what}: {str(name)!r}{hint}"
