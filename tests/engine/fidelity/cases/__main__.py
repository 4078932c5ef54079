"""A program without a mind of its own: it registers the resources of resources.json (see ../written.py)."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pulumi

MADE: dict[str, Any] = {}


class Part(pulumi.ComponentResource):
    """A component; its inputs are seen by policies."""


class Account(pulumi.ProviderResource):
    """A provider of its own."""


def output(place: str) -> Any:
    """`name.key`: a property of a resource that is made already."""
    name, _, key = place.partition(" ")
    return MADE[name].id if key == "id" else getattr(MADE[name], key)


def lost(value: Any) -> Any:
    """Known at an update and not before, and nobody sees where it comes from."""
    loop = asyncio.get_event_loop()
    known, ready = loop.create_future(), loop.create_future()
    known.set_result(not pulumi.runtime.is_dry_run())
    ready.set_result(value)
    sources: Any = loop.create_future()
    sources.set_result(set())
    return pulumi.Output(sources, ready, known)


def filled(template: Any, places: list[str], values: list[Any]) -> Any:
    """The template with what its places have become, where they are a whole text or a part of one."""
    if isinstance(template, dict):
        return {key: filled(item, places, values) for key, item in template.items()}
    if isinstance(template, list):
        return [filled(item, places, values) for item in template]
    if not isinstance(template, str):
        return template
    for place, value in zip(places, values, strict=True):
        if template == f"@@{place}@@":
            return value
        template = template.replace(f"@@{place}@@", str(value))
    return template


def value(written: Any) -> Any:
    """An input as it is written."""
    if isinstance(written, list):
        return [value(item) for item in written]
    if not isinstance(written, dict):
        return written
    if "$output" in written:
        return output(written["$output"])
    if "$lost" in written:
        return lost(written["$lost"])
    if "$derived" in written:
        places, template = written["$places"], written["$derived"]
        outputs = pulumi.Output.all(*(output(place) for place in places))
        return outputs.apply(lambda values: filled(template, places, values))
    return {key: value(item) for key, item in written.items()}


for each in json.loads(Path("resources.json").read_text()):
    options = pulumi.ResourceOptions(
        parent=MADE.get(each["parent"]), protect=each["protect"] or None, ignore_changes=each["ignores"] or None
    )
    if each["provider"] is not None:
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in each["provider"].items()}
        account = Account("aws", f"provider-of-{each['name']}", texts)
        options = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(provider=account))
    inputs = {key: value(item) for key, item in each["inputs"].items()}
    if each["custom"]:
        wanted = dict.fromkeys(each["outputs"])
        MADE[each["key"]] = pulumi.CustomResource(each["type"], each["name"], {**wanted, **inputs}, options)
    else:
        MADE[each["key"]] = Part(each["type"], each["name"], inputs, options)
