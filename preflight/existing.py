"""Resources that a program only reads (`get()`): what stands in for their properties, and where that gets to.

A preview leaves the properties unknown. An update has stand-ins for them, so that the program gets on; no policy may
take these for what the account has, so an input that is made of them is unknown to it at the update too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from preflight import simulation, texts, wire
from preflight.registry import Entry
from preflight.simulation import sdk_types
from preflight.simulation.place import Place

_PLACE = frozenset({"accountId", "owner", "ownerId", "region", "registryId"})  # the stack's own, and in other texts too
_TELLING = 8  # characters of a stand-in that is recognised inside of another text


def stand_ins(entry: Entry, computed: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """Each property by its declared type, what AWS computes in its form, and the id that was asked for in both."""
    drawn = simulation.resource_id(
        entry.type, entry.name, wire.bare(entry.inputs), region=place.region, account=place.account, urn=entry.urn
    )
    told: dict[str, Any] = texts.mapped(
        dict(computed), lambda text: text.replace(drawn, entry.id) if drawn and entry.id else text
    )
    empty = sdk_types.empty(entry.type) if entry.package == "aws" else {}
    return {key: value for key, value in {**empty, **told}.items() if key not in entry.inputs}


def veiled(entry: Entry, values: Mapping[str, Any], entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The inputs, or outputs, of a resource with what is made of stand-ins unknown. The id of what is read is known,
    and with it each text that only says the id, as an ARN; so is what another resource of the program is behind."""
    result = dict(values)
    for key, urns in entry.property_dependencies.items():
        behind = [entries[urn] for urn in urns if urn in entries]
        read = [each for each in behind if each.stand_ins]
        if read and key in result:
            result[key] = _veiled(result[key], _Known(read, [each for each in behind if not each.stand_ins]))
    return result


class _Known:
    """What is known of the resources behind one input."""

    def __init__(self, read: list[Entry], made: list[Entry]) -> None:
        self._ids = [each.id for each in read if each.id]
        self._made = {text for each in made for text in [each.id, *texts.of(wire.bare(each.outputs))]} - {""}
        told = [(key, value) for each in read for key, value in wire.bare(each.stand_ins).items()]
        said = {text for key, value in told if key not in _PLACE for text in texts.of(value)}
        self._stand_ins = {text for text in said if text and not any(one in text for one in self._ids)}

    def is_stand_in(self, text: str) -> bool:
        """Whether it is one, or holds one."""
        return text in self._stand_ins or any(each in text for each in self._telling())

    def is_known(self, text: str) -> bool:
        """Whether it says an id, or something of a resource of the program."""
        return text in self._made or any(each in text for each in self._ids)

    def _telling(self) -> Iterator[str]:
        return (each for each in self._stand_ins if len(each) >= _TELLING)


def _veiled(value: Any, known: _Known) -> Any:
    """Of an input that is no list or map of several values, whatever is not known is made of what is read."""
    bare = wire.bare(value)
    if isinstance(bare, str):
        return value if known.is_known(bare) and not known.is_stand_in(bare) else wire.UNKNOWN
    return _inside(value, known) if isinstance(bare, dict | list) and bare else wire.UNKNOWN


def _inside(value: Any, known: _Known) -> Any:
    """Of several, only the texts tell: a number or a switch may be the program's own."""
    if isinstance(value, dict) and wire.SIGNATURE not in value:
        return {key: _inside(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_inside(each, known) for each in value]
    bare = wire.bare(value)
    return wire.UNKNOWN if isinstance(bare, str) and (not bare or known.is_stand_in(bare)) else value
