"""Reads the values of application secrets, which are no settings: encrypted in the stack file, Pulumi secrets from here
on. Whatever is wrong with them is said without them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from settings.errors import PROJECT, Mistake, named
from settings.yaml_file import UNREADABLE, configured

if TYPE_CHECKING:
    import pulumi

SECTION = "secrets"
KEY = f"{PROJECT}:{SECTION}"
VALUE_MOST = 65536  # bytes of a secret (Secrets Manager quotas, read 2026-11)
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NAME_MOST = 40
HIDDEN = "(not shown: it is a secret)"


class Password(NamedTuple):
    """What a service takes for a password: printable ASCII, its length, the characters that it refuses."""

    least: int
    most: int
    refused: str = ""

    def fits(self, value: str) -> bool:
        """Whether it would take this one."""
        printable = value.isascii() and value.isprintable()
        return printable and self.least <= len(value) <= self.most and not set(self.refused) & set(value)

    def spoken(self) -> str:
        """All of it in words."""
        without = f", none of {' '.join(self.refused.strip())} and no space" if self.refused else ""
        return f"{self.least} to {self.most} printable ASCII characters{without}"


# Of RDS: API, CreateDBInstance, MasterUserPassword (spaces: its error message); of ElastiCache: the guide, role-based
# access control. Both read 2026-11. They answer when the resource is made, after what it depends on.
PASSWORDS = {
    "postgres": Password(8, 128, '/"@ '),
    "mysql": Password(8, 41, '/"@ '),
    "mariadb": Password(8, 41, '/"@ '),
    "cache": Password(16, 128),
}


@dataclass(frozen=True)
class SecretValues:
    """The values by name. `names` has those of mistaken values too; it is None when nobody can tell.

    `passwords` says of each value for which keys of PASSWORDS it would do.
    """

    names: frozenset[str] | None = frozenset()
    passwords: Mapping[str, frozenset[str]] = field(default_factory=dict)
    values: "Mapping[str, pulumi.Output[str]]" = field(default_factory=dict, repr=False)


def setting(name: str, stack: str) -> str:
    """The command that sets a value; it asks for it, so that no shell remembers it."""
    return f"pulumi config set --secret --path '{KEY}.{name}' --stack {stack}"


def read(text: str | None, file: Path, stack: str, *, is_secret: bool) -> tuple[SecretValues, list[Mistake]]:
    """The values of a stack, and what is wrong with them.

    `text` is what Pulumi hands over, `file` the stack file, where they must stand encrypted; `is_secret` whether Pulumi
    treats the key as a secret.
    """
    if not text:
        return SecretValues(), []
    import pulumi  # noqa: PLC0415 - importing settings does not import Pulumi

    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        return SecretValues(names=None), [_no_map(stack)]
    clear = _clear(file, content, is_secret)
    mistakes = [mistake for name, value in content.items() for mistake in _judged(name, value, name in clear, stack)]
    texts = {name: value for name, value in content.items() if isinstance(value, str) and value.strip()}
    values = {name: pulumi.Output.secret(value) for name, value in texts.items()}
    passwords = {
        name: frozenset(whose for whose, form in PASSWORDS.items() if form.fits(value)) for name, value in texts.items()
    }
    return SecretValues(names=frozenset(content), passwords=passwords, values={} if mistakes else values), mistakes


def _clear(file: Path, content: Mapping[str, Any], is_secret: bool) -> set[str]:
    """The names whose values anybody can read who can read the stack file.

    Pulumi says only that something below the key is encrypted, so the file is asked. What is not in the file came from
    the command line or from an environment: then Pulumi's word counts.
    """
    try:
        written = configured(file, KEY)
    except UNREADABLE:
        written = None
    if not isinstance(written, dict) or written.keys() == {"secure"}:
        written = {}
        if not is_secret:
            return set(content)
    return {name for name, value in written.items() if not (isinstance(value, dict) and value.keys() == {"secure"})}


def _judged(name: str, value: object, in_clear: bool, stack: str) -> Iterator[Mistake]:
    key = (SECTION, name)
    if not _NAME.fullmatch(name) or len(name) > _NAME_MOST:
        yield Mistake(
            key=key,
            problem="is not a name that resources can carry",
            given=f"the name {named(name)}",
            allowed=f"lower-case letters, digits and single hyphens, a letter first, at most {_NAME_MOST} characters",
            change="rename it, for example to payment-key",
        )
    elif in_clear:
        yield Mistake(
            key=key,
            problem="stands in clear text, and this file is committed",
            given=HIDDEN,
            allowed="an encrypted value",
            change=f"replace the secret if it was a real one, then {setting(name, stack)}",
        )
    elif not isinstance(value, str) or not value.strip():
        yield Mistake(
            key=key,
            problem="is empty" if isinstance(value, str) or value is None else "is not text",
            given=HIDDEN,
            allowed="text",
            change=setting(name, stack),
        )
    elif len(value.encode()) > VALUE_MOST:
        yield Mistake(
            key=key,
            problem="is longer than Secrets Manager takes",
            given=HIDDEN,
            allowed=f"at most {VALUE_MOST} bytes",
            change="keep what is as large as this in a bucket, and only the key to it here",
        )


def _no_map(stack: str) -> Mistake:
    return Mistake(
        key=(SECTION,),
        problem="is no map from names to values",
        given=HIDDEN,
        allowed="a map, each value encrypted",
        change=f"set each value by its name: {setting('NAME', stack)}",
    )
