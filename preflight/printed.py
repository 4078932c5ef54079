"""What the programs printed, for the end of a report."""

from collections.abc import Mapping, Sequence

from preflight import hidden
from preflight.launcher import Outcome


def text(outcomes: Sequence[Outcome], secrets: Mapping[str, Sequence[str]], *, with_traces: bool) -> str:
    """What the programs printed, by stack and mode; what both modes printed alike once. `secrets`: texts of
    each stack that nobody may print."""
    modes: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        if said := outcome.printed + (_stack_traces(outcome) if with_traces else ""):
            modes.setdefault((outcome.stack, said), []).append(outcome.mode)
    return "".join(
        hidden.redacted(f"--- {stack}, {' and '.join(each)}:\n{said}", secrets[stack])
        for (stack, said), each in modes.items()
    )


def _stack_traces(outcome: Outcome) -> str:
    """Of the exceptions that ended a run, from the program's own frames on."""
    errors = [] if outcome.result["ok"] else outcome.result["errors"]
    return "".join(error["traceback"] for error in errors if error.get("traceback"))
