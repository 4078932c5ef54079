"""The table of what AWS keeps only once, compared with the SDK and with AWS's own list of errors."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import botocore
import pulumi_aws

from preflight.simulation import identities

MODELS, SDK = (Path(module.__path__[0]) for module in (botocore, pulumi_aws))


@cache
def model(service: str) -> dict[str, Any]:
    newest = max((MODELS / "data" / service).glob("*/service-2.json*"))
    text = gzip.decompress(newest.read_bytes()) if newest.suffix == ".gz" else newest.read_bytes()
    found: dict[str, Any] = json.loads(text)
    return found


def test_each_error_is_one_that_the_operation_has() -> None:
    strange = []
    for token, row in identities.rows().items():
        service, _, operation = row.call.partition(" ")
        if service == "ec2":  # its model lists no errors
            assert operation in model(service)["operations"], token
            continue
        shapes = [each["shape"] for each in model(service)["operations"][operation]["errors"]]
        codes = {model(service)["shapes"][shape].get("error", {}).get("code", shape) for shape in shapes}
        strange += [] if row.error in codes else [(token, row.error)]
    assert strange == []


def test_each_type_and_input_is_one_of_the_sdk() -> None:
    strange = []
    for token, row in identities.rows().items():
        _, place, name = token.split(":")
        stem = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", place.partition("/")[2]).lower()
        folder = place.partition("/")[0].replace("lambda", "lambda_")
        source = (SDK / folder / f"{stem}.py").read_text(encoding="utf-8")
        token_said = f"super({name}, __self__).__init__(\n            '{token}'"
        given = source.partition("def __init__(__self__, *,")[2].partition("@staticmethod")[0]
        snakes = [re.sub(r"([A-Z])", r"_\1", key).lower() for key in (*row.inputs, *row.also)]
        strange += [(token, snake) for snake in snakes if f"\n                 {snake}: " not in given]
        strange += [] if token_said in source else [(token, "no such type")]
    assert strange == []


def test_a_type_by_its_older_token_is_the_same() -> None:
    assert identities.identity("aws:alb/listenerRule:ListenerRule") == identities.identity(
        "aws:lb/listenerRule:ListenerRule"
    )
    assert identities.identity("aws:sqs/queue:Queue") is None, "AWS hands the old one over and refuses nothing"
