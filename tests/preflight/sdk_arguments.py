"""What the classes of the installed SDK have of the arguments that tables of rules name."""

import importlib
import re

from preflight.simulation import sdk_types, shapes


def arguments_of(token: str) -> type | None:
    """The class of the arguments of a type."""
    _, module, name = token.split(":")
    package = module.split("/")[0]
    loaded = importlib.import_module(f"pulumi_aws.{'lambda_' if package == 'lambda' else package}")
    assert getattr(loaded, name).pulumi_type == token
    return sdk_types.arguments_class(token)


def form_of(arguments: type | None, path: str) -> shapes.Form | None:
    """The form of the argument at a path; None where there is none."""
    *blocks, last = re.findall(r"[^.\[\]]+", path)
    for name in blocks:
        form = shapes._fields(arguments)[name] if arguments and name in shapes._fields(arguments) else shapes.Form()
        found = (form.many or form).blocks
        arguments = found[0] if found else None
    fields = {} if arguments is None else shapes._fields(arguments)
    return fields.get(last)


def has(arguments: type | None, path: str) -> bool:
    """Whether there is an argument at a path; with `[]`, one that is a list of plain values."""
    form = form_of(arguments, path)
    return form is not None and (not path.endswith("[]") or (form.many is not None and not form.many.blocks))
