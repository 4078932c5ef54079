"""Judges made of parts: most controls say what one property must be, and need no function of their own.

    judge=is_true("storageEncrypted")
    judge=equals("metadataOptions.httpTokens", "required", absent="optional")
    judge=on_protected_stacks(is_true("deletionProtection"))
    judge=has_companion(kinds.FLOW_LOG, "vpcId", joins.VPC, missing="it has no ec2.FlowLog")

A path goes into blocks with `.` and through lists with `[]`; every element of a list is judged. An unknown value is
undecided and names what it comes from; an absent one counts as `absent`, the default of the provider. Of an input that
the provider may make up, unknown without a source means absent: at the top the reader knows that from the SDK, inside
of a block (where the SDK does not tell) `computed=True` says it. A test looks all paths up in the SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from .graph import Companions, Node, Reference
from .parameters import Parameter
from .reading import ABSENT, Absent, Known, Record, Unknown, Value, unset_if_computed
from .verdicts import HOLDS, Finding, Outcome, View, breaks, waits

Plain: TypeAlias = bool | int | str
Answer: TypeAlias = Callable[[Node, View], Finding]
Says: TypeAlias = str | Callable[[Value[Any], View], str]
"""What is said of a violation, or what says it of the value that breaks the rule: of numbers only."""
Form: TypeAlias = str
"""How a leaf is read: the name of a method of `Record`."""


class Read(NamedTuple):
    """A property that a check looks at, for the test against the SDK."""

    path: str
    computed: bool = False
    kind: str | None = None


@dataclass(frozen=True)
class Check:
    """One answer for a resource, and what it reads; a judge like any other."""

    answer: Answer
    reads: tuple[Read, ...] = ()

    def __call__(self, node: Node, view: View) -> Iterable[Finding]:
        return (self.answer(node, view),)


# -- one property ------------------------------------------------------------------------------------------------------


def is_true(path: str, *, absent: bool = False, says: str | None = None, computed: bool = False) -> Check:
    """The flag is on; also where a type wants the text "true"."""
    return _flag(path, True, absent, says, computed)


def is_false(path: str, *, absent: bool = False, says: str | None = None, computed: bool = False) -> Check:
    """The flag is off."""
    return _flag(path, False, absent, says, computed)


def _flag(path: str, wanted: bool, absent: bool, says: str | None, computed: bool) -> Check:
    text = says or f"{path} is not {str(wanted).lower()}"
    return leaf(path, "flag", lambda value, _: value is wanted, absent=absent, says=text, computed=computed)


def equals(
    path: str, *allowed: str, absent: str | None = None, says: str | None = None, computed: bool = False
) -> Check:
    """The text is one of these, in any case."""
    names = frozenset(name.lower() for name in allowed)
    text = says or f"{path} is not {' or '.join(allowed)}"
    return leaf(path, "text", lambda value, _: value.lower() in names, absent=absent, says=text, computed=computed)


def differs(
    path: str, *forbidden: str, absent: str | None = None, says: str | None = None, computed: bool = False
) -> Check:
    """The text is none of these, in any case; not set is fine unless `absent` says what that means."""
    names = frozenset(name.lower() for name in forbidden)
    text = says or f"{path} is {' or '.join(forbidden)}"
    stands_for = "" if absent is None else absent
    return leaf(
        path, "text", lambda value, _: value.lower() not in names, absent=stands_for, says=text, computed=computed
    )


def at_least(
    path: str, limit: int | Parameter[int], *, absent: int | None = 0, says: Says | None = None, computed: bool = False
) -> Check:
    """The number is not below the limit; `absent=None`: not set is a violation whatever the limit is."""

    def text(value: Value[Any], view: View) -> str:
        found = f"is {value.value}, less" if isinstance(value, Known) else "is less"
        return f"{path} {found} than {limit_spoken(limit, view)}"

    return leaf(
        path, "number", lambda value, view: value >= _limit(limit, view), absent=absent, says=says or text,
        computed=computed,
    )  # fmt: skip


def _limit(limit: int | Parameter[int], view: View) -> int:
    return view.config[limit] if isinstance(limit, Parameter) else limit


def limit_spoken(limit: int | Parameter[int], view: View) -> str:
    """The number, and the parameter that says it."""
    return f"{view.config[limit]} ({limit.name})" if isinstance(limit, Parameter) else str(limit)


def is_set(path: str, *, says: str | None = None, computed: bool = False) -> Check:
    """Something is given: a text that is not empty, a list with something in it, a block.

    A derived value is given, whatever it will be; one without a source may be anything and is undecided, and so is one
    inside of a block of which nothing is known.
    """
    return Check(_given(path, says or f"{path} is not set", wanted=True, computed=computed), (Read(path, computed),))


def is_unset(path: str, *, says: str | None = None, computed: bool = False) -> Check:
    """Nothing is given."""
    return Check(_given(path, says or f"{path} is set", wanted=False, computed=computed), (Read(path, computed),))


def _given(path: str, says: str, *, wanted: bool, computed: bool) -> Answer:
    block = path.rpartition(".")[0]

    def answer(node: Node, view: View) -> Finding:
        around = leaves(node.props, block, "record", computed=computed) if block and not block.endswith("]") else ()
        for value in around:
            if isinstance(value, Unknown):
                return waits(f"{block}, {view.graph.describe(value)}", node.label)
        for value in leaves(node.props, path, "items", computed=computed):
            if isinstance(value, Unknown) and not value.sources:
                return waits(f"{path}, {view.graph.describe(value)}", node.label)
            given = not value.value.blank if isinstance(value, Known) else isinstance(value, Unknown)
            if given is not wanted:
                return breaks(says, node.label)
        return HOLDS

    return answer


def leaf(
    path: str,
    form: Form,
    holds: Callable[[Any, View], bool],
    *,
    absent: Plain | None,
    says: Says,
    computed: bool = False,
) -> Check:
    """Every value at the path satisfies `holds`; `absent=None`: one that is not set is a violation.

    `form` is `flag`, `number` or `text`. A violation wins over an unknown one beside it.
    """

    def answer(node: Node, view: View) -> Finding:
        unknown: Unknown | None = None
        for value in leaves(node.props, path, form, computed=computed):
            if isinstance(value, Unknown):
                unknown = value
                continue
            actual = absent if isinstance(value, Absent) else value.value
            if actual is None or not holds(actual, view):
                said = says if isinstance(says, str) else says(value, view)
                return breaks(f"{said}{_default(value, absent, path, said)}", node.label)
        return HOLDS if unknown is None else waits(f"{path}, {view.graph.describe(unknown)}", node.label)

    return Check(answer, (Read(path, computed),))


def _default(value: Value[Any], absent: Plain | None, path: str, says: str) -> str:
    """What a reader wonders who finds nothing of the sort in the program."""
    if not isinstance(value, Absent) or says != says.strip() or not says.startswith(path):
        return ""
    return ": it is not set" if absent in (None, "") else f": it is not set, and {str(absent).lower()} by default"


def leaves(record: Record, path: str, form: Form, *, computed: bool = False) -> Iterator[Value[Any]]:
    """The values at a path, one for each element of the lists in it; nothing for a list that is not set."""
    step, _, rest = path.partition(".")
    name = step.removesuffix("[]")
    many = name != step
    if not rest and not many:
        value: Value[Any] = getattr(record, form)(name)
        yield unset_if_computed(value) if computed else value
    elif many:
        yield from _elements(record, name, rest, form, computed)
    else:
        block = unset_if_computed(record.record(name)) if computed else record.record(name)
        if isinstance(block, Known):
            yield from leaves(block.value, rest, form, computed=computed)
        elif isinstance(block, Unknown):
            yield block
        elif "[]" not in rest:
            yield ABSENT


def _elements(record: Record, name: str, rest: str, form: Form, computed: bool) -> Iterator[Value[Any]]:
    items = unset_if_computed(record.items(name)) if computed else record.items(name)
    if isinstance(items, Unknown):
        yield items
    elif isinstance(items, Known) and not rest:
        yield from items.value.texts()
    elif isinstance(items, Known):
        for element in items.value.records():
            if isinstance(element, Known):
                yield from leaves(element.value, rest, form, computed=computed)
            else:
                yield element


# -- several checks ----------------------------------------------------------------------------------------------------


def all_of(*checks: Check) -> Check:
    """Each holds. All violations are said in one finding, and a violation wins over what is undecided."""

    def answer(node: Node, view: View) -> Finding:
        found = [check.answer(node, view) for check in checks]
        broken = [finding for finding in found if finding.outcome is Outcome.VIOLATION]
        if broken:
            return broken[0]._replace(says="; ".join(dict.fromkeys(finding.says for finding in broken)))
        return next((finding for finding in found if finding.outcome is not Outcome.PASS), HOLDS)

    return Check(answer, _reads(checks))


def any_of(*checks: Check, says: str | None = None) -> Check:
    """At least one holds; `says` is the violation when none does, else that of the first."""

    def answer(node: Node, view: View) -> Finding:
        found = [check.answer(node, view) for check in checks]
        if any(finding.outcome is Outcome.PASS for finding in found):
            return HOLDS
        doubt = next((finding for finding in found if finding.outcome is Outcome.UNDECIDED), None)
        if doubt is not None:
            return doubt
        return found[0] if says is None else found[0]._replace(says=says)

    return Check(answer, _reads(checks))


def when(condition: Check, check: Check) -> Check:
    """`check`, where `condition` holds; where that is undecided, the answer is too unless `check` holds anyway."""

    def answer(node: Node, view: View) -> Finding:
        applies = condition.answer(node, view)
        if applies.outcome is Outcome.VIOLATION:
            return HOLDS
        found = check.answer(node, view)
        return found if applies.outcome is Outcome.PASS or found.outcome is Outcome.PASS else applies

    return Check(answer, _reads((condition, check)))


def by_kind(checks: Mapping[str, Check]) -> Check:
    """For types that call the same thing differently. The control's `subjects` are the keys."""

    def answer(node: Node, view: View) -> Finding:
        return checks[node.kind].answer(node, view)

    reads = [read._replace(kind=read.kind or kind) for kind, check in checks.items() for read in check.reads]
    return Check(answer, tuple(reads))


def on_protected_stacks(check: Check) -> Check:
    """`check`, on stacks that `protectedStacks` names; anything goes on the others."""

    def answer(node: Node, view: View) -> Finding:
        return check.answer(node, view) if view.config.protected else HOLDS

    return Check(answer, check.reads)


def forbidden(says: str) -> Check:
    """There is no such resource."""
    return Check(lambda node, _view: breaks(says, node.label))


ANYTHING = Check(lambda _node, _view: HOLDS)
"""Holds for every resource: a companion that only has to be there."""


# -- other resources ---------------------------------------------------------------------------------------------------


def has_companion(
    kind: str, key: str, reference: Reference, check: Check = ANYTHING, *, missing: str, computed: bool = False
) -> Check:
    """A resource of `kind` names this one in `key`, and `check` holds for it; one such is enough.

    Undecided while one that may turn out to belong here could satisfy the check.
    """

    def answer(node: Node, view: View) -> Finding:
        companions: Companions = view.graph.companions(kind, key, reference)
        mine = companions.of(node)
        found = [(each, check.answer(each, view)) for each in mine]
        if any(finding.outcome is Outcome.PASS for _, finding in found):
            return HOLDS
        doubt = next((item for item in found if item[1].outcome is Outcome.UNDECIDED), None)
        if doubt is not None:
            return waits(doubt[1].says, node.label, doubt[0].label)
        loose = [each for each in companions.maybe(node) if check.answer(each, view).outcome is not Outcome.VIOLATION]
        if loose:
            return waits(f"whether {loose[0].label} is for this one", node.label)
        if found:
            return breaks(found[0][1].says, node.label, found[0][0].label)
        return breaks(missing, node.label)

    reads = [read._replace(kind=read.kind or kind) for read in check.reads]
    return Check(answer, (Read(key, computed, kind), *reads))


def _reads(checks: Iterable[Check]) -> tuple[Read, ...]:
    return tuple(dict.fromkeys(read for check in checks for read in check.reads))


def each_block(
    path: str,
    key: str,
    holds: Callable[[Any, View], bool],
    *,
    absent: Plain | None,
    says: str,
    form: Form = "text",
) -> Check:
    """As `leaf` for `key` of every block at the path; nothing is asked where there is no such block."""

    def answer(node: Node, view: View) -> Finding:
        unknown: Unknown | None = None
        for block in leaves(node.props, path, "record"):
            values = leaves(block.value, key, form) if isinstance(block, Known) else [block]
            for value in values:
                if isinstance(value, Unknown):
                    unknown = value
                elif not isinstance(block, Absent):
                    actual = absent if isinstance(value, Absent) else value.value
                    if actual is None or not holds(actual, view):
                        return breaks(says, node.label)
        return HOLDS if unknown is None else waits(f"{path}, {view.graph.describe(unknown)}", node.label)

    return Check(answer, (Read(f"{path}.{key}", computed=False),))
