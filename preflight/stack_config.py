"""The configuration a stack gives its program, as the engine hands it over: every value a string."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from preflight import yaml_source
from preflight.hidden import SHORTEST
from preflight.key_lines import Written, lines_of
from preflight.mistakes import guess
from preflight.project import Project, full_key, nearest
from preflight.stand_in import STAND_IN
from preflight.yaml_source import Entry, Mapping, Scalar, Sequence, SourceError

_TOP_LEVEL = ("config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider")
_MISSPELT = 0.75  # of 1, how much a new name has to look like one that is there; `on` and `none` do not
_STEP = re.compile(r'\.(?P<name>[^.\[\]"]+)|\[(?P<index>\d{1,9})\]|\["(?P<quoted>(?:[^"\\]|\\.)+)"\]')


class StackConfig(NamedTuple):
    """All that the program of one stack can read."""

    values: dict[str, str]
    secret_keys: list[str]
    stand_ins: list[str]  # what --config can replace: `app:token`, or `app:database.password` inside an object
    clear_secrets: list[str]  # texts given with --config for secret places: nobody may print them
    notes: list[str]
    written: Written
    cause: str = ""  # a remark on the file that tells why the program found nothing in it

    def explained(self, message: str) -> str:
        """What the program said before it ended, with what only its stack file and its stand-ins tell."""
        said = self.written.beside_keys(message)
        if self.cause:
            said = f"{self.cause}\nSo the program found nothing set:\n\n{said}"
        if not self.stand_ins:
            return said
        return (
            f"{said}\nThe program ran with stand-ins for secrets that cannot be decrypted offline "
            f"({', '.join(self.stand_ins)}). If it failed because of one, give a value for this check: "
            f"--config {self.stand_ins[0]}=..."
        )


class _Value(NamedTuple):
    """A value before it becomes a string, and the paths inside it that are stand-ins.

    As with Pulumi's own `--config`, what is given on the command line is plain: a key is secret as long as something
    below it is encrypted, or as Pulumi.yaml declares it so.
    """

    value: Any
    secret: bool
    hidden: list[str]
    place: str
    clear: tuple[str, ...] = ()  # secret texts that came in clear


def load(project: Project, stack: str, overrides: list[str]) -> StackConfig:
    """Reads Pulumi.<stack>.yaml, applies `--config key=value`, adds the project's defaults.

    Raises SourceError with all mistakes: those of the file's form first, and when it has none, those of its keys.
    """
    path = _stack_file(project, stack)
    shown = project.shown(path)
    document = yaml_source.read(path, shown)
    if document is None:
        raise SourceError(f"{shown}: the file is empty; a stack without configuration still says `config: {{}}`")
    if not isinstance(document, Mapping):
        raise SourceError(f"{shown}:{document.line}: a map is wanted here, with `config:` as its key")
    mistakes: list[str] = []
    values = _configured(document, project, shown, mistakes)
    ignored = _ignored(document, shown)
    notes = [*_remarks(document, shown), *ignored.values()]
    meant = None if "config" in document.entries else next(filter(_means_config, ignored), None)
    _apply_defaults(values, project)
    for override in overrides:
        try:
            notes += _override(values, override, project)
        except SourceError as error:
            mistakes += error.messages
    mistakes += _missing(values, project, stack, shown)
    mistakes += _wrong_types(values, project)
    if mistakes:
        raise SourceError(*mistakes)
    return _finish(values, notes, Written(shown, _own(document, project, overrides)))._replace(
        cause=ignored[meant] if meant is not None else ""
    )


def _own(document: Mapping, project: Project, overrides: list[str]) -> dict[str, Entry]:
    """The lines of what the file itself says, by full key; nothing of a key of which the command line sets a part."""
    config = document.entries.get("config")
    given = {full_key(re.split(r"[=.\[]", override, maxsplit=1)[0], project.name) for override in overrides}
    entries = config.value.entries if config and isinstance(config.value, Mapping) else {}
    return {
        key: lines_of(entry) for name, entry in entries.items() if (key := full_key(name, project.name)) not in given
    }


def check_form(overrides: list[str]) -> None:
    """Refuses every `--config` that is not key=value: a mistake of the command line, whatever the stack."""
    mistakes: list[str] = []
    for override in overrides:
        try:
            _split(override)
        except SourceError as error:
            mistakes += error.messages
    if mistakes:
        raise SourceError(*mistakes)


def _split(override: str) -> tuple[str, str]:
    written, equals, text = override.partition("=")
    if not equals or not written:
        raise SourceError(f"--config {written!r}: write key=value, as in --config aws:region=eu-west-1")
    return written, text


def _stack_file(project: Project, stack: str) -> Path:
    files = project.stack_files()
    if stack in files:
        return files[stack]
    wanted = project.shown(project.stack_directory / f"Pulumi.{stack}.yaml")
    if not files:
        raise SourceError(
            f"{wanted}: there is no stack file in this project; create this one (`config: {{}}` is enough for a start)"
        )
    meant = nearest(stack.removeprefix("Pulumi.").removesuffix(".yaml"), list(files))
    why = f"{wanted} does not exist{meant}"
    if os.path.lexists(project.stack_directory / f"Pulumi.{stack}.yaml"):
        why = f"{wanted} is not a file but a folder, or a link that leads to none; put the stack file there"
    raise SourceError(f"there is no stack {stack!r}: {why} (stacks: {', '.join(files)})")


def _configured(document: Mapping, project: Project, shown: str, mistakes: list[str]) -> dict[str, _Value]:
    config = document.entries.get("config")
    if config is None or (isinstance(config.value, Scalar) and config.value.value is None):
        return {}
    if not isinstance(config.value, Mapping):
        kind = "a list" if isinstance(config.value, Sequence) else f"the value {config.value.text!r}"
        raise SourceError(
            f"{shown}:{config.line}: `config:` must be a map of keys such as `aws:region: us-east-1`, this is {kind}"
        )
    values: dict[str, _Value] = {}
    for written, entry in config.value.entries.items():
        key, place = full_key(written, project.name), f"{shown}:{entry.line}"
        if key.count(":") != 1 or not all(key.split(":")):
            mistakes.append(
                f"{place}: {written!r} is not a configuration key; write <namespace>:<name>, as in aws:region"
            )
        elif key in values:
            mistakes.append(
                f"{place}: the key {key!r} is given twice, first at {values[key].place}; keep one of the two"
            )
        else:
            values[key] = _value(entry, place)
    return values


def _value(entry: Entry, place: str) -> _Value:
    if isinstance(
        entry.value, Scalar
    ):  # the text as written: Pulumi gives the program "1.10" for 1.10, and "" for null
        return _Value("" if entry.value.value is None else entry.value.text, False, [], place)
    hidden: list[str] = []
    value = _reveal(entry.value, "", hidden)
    return _Value(value, bool(hidden), hidden, place)


def _reveal(node: Any, path: str, hidden: list[str]) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [_reveal(item, f"{path}[{position}]", hidden) for position, item in enumerate(node.items)]
    if set(node.entries) == {"secure"} and isinstance(node.entries["secure"].value, Scalar):
        hidden.append(path)
        return STAND_IN
    return {key: _reveal(entry.value, f"{path}.{key}", hidden) for key, entry in node.entries.items()}


def _remarks(document: Mapping, shown: str) -> list[str]:
    notes = []
    if "environment" in document.entries:
        notes.append(
            f"{shown} imports Pulumi ESC environments, which cannot be opened offline: "
            "give the values they would bring with --config."
        )
    return notes


def _ignored(document: Mapping, shown: str) -> dict[str, str]:
    """What there is to say of each key at the top that Pulumi does not know."""
    return {
        key: f"{shown}:{entry.line}: Pulumi ignores the key {key!r}{nearest(key, list(_TOP_LEVEL))}"
        for key, entry in document.entries.items()
        if key not in _TOP_LEVEL
    }


def _means_config(key: str) -> bool:
    return guess(key, list(_TOP_LEVEL)) == "config"


def _apply_defaults(values: dict[str, _Value], project: Project) -> None:
    for key, declared in project.config.items():
        if key not in values and declared.fallback is not None:
            place = f"{project.file}:{declared.line}"
            values[key] = _value(Entry(declared.fallback, declared.line), place)


def _missing(values: dict[str, _Value], project: Project, stack: str, shown: str) -> Iterator[str]:
    missing = [
        f"{key} (declared at {project.file}:{declared.line})"
        for key, declared in project.config.items()
        if key not in values and key.partition(":")[0] == project.name
    ]
    if missing:
        yield f"{shown}: stack {stack!r} gives no value for {', '.join(missing)}; add it under `config:`"


def _override(values: dict[str, _Value], override: str, project: Project) -> list[str]:
    """Sets what one `--config` says. A name with a full stop or bracket in it that is neither given nor declared is a
    path into an object or list, which is made where there is none. Returns what there is to note."""
    written, text = _split(override)
    key = full_key(written, project.name)
    old = values.get(key)
    head = re.split(r"[.\[]", key, maxsplit=1)[0]
    if old is None and (head.count(":") != 1 or not all(head.split(":"))):
        raise SourceError(
            f"--config {written}: {head!r} is not a configuration key; write <namespace>:<name>=<value>, "
            "as in aws:region=eu-west-1"
        )
    there = {head, key} & {*values, *project.config}
    new = [] if there else [*_note_of_new(head, values, project, f"--config {written}")]
    if old is None and head != key and key not in project.config:
        into = values.get(head) or _Value("", False, [], f"--config {written}")
        if into.value == "":  # a key with nothing below it
            into = into._replace(value=None)  # a list or an object, as the path goes on
        hide = _is_declared_secret(head, project)
        changed, notes = _assign(into, head, key[len(head) :], text, written)
        clear = (*changed.clear, text) if hide and text not in changed.clear else changed.clear
        values[head] = changed._replace(secret=bool(changed.hidden) or hide, clear=clear)
        return [*new, *notes]
    secret = _is_declared_secret(key, project)
    hide = secret or (old is not None and bool(old.hidden or old.clear))  # given in clear, but nobody has to see it
    values[key] = _Value(text, secret, [], f"--config {written}", (text,) if hide else ())
    return new


def _note_of_new(key: str, values: dict[str, _Value], project: Project, mine: str) -> Iterator[str]:
    """What there is to note of a key that neither the stack nor the project has: the one that it looks like, by its
    name, or by its namespace where the name is the same. Keys of the command line are no example."""
    known = [*(each for each, value in values.items() if not value.place.startswith("--config ")), *project.config]
    namespace, _, name = key.partition(":")
    names = [each.partition(":")[2] for each in known if each.partition(":")[0] == namespace]
    owners = [each.partition(":")[0] for each in known if each.partition(":")[2] == name]
    if meant := guess(name, names, cutoff=_MISSPELT):
        meant = f"{namespace}:{meant}"
    elif meant := guess(namespace, owners, cutoff=_MISSPELT):
        meant = f"{meant}:{name}"
    if meant:
        yield f"{mine}: the stack has no {key!r}, so it was added, did you mean {meant!r}?"


def _is_declared_secret(key: str, project: Project) -> bool:
    declared = project.config.get(key)
    return declared is not None and declared.secret


def _assign(old: _Value, head: str, path: str, text: str, written: str) -> tuple[_Value, list[str]]:
    """Sets one place inside the object of the key `head`, as `pulumi config set --path` does: a name that is missing is
    added, with the objects above it, and a list grows by one. What looks misspelt is noted."""
    holder: dict[str, Any] = {head: json.loads(json.dumps(old.value))}
    here: Any = holder
    last: str | int = head
    notes: list[str] = []
    steps = _steps(path, written)
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)  # as `_reveal` names it
    for step in steps:
        if here[last] is None:
            here[last] = [] if isinstance(step, int) else {}
        elif not isinstance(here[last], (dict, list)):
            raise SourceError(f"--config {written}: {last!r} is a plain value, nothing lies below it")
        here = here[last]
        notes += [f"--config {written}: {added}" for added in _made(here, step, written)]
        last = step
    kept = isinstance(here[last], str)  # also a stand-in for a secret; else `25` is a number, `[a]` a list
    here[last] = text if kept else yaml_source.plain(yaml_source.parse(text, f"--config {written}"))
    clear = (*old.clear, text) if path in old.hidden else old.clear
    return old._replace(value=holder[head], hidden=[name for name in old.hidden if name != path], clear=clear), notes


def _steps(path: str, written: str) -> list[str | int]:
    """The names and positions of a path below a key. SourceError for anything else than Pulumi's own syntax of paths:
    what is cut off would set another place, or the whole key."""
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise SourceError(
                f"--config {written}: {path[at:]!r} is no step of a path; allowed, as in `pulumi config set --path`: "
                f'.name, [0], ["a name"]; write --config {written[: len(written) - len(path) + at]}.name=..., '
                "or the key without it to replace the whole value"
            )
        quoted = found["quoted"]
        plain = found["name"] if quoted is None else quoted.replace('\\"', '"')
        steps.append(plain if plain is not None else int(found["index"]))
        at = found.end()
    return steps


def _made(here: dict[str, Any] | list[Any], step: str | int, written: str) -> Iterator[str]:
    """Makes a place for a step where there is none; yields what there is to note."""
    if isinstance(here, dict) and isinstance(step, str):
        if step not in here:
            if meant := guess(step, list(here), cutoff=_MISSPELT):
                yield f"there was no {step!r} at this place, so it was added, did you mean {meant!r}?"
            here[step] = None
    elif isinstance(here, list) and isinstance(step, int) and step <= len(here):
        here += [None] * (step == len(here))
    else:
        known = ", ".join(here if isinstance(here, dict) else [f"[{number}]" for number in range(len(here))])
        new = "a new .name" if isinstance(here, dict) else f"[{len(here)}] to add an element"
        raise SourceError(
            f"--config {written}: there is no {step!r} at this place (known: {known or 'nothing'}); "
            f"write one of these, or {new}"
        )


def _wrong_types(values: dict[str, _Value], project: Project) -> Iterator[str]:
    for key, declared in project.config.items():
        given = values.get(key)
        if given is None:
            continue
        if declared.type and "" not in given.hidden and not _fits(given.value, declared.type):
            kind = (
                "an object"
                if isinstance(given.value, dict)
                else "a list"
                if isinstance(given.value, list)
                else "a text"
            )
            said = kind if given.secret or not isinstance(given.value, str) else f"{given.value!r}"
            yield (
                f"{given.place}: {key!r} must be of type {declared.type} (declared at {project.file}:{declared.line}), "
                f"but is {said}"
            )
        if declared.secret and not given.secret:
            yield (
                f"{given.place}: {key!r} is declared secret at {project.file}:{declared.line} but stands here in clear "
                f"text; set it with `pulumi config set --secret {key}`"
            )


def _fits(value: Any, kind: str) -> bool:
    if kind in {"array", "object"}:
        return isinstance(value, list if kind == "array" else dict)
    if not isinstance(value, str):
        return False
    if kind == "integer":
        return re.fullmatch(r"[-+]?\d+", value) is not None
    return kind == "string" or value in {"true", "false"}


def _finish(values: dict[str, _Value], notes: list[str], written: Written) -> StackConfig:
    secret: list[str] = []
    stand_ins: list[str] = []
    result: dict[str, str] = {}
    for key, entry in sorted(values.items()):
        result[key] = (
            entry.value
            if isinstance(entry.value, str)
            else json.dumps(entry.value, separators=(",", ":"), sort_keys=True)
        )
        if entry.secret:
            secret.append(key)
        stand_ins += [key + path for path in entry.hidden]
    if stand_ins:
        notes.append(
            f"{written.file}: {len(stand_ins)} secret{'s' * (len(stand_ins) > 1)} cannot be decrypted offline, a "
            f"stand-in was used for {', '.join(stand_ins)}. Give a value with --config {stand_ins[0]}=..."
        )
    clear = [text for entry in values.values() for text in entry.clear if len(text) >= SHORTEST]
    return StackConfig(result, secret, stand_ins, clear, notes, written)
