"""Names that a whole stack owns: its key aliases, its dashboard, its task families."""

import hashlib

import pulumi


def of_stack(*parts: str) -> str:
    """Project, stack and `parts`, joined by hyphens.

    Pulumi allows full stops in the names of projects and stacks; key aliases, dashboards and task families take only
    letters, digits, hyphens and underscores (API models, 2026-11), so a full stop becomes an underscore.
    """
    return "-".join((pulumi.get_project(), pulumi.get_stack(), *parts)).replace(".", "_")


def underscored(*parts: str, limit: int) -> str:
    """The same for what takes letters, digits and underscores alone; a longer one is cut, and stays unique."""
    name = of_stack(*parts).replace("-", "_")
    return name if len(name) <= limit else f"{name[: limit - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
