"""After an engine was killed or its state was damaged: the commands of docs/operating.md, as they stand there.

What a person does between them is done here: looking whether the cloud has a thing, and writing its id down.
"""

import json
import re
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.engine.cloud import Thing
from tests.engine.outcome import Outcome
from tests.engine.stack import LIMIT, ROOT, Stack

PAGE = ROOT / "docs" / "operating.md"
KILLED, DAMAGED = "After a kill", "A damaged state"
_BLOCK = re.compile(r"^ *```\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
# Not carried out: the settings of the session, and questions that only AWS answers.
_BY_HAND = ("export ", "aws ")
# The project is set up already: a copy of it must not install anything.
_MAKE = {"MAKEFLAGS": "--no-print-directory RUNTIME=Makefile FAST=Pulumi.yaml"}


def commands(section: str) -> list[str]:
    """The commands in the code blocks of a section of the page, without those of its subsections, in their order."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^#+ {section}\n(.*?)(?=^#)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, f"{PAGE} has no section {section!r}"
    lines = "".join(_BLOCK.findall(found[1])).replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip() and not line.strip().startswith(_BY_HAND)]


def carry_out(stack: Stack, command: str, **variables: str) -> Outcome:
    """One command, typed in the folder of the project; ``make`` is told beforehand what it would ask."""
    typed = re.sub(r"\bprod\b", stack.name, command)
    if re.match(r"make (up|refresh|destroy)\b", typed):
        typed += f" CONFIRM={stack.name}"
    started = time.monotonic()
    done = subprocess.run(
        ["bash", "-euc", typed],
        cwd=stack.project,
        env={**stack.environment, **_MAKE, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return Outcome.read(done.returncode, f"$ {typed}\n{done.stdout}", None, time.monotonic() - started)


def pending(stack: Stack) -> list[str]:
    """URNs of the creations of which nobody knows whether they were carried out."""
    operations = stack.export()["deployment"].get("pending_operations") or []
    return sorted(entry["resource"]["urn"] for entry in operations if entry["type"] == "creating")


def recover(stack: Stack) -> int:
    """Everything that the page says about a killed engine. How many things were taken in by their ids."""
    return _all_of(stack, commands(KILLED))


def _all_of(stack: Stack, listed: Sequence[str]) -> int:
    """The commands in their order; the import only if a look at the cloud has left anything to take in."""
    taken_in = 0
    for command in listed:
        if command.startswith("pulumi import"):
            words = shlex.split(command)
            taken_in = look_up(stack, stack.project / words[words.index("--file") + 1])
            if not taken_in:
                continue
        carry_out(stack, command).expect(0)
    return taken_in


def look_up(stack: Stack, file: Path) -> int:
    """A person looks in the cloud for each entry of the file; images are pushed again. How many are left."""
    path = file.with_name(file.name.replace("prod", stack.name))
    if not path.exists():
        return 0
    document = json.loads(path.read_text())
    there = []
    for entry in document["resources"]:
        parent = document["nameTable"][entry["parent"]]
        things = [t for t in stack.cloud.store.things if (t.type, t.name) == (entry["type"], entry["logicalName"])]
        ours = [thing for thing in things if _is_child(thing, parent)]
        if ours and not _is_image(entry["type"]):
            there.append({**entry, "id": ours[0].id})
    path.write_text(json.dumps({**document, "resources": there}))
    return len(there)


def restore(stack: Stack) -> int:
    """Everything that the page says about a damaged state of a folder. How many things the version before it lacked."""
    copy, take_in = commands(DAMAGED)
    carry_out(stack, copy, STATE=str(stack.folder / "state")).expect(0)
    *first, preview, update = commands(KILLED)
    assert (preview.split()[1], update.split()[1]) == ("preview", "up"), "the page goes on in another order"
    _all_of(stack, first)
    lacking = 0
    for planned in _creations(stack):
        name, parent = str(planned["urn"]).rpartition("::")[2], str(planned["parent"])
        there = [t for t in stack.cloud.store.things if (t.type, t.name) == (planned["type"], name)]
        for thing in (thing for thing in there if _is_child(thing, parent) and not _is_image(thing.type)):
            provider = str(planned["provider"]).rpartition("::")[0]
            values = {"parent": parent, "provider": provider, "type": thing.type, "name": thing.name, "id": thing.id}
            carry_out(stack, _filled(take_in, values)).expect(0)
            lacking += 1
    _all_of(stack, [preview, update])
    return lacking


def _creations(stack: Stack) -> list[dict[str, Any]]:
    """What `make preview` would create, in its own words."""
    said = stack.run("preview", "--json").expect(0).output
    steps = json.loads(said[said.index("{") :])["steps"]
    return [step["newState"] for step in steps if step["op"] == "create" and step["newState"].get("custom")]


def _filled(command: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        command = command.replace(f"<{key}>", shlex.quote(value))
    return command


def _is_image(type_token: str) -> bool:
    """An image is pushed again."""
    return type_token.startswith("docker-build:")


def _is_child(thing: Thing, parent: str) -> bool:
    """By the URN of a child, which begins with the types of its parents: what tells equal names apart."""
    chain = parent.split("::")[2]
    own = thing.urn.split("::")[2].rpartition("$")[0]
    return own == ("" if chain == "pulumi:pulumi:Stack" else chain)
