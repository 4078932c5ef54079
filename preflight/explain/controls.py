"""What a policy pack says of itself, and one of its controls or policies as text."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from preflight.packs import PolicyPack, pack_config
from preflight.project import Project
from preflight.yaml_source import SourceError

_READER = Path(__file__).with_name("pack_reader.py")
NOT_ASKED = "not asked"
_SECONDS = 30.0  # a pack that does not come to its PolicyPack(...) by then does not start either


class Described(NamedTuple):
    """A pack by its own words."""

    name: str
    policies: Sequence[Mapping[str, Any]]
    controls: Sequence[Mapping[str, Any]]

    def names(self) -> list[str]:
        """Everything that can be explained."""
        return sorted({*(each["id"] for each in self.controls), *(each["name"] for each in self.policies)})


def described(pack: PolicyPack) -> Described:
    """Asks the pack, in its own interpreter. SourceError when it does not start."""
    with tempfile.TemporaryDirectory(prefix="preflight-pack-") as folder:
        file = Path(folder) / "pack.json"
        command = [pack.interpreter, str(_READER), str(pack.directory), str(file)]
        try:
            done = subprocess.run(  # noqa: S603 the pack is code the user asked to run
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
            found = json.loads(file.read_text(encoding="utf-8"))
        except subprocess.TimeoutExpired:
            raise SourceError(f"the policy pack in {pack.directory} did not start within {_SECONDS:.0f} s") from None
        except OSError as error:
            said = error.strerror or str(error)
            if error.filename == str(file):
                said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise SourceError(f"the policy pack in {pack.directory} did not start: {said}") from None
    return Described(found["name"], found["policies"], found["controls"])


def explanation(pack: Described, name: str, levels: Mapping[str, str]) -> dict[str, Any] | None:
    """What is known of a control, or of a policy; None when the pack has neither. `levels`: by stack, as configured."""
    control = next((each for each in pack.controls if each["id"] == name), None)
    if control is not None:
        return {
            "kind": "control", "name": name, "pack": pack.name, "says": control["title"], "why": control["why"],
            "fix": control["fix"], "severity": control["severity"], "level": control["level"], "levels": dict(levels),
            "references": control["references"] or [],
            "packs": control["packs"] or control["own_packs"] or [],
            "subjects": control["subjects"] or [],
            "parameters": control["parameters"],
            "url": None,
        }  # fmt: skip
    policy = next((each for each in pack.policies if each["name"] == name), None)
    if policy is None:
        return None
    return {
        "kind": "policy", "name": name, "pack": pack.name, "says": policy["description"], "why": None,
        "fix": policy["remediation"], "severity": policy["severity"], "level": policy["level"], "levels": dict(levels),
        "references": [], "packs": [], "subjects": [],
        "parameters": [
            {"name": key, "default": schema.get("default"), "meaning": str(schema.get("description", ""))}
            for key, schema in policy["properties"].items()
            if isinstance(schema, dict)
        ],
        "url": policy["url"],
    }  # fmt: skip


def levels(pack: PolicyPack, described: Described, project: Project, name: str, file: str | None) -> dict[str, str]:
    """The level that each stack's configuration gives a control or a policy, where it says one, and `NOT_ASKED` for a
    control of which a stack has selected no pack. SourceError for a file that cannot be read."""
    found = {}
    for stack in project.stack_files():
        config = pack_config(pack, stack, file)
        if not _is_asked(described, name, config):
            found[stack] = NOT_ASKED
        for level in _configured(config, name):
            found[stack] = level
    return found


def _is_asked(described: Described, name: str, config: Mapping[str, Any]) -> bool:
    """Whether a pack of the control is selected, if it is in packs and a policy takes the names of some as `packs`."""
    control = next((each for each in described.controls if each["id"] == name), None)
    mine = {*(control["packs"] or ())} if control else set()
    for policy in described.policies:
        schema = policy["properties"].get("packs")
        if mine and isinstance(schema, dict):
            given = config.get(policy["name"])
            given = given if isinstance(given, dict) else {}
            laid_over = [inner["packs"] for inner in given.values() if isinstance(inner, dict) and "packs" in inner]
            lists = [given.get("packs", schema.get("default")), *laid_over]  # as `protected` of our own pack
            return any(not isinstance(names, list) or not mine.isdisjoint(names) for names in lists)
    return True


def _configured(config: Mapping[str, Any], name: str) -> Iterator[str]:
    """Of a policy by its name, of a control by the `levels` of the policy that it belongs to."""
    for policy, given in config.items():
        properties = given if isinstance(given, dict) else {"enforcementLevel": given}
        if policy == name and isinstance(level := properties.get("enforcementLevel"), str):
            yield level
        levels_given = properties.get("levels")
        if isinstance(levels_given, dict) and isinstance(level := levels_given.get(name), str):
            yield level
