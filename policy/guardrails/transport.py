"""Whether the policies of a bucket, queue or topic refuse requests without TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .documents import Condition, Statement, matches
from .graph import Node
from .policies import Carriers, documents
from .reading import Known
from .verdicts import HOLDS, Finding, View, breaks, waits

Covers = Callable[[Statement], "bool | None"]
"""Whether all that is to be protected is named in a statement; None when it is not known."""


def refuses_plain(statement: Statement, actions: Sequence[str], covers: Covers) -> bool | None:
    """Whether it denies everyone these actions where TLS is missing, and asks for nothing else."""
    known = [action.value for action in statement.actions if isinstance(action, Known)]
    every_action = not statement.not_actions and all(any(matches(a, probe) for a in known) for probe in actions)
    if statement.allow or statement.not_principals or statement.not_resources:
        return False
    if not every_action or not statement.everyone() or not all(map(_without_tls, statement.conditions)):
        return False
    covered = covers(statement)
    if statement.open_conditions or statement.allow is None:
        return None if covered is not False else False
    return covered if len(statement.conditions) == 1 else False


def _together(statements: Sequence[Statement], actions: Sequence[str]) -> Iterator[Statement]:
    """What statements deny that name a part each: the bucket in one, its objects in the next."""
    parts = [each for each in statements if refuses_plain(each, actions, lambda _: True)]
    if len(parts) > 1:
        yield parts[0]._replace(resources=tuple(resource for part in parts for resource in part.resources))


def refused(
    node: Node,
    view: View,
    policies: tuple[tuple[Node, ...], Finding | None],
    carriers: Carriers,
    actions: Sequence[str],
    covers: Covers,
    missing: str,
) -> Finding:
    """The verdict on `node`, of which the policies are its own and those beside it (with the doubt whose they are)."""
    beside, doubt = policies
    found = [(each, document) for each in (*beside, node) for document in documents(each, view, carriers)]
    statements = [statement for _, document in found for statement in document.statements]
    answers = [refuses_plain(each, actions, covers) for each in (*statements, *_together(statements, actions))]
    steps = [step for each, document in found if each is not node for step in (each.label, *document.path)]
    path = (node.label, *steps)
    waiting = [document.waits_for for _, document in found if document.waits_for is not None]
    if True in answers:
        return HOLDS
    if waiting:
        return waits(waiting[0], *path)
    if None in answers:
        return waits("what the statement that denies requests says of aws:SecureTransport or its resources", *path)
    return breaks(missing, *path) if doubt is None else doubt


def _without_tls(condition: Condition) -> bool:
    operator = condition.operator.lower().removesuffix("ifexists")
    false = [isinstance(value, Known) and value.value.lower() == "false" for value in condition.values]
    return (
        condition.key == "aws:securetransport" and operator in {"bool", "stringequals"} and bool(false) and all(false)
    )
