"""Names that a whole stack owns: its key aliases, its dashboard, its task families."""

import pulumi


def of_stack(*parts: str) -> str:
    """Project, stack and `parts`, joined by hyphens.

    Pulumi allows full stops in the names of projects and stacks; key aliases, dashboards and task families take only
    letters, digits, hyphens and underscores (API models, 2026-11), so a full stop becomes an underscore.
    """
    return "-".join((pulumi.get_project(), pulumi.get_stack(), *parts)).replace(".", "_")
