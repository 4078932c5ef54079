"""Where a stack stands: its account and region. What the base says of another place is read as if it stood where the
head does, so that only what the program changes is a difference: an ARN names another account by itself.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from preflight import texts
from preflight.run import DEFAULT_ACCOUNT
from preflight.simulation import images

Stack = Mapping[str, Any]
_PROVIDER = "pulumi:providers:"
_CALLER = "aws:index/getCallerIdentity:getCallerIdentity"
_IMAGE_PARENT = "awsx:ecr:Image"
RECORDED = "recorded"
"""Under which a resource of the base has its own inputs, where it is read as if it stood elsewhere."""
_ASSUMED = re.compile(r"no region is given: (\S+) is assumed")  # `preflight.providers` notes it
_SAID = ("findings", "reach", "resilience", "timeline", "cost")  # what a report says beside its resources


class Place(NamedTuple):
    """Account and region that a provider works in, as far as they are said. `made_up`: nobody gave the account, so it
    is that of every recording of which nobody does. `assumed`: nobody gave the region."""

    account: str | None
    region: str | None
    made_up: bool = False
    assumed: bool = False


class Move(NamedTuple):
    """What of the place differs: (in the base, in the head). `told`: both accounts were given. `assumed`: the side of
    which nobody gave the region, so that it may be the other's."""

    account: tuple[str, str] | None
    region: tuple[str, str] | None
    told: bool = True
    assumed: str | None = None

    def __bool__(self) -> bool:
        return self.account is not None or self.region is not None

    @property
    def elsewhere(self) -> bool:
        """Whether it is another account for sure, where nothing of the base is."""
        return self.account is not None and self.told

    def to_json(self) -> list[dict[str, Any]]:
        """The account first; nothing where the stack stays where it is, or where nobody said one of the accounts."""
        return [
            {"what": what, "base": pair[0], "head": pair[1], **({"assumed": assumed} if assumed else {})}
            for what, pair, assumed in (
                ("account", self.account if self.told else None, None), ("region", self.region, self.assumed),
            )
            if pair is not None
        ]  # fmt: skip


def _places(stack: Stack) -> dict[str, Place]:
    """Where the provider of each AWS resource works, by the resource's URN."""
    providers = [entry for entry in stack["resources"] if entry["type"] == f"{_PROVIDER}aws"]
    allowed = {entry["urn"]: _listed(entry["inputs"].get("allowedAccountIds")) for entry in providers}
    own = {account for accounts in allowed.values() for account in accounts}
    callers = {str(each["result"].get("accountId")) for each in stack.get("lookups", ()) if each["token"] == _CALLER}
    others = sorted(callers - own)
    assumed = next((found[1] for note in stack.get("notes", ()) if (found := _ASSUMED.match(note))), None)
    places: dict[str, Place] = {}
    for entry in providers:
        given = entry["inputs"].get("region")
        region = given if isinstance(given, str) else assumed
        accounts = allowed[entry["urn"]] or others or [DEFAULT_ACCOUNT]
        made_up = not allowed[entry["urn"]] and accounts == [DEFAULT_ACCOUNT]
        account = accounts[0] if len(accounts) == 1 else None
        places[entry["urn"]] = Place(account, region, made_up, assumed=region is not given and region is not None)
    made = [entry for entry in stack["resources"] if entry["custom"] and entry["type"].startswith("aws:")]
    by_provider = ((entry["urn"], str(entry["options"].get("provider", ""))) for entry in made)
    return {urn: places[provider] for urn, provider in by_provider if provider in places}


def _listed(value: Any) -> list[str]:
    """A list of texts, which the configuration of a provider has as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def moved(base: Stack, head: Stack) -> Move:
    """Whether most of what is in both stands elsewhere now: a stack may have providers in several places, and which of
    them makes the most says nothing. Where either does not say where, it stays."""
    old, new = _places(base), _places(head)
    both = Counter(_between(old[urn], new[urn]) for urn in {*old} & {*new})
    return max(both, key=lambda move: (both[move], not move, str(move)), default=Move(None, None))


def _between(old: Place, new: Place) -> Move:
    assumed = "base" if old.assumed else "head" if new.assumed else None
    return Move(
        (old.account, new.account) if old.account and new.account and old.account != new.account else None,
        (old.region, new.region) if old.region and new.region and old.region != new.region else None,
        not (old.made_up or new.made_up),
        assumed,
    )


def as_if_there(base: Stack, head: Stack, move: Move) -> dict[str, Any]:
    """The base as it would be where the head stands. Providers keep what they say, and a resource its own `region`;
    under `recorded` it has the inputs that it has where it is."""
    there = {entry["urn"]: entry for entry in head["resources"]}
    renamed = _images(base, there)
    entries = [_entry(_called(entry, renamed), there, move) for entry in base["resources"]]
    digests = _digests(base["resources"], entries)
    found = {**base, "resources": [_built(entry, digests) for entry in entries]}
    for key in _SAID:
        said = set(_texts(head[key]))
        found[key] = texts.mapped(texts.mapped(base[key], lambda text: renamed.get(text, text)), _reader(said, move))
    return found


def recorded(entry: Stack) -> Mapping[str, Any]:
    """The inputs of a resource of the base, as it was recorded."""
    found: Mapping[str, Any] = entry.get(RECORDED, entry["inputs"])
    return found


def _images(base: Stack, there: Mapping[str, Stack]) -> dict[str, str]:
    """awsx calls an image after the address of its repository: URN in the base -> URN in the head, by its parent."""
    old = {entry["parent"]: entry["urn"] for entry in base["resources"] if _is_image(entry)}
    new = {entry["parent"]: urn for urn, entry in there.items() if _is_image(entry)}
    return {old[parent]: new[parent] for parent in {*old} & {*new} if old[parent] not in there}


def _digests(before: Sequence[Stack], after: Sequence[Stack]) -> list[tuple[str, str]]:
    """Made-up digests of images, whose tags name the address of their repository: (here, there)."""
    return [
        (images.outputs(old["inputs"])["digest"], images.outputs(new["inputs"])["digest"])
        for old, new in zip(before, after, strict=True)
        if old["type"] == images.TYPE and old["inputs"] != new["inputs"]
    ]


def _built(entry: Stack, digests: Sequence[tuple[str, str]]) -> Stack:
    def read(text: str) -> str:
        for was, becomes in digests:
            text = text.replace(was, becomes)
        return text

    return {**entry, "inputs": texts.mapped(entry["inputs"], read)} if digests else entry


def _is_image(entry: Stack) -> bool:
    return entry["type"] == images.TYPE and f"{_IMAGE_PARENT}$" in entry["urn"]


def _called(entry: Stack, renamed: Mapping[str, str]) -> Stack:
    if not renamed:
        return entry
    found: dict[str, Any] = texts.mapped(dict(entry), lambda text: renamed.get(text, text))
    return {**found, "name": found["urn"].rpartition("::")[2]} if found["urn"] != entry["urn"] else found


def _entry(entry: Stack, there: Mapping[str, Stack], move: Move) -> Stack:
    if entry["type"].startswith(_PROVIDER):
        return entry
    other = there.get(entry["urn"])
    reader = _reader(set(_texts(other["inputs"])) if other else set(), move)
    own = {key: value for key, value in entry["inputs"].items() if key == "region"}
    return {**entry, "inputs": {**texts.mapped(entry["inputs"], reader), **own}, RECORDED: entry["inputs"]}


def _reader(head: set[str], move: Move) -> Callable[[str], str]:
    """What reads a text of the base as of the other place; what the head has word for word was not meant."""
    pairs = [
        (re.compile(rf"(?<![0-9a-z]){re.escape(pair[0])}(?!\d)"), pair[1])
        for pair in (move.account, move.region)
        if pair is not None
    ]

    def read(text: str) -> str:
        if text in head or not any(pattern.search(text) for pattern, _ in pairs):
            return text
        if (within := document(text)) is not None:
            return json.dumps(texts.mapped(within, read))
        for pattern, becomes in pairs:
            text = pattern.sub(becomes, text)
        return text

    return read


def document(text: str) -> Any:
    """The list or map that a text has as JSON; None for any other."""
    try:
        return json.loads(text) if text[:1] in ("{", "[") else None
    except ValueError:
        return None


def _texts(value: Any) -> Iterator[str]:
    """Every text in it, those in JSON documents too."""
    for text in texts.of(value):
        yield text
        if (within := document(text)) is not None:
            yield from _texts(within)
