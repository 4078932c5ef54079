"""What a build folder holds. Pure."""

from pathlib import Path

# What tools leave behind; a build folder's .dockerignore keeps the same out of an image.
LEFT_BEHIND = frozenset({"__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv", ".DS_Store"})


def files(folder: Path) -> list[str]:
    """The paths of all files in `folder` but those that tools leave behind, relative to it, in one order everywhere."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if LEFT_BEHIND.isdisjoint(path.parts))
