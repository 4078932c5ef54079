"""The table of what counts when an input is left out, compared with what the SDK and AWS's API say."""

import gzip
import json
import re
from pathlib import Path

import botocore
import pulumi_aws

from preflight.simulation import changes, defaults, table
from tests.gathered import for_each

SDK, MODELS = (Path(module.__path__[0]) for module in (pulumi_aws, botocore))
FUNCTION, BALANCER, QUEUE = "aws:lambda/function:Function", "aws:lb/loadBalancer:LoadBalancer", "aws:sqs/queue:Queue"
_SAYS = r"[Dd]efault(?:s| value)?(?: is| to)?:? (?:to:? )?"


def test_each_row_is_a_replacing_input_whose_default_the_documentation_says() -> None:
    newest = max((MODELS / "data" / "iam").glob("*/service-2.json*"))
    iam = json.loads(gzip.decompress(newest.read_bytes()) if newest.suffix == ".gz" else newest.read_bytes())["shapes"]
    strange = []
    for token, row in defaults.rows().items():
        _, place, kind = token.split(":")
        stem = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", place.partition("/")[2]).lower()
        source = (SDK / place.partition("/")[0].replace("lambda", "lambda_") / f"{stem}.py").read_text(encoding="utf-8")
        given = source.partition("def __init__(__self__, *,")[2].partition("@staticmethod")[0]
        known = table.inputs(token)
        for key, default in row.items():
            if known is None or key not in known.replacing | known.conditional | known.unmeasured:
                strange.append((token, key, "does not replace"))
            snake = re.sub(r"([A-Z])", r"_\1", key).lower()
            said = re.search(
                rf":param pulumi\.Input\[.*?\] {snake}: (.*?)(?=\n        :param|\n        \"\"\")", given, re.DOTALL
            )
            if key == "path":
                text = iam[f"Create{kind}Request"]["members"]["Path"]["documentation"]
                strange += [] if "it defaults to a slash (/)" in text else [(token, key, text)]
                continue
            wanted = str(default).lower() if isinstance(default, bool) else str(default)
            text = " ".join(said[1].split()) if said else ""
            if not re.search(rf"{_SAYS}[`\"]+{re.escape(wanted)}[`\"]", text):
                strange.append((token, key, text))
    assert strange == []


@for_each(
    "token, place, before, after, effect",
    [
        (FUNCTION, "packageType", None, "Zip", None),
        (FUNCTION, "packageType", "Zip", None, None),
        (FUNCTION, "packageType", None, "Image", "replace"),
        (FUNCTION, "packageType", "Image", "Zip", "replace"),
        (FUNCTION, "packageType", "Zip", "Image", "replace"),
        (BALANCER, "internal", None, False, None),
        (BALANCER, "internal", None, "false", None),
        (BALANCER, "internal", None, True, "replace"),
        (BALANCER.replace("aws:lb", "aws:alb"), "internal", None, False, None),
        (QUEUE, "fifoQueue", None, False, None),
    ],
)
def test_a_default_that_is_written_out_plans_nothing(
    token: str, place: str, before: object, after: object, effect: str | None
) -> None:
    old, new = ({} if value is None else {place: value} for value in (before, after))
    assert [each.effect for each in changes.changes(token, old, new)] == ([] if effect is None else [effect])
