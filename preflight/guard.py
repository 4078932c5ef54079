"""Keeps a program off the network while it runs offline, and remembers what it tried even if it caught the refusal."""

import sys
from typing import Any

from preflight.faults import Fault, NetworkRefused
from preflight.places import Places
from preflight.registry import Registry

_NAMES = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_ADDRESSES = ("socket.connect", "socket.sendto", "socket.sendmsg")
_COMMAND = "subprocess.Popen"
_WATCHED = frozenset({*_NAMES, *_ADDRESSES, _COMMAND})
_LOCAL_NAMES = {"localhost", "ip6-localhost", "::1", "0.0.0.0", "", None}  # noqa: S104  compared with, never bound


class Guard:
    """An audit hook: once installed it stays, but it refuses only between ``start`` and ``stop``."""

    def __init__(self, registry: Registry, places: Places) -> None:
        self._registry = registry
        self._places = places
        self._on = False

    def start(self) -> None:
        """Refuses connections and name look-ups, except to this machine, from now on."""

        def hook(event: str, arguments: tuple[Any, ...]) -> None:  # runs at every `id()` and every `exec`: no more here
            if event in _WATCHED:
                self._audit(event, arguments)

        self._on = True
        sys.addaudithook(hook)

    def stop(self) -> None:
        """Lets everything through again: the pack and the report come after the program."""
        self._on = False

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event == _COMMAND:
            self._command(arguments)
        else:
            self._network(event, arguments)

    def _network(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _NAMES:
            target, port = _text(arguments[0]), arguments[1] if len(arguments) > 1 else None
        else:
            address = arguments[1]
            if not isinstance(address, tuple):
                return  # a Unix socket, or one that is connected already
            target, port = _text(address[0]), address[1]
        if target in _LOCAL_NAMES or (target and target.startswith(("127.", "::ffff:127."))):
            return
        place = f"{target}:{port}" if isinstance(port, int | str) and port else target
        fault = Fault(
            kind="network",
            message=(
                f"the program reaches for the network ({place}), which an offline run refuses. Take the value as "
                "config or as a stack reference, or guard the call so that it does not run in a preview"
            ),
            source=self._places.here(),
        )
        self._registry.fault(fault)
        raise NetworkRefused(fault)

    def _command(self, arguments: tuple[Any, ...]) -> None:
        place = self._places.here()
        if place is not None:
            # The name only: arguments may hold secrets.
            command = arguments[1]
            name = command.split()[0] if isinstance(command, str) and command.strip() else _first(command)
            self._registry.note(f"the program runs a command, {name} ({place}): what that reaches for is not guarded")


def _text(value: Any) -> str | None:
    return value.decode("ascii", "replace") if isinstance(value, bytes | bytearray) else value


def _first(command: Any) -> str:
    return str(command[0]) if isinstance(command, list | tuple) and command else "?"
