"""What the test program sends to the engine, as lines that can be compared."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockMonitor

from tests.preflight.lazy_sdk import program


class _Cloud(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        computed: dict[str, Any] = {"arn": f"arn:{args.name}", "name": args.name}
        if args.typ == "aws:acm/certificate:Certificate":
            option = {"resourceRecordName": "n", "resourceRecordType": "CNAME", "resourceRecordValue": "v"}
            computed["domainValidationOptions"] = [{**option, "domainName": "app.example.com"}]
        return f"{args.name}-id", {**args.inputs, **computed}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        return {**args.args, "id": "ami-1", "json": "{}", "accountId": "111122223333"}


class _Recorder(MockMonitor):
    """Keeps each request as the engine would get it, source positions and stack traces included."""

    def __init__(self, mode: str) -> None:
        super().__init__(_Cloud())
        self.mode = mode
        self.lines: list[str] = []

    def RegisterResource(self, request: Any) -> Any:
        self._note("register", request)
        return cast(Any, super()).RegisterResource(request)

    def Invoke(self, request: Any) -> Any:
        self._note("invoke", request)
        return cast(Any, super()).Invoke(request)

    def _note(self, kind: str, request: Any) -> None:
        self.lines.append(json.dumps([self.mode, kind, _with_sorted_sets(MessageToDict(request))], sort_keys=True))


def _with_sorted_sets(message: Any) -> Any:
    """Pulumi sends these two from sets, in any order."""
    if isinstance(message, dict):
        return {
            key: sorted(value) if key in {"dependencies", "urns"} else _with_sorted_sets(value)
            for key, value in message.items()
        }
    return [_with_sorted_sets(item) for item in message] if isinstance(message, list) else message


def lines(_: list[str]) -> Iterator[str]:
    """One sorted line for each request: of a preview, then of an update."""
    for mode in ("preview", "up"):
        recorder = _Recorder(mode)
        pulumi.runtime.set_mocks(recorder.mocks, project="p", stack="s", preview=mode == "preview", monitor=recorder)
        cast(Any, pulumi.runtime.test)(program.build)()
        yield from sorted(recorder.lines)
