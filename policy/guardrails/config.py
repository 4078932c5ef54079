"""The pack's configuration: what Pulumi hands over under the policy `guardrails`, checked before any control runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from .verdicts import Control, Level, Outcome

POLICY = "guardrails"
LEVELS = [level.value for level in Level]


class ConfigError(Exception):
    """The configuration is wrong; the text has one line for each mistake, with what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a user may decide about the controls."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    undecided: Level = Level.ADVISORY
    undecided_mandatory: frozenset[str] = frozenset()
    allowed_public_ports: frozenset[int] = frozenset({80, 443})
    managed_prefix_lists: Mapping[str, str] = field(default_factory=dict)
    public_coverage: float = 0.25

    def level(self, control: Control) -> Level:
        """The level of the control's violations."""
        return self.levels.get(control.id, control.level)

    def level_of(self, control: Control, outcome: Outcome) -> Level:
        """What a verdict of this control does to the run. A control that fails is mandatory: nothing was proved."""
        if outcome is Outcome.PASS or self.level(control) is Level.DISABLED:
            return Level.DISABLED
        if outcome is Outcome.ERROR:
            return Level.MANDATORY
        if outcome is Outcome.UNDECIDED:
            return Level.MANDATORY if control.id in self.undecided_mandatory else self.undecided
        return self.level(control)


def schema(controls: Iterable[Control]) -> dict[str, dict[str, Any]]:
    """The JSON schema of each parameter, as the CLI checks it before the pack sees anything."""
    ids = sorted(control.id for control in controls)
    return {
        "levels": {
            "type": "object",
            "description": "Control id -> level of its violations. Default: critical and high mandatory.",
            "properties": {name: {"type": "string", "enum": LEVELS} for name in ids},
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
        "allowedPublicPorts": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 65535},
            "description": "Ports that may face the world. Default: [80, 443].",
        },
        "managedPrefixLists": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Prefix list id -> what it is: foreign lists known not to be public-wide. Default: none.",
        },
        "publicCoverage": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "Share of the public addresses from which on sources count as the world. Default: 0.25.",
        },
    }


def parse(raw: Mapping[str, Any], controls: Sequence[Control]) -> Config:
    """The configuration, or `ConfigError` with all its mistakes. The engine checks no unknown keys, so this does."""
    reader = _Reader(raw, [control.id for control in controls])
    config = Config(
        levels=reader.levels(),
        undecided=reader.undecided(),
        undecided_mandatory=reader.controls("undecidedMandatory"),
        allowed_public_ports=reader.ports(Config.allowed_public_ports),
        managed_prefix_lists=reader.prefix_lists(),
        public_coverage=reader.share(Config.public_coverage),
    )
    reader.refuse_unknown_keys(schema(controls))
    if reader.mistakes:
        raise ConfigError("\n".join(reader.mistakes))
    return config


class _Reader:
    def __init__(self, raw: Mapping[str, Any], ids: Sequence[str]) -> None:
        self.mistakes: list[str] = []
        self._raw = raw
        self._ids = ids

    def refuse_unknown_keys(self, allowed: Iterable[str]) -> None:
        names = list(allowed)
        self.mistakes += [_unknown("parameter", key, names) for key in self._raw if key not in names]

    def levels(self) -> dict[str, Level]:
        levels = {}
        for name, level in self._typed("levels", dict, {}).items():
            if name not in self._ids:
                self.mistakes.append(_unknown("control in levels", name, self._ids))
            elif level not in LEVELS:
                self.mistakes.append(f"levels.{name}: {level!r} is no level; allowed are {', '.join(LEVELS)}")
            else:
                levels[name] = Level(level)
        return levels

    def undecided(self) -> Level:
        level = self._raw.get("undecided", "advisory")
        if level in ("advisory", "disabled"):
            return Level(level)
        self.mistakes.append(
            f"undecided: {level!r} is not allowed; allowed are advisory and disabled, and undecidedMandatory lists the"
            " controls whose undecided verdicts are to stop a run"
        )
        return Level.ADVISORY

    def controls(self, key: str) -> frozenset[str]:
        named = self._typed(key, list, [])
        self.mistakes += [_unknown(f"control in {key}", name, self._ids) for name in named if name not in self._ids]
        return frozenset(name for name in named if name in self._ids)

    def ports(self, default: frozenset[int]) -> frozenset[int]:
        ports = set()
        for port in self._typed("allowedPublicPorts", list, sorted(default)):
            if _is_number(port) and float(port).is_integer() and 0 <= port <= 65535:
                ports.add(int(port))
            else:
                self.mistakes.append(
                    f"allowedPublicPorts: {port!r} is no port; allowed are whole numbers from 0 to 65535"
                )
        return frozenset(ports)

    def prefix_lists(self) -> dict[str, str]:
        lists = self._typed("managedPrefixLists", dict, {})
        for name, meaning in lists.items():
            if not isinstance(meaning, str) or not name.startswith("pl-"):
                self.mistakes.append(f"managedPrefixLists.{name}: should map an id such as pl-3b927c52 to what it is")
        return dict(lists)

    def share(self, default: float) -> float:
        share = self._raw.get("publicCoverage", default)
        if _is_number(share) and 0 < share <= 1:
            return float(share)
        self.mistakes.append(f"publicCoverage: {share!r} is no share; allowed are numbers above 0 and up to 1")
        return default

    def _typed(self, key: str, wanted: type, default: Any) -> Any:
        value = self._raw.get(key, default)
        if isinstance(value, wanted):
            return value
        name = "an object" if wanted is dict else "a list"
        self.mistakes.append(f"{key}: should be {name}, it is {type(value).__name__}")
        return default


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown(what: str, name: object, allowed: Sequence[str]) -> str:
    near = get_close_matches(str(name), allowed, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; allowed are {', '.join(sorted(allowed))}"
    return f"unknown {what}: {str(name)!r}{hint}"
