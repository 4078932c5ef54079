"""What is said of a stack beside its resources and findings: cost, timeline, reach, resilience and the picture."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rated = Callable[..., dict[str, Any]]  # of resources, and what the program looked up
Priced = Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]]
UNSAID: dict[str, Any] = dict.fromkeys(("cost", "timeline", "reach", "resilience", "picture"))
"""Of a program that did not run to its end."""


def prepare() -> None:
    """Imports what answers are made with, for whoever has to wait for the programs anyway."""
    import preflight.picture  # noqa: PLC0415
    import preflight.reach  # noqa: PLC0415
    import preflight.resilience  # noqa: PLC0415
    import preflight.timeline  # noqa: F401, PLC0415


def said(
    resources: list[dict[str, Any]], preview: dict[str, Any] | None, update: dict[str, Any] | None, rated: Rated,
    parallel: int,
) -> dict[str, Any]:  # fmt: skip
    """All of them, by their names in the document, of the resources of a program that ran and of its two recordings.
    `rated` estimates the cost of resources; `parallel`: resources at a time."""
    looked_up = lookups(preview, update)

    def prices(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return rated(entries, looked_up)

    cost = prices(resources) if resources else None
    return {
        "cost": cost,
        "timeline": _timeline(resources, update or preview, parallel),
        **_surroundings(resources, update, prices if resources else None, cost),
    }


def lookups(preview: dict[str, Any] | None, update: dict[str, Any] | None) -> list[Any]:
    """What the program looked up."""
    found: list[Any] = (update or preview or {}).get("lookups", [])
    return found


def _timeline(
    resources: list[dict[str, Any]], recording: dict[str, Any] | None, parallel: int
) -> dict[str, Any] | None:
    if recording is None or not resources:
        return None
    from preflight.timeline import timeline  # noqa: PLC0415 - only once the programs have run

    return timeline(resources, parallel, recording["order"], recording["awaited"])


def _surroundings(
    resources: list[dict[str, Any]], update: dict[str, Any] | None, rated: Priced | None, cost: dict[str, Any] | None
) -> dict[str, Any]:
    """Reach, resilience and the picture, which read the outputs of the update too: ids and ARNs are what a reference
    holds."""
    if rated is None:
        return {name: UNSAID[name] for name in ("reach", "resilience", "picture")}
    from preflight.picture import picture  # noqa: PLC0415
    from preflight.reach import Surroundings, reach  # noqa: PLC0415 - only once the programs have run
    from preflight.reach.graph import Graph  # noqa: PLC0415
    from preflight.resilience import resilience  # noqa: PLC0415

    entries = update["resources"] if update else ()
    around = Surroundings(Graph(resources, {each["urn"]: {**each["outputs"], "id": each["id"]} for each in entries}))
    reached = reach(around)
    drawn = picture(around, reached, cost["region"] if cost else None)
    return {"reach": reached, "resilience": resilience(around, rated), "picture": drawn}
