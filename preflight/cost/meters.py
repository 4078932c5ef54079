"""Meters: what AWS counts, and how the count becomes money (tiers, free allowances, units).

A meter is named by its SKU. One whose price falls with the quantity has several SKUs, listed here with their bounds.
Bounds and allowances hold for a whole account and month, so they are applied to the sum over the stack.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from preflight.cost.catalogue import Catalogue, Price

_GB_A_TB = 1024
_M, _B = 10**6, 10**9


@dataclass(frozen=True, kw_only=True)
class Tiers:
    """SKUs in order, each with the total quantity up to which it counts (the last: None)."""

    steps: Sequence[tuple[str, int | None]]


def _tiers(prefix: str, *steps: tuple[str, int | None]) -> Tiers:
    return Tiers(steps=tuple((f"{prefix}.{name}", bound) for name, bound in steps))


# Bounds are those of AWS's price pages (read 2026-09/10); a TB there is 1,024 GB.
TIERED: dict[str, Tiers] = {
    "data_transfer.out.internet": _tiers(
        "data_transfer.out.internet",
        ("first_10tb", 10 * _GB_A_TB), ("next_40tb", 50 * _GB_A_TB), ("next_100tb", 150 * _GB_A_TB),
        ("over_150tb", None),
    ),
    "vpc_endpoint.interface.data": _tiers(
        "vpc_endpoint.interface.data",
        ("first_1pb", 1024 * _GB_A_TB), ("next_4pb", 5 * 1024 * _GB_A_TB), ("over_5pb", None),
    ),
    "s3.standard.storage": _tiers(
        "s3.standard.storage", ("first_50tb", 50 * _GB_A_TB), ("next_450tb", 500 * _GB_A_TB), ("over_500tb", None)
    ),
    "cloudfront.us.data_out": _tiers(
        "cloudfront.us.data_out",
        ("first_10tb", 10 * _GB_A_TB), ("next_40tb", 50 * _GB_A_TB), ("next_100tb", 150 * _GB_A_TB),
        ("next_350tb", 500 * _GB_A_TB), ("next_524tb", 1024 * _GB_A_TB), ("next_4pb", 5 * 1024 * _GB_A_TB),
        ("over_5pb", None),
    ),
    "route53.hosted_zone": _tiers("route53.hosted_zone", ("first_25", 25), ("over_25", None)),
    "route53.queries.standard": _tiers("route53.queries.standard", ("first_1b", _B), ("over_1b", None)),
    "guardduty.vpc_flow_and_dns_logs": _tiers(
        "guardduty.vpc_flow_and_dns_logs", ("first_500gb", 500), ("next_2000gb", 2500), ("over_2500gb", None)
    ),
    "security_hub.cspm.checks": _tiers(
        "security_hub.cspm.checks", ("first_100k", 100_000), ("next_400k", 500_000), ("over_500k", None)
    ),
    "config.rule_evaluations": _tiers(
        "config.rule_evaluations", ("first_100k", 100_000), ("next_400k", 500_000), ("over_500k", None)
    ),
    "cloudwatch.metric.custom": _tiers(
        "cloudwatch.metric.custom",
        ("first_10k", 10_000), ("next_240k", 250_000), ("next_750k", _M), ("over_1m", None),
    ),
    "cloudwatch.logs.ingest.vended": _tiers(
        "cloudwatch.logs.ingest.vended",
        ("first_10tb", 10 * _GB_A_TB), ("next_20tb", 30 * _GB_A_TB), ("next_20tb_to_50tb", 50 * _GB_A_TB),
        ("over_50tb", None),
    ),
    "cloudwatch.logs.delivery": _tiers(
        "cloudwatch.logs.delivery",
        ("first_10tb", 10 * _GB_A_TB), ("next_20tb", 30 * _GB_A_TB), ("next_20tb_to_50tb", 50 * _GB_A_TB),
        ("over_50tb", None),
    ),
    "amp.ingest": _tiers("amp.ingest", ("first_2b", 2 * _B), ("next_250b", 252 * _B), ("over_252b", None)),
    "lambda.x86.duration": _tiers(
        "lambda.x86.duration", ("first_6b", 6 * _B), ("next_9b", 15 * _B), ("over_15b", None)
    ),
    "lambda.arm.duration": _tiers(
        "lambda.arm.duration", ("first_7_5b", 7_500 * _M), ("next_11_25b", 18_750 * _M), ("over_18_75b", None)
    ),
    "api_gateway.websocket.messages": _tiers(
        "api_gateway.websocket.messages", ("first_1b", _B), ("over_1b", None)
    ),
    "step_functions.express.duration": _tiers(  # bounds of 1,000 and 5,000 GB-hours
        "step_functions.express.duration",
        ("first_3_6m", 3_600_000), ("next_14_4m", 18_000_000), ("over_18m", None),
    ),
    "firehose.ingest": _tiers(
        "firehose.ingest", ("first_500tb", 500 * _GB_A_TB), ("next_1_5pb", 2000 * _GB_A_TB), ("over_2pb", None)
    ),
    "api_gateway.http": _tiers("api_gateway.http", ("first_300m", 300 * _M), ("over_300m", None)),
    "api_gateway.rest": _tiers(
        "api_gateway.rest", ("first_333m", 333 * _M), ("next_667m", _B), ("next_19b", 20 * _B), ("over_20b", None)
    ),
}  # fmt: skip

# What an account has free each month, beyond its first year (AWS's price pages, read 2026-09/10).
FREE: dict[str, int] = {
    "data_transfer.out.internet": 100,
    "cloudfront.us.data_out": _GB_A_TB,
    "cloudfront.us.requests.https": 10 * _M,
    "cloudwatch.metric.custom": 10,
    "cloudwatch.alarm.standard": 10,
    "cloudwatch.dashboard": 3,
    "cloudwatch.logs.ingest.standard": 5,
    "cloudwatch.logs.storage": 5,
    "cloudwatch.synthetics.canary_run": 100,
    "cloudwatch.api_requests": _M,
    "cognito.essentials.active_users": 10_000,
    "dynamodb.provisioned.rcu_hour": 25 * 730,
    "dynamodb.provisioned.wcu_hour": 25 * 730,
    "dynamodb.storage.standard": 25,
    "eventbridge.scheduler.invocations": 14 * _M,
    "eventbridge.schema_discovery": 5 * _M,
    "kms.requests": 20_000,
    "lambda.requests": _M,
    "sns.publish": _M,
    "sns.delivery.http": 100_000,
    "sns.delivery.email": 1_000,
    "step_functions.standard.transitions": 4_000,
    "waf.bot_control.common.requests": 10 * _M,
    "waf.bot_control.targeted.requests": _M,
    "xray.traces_recorded": 100_000,
    "amp.ingest": 40 * _M,
    "amp.storage": 10,
    "security_hub.cspm.findings": 10_000,
}
# Meters that share one allowance; it is taken off in the order of the meters' names.
_SHARED = {
    "sqs.standard.requests": "sqs.requests",
    "sqs.fifo.requests": "sqs.requests",
    "lambda.x86.duration": "lambda.duration",
    "lambda.arm.duration": "lambda.duration",
}
_SHARED_FREE = {"sqs.requests": _M, "lambda.duration": 400_000}


class Unpriced(Exception):  # noqa: N818 - an answer, not a failure: listed in the estimate
    """No list price is known for a meter. The text says which."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The quantity that one SKU counted, in single units, with what it costs."""

    price: Price
    quantity: Decimal
    usd: Decimal


def allowances() -> dict[str, Decimal]:
    """What an account has free in a month, by meter or, where meters share it, by the name of what they share."""
    return {name: Decimal(quantity) for name, quantity in {**FREE, **_SHARED_FREE}.items()}


def charge(quantities: dict[str, Decimal], catalogue: Catalogue, left: dict[str, Decimal]) -> dict[str, list[Part]]:
    """What the quantities of a month cost, by meter. `left` is what is still free; what is used of it is taken off.

    A meter without a list price raises Unpriced; ask `priced` first where that may be.
    """
    result: dict[str, list[Part]] = {}
    for meter in sorted(quantities):
        pool = _SHARED.get(meter, meter)
        taken = min(left.get(pool, Decimal(0)), quantities[meter])
        if taken:
            left[pool] -= taken
        result[meter] = _parts(meter, quantities[meter] - taken, catalogue)
    return result


def priced(meter: str, catalogue: Catalogue) -> bool:
    """Whether every SKU of the meter has a list price."""
    return all(catalogue.find(sku) is not None for sku, _ in _steps(meter))


def unit(meter: str, catalogue: Catalogue) -> str:
    """What the meter counts, in words."""
    price = catalogue.find(_steps(meter)[0][0])
    return price.unit if price else ""


def _steps(meter: str) -> Sequence[tuple[str, int | None]]:
    return TIERED[meter].steps if meter in TIERED else ((meter, None),)


def _parts(meter: str, quantity: Decimal, catalogue: Catalogue) -> list[Part]:
    parts, below = [], Decimal(0)
    for sku, bound in _steps(meter):
        here = quantity - below if bound is None else min(quantity, Decimal(bound)) - below
        if here < 0 or (here == 0 and below > 0):
            break
        price = catalogue.find(sku)
        if price is None:
            raise Unpriced(f"no list price of {sku} is known")
        parts.append(Part(price=price, quantity=here, usd=here * price.each))
        below += here
        if bound is None or quantity <= bound:
            break
    return parts
