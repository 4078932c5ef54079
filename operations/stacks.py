"""The stacks of this project, as far as operating them needs: which exist, and which are protected."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
POLICY_PACK = Path("policy")
_STACK_FILE = re.compile(r"Pulumi\.([A-Za-z0-9][A-Za-z0-9_-]*)\.yaml")


class Refused(Exception):  # noqa: N818 # it is an answer to a person, not a fault
    """Nothing was done. The message says why, what was given, what is allowed and what to change."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One committed stack file."""

    name: str
    root: Path
    protected: bool

    @property
    def pack_arguments(self) -> list[str]:
        """Puts the policy pack on `pulumi preview` and `pulumi up`; no other command takes one."""
        config = POLICY_PACK / "config" / f"{self.name}.json"
        return ["--policy-pack", str(POLICY_PACK), "--policy-pack-config", str(config)]


def names(root: Path = ROOT) -> list[str]:
    """Every stack with a committed stack file, sorted."""
    found = (_STACK_FILE.fullmatch(path.name) for path in root.glob("Pulumi.*.yaml"))
    return sorted(match.group(1) for match in found if match)


def find(name: str, root: Path = ROOT) -> Stack:
    """The stack of that name. Raises Refused when there is none, or when the pack has no configuration for it."""
    known = names(root)
    if not name:
        raise Refused(
            f"which stack? Say STACK=<name>, for example STACK={known[0] if known else 'dev'}; {_list(known)}"
        )
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise Refused(f"there is no stack {name!r}: {hint}{_list(known)}. A new one begins with Pulumi.<name>.yaml")
    if not (root / POLICY_PACK / "config" / f"{name}.json").is_file():
        raise Refused(
            f"stack {name!r} has no {POLICY_PACK}/config/{name}.json, so the policy pack would run with its defaults; "
            f"write that file (copy another stack's, or `{{}}`)"
        )
    return Stack(name=name, root=root, protected=_protected(root / f"Pulumi.{name}.yaml"))


def _protected(path: Path) -> bool:
    """Anything but a plain `false` counts as protected: the safe answer to a file that cannot be understood."""
    document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return document["config"]["groundwork:protection"]["protected"] is not False
    except (KeyError, TypeError):
        return True


def _list(known: Sequence[str]) -> str:
    return f"the stacks are {', '.join(known)}" if known else "there is no Pulumi.<stack>.yaml here"
