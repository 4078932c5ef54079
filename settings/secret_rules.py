"""Rules between the secrets of groundwork:data, the values of groundwork:secrets, and the services of the stack."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from settings import secret_values, tables
from settings.errors import Doubt, Finding, Findings, Mistake, below, named, nearest, several, shown, unmistakable
from settings.functions import FunctionSettings
from settings.kept_secrets import KeptSecretSettings
from settings.section import skipping

if TYPE_CHECKING:
    from settings.rules import Stack


def of_each(stack: "Stack") -> Iterator[Finding]:
    """What is wrong with each of them, and what somebody still has to do; keys as in the stack file."""
    for name, kept in stack.settings.data.secrets.items():
        for check in (
            _value_comes_from_one_place,
            _somebody_names_it,
            _function_exists,
            _regions_are_others,
            _is_set_later,
        ):
            yield from (below(("data", "secrets", name), found) for found in skipping(check, stack, name, kept))


def _value_comes_from_one_place(stack: "Stack", name: str, kept: KeptSecretSettings) -> Findings:
    if stack.secret_names is None:
        return
    if kept.later and name in stack.secret_names:
        yield Mistake(
            key=("later",),
            problem=f"has a value in {secret_values.KEY}, which would never be used",
            given="true",
            allowed=f"false with a value in {secret_values.KEY}",
            change="set it to false, or take the value out: pulumi config rm --path"
            f" '{secret_values.KEY}.{name}' --stack {stack.name}",
        )


def _somebody_names_it(stack: "Stack", name: str, kept: KeptSecretSettings) -> Findings:
    used = {secret for service in stack.settings.services.values() for secret in service.secret_names}
    if name not in used and kept.rotation is None:
        yield Doubt(key=(), text="no service names it under `secrets`, so it is not made")


def _function_exists(stack: "Stack", _: str, kept: KeptSecretSettings) -> Findings:
    if kept.rotation is None:
        return
    services, wanted = stack.settings.services, kept.rotation.function
    functions = [name for name, service in services.items() if isinstance(service, FunctionSettings)]
    if wanted in functions:
        return
    guess = nearest(wanted, functions)
    yield Mistake(
        key=("rotation", "function"),
        problem="there is no such service" if wanted not in services else "is no function, which a rotation calls",
        given=f"the name {named(wanted)}",
        allowed=several(functions) if functions else "nothing: groundwork:services has no function",
        change=f"did you mean {guess}?" if guess else "name a function, or add this one under groundwork:services",
    )


def _regions_are_others(stack: "Stack", _: str, kept: KeptSecretSettings) -> Findings:
    here = stack.region
    others = [code for code, region in tables.regions().items() if region.partition == here.partition]
    others.remove(here.code)
    for place, region in enumerate(kept.replicas):
        if region not in others:
            guess = unmistakable(region, others)
            yield Mistake(
                key=("replicas", place),
                problem="has it anyway" if region == here.code else f"is no region that {here.code} can copy to",
                given=shown(region),
                allowed=f"other regions of {here.partition}, for example {guess or others[0]}",
                change=f"did you mean {guess}?" if guess else "name another region, or take it out",
            )


def _is_set_later(stack: "Stack", name: str, kept: KeptSecretSettings) -> Findings:
    """Said in every preview: nobody can tell from here whether it has been done."""
    used = {secret for service in stack.settings.services.values() for secret in service.secret_names}
    if kept.later and name in used:
        yield Doubt(
            key=("later",),
            text='services get "not set" for it until somebody has set it (docs/data.md, secrets: aws secretsmanager'
            " put-secret-value) and has started their tasks anew",
        )
