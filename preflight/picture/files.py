"""The pictures of a report as files."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from preflight.picture.mermaid import mermaid
from preflight.picture.svg import svg


def drawn(document: Mapping[str, Any], form: str, file: str) -> Iterator[tuple[str, str]]:
    """Where each picture goes, and its text: `form` is "svg" or "mermaid". Of several stacks each has its name in the
    name of the file; a stack whose program failed has no picture. `-` is standard output."""
    pictures = {name: stack["picture"] for name, stack in document["stacks"].items() if stack["picture"] is not None}
    for name, picture in pictures.items():
        target = file if file == "-" or len(document["stacks"]) == 1 else _of_stack(Path(file), name)
        yield target, mermaid(picture) if form == "mermaid" else svg(picture, f"The architecture of {name}")


def _of_stack(file: Path, stack: str) -> str:
    return str(file.with_name(f"{file.stem}.{stack}{file.suffix}"))
