"""The command `scale`: from recordings of stacks and a curve to pages and a document."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from preflight.recording import Recording
from preflight.scaling import outcome, text
from preflight.scaling.load import Load, read
from preflight.scaling.reading import scaled
from preflight.scaling.simulator import simulate
from preflight.scaling.world import World
from preflight.yaml_source import SourceError


class Page(NamedTuple):
    """What came of one stack: text for a person, the same as plain JSON values."""

    text: str
    document: dict[str, Any]


def curve(file: Path) -> Load:
    """The curve in a CSV file; SourceError says what is wrong with it."""
    return read(file)


def replay(recording: Recording, service: str, load: Load, world: World, width: int, *, verbose: bool) -> Page:
    """Replays the curve against the service of one stack; SourceError when there is no such service, or no use of the
    curve."""
    run = simulate(scaled(recording, service), load, world)
    figures = outcome.summary(run, load, world)
    return Page(
        text=text.text(recording.stack, run, figures, width, verbose=verbose),
        document=outcome.document(recording.stack, run, figures),
    )


def document(tool: Mapping[str, Any], pages: Sequence[Page], errors: Sequence[str]) -> dict[str, Any]:
    """The whole answer of `--json`."""
    runs = [page.document for page in pages]
    return {"schemaVersion": outcome.SCHEMA_VERSION, "tool": dict(tool), "errors": list(errors), "runs": runs}


def start(value: str) -> datetime:
    """The time that a curve without dates begins at; without a time zone it is UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise SourceError(f"--start {value!r} is no date and time; write 2026-11-23T00:00 or 2026-11-23") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
