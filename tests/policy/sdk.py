"""What pulumi_aws says of its types, read as text: importing the SDK as a whole takes seconds.

Run as a program it writes policy/guardrails/computed.py (`make policy-facts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from guardrails import kinds

SPEC = find_spec("pulumi_aws")
assert SPEC is not None
assert SPEC.origin is not None
SDK = Path(SPEC.origin).parent
_GETTER = re.compile(
    r"@_builtins\.property\n    @pulumi\.getter(?:\(name=\"(?P<name>\w+)\"\))?\n(?:    @\S.*\n(?:(?!    def ).*\n)*)?"
    r"    def (?P<snake>\w+)\(self\) -> pulumi\.Output\[(?P<type>.*)\]:"
)
_ARGUMENT = re.compile(
    r"^                 (?P<snake>\w+): (?P<type>.+?)(?P<optional> = None)?(?:,|\):)?$", re.MULTILINE
)


class Shape(NamedTuple):
    """The properties of one type, in camelCase: all, those that can be given, and what the provider may make up.

    `computed` are inputs which a program may leave out and the provider then says; `lists` are those of them with
    many values; `made` are all outputs that are always there after a deployment.
    """

    properties: frozenset[str]
    inputs: frozenset[str]
    computed: frozenset[str]
    lists: frozenset[str]
    made: frozenset[str]
    text: str


@cache
def tokens(module: str) -> dict[str, str]:
    """Type token -> source text, of one service module."""
    folder = SDK / (module if (SDK / module).is_dir() else f"{module}_")
    found = {}
    for path in folder.glob("*.py"):
        if not path.name.startswith(("_", "get_")):
            text = path.read_bytes().decode()
            found.update(dict.fromkeys(re.findall(r'@pulumi\.type_token\("([^"]+)"\)', text), text))
    return found


def _file(kind: str) -> Path:
    module, _, name = kind.split(":")[1].partition("/")
    folder = SDK / (module if (SDK / module).is_dir() else f"{module}_")
    return folder / f"{snake(name)}.py"


def snake(name: str) -> str:
    """camelCase as Python writes it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@cache
def nested(kind: str) -> str:
    """The source text of all blocks of the type's module."""
    return (_file(kind).parent / "outputs.py").read_bytes().decode()


@cache
def source(kind: str) -> str | None:
    """The source text of a type; None when the SDK has none."""
    path = _file(kind)
    if path.is_file() and f'type_token("{kind}")' in (text := path.read_bytes().decode()):
        return text
    return tokens(kind.split(":")[1].split("/", maxsplit=1)[0]).get(kind)


@cache
def shape(kind: str) -> Shape | None:
    """The properties of a type; None when the SDK has none."""
    text = source(kind)
    if text is None:
        return None
    name = next(re.finditer(rf'type_token\("{kind}"\)\nclass (\w+)\(', text))[1]
    start = text.find(f"class {name}Args:") if f"class {name}Args:" in text else text.index("Args:\n")
    arguments = text[start:]
    arguments = arguments[arguments.index("def __init__") : arguments.index('"""', arguments.index("def __init__"))]
    optional = {found["snake"]: bool(found["optional"]) for found in _ARGUMENT.finditer(arguments)}
    own = text[text.index(f"class {name}(pulumi.CustomResource)") :]
    getters = {found["snake"]: found for found in _GETTER.finditer(own)}
    spelled = {snake: found["name"] or snake for snake, found in getters.items()}
    made = {snake for snake, found in getters.items() if not found["type"].startswith("Optional[")}
    computed = {snake for snake in made if optional.get(snake)}
    return Shape(
        properties=frozenset(spelled.values()),
        inputs=frozenset(spelled[snake] for snake in optional if snake in spelled),
        computed=frozenset(spelled[snake] for snake in computed),
        lists=frozenset(spelled[snake] for snake in computed if getters[snake]["type"].startswith("Sequence[")),
        made=frozenset(spelled[snake] for snake in made),
        text=text,
    )


KINDS = sorted(
    value
    for name, value in vars(kinds).items()
    if name.isupper() and isinstance(value, str) and value.startswith("aws:") and "/" in value
)
_OLDER = {kinds.BUCKET: "aws:s3/bucketV2:BucketV2"}
"""Editions that are brought to the same kind, with inputs under other names."""
COMPUTED = Path(__file__).parents[2] / "policy" / "guardrails" / "computed.py"
VERSION = re.search(r"pulumi_aws-([\d.]+)\.dist-info", " ".join(path.name for path in SDK.parent.glob("pulumi_aws-*")))
_HEAD = '''"""Inputs that the provider makes up where a program leaves them out, of each kind. Generated: `make policy-facts`.

Source: pulumi_aws {version}, optional arguments whose output is never absent. A test compares.
"""

from functools import cache

# fmt: off
_COMPUTED = {{
'''
_TAIL = '''}
# fmt: on


@cache
def computed_of(kind: str) -> frozenset[str]:
    """The computed inputs of a kind; none for a kind that no control names."""
    return frozenset(_COMPUTED.get(kind, "").split())
'''


def computed_module() -> str:
    """The text of policy/guardrails/computed.py."""
    assert VERSION is not None
    return _HEAD.format(version=VERSION[1]) + "".join(_entries()) + _TAIL


def _entries() -> Iterator[str]:
    for kind in KINDS:
        found = shape(kind)
        assert found is not None, kind
        older = shape(_OLDER[kind]) if kind in _OLDER else None
        lines = [""]
        for name in sorted(found.computed | (older.computed if older is not None else frozenset())):
            if len(lines[-1]) + len(name) > 100:
                lines.append("")
            lines[-1] += f"{name} "
        lines[-1] = lines[-1].rstrip()
        if len(lines) == 1 and len(kind) + len(lines[0]) < 106:
            yield f'    "{kind}": "{lines[0]}",\n'
        elif len(lines) == 1:
            yield f'    "{kind}": (\n        "{lines[0]}"\n    ),\n'
        else:
            yield f'    "{kind}": (\n' + "".join(f'        "{line}"\n' for line in lines) + "    ),\n"


TAGGABLE = COMPUTED.with_name("taggable.py")
_TAGGABLE_HEAD = '''"""All types that take tags, as `service/type`. Generated: `make policy-facts`.

Source: pulumi_aws {version}, types with an argument `tags`. A test compares.
"""

_TYPES = (
'''
_TAGGABLE_TAIL = ''')
_TAGGABLE = frozenset(_TYPES.split())


def is_taggable(kind: str) -> bool:
    """Whether resources of this type can be tagged."""
    return kind.removeprefix("aws:").partition(":")[0] in _TAGGABLE
'''
_TAGS_ARGUMENT = b"\n                 tags: "


def taggable() -> list[str]:
    """`service/type` of each type that takes tags."""
    found = set()
    for path in SDK.glob("*/*.py"):
        if not path.name.startswith(("_", "get_")):
            text = path.read_bytes()
            if _TAGS_ARGUMENT in text:
                tokens = re.findall(r'@pulumi\.type_token\("aws:([^":]+):\w+"\)', text.decode())
                found.update(tokens)
    return sorted(found)


def taggable_module() -> str:
    """The text of policy/guardrails/taggable.py."""
    assert VERSION is not None
    lines = [""]
    for name in taggable():
        if len(lines[-1]) + len(name) > 106:
            lines.append("")
        lines[-1] += f"{name} "
    lines[-1] = lines[-1].rstrip()
    body = "".join(f'    "{line}"\n' for line in lines)
    return _TAGGABLE_HEAD.format(version=VERSION[1]) + body + _TAGGABLE_TAIL


if __name__ == "__main__":
    COMPUTED.write_text(computed_module())
    TAGGABLE.write_text(taggable_module())
