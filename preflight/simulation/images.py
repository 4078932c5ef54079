"""Container images, as the docker-build plugin builds and pushes them. Nothing is built: a digest stands in."""

import json
from collections.abc import Mapping
from typing import Any

from preflight.simulation.place import digest

TYPE = "docker-build:index:Image"
COMPUTED = ("contextHash", "digest", "ref")


def outputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a build gives: equal inputs, among them a tag made from the content of the folder, are equal images."""
    seed = json.dumps(inputs, sort_keys=True)
    image = f"sha256:{digest(seed, 64)}"
    tags = inputs.get("tags") or []
    reference = f"{tags[0]}@{image}" if tags and inputs.get("push") else (tags[0] if tags else "")
    return {"contextHash": digest(json.dumps(inputs.get("context")), 64), "digest": image, "ref": reference}
