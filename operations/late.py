"""Resources that a preview cannot show, because they are registered only once a value is known.

`awsx.ecr.Image` registers the build inside an `apply` on the repository's address: while the repository itself is still
to be made, no preview and so no plan has the image, and `pulumi up --plan` would stop in the middle ("create is not
allowed by the plan", CLI 3.259). Preflight runs the program as an update as well, so it knows them.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from operations.changes import Preview
from operations.stacks import Refused, Stack


def late(stack: Stack, preview: Preview, state: Iterable[Mapping[str, Any]]) -> list[str]:
    """Type and name of each such resource that neither exists nor is in the preview."""
    done = subprocess.run(  # noqa: S603 # a list, no shell
        [sys.executable, "-m", "preflight", "check", stack.name, "--no-policy", "--json", "-"],
        cwd=stack.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"preflight of {stack.name} failed, so nobody knows what its plan leaves out:\n{done.stderr}")
    resources = json.loads(done.stdout)["stacks"][stack.name]["resources"]
    return unplanned(resources, preview, state)


def unplanned(
    resources: Iterable[Mapping[str, Any]], preview: Preview, state: Iterable[Mapping[str, Any]]
) -> list[str]:
    """The resources of a preflight report that only its update has, less those that exist or are in the preview."""
    known = {change.urn for change in preview.changes} | {entry["urn"] for entry in state}
    found = [entry for entry in resources if entry["phases"] == ["update"] and entry["urn"] not in known]
    return sorted(f"{entry['type']}::{entry['name']}" for entry in found if not _is_default_provider(entry))


def _is_default_provider(entry: Mapping[str, Any]) -> bool:
    """The engine makes it for the resource that needs it, under a name with a version that preflight does not know."""
    return str(entry["type"]).startswith("pulumi:providers:") and str(entry["name"]).startswith("default")
