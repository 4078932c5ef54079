"""After an engine was killed: the steps of docs/operating.md ("After a kill"), as a person carries them out."""

import json

from tests.engine.outcome import Outcome
from tests.engine.stack import Stack


def pending(stack: Stack) -> list[str]:
    """URNs of the creations of which nobody knows whether they were carried out."""
    operations = stack.export()["deployment"].get("pending_operations") or []
    return sorted(entry["resource"]["urn"] for entry in operations if entry["type"] == "creating")


def recover(stack: Stack) -> Outcome:
    """Lock away, what exists is taken into the state by its id, what does not is forgotten, refresh, update.

    ``refresh --import-pending-creates`` is not used: up to CLI 3.259 at least it drops the entry and imports nothing.
    """
    stack.run("cancel", "--yes").expect(0)
    document = stack.export()
    deployment = document["deployment"]
    known = {resource["urn"] for resource in deployment.get("resources") or ()}
    for entry in deployment.get("pending_operations") or ():
        resource = entry["resource"]
        found = [thing for thing in stack.cloud.store.things if thing.urn == resource["urn"]]
        if entry["type"] == "creating" and found and resource["urn"] not in known:
            deployment["resources"].append({**resource, "id": found[0].id})
    deployment["pending_operations"] = []
    edited = stack.folder / "edited.json"
    edited.write_text(json.dumps(document))
    stack.run("stack", "import", "--file", str(edited)).expect(0)
    stack.refresh().expect(0)
    return stack.up()
