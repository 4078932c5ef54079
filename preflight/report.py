"""The report on a run: one JSON document, sorted, the same bytes from run to run (`timings` apart).

`schema/report.schema.json` describes it; SCHEMA_VERSION changes when a reader would have to.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from preflight import answers, findings
from preflight.answers import Rated
from preflight.counted import counted
from preflight.launcher import Outcome
from preflight.turns import PARALLEL

SCHEMA_VERSION = 1
Explained = Callable[[str], str]
VERSION = "0.1.0"
TOOL = {"name": "groundwork preflight", "version": VERSION}
STACK_TYPE = "pulumi:pulumi:Stack"

_UNKNOWN = {"$unknown": True}
_IMAGE, _IMAGE_PARENT = "docker-build:index:Image", "awsx:ecr:Image"

FINE, VIOLATED, WRONG, FAULT = range(4)  # exit codes
OWN_FAULTS = frozenset({"pack", "internal"})
REFUSED = "refused"  # the kind of error beside which a program has run to its end
_KEPT = (
    "urn", "type", "name", "parent", "custom", "remote", "inputs", "propertyDependencies", "dependencies", "options",
    "source",
)  # fmt: skip


class Answers(NamedTuple):
    """What is known of a stack before its policies have answered: a pure function of its recordings."""

    resources: list[dict[str, Any]]
    differences: list[str]
    said: dict[str, Any]
    """Cost, timeline, reach, resilience and the picture, by their names in the document; of a program that ran."""


def document(stacks: Mapping[str, dict[str, Any]], errors: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The whole report. `errors` are those that kept preflight from reaching any stack."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": TOOL,
        "errors": list(errors),
        "stacks": {name: stacks[name] for name in sorted(stacks)},
    }


def exit_code(report: Mapping[str, Any]) -> int:
    """The worst of all stacks."""
    codes = [stack["summary"]["exitCode"] for stack in report["stacks"].values()]
    return max([*codes, *(_code(error["kind"]) for error in report["errors"])], default=FINE)


def failed_stack(errors: list[dict[str, Any]], notes: Iterable[str] = ()) -> dict[str, Any]:
    """The entry of a stack whose program could not even be started."""
    return _stack(
        resources=[],
        found=[],
        exports={},
        lookups=[],
        notes=sorted(notes),
        errors=errors,
        answers={"policies": None, **answers.UNSAID},
        timings={},
    )


def error(kind: str, message: str, source: str | None = None, phases: Sequence[str] = ()) -> dict[str, Any]:
    """One error of a stack or of the run."""
    return {"kind": kind, "message": message, "source": source, "phases": list(phases)}


def stack(
    outcomes: Sequence[Outcome], notes: Iterable[str], explained: Explained, with_policies: bool,
    rated: Rated | None = None, wrong: Sequence[dict[str, Any]] = (), parallel: int = PARALLEL,
    ahead: Answers | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The entry of one stack from its two outcomes; `explained` completes the message of a program that failed. `rated`
    estimates the cost of its resources; it is asked only when the program ran. `wrong` are errors that did not keep
    the program from running, such as those of its usage figures. `parallel`: resources at a time. `ahead`: what
    `ahead_of_policies` said of the same recordings."""
    recordings = {outcome.mode: outcome.result.get("recording") for outcome in outcomes}
    preview, update = recordings.get("preview"), recordings.get("update")
    resources = ahead.resources if ahead else _resources(preview, update)
    sources = {entry["urn"]: entry["source"] for entry in resources}
    verdicts = {outcome.mode: outcome.result.get("findings") for outcome in outcomes}
    refused = _refused(outcomes)
    found = [
        entry
        for entry in findings.combined(verdicts.get("preview"), verdicts.get("update"), sources)
        if entry["verdict"] != "error" or entry["urn"] not in refused  # a policy that trips over what is no input
    ]
    asked = [findings.evaluated(entries) for entries in verdicts.values()]
    problems = _errors(outcomes, explained)
    if with_policies and not problems and not all(asked) and not any(entry["verdict"] == "error" for entry in found):
        problems.append(
            error("internal", "the policy pack was not asked about this stack; this is a fault of preflight")
        )
    problems += wrong
    if ahead is None:
        ahead = ahead_of_policies(preview, update, rated if ran_to_its_end(problems) else None, parallel, resources)
    return _stack(
        resources=resources,
        found=found,
        exports=_exports(preview, update),
        lookups=answers.lookups(preview, update),
        notes=sorted({*notes, *_recorded_notes(recordings.values()), *ahead.differences}),
        errors=problems,
        answers={
            "policies": next(({"pack": e["pack"], "names": e["policies"]} for e in asked if e), None),
            **(ahead.said if ran_to_its_end(problems) else answers.UNSAID),
        },
        timings={outcome.mode: _timings(outcome) for outcome in outcomes},
    )


def ahead_of_policies(
    preview: dict[str, Any] | None, update: dict[str, Any] | None, rated: Rated | None, parallel: int = PARALLEL,
    resources: list[dict[str, Any]] | None = None,
) -> Answers:  # fmt: skip
    """What the recordings of a program that ran say without its policies; `rated` and `parallel` as of `stack`. Without
    `rated` nothing but what there is. `resources`: those of the two, where somebody has them already."""
    resources = _resources(preview, update) if resources is None else resources
    said = answers.said(resources, preview, update, rated, parallel) if rated else answers.UNSAID
    return Answers(resources, _differences(preview, update), said)


def _stack(
    *, resources: list[dict[str, Any]], found: list[dict[str, Any]], exports: dict[str, Any], lookups: list[Any],
    notes: list[str], errors: list[dict[str, Any]], answers: dict[str, Any], timings: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    return {
        "resources": resources,
        "findings": found,
        "exports": exports,
        "lookups": lookups,
        "notes": notes,
        "errors": errors,
        **answers,
        "summary": _summary(resources, found, errors, over_budget(answers["cost"])),
        "timings": timings,
    }


def _summary(
    resources: list[dict[str, Any]], found: list[dict[str, Any]], errors: list[dict[str, Any]], too_dear: bool
) -> dict[str, Any]:
    def count(verdict: str, **wanted: Any) -> int:
        return sum(e["verdict"] == verdict and all(e.get(key) == value for key, value in wanted.items()) for e in found)

    broken = count("error")
    codes = [_code(entry["kind"]) for entry in errors] + [FAULT] * bool(broken)
    codes += [VIOLATED] * (too_dear or any(findings.stops(entry) for entry in found))
    return {
        "resources": sum(is_created(entry) for entry in resources),
        "components": sum(not entry["custom"] and entry["type"] != STACK_TYPE for entry in resources),
        "violations": {level: count("violation", level=level) for level in ("mandatory", "advisory")},
        "undecided": {"open": count("undecided", decidedAtUpdate=None)}
        | {verdict: count("undecided", decidedAtUpdate=verdict) for verdict in ("pass", "violation")},
        "exempted": count("exempted"),
        "policyErrors": broken,
        "exitCode": max(codes, default=FINE),
    }


def ran_to_its_end(errors: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the program has, so that there are answers: what a provider refuses of it stands beside them."""
    return all(error["kind"] == REFUSED for error in errors)


def over_budget(cost: Mapping[str, Any] | None) -> bool:
    """Whether the expected cost is more than the budget of the stack file."""
    return bool(cost and cost["budget"] and cost["budget"]["exceeded"])


def violated_words(stack: Mapping[str, Any], violated: str) -> str:
    """Why a stack ends with `VIOLATED`: `violated` for the rules that it breaks, the budget, or both."""
    reasons = [violated] if stack["summary"]["violations"]["mandatory"] or not over_budget(stack["cost"]) else []
    return ", ".join([*reasons, *(["over budget"] if over_budget(stack["cost"]) else [])])


def budget_words(cost: Mapping[str, Any], shown: Callable[[str], str]) -> str:
    """How the expected cost stands to the budget, which there is, and by whose prices. `shown` writes an amount in
    USD."""
    expected, budget, borrowed = cost["total"]["expected"], cost["budget"]["usd"], borrowed_words(cost)
    if not over_budget(cost):
        by = f" ({borrowed})" if borrowed else ""
        return f"within budget{by}, expected {shown(expected)} of {shown(budget)} USD"
    excess = shown(str(Decimal(expected) - Decimal(budget)))
    by = f"; {borrowed}" if borrowed else ""
    return f"budget: {shown(budget)} USD, exceeded by {excess} USD (expected {shown(expected)}{by})"


def borrowed_words(cost: Mapping[str, Any]) -> str:
    """Of how many prices only those of the home region are known, and for what they stand; empty when of none."""
    from preflight.cost import HOME  # noqa: PLC0415 - only once the programs have run

    number = len(cost["prices"]["fromElsewhere"])
    if not number:
        return ""
    if cost["region"] == HOME:
        return f"{counted(number, 'price')} of {HOME}, for what stands in other regions"
    if number == 1:
        return f"1 price taken from {HOME}: there is none of {cost['region']} for it"
    return f"{number} prices taken from {HOME}: there are none of {cost['region']} for them"


def is_created(resource: Mapping[str, Any]) -> bool:
    """Whether it is something a deployment makes: not a component, a provider or the stack, and not only read."""
    read = (resource.get("options") or {}).get("external")
    return bool(resource["custom"] and not read) and not resource["type"].startswith(
        ("pulumi:pulumi:", "pulumi:providers:")
    )


def _code(kind: str) -> int:
    return FAULT if kind in OWN_FAULTS else WRONG


def _resources(preview: dict[str, Any] | None, update: dict[str, Any] | None) -> list[dict[str, Any]]:
    by_mode = [{entry["urn"]: entry for entry in (run or {}).get("resources", [])} for run in (preview, update)]
    parents = {urn: entry for run in by_mode for urn, entry in run.items()}
    result = []
    for urn in sorted(parents):
        before, after = (run.get(urn) for run in by_mode)
        entry = after or before
        assert entry is not None
        result.append(
            {key: entry.get(key) for key in _KEPT}
            | {
                "component": _component(urn, parents),
                "unknownAtPreview": sorted(_unknown((before or {}).get("inputs", {}), "")),
                "phases": [mode for mode, seen in (("preview", before), ("update", after)) if seen],
            }
        )
    return result


def _component(urn: str, entries: Mapping[str, dict[str, Any]]) -> str | None:
    """The outermost component that holds the resource, itself if it is that; None when there is none."""
    found, seen = None, set()
    here: str | None = urn
    while here is not None and here in entries and here not in seen:
        seen.add(here)
        entry = entries[here]
        if not entry["custom"] and entry["type"] != STACK_TYPE:
            found = here
        here = entry["parent"]
    return found


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and not (len(value) == 1 and next(iter(value)).startswith("$")):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{position}]")
    else:
        yield path, value


def _unknown(value: Any, path: str) -> list[str]:
    return [place for place, leaf in _leaves(value, path) if _awaited(leaf)]


def _awaited(leaf: Any) -> bool:
    """Whether it is not known yet: by itself, or as the id of a resource that is given as a whole."""
    referred = leaf.get("$resource") if isinstance(leaf, dict) else None
    return _UNKNOWN in (leaf, referred.get("id") if isinstance(referred, dict) else None)


def _exports(preview: dict[str, Any] | None, update: dict[str, Any] | None) -> dict[str, Any]:
    before, after = ((run or {}).get("exports", {}) for run in (preview, update))
    return {
        name: {
            "value": after.get(name, before.get(name)),
            "knownAtPreview": name in before and not _unknown(before[name], ""),
        }
        for name in sorted({*before, *after})
    }


def _recorded_notes(recordings: Iterable[dict[str, Any] | None]) -> list[str]:
    return [note for recording in recordings if recording for note in recording.get("notes", [])]


def _differences(preview: dict[str, Any] | None, update: dict[str, Any] | None) -> list[str]:
    """What the two modes disagree on, other than that a value was unknown before."""
    if not preview or not update:
        return []
    before, after = (
        {entry["urn"]: entry for entry in run["resources"] if is_created(entry)} for run in (preview, update)
    )
    parents = {entry["urn"]: entry for run in (preview, update) for entry in run["resources"]}
    late = sorted({*after} - {*before})
    images = [image_of(after[urn], parents) for urn in late]
    notes = [
        f"{_called(after[urn], parents)} appears only at update: it waits for a value, so a preview cannot show it."
        for urn, image in zip(late, images, strict=True)
        if not image
    ]
    notes += _late_images(sorted(filter(None, images)))
    notes += [
        f"{_called(before[urn], parents)} appears only at preview: the program leaves it out once values are known."
        for urn in sorted({*before} - {*after})
    ]
    for urn in sorted({*before} & {*after}):
        if before[urn]["inputs"] == after[urn]["inputs"]:
            continue
        earlier, later = dict(_leaves(before[urn]["inputs"], "")), dict(_leaves(after[urn]["inputs"], ""))
        hidden = [path for path, leaf in earlier.items() if _awaited(leaf)]
        moved = sorted(
            path
            for path, leaf in earlier.items()
            if path not in hidden and later.get(path, leaf) != leaf and not path.startswith("__")
        )
        if moved:
            notes.append(
                f"{_called(after[urn], parents)}: {', '.join(moved)} differs between the modes although known in both."
            )
    return notes


def image_of(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> str:
    """For what an image built by awsx is: awsx calls it by a hash, so this is the name of its outermost ancestor that
    the names below begin with (`web` for the image in `web-registry-image`). Nothing for any other resource."""
    here = entries.get(entry["parent"] or "")
    if entry["type"] != _IMAGE or here is None or here["type"] != _IMAGE_PARENT:
        return ""
    while (above := entries.get(here["parent"] or "")) and str(here["name"]).startswith(f"{above['name']}-"):
        here = above
    return str(here["name"])


def names(resources: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What to call each resource, by URN."""
    entries = {entry["urn"]: entry for entry in resources}
    return {
        urn: f"{image} image" if (image := image_of(entry, entries)) else entry["name"]
        for urn, entry in entries.items()
    }


def _late_images(images: Sequence[str]) -> list[str]:
    if len(images) < 2:
        return [f"1 image ({image}) appears only at update: it waits for its repository." for image in images]
    return [f"{len(images)} images ({', '.join(images)}) appear only at update: each waits for its repository."]


def _called(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Name, type, parent and place; a name alone may say nothing."""
    above = entries.get(entry["parent"] or "")
    parent = f" of {above['name']} ({above['type']})" if above and above["type"] != STACK_TYPE else ""
    place = f" at {entry['source']}" if entry["source"] else ""
    return f"{entry['name']} ({entry['type']}){parent}{place}"


def _refused(outcomes: Sequence[Outcome]) -> set[str]:
    """The resources of which a provider takes some input for none."""
    errors = [error for outcome in outcomes for error in outcome.result.get("errors") or ()]
    return {error["urn"] for error in errors if error.get("urn")}


def _errors(outcomes: Sequence[Outcome], explained: Explained) -> list[dict[str, Any]]:
    merged: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for outcome in outcomes:
        if outcome.result["ok"]:
            continue
        for said in outcome.result.get("errors") or [outcome.result["error"]]:
            message = explained(said["message"]) if said["kind"] in {"program", "config"} else said["message"]
            entry = error(said["kind"], message, said.get("source"))
            merged.setdefault((entry["kind"], entry["message"], entry["source"]), entry)["phases"].append(outcome.mode)
    for entry in merged.values():
        entry["phases"] = sorted(set(entry["phases"]))
    return list(merged.values())


def _timings(outcome: Outcome) -> dict[str, float]:
    return {
        **{key: round(value, 3) for key, value in outcome.result.get("timings", {}).items()},
        "wall": round(outcome.seconds, 3),
    }
