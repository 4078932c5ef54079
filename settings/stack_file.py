"""Reads one stack's configuration, the only place that does, and refuses it with all its mistakes at once."""

import json
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi
from pulumi.runtime import config as pulumi_config
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from settings import network, provider_keys, rules, secret_values, section, siblings, tables
from settings.calls import CALL
from settings.errors import (
    PROJECT,
    Doubt,
    Finding,
    Key,
    Mistake,
    Unknown,
    full,
    named,
    nearest,
    report,
    several,
    shown,
    unmistakable,
)
from settings.location import Location
from settings.secret_values import SecretValues
from settings.yaml_file import UNREADABLE, configured

if TYPE_CHECKING:
    from settings import Settings

S = TypeVar("S", bound="Settings")

REGION_KEY = "aws:region"
_ZONES = ("network", "availabilityZones")
_ELSEWHERE = ("us-east-1", "eu-central-1", "ap-southeast-1")  # named beside the regions that begin like a mistaken one
_WANTS_A_MAP = {"dict_type", "mapping_type", "model_attributes_type", "model_type"}  # errors of pydantic
_ALIKE = 0.8  # of 1, how much a namespace has to look like ours; `network` and `framework` do not


def read(model: type[S], root: Path) -> tuple[S, Location, SecretValues]:
    """The checked settings of the current stack, where it lives, and the values of its application secrets. `root` is
    the folder of Pulumi.yaml.

    Raises one `pulumi.RunError` that lists every mistake; what a dated table cannot judge is logged as a warning.
    """
    name = pulumi.get_stack()
    given = [key for key in _given() if key != secret_values.SECTION]
    is_secret = _is_secret(secret_values.KEY)
    encrypted = pulumi.Config(PROJECT).get(secret_values.SECTION)
    secrets, mistaken = secret_values.read(encrypted, root / f"Pulumi.{name}.yaml", name, is_secret=is_secret)
    raw: dict[str, Any] = {}
    found: list[Finding] = [*_region_mistakes(), *provider_keys.findings(list(_given("aws")))]
    for key in given:
        found += _section(key, model, raw, root / f"Pulumi.{name}.yaml")
    astray = _astray(model)
    found += astray.values()
    misspelt = {nearest(name, list(model.model_fields)) or "" for name in given if name not in model.model_fields}
    settings, more, broken = _validated(model, raw, root, name, unread={*given, *misspelt, *astray} - raw.keys())
    found += (_with_levels(mistake, raw, settings) for mistake in more)
    region = pulumi.Config("aws").get("region")
    found += section.findings(settings)
    found += mistaken
    found += rules.findings(
        rules.Stack(
            settings=settings,
            region_code=region,
            name=name,
            root=root,
            secret_names=secrets.names,
            passwords=secrets.passwords,
        )
    )
    for doubt in dict.fromkeys(found):
        if isinstance(doubt, Doubt):
            pulumi.log.warn(str(doubt))
    # A broken rule reports for itself; one that could not, in what was salvaged, is not lost.
    mistakes = [finding for finding in dict.fromkeys(found) if isinstance(finding, Mistake)] or broken
    if mistakes:
        raise pulumi.RunError(report(name, _in_order(mistakes, model, raw)))
    assert region is not None
    protection = settings.protection
    return settings, Location.of(region, protection.account_id, protection.permissions_boundary), secrets


def _given(namespace: str = PROJECT) -> Iterator[str]:
    """The names of all keys of a namespace, whatever they hold."""
    for key in _keys():
        owner, _, name = key.partition(":")
        if owner == namespace:
            yield name


def _keys() -> list[str]:
    return list({**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()})


def _astray(model: type[S]) -> dict[str, Mistake]:
    """Sections under a namespace that was meant to be ours, by name. Other namespaces are other people's."""
    found: dict[str, Mistake] = {}
    for key in _keys():
        namespace, _, name = key.partition(":")
        if namespace in {PROJECT, "aws"} or name not in model.model_fields:
            continue
        if _is_meant_as_ours(namespace):
            found[name] = Mistake(
                key=(key,),
                problem=f"is not read: the settings of this program are under {PROJECT}",
                given=f"the key {named(key)}",
                allowed=f"{PROJECT}:{name}",
                change=f"did you mean {PROJECT}:{name}?",
            )
    return found


def _is_meant_as_ours(namespace: str) -> bool:
    from difflib import get_close_matches  # noqa: PLC0415 - 3 ms that only a suspicious file has to pay

    return bool(get_close_matches(namespace.lower(), [PROJECT], cutoff=_ALIKE))


def _is_secret(key: str) -> bool:
    return pulumi_config.is_config_secret(key) or key in pulumi_config.get_config_secret_keys_env()


def _section(name: str, model: type[S], raw: dict[str, Any], file: Path) -> Iterator[Mistake]:
    """Reads one section into `raw`, or says why it cannot be read. What a secret or an unknown section holds is never
    shown. `file`: the stack file, to say which part of a section is the secret."""
    sections = list(model.model_fields)
    if name not in sections:
        guess = nearest(name, [*sections, secret_values.SECTION])
        yield Mistake(
            key=(name,),
            problem=f"there is no such section in {PROJECT}",
            given=f"the key {named(f'{PROJECT}:{name}')}",
            allowed=several([f"{PROJECT}:{known}" for known in [*sections, secret_values.SECTION]]),
            change=f"did you mean {PROJECT}:{guess}?" if guess else "take it out",
        )
        return
    if _is_secret(f"{PROJECT}:{name}"):
        for place in _encrypted(file, name) or [()]:
            yield _secret((name, *place))
        return
    text = str(pulumi.Config(PROJECT).get(name))
    problem, given, hidden = "", "", []
    try:
        content = json.loads(text or "null")  # an empty key of a stack file comes as empty text
        content = {} if content is None else content  # nothing below it: a map without entries
        hidden = [_secret((name, *place)) for place in _secure_places(content)]
        if not isinstance(content, dict):
            problem, given = "is not a map of settings", shown(content, (name,))
    except RecursionError:
        problem, given = "is nested too deeply", f"{len(text)} characters"
    except ValueError as error:
        broken = text.lstrip().startswith(("{", "["))
        problem = f"cannot be read as JSON ({error})" if broken else "is text, a map is wanted"
        given = f"{len(text)} characters" if broken else shown(text, (name,))
    if problem:
        yield Mistake(
            key=(name,),
            problem=problem,
            given=given,
            allowed="a map of settings",
            change="write the section as YAML below its key, as docs/settings.md shows",
        )
    elif hidden:
        yield from hidden
    else:
        raw[name] = content


def _secure_places(content: object) -> Iterator[tuple[str | int, ...]]:
    """Where a value still in the form `{secure: ...}` stands, as it is written into a stack file."""
    if isinstance(content, dict):
        if content.keys() == {"secure"}:
            yield ()
            return
        entries: list[tuple[str | int, object]] = list(content.items())
    elif isinstance(content, list):
        entries = list(enumerate(content))
    else:
        return
    for name, value in entries:
        yield from ((name, *place) for place in _secure_places(value))


def _encrypted(file: Path, name: str) -> list[tuple[str | int, ...]]:
    """Where in a section of a stack file encrypted values stand: Pulumi says only that there are some."""
    try:
        return list(_secure_places(configured(file, f"{PROJECT}:{name}")))
    except UNREADABLE:
        return []


def _secret(key: tuple[str | int, ...]) -> Mistake:
    return Mistake(
        key=key,
        problem="is or holds a secret, and settings are plain: they decide what is built, and previews print them",
        given="(not shown: it is a secret)",
        allowed="plain values only",
        change=f"give it in plain text: pulumi config set --plaintext --path '{full(key)}' VALUE. Passwords are not"
        " settings: AWS makes those of databases, `uses` hands them out; others go under groundwork:secrets, and"
        " `secrets` of a service names them",
    )


def _region_mistakes() -> Iterator[Mistake]:
    if _is_secret(REGION_KEY):
        yield _secret((REGION_KEY,))
        return
    region = pulumi.Config("aws").get("region")
    known = tables.regions()
    if region in known:
        return
    if region and (elsewhere := tables.partition_not_supported(region.lower())) is not None:
        code, name = elsewhere
        yield Mistake(
            key=(REGION_KEY,),
            problem=f"is a region of the partition {code} ({name}), in which this program does not know how services"
            " are called in policies",
            given=shown(region),
            allowed=f"a region of {several(tables.partitions())}",
            change="name a region of one of these partitions, for example eu-central-1",
        )
        return
    near = sorted(code for code in known if region and code[:2] == region[:2].lower()) or sorted(known)
    others = [code for code in _ELSEWHERE if code not in near]
    guess = unmistakable(region, list(known)) if region else None
    misspelt = None if region else nearest("region", list(_given("aws")))
    yield Mistake(
        key=(REGION_KEY,),
        problem=f"is no region that we know of (table of {tables.as_of('regions')})" if region else "is missing",
        given=shown(region) if region else "nothing",
        allowed=several(near)
        + (f" (or a region elsewhere: {', '.join(others)}, ...)" if len(near) < len(known) else ""),
        change=f"did you mean {guess}?"
        if guess
        else f"rename aws:{misspelt} to aws:region"
        if misspelt
        else "name a region, for example us-east-1; one that AWS has opened since belongs into"
        " settings/tables/regions.json",
    )


def _validated(
    model: type[S], raw: dict[str, Any], root: Path, stack: str, unread: set[str]
) -> tuple[S, list[Mistake], list[Mistake]]:
    """The settings; or as much of them as is valid, what is wrong with the rest, and what rules found in it. In `raw`
    a key with nothing below it (`queues:`) becomes a map without entries where that is fine and null is not."""
    done = _tried(model, raw)
    if isinstance(done, ValidationError) and (empty := _empty_maps(raw, done)):
        _put(raw, empty, {})
        done = _tried(model, raw)
        wrong = {_written(raw, found["loc"]) for found in _errors(done)}
        spoilt = [place for place in empty if any(other[: len(place)] == place for other in wrong)]
        if spoilt:
            _put(raw, spoilt, None)
            done = _tried(model, raw)
    if not isinstance(done, ValidationError):
        return done, [], []
    of_others = {(key,) for key in unread}
    return _salvaged(model, raw, [found for found in _errors(done) if found["loc"] not in of_others], root, stack)


def _tried(model: type[S], raw: dict[str, Any]) -> S | ValidationError:
    try:
        return model.model_validate(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        return error


def _errors(done: object) -> list[ErrorDetails]:
    return list(done.errors(include_url=False)) if isinstance(done, ValidationError) else []


def _empty_maps(raw: dict[str, Any], error: ValidationError) -> list[tuple[str | int, ...]]:
    """Where a key is empty and pydantic wants a map, and nothing else, there."""
    wanted: dict[tuple[str | int, ...], set[str]] = {}
    for found in _errors(error):
        if found["input"] is None:
            wanted.setdefault(_written(raw, found["loc"]), set()).add(found["type"])
    return [place for place, types in wanted.items() if place and types <= _WANTS_A_MAP]


def _written(raw: object, place: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """What of the place of an error stands in the file: pydantic adds the branches of unions, and what is missing."""
    path: list[str | int] = []
    here: Any = raw
    for part in place:
        if part in (here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()):
            here = here[part]
            path.append(part)
    return tuple(path)


def _put(raw: Any, places: list[tuple[str | int, ...]], value: Any) -> None:
    for *above, last in places:
        here = raw
        for part in above:
            here = here[part]
        here[last] = copy(value)


def _salvaged(
    model: type[S], raw: dict[str, Any], errors: list[ErrorDetails], root: Path, stack: str
) -> tuple[S, list[Mistake], list[Mistake]]:
    from settings import translation  # noqa: PLC0415 - only a mistaken file needs these three
    from settings.salvage import salvage  # noqa: PLC0415
    from settings.shape import shape_of  # noqa: PLC0415

    shape = replace(shape_of(model), example=partial(_example, root, stack))
    return salvage(model, raw), list(translation.mistakes(errors, shape)), list(translation.broken(errors, shape))


def _example(root: Path, stack: str, key: Key) -> Any:
    """What fits this stack alone: a range that no other stack has, zones of its region; None for other keys."""
    if key == siblings.KEY:
        free = siblings.example(root, stack, IPv4Network(network.EXAMPLE).prefixlen)
        return None if free is None else str(free)
    region = tables.regions().get(pulumi.Config("aws").get("region") or "") if key[:2] == _ZONES else None
    if region is None:
        return None
    first, second, *_ = (f"{region.code}{letter}" for letter in region.letters or "ab")
    return [first, second] if key == _ZONES else first


def _with_levels(mistake: Mistake, raw: dict[str, Any], settings: "Settings") -> Mistake:
    """What `uses` should be is made of the names that were given: `{}` would take all access away."""
    if (mistake.key[0], *mistake.key[2:]) != ("services", "uses"):
        return mistake
    given = raw["services"][mistake.key[1]].get("uses")
    names = given if isinstance(given, list) else [given]
    try:
        levels = {name: store.levels for name, store in settings.data.stores.items()}
        levels |= {name: (CALL,) for name, service in settings.services.items() if service.kind == "web"}
    except Unknown:
        return mistake
    wanted = {
        name: "write" if "write" in levels[name] else levels[name][0]
        for name in names
        if isinstance(name, str) and name in levels
    }
    if not wanted:
        return mistake
    return replace(mistake, change=f"write uses: {{{', '.join(f'{name}: {level}' for name, level in wanted.items())}}}")


def _in_order(mistakes: list[Mistake], model: type[S], raw: dict[str, Any]) -> list[Mistake]:
    """The region, the sections as documented, within a section in the order in which the engine hands them over."""
    sections = [REGION_KEY, *model.model_fields]

    def place(mistake: Mistake) -> list[int]:
        first = mistake.key[0]
        order = [sections.index(first) if first in sections else len(sections)]
        here: Any = raw.get(str(first))
        for part in mistake.key[1:]:
            if isinstance(part, int):
                order.append(part)
                here = here[part] if isinstance(here, list) and part < len(here) else None
            else:
                order.append(list(here).index(part) if isinstance(here, dict) and part in here else 1000)
                here = here.get(part) if isinstance(here, dict) else None
        return order

    return sorted(mistakes, key=place)
