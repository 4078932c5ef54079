"""The arithmetic of AWS's bills on plain quantities: what is counted, in what unit, with what minimum.

Each function gives (meter, quantity) pairs for one month or whatever time the quantities are of. Nothing here knows a
Pulumi resource; the raters feed it, and the published examples of AWS test it. Rules are those of AWS's price pages
(read 2026-09/10).
"""

from decimal import Decimal

Quantities = list[tuple[str, Decimal]]

_FREE_EPHEMERAL_GB = 20  # of a Fargate task
_GP3_IOPS, _GP3_MIBPS = 3000, 125  # part of every gp3 volume
_IO2_IOPS = (("first_32k", 32_000), ("next_32k", 64_000), ("over_64k", None))  # of each volume
_FREE_RULES = 10  # of a load balancer, beside its default actions
_MINIMUM_ACU = Decimal("0.5")


def fargate(
    hours: Decimal, vcpu: Decimal, memory_gb: Decimal, *, arm: bool, windows: bool = False,
    ephemeral_gb: Decimal = Decimal(20),
) -> Quantities:  # fmt: skip
    """Task-hours of one size; Windows is on x86, and pays for its licence by the vCPU."""
    kind = "windows" if windows else "arm" if arm else "x86"
    bill = [(f"fargate.{kind}.vcpu_hour", hours * vcpu), (f"fargate.{kind}.gb_hour", hours * memory_gb)]
    if windows:
        bill.append(("fargate.windows.licence_vcpu_hour", hours * vcpu))
    if ephemeral_gb > _FREE_EPHEMERAL_GB:
        bill.append(("fargate.ephemeral_storage.gb_hour", hours * (ephemeral_gb - _FREE_EPHEMERAL_GB)))
    return bill


def volume(kind: str, gigabytes: Decimal, *, iops: Decimal = Decimal(0), mibps: Decimal = Decimal(0)) -> Quantities:
    """An EBS volume for the month."""
    bill = [(f"ebs.{kind}.storage", gigabytes)]
    if kind == "gp3":
        bill += [
            (f"ebs.gp3.{name}", given - included)
            for name, given, included in (("iops", iops, _GP3_IOPS), ("throughput", mibps, _GP3_MIBPS))
            if given > included
        ]
    elif kind == "io1":
        bill.append(("ebs.io1.iops", iops))
    elif kind == "io2":
        below = Decimal(0)
        for name, bound in _IO2_IOPS:
            here = iops - below if bound is None else min(iops, Decimal(bound)) - below
            if here > 0:
                bill.append((f"ebs.io2.iops.{name}", here))
                below += here
    return bill


def database_storage(
    engine: str, kind: str, gigabytes: Decimal, *, iops: Decimal = Decimal(0), mibps: Decimal = Decimal(0)
) -> Quantities:
    """Storage of an RDS instance without the ending for its zones. What comes with gp3 grows fourfold with the size at
    which RDS stripes the volume: 400 GB, 200 for Oracle, never for SQL Server."""
    bill = [(f"rds.{kind}.storage", gigabytes)]
    if kind == "gp3":
        stripes = None if engine.startswith("sqlserver") else 200 if engine.startswith("oracle") else 400
        striped = stripes is not None and gigabytes >= stripes
        included = (_GP3_IOPS * 4, 500) if striped else (_GP3_IOPS, _GP3_MIBPS)
        bill += [
            (f"rds.gp3.{name}", given - part)
            for name, given, part in zip(("iops", "throughput"), (iops, mibps), included, strict=True)
            if given > part
        ]
    elif kind in {"io1", "io2"}:
        bill.append((f"rds.{kind}.iops", iops))
    return bill


def lcu(
    *, new_connections: Decimal, connection_seconds: Decimal, gigabytes_an_hour: Decimal, requests: Decimal,
    rules: int, to_functions: bool = False,
) -> Decimal:  # fmt: skip
    """Load balancer capacity units of an hour, from rates a second: the dimension that needs the most decides.

    One unit: 25 new connections a second, 3,000 active ones, 1 GB an hour (0.4 to Lambda functions), 1,000 rule
    evaluations a second, where the first 10 rules count for nothing.
    """
    return max(
        new_connections / 25,
        new_connections * connection_seconds / 3000,
        gigabytes_an_hour / (Decimal("0.4") if to_functions else 1),
        requests * max(0, rules - _FREE_RULES) / 1000,
    )


# What one capacity unit of a network load balancer holds: new connections a second, active ones.
_NLCU = {"TCP": (800, 100_000), "UDP": (400, 50_000), "TLS": (50, 3_000)}


def nlcu(
    *, new_connections: Decimal, connection_seconds: Decimal, gigabytes_an_hour: Decimal, protocol: str = "TCP"
) -> Decimal:
    """Capacity units of a network load balancer: by new and active connections, of which a unit holds fewer with UDP
    and TLS than with TCP, and 1 GB an hour."""
    new, active = _NLCU["UDP" if "UDP" in protocol or "QUIC" in protocol else "TLS" if protocol == "TLS" else "TCP"]
    return max(new_connections / new, new_connections * connection_seconds / active, gigabytes_an_hour)


def function(
    calls: Decimal, milliseconds: Decimal, memory_mb: Decimal, *, arm: bool, ephemeral_mb: Decimal = Decimal(512)
) -> Quantities:
    """Calls of a Lambda function; a call is counted in whole milliseconds."""
    seconds = calls * milliseconds.to_integral_value(rounding="ROUND_CEILING") / 1000
    bill = [
        ("lambda.requests", calls),
        (f"lambda.{'arm' if arm else 'x86'}.duration", seconds * memory_mb / 1024),
    ]
    if ephemeral_mb > 512:
        bill.append(("lambda.ephemeral_storage", seconds * (ephemeral_mb - 512) / 1024))
    return bill


def serverless_database(
    engine: str, hours: Decimal, least: Decimal, most: Decimal, load: Decimal, awake: Decimal, *, optimized: bool
) -> Quantities:
    """ACU-hours of one Aurora Serverless v2 instance: from `least` to `most` by load, and not below half a unit
    while it is awake. One that may pause (`least` 0) is awake for `awake` hours."""
    acu = max(_MINIMUM_ACU, least + (most - least) * load)
    mode = "io_optimized" if optimized else "standard"
    return [(f"aurora.{engine}.serverless_v2.{mode}.acu_hour", acu * (hours if least > 0 else min(hours, awake)))]


def serverless_cache(engine: str, hours: Decimal, gigabytes: Decimal, units: Decimal) -> Quantities:
    """An ElastiCache Serverless cache; at least 100 MB (Valkey) or 1 GB (Redis OSS, Memcached) are counted."""
    least = Decimal("0.1") if engine == "valkey" else Decimal(1)
    return [
        (f"elasticache.serverless.{engine}.data", hours * max(least, gigabytes)),
        (f"elasticache.serverless.{engine}.ecpu", units),
    ]


def proxy(hours: Decimal, vcpu: Decimal) -> Quantities:
    """RDS Proxy by the vCPU of the database behind it, two at least."""
    return [("rds.proxy.vcpu_hour", hours * max(Decimal(2), vcpu))]
