"""What a plugin knows about its resource types: the AWS provider's tables, and the image builder's."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from preflight import simulation, wire
from preflight.simulation import changes, checks, images, sdk_types
from preflight.simulation.changes import Change
from preflight.simulation.checks import Problem
from preflight.simulation.place import Place
from tests.engine.cloud.store import Store, Thing

Values = Mapping[str, Any]
DEFAULTS = "__defaults"  # where a bridged provider keeps the names of inputs that it has filled in by itself


class Family(Protocol):
    """The part of a provider that differs from plugin to plugin. All values are plain: no marks of the wire inside."""

    def complete(self, type_token: str, urn: str, given: Values, before: Values) -> dict[str, Any]:
        """Inputs that Check adds to those given; ``before`` are the inputs of the resource as it exists."""

    def problems(self, type_token: str, inputs: Values) -> list[Problem]:
        """What Check refuses."""

    def changes(self, type_token: str, old: Values, new: Values) -> list[Change]:
        """What Diff finds."""

    def must_delete_first(self, type_token: str, old: Values, new: Values) -> bool:
        """Whether a replacement cannot exist beside the old resource."""

    def unknowns(self, type_token: str, inputs: Values) -> list[str]:
        """Outputs that a preview cannot know."""

    def make(self, type_token: str, urn: str, inputs: Values, generation: int) -> Thing:
        """The thing as it will stand in the cloud."""


class Aws:
    """The AWS provider in one configuration: region, account, default tags."""

    def __init__(self, store: Store, place: Place, default_tags: Mapping[str, str]) -> None:
        self._store = store
        self._place = place
        self._default_tags = default_tags

    def complete(self, type_token: str, urn: str, given: Values, before: Values) -> dict[str, Any]:
        """Names, default tags, documents as text."""
        added: dict[str, Any] = {}
        declared = sdk_types.wire_types(type_token)
        for key, value in given.items():
            if isinstance(value, dict) and declared.get(key) is str and wire.SIGNATURE not in value:
                added[key] = wire.UNKNOWN if wire.has_unknown(value) else json.dumps(value)
        generation = self._store.generation(urn)
        name = simulation.physical_name(type_token, urn.rsplit("::", 1)[-1], urn, generation=generation, inputs=given)
        if name is not None and name[0] not in given and f"{name[0]}Prefix" not in given:
            # A resource that exists keeps the name that it was given then.
            kept = before.get(name[0]) if name[0] in before.get(DEFAULTS, ()) else None
            added |= {name[0]: kept or name[1], DEFAULTS: [name[0]]}
        if wire.has_unknown(given.get("tags")):
            added["tagsAll"] = wire.UNKNOWN
        elif (tags := simulation.all_tags(type_token, given, self._default_tags)) is not None:
            added["tagsAll"] = tags
        return added

    def problems(self, type_token: str, inputs: Values) -> list[Problem]:
        """By the table."""
        return checks.problems(type_token, inputs)

    def changes(self, type_token: str, old: Values, new: Values) -> list[Change]:
        """By the table."""
        return changes.changes(type_token, old, new)

    def must_delete_first(self, type_token: str, old: Values, new: Values) -> bool:
        """When the program has set the name and keeps it (terraform bridge, nameRequiresDeleteBeforeReplace)."""
        name = simulation.physical_name(type_token, "", "")
        if name is None or name[0] in new.get(DEFAULTS, ()):
            return False
        return old.get(name[0]) is not None and old.get(name[0]) == new.get(name[0])

    def unknowns(self, type_token: str, inputs: Values) -> list[str]:
        """All computed ones, and the id: outputs of a bridged provider are Terraform's attributes, ``id`` among them."""
        return [*simulation.unknown_until_made(type_token, inputs), "id"]

    def make(self, type_token: str, urn: str, inputs: Values, generation: int) -> Thing:
        """With the ids and outputs that the simulation gives, in the resource's own region."""

        def find(identity: str) -> Values | None:
            found = self._store.by_id(identity)
            return found.outputs if found is not None else None

        region = str(inputs.get("region") or self._place.region)
        where: dict[str, Any] = {"region": region, "account": self._place.account, "urn": urn, "find": find}
        name = urn.rsplit("::", 1)[-1]
        visible = {key: value for key, value in inputs.items() if not key.startswith("__")}
        identity = simulation.resource_id(type_token, name, visible, **where, generation=generation)
        computed = simulation.computed(type_token, name, visible, **where, generation=generation)
        return Thing(type_token, identity, urn, dict(inputs), {**computed, **visible, "id": identity}, generation)


class Images:
    """The docker-build plugin. A new digest is an update of the same resource."""

    def complete(self, type_token: str, urn: str, given: Values, before: Values) -> dict[str, Any]:
        """Nothing."""
        return {}

    def problems(self, type_token: str, inputs: Values) -> list[Problem]:
        """By the table."""
        return checks.problems(type_token, inputs)

    def changes(self, type_token: str, old: Values, new: Values) -> list[Change]:
        """By the table: all of them in place, by another build."""
        return changes.changes(type_token, old, new)

    def must_delete_first(self, type_token: str, old: Values, new: Values) -> bool:
        """Never."""
        return False

    def unknowns(self, type_token: str, inputs: Values) -> list[str]:
        """The digest, and what follows from it."""
        return list(images.COMPUTED)

    def make(self, type_token: str, urn: str, inputs: Values, generation: int) -> Thing:
        """An image in the registry."""
        made = images.outputs(inputs)
        return Thing(type_token, str(made["digest"]), urn, dict(inputs), {**inputs, **made}, generation)
