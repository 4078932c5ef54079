"""What the classes of the installed SDK have of the arguments that tables of rules name."""

import importlib
import re
from typing import Any

from pulumi.runtime import rpc

from preflight.simulation import shapes


def arguments_of(token: str) -> type:
    """The class of the arguments of a type, without the class of the resource, which takes long to load."""
    registered: Any = rpc.get_resource_module("aws", token.split(":")[1], "")
    name = registered.mod_info["classes"][token]
    package = importlib.import_module(registered.mod_info["fqn"])
    found: type = getattr(package, f"{name}InitArgs", None) or getattr(package, f"{name}Args")
    return found


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
