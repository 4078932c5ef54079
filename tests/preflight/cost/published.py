"""AWS's published pricing examples (examples.json: usage, total, source and date), turned into what each meter counts."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from preflight.cost import bills

EXAMPLES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))

Counts = dict[str, Decimal]
Usage = dict[str, Any]


def counts(example: dict[str, Any]) -> Counts:
    """The quantities of an example by meter."""
    usage = {key: Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else _text(value)
             for key, value in example["usage"].items()}  # fmt: skip
    result: Counts = {}
    for meter, quantity in _BILLS[example["service"]](usage):
        result[meter] = result.get(meter, Decimal(0)) + quantity
    return result


def _text(value: Any) -> Any:
    try:
        return Decimal(value) if isinstance(value, str) else value
    except ArithmeticError:  # a word
        return value


def _times(meters: dict[str, tuple[str, ...]]) -> Callable[[Usage], bills.Quantities]:
    """A bill whose quantities are plain products of usage keys; a part is left out where the usage does not name it."""

    def bill(usage: Usage) -> bills.Quantities:
        found = []
        for meter, keys in meters.items():
            if all(key in usage for key in keys):
                product = Decimal(1)
                for key in keys:
                    product *= usage[key]
                found.append((meter, product))
        return found

    return bill


def _fargate(usage: Usage) -> bills.Quantities:
    size = (usage["vcpu_per_task"], usage["memory_gb_per_task"])
    arm = usage["architecture"] == "arm64"
    storage = usage.get("ephemeral_storage_gb_per_task", Decimal(20))
    hours = usage["hours_per_task"]
    regular = usage.get("tasks", usage.get("tasks_on_demand", Decimal(0))) * hours
    spot = usage.get("tasks_spot", Decimal(0)) * hours * (1 - usage.get("spot_discount_fraction", Decimal(0)))
    addresses = usage.get("public_ipv4_addresses", Decimal(0)) * hours
    return [
        *bills.fargate(regular + spot, *size, arm=arm, ephemeral_gb=storage),
        ("ipv4.public.in_use.hour", addresses),
    ]


def _ec2(usage: Usage) -> bills.Quantities:
    count, hours = usage.get("instances", Decimal(0)), usage.get("hours", Decimal(730))
    part = hours / usage["hours_in_month"] if "hours_in_month" in usage else Decimal(1)
    found: bills.Quantities = []
    if "instance_type" in usage:
        found.append((f"ec2.linux.{usage['instance_type']}.hour", count * hours))
    found.append(("ipv4.public.in_use.hour", usage.get("public_ipv4_addresses", Decimal(0)) * hours))
    if "gp3_storage_gb" in usage:
        iops, mibps = usage["gp3_iops"], usage["gp3_throughput_mibps"]
        found += bills.volume("gp3", usage["gp3_storage_gb"], iops=iops, mibps=mibps)
    for kind in ("gp2", "gp3"):
        size = usage.get(f"{kind}_storage_gb_per_instance", Decimal(0))
        found += [(meter, quantity * count * part) for meter, quantity in bills.volume(kind, size)]
    found.append(("ebs.snapshot.storage", usage.get("snapshot_storage_gb", Decimal(0)) * part))
    found.append(("ec2.cpu_credit.t3.vcpu_hour", usage.get("surplus_cpu_credit_vcpu_hours", Decimal(0))))
    return found


def _balancer(usage: Usage) -> bills.Quantities:
    hours = usage["load_balancers"] * usage["hours"]
    if "nlcu_hours" in usage:
        return [("nlb.hour", hours), ("nlb.nlcu_hour", usage["nlcu_hours"])]
    an_hour = usage.get("processed_kb_per_s", Decimal(0)) * 3600 / 1_000_000  # as AWS's example rounds it
    units = bills.lcu(
        new_connections=usage["new_connections_per_s"],
        connection_seconds=usage.get("connection_duration_s", Decimal(0)),
        gigabytes_an_hour=an_hour or usage.get("processed_gb", Decimal(0)) / usage["hours"],
        requests=usage.get("requests_per_s", Decimal(0)),
        rules=int(usage.get("rules", 0)),
    )
    assert abs(units - usage["lcu"]) < Decimal("0.001")
    return [("alb.hour", hours), ("alb.lcu_hour", hours * units)]


def _transfer(usage: Usage) -> bills.Quantities:
    return [
        ("data_transfer.out.internet", usage["internet_out_gb"]),
        ("data_transfer.cross_az", usage.get("cross_az_gb_each_direction", Decimal(0)) * 2),
        *[("data_transfer.inter_region.other", usage[key]) for key in ("inter_region_out_gb",) if key in usage],
    ]


def _aurora(usage: Usage) -> bills.Quantities:
    optimized = usage.get("storage_mode") == "io_optimized"
    mode = "io_optimized" if optimized else "standard"
    storage = [(f"aurora.storage.{mode}", usage["storage_gb"])]
    if "acu_average" in usage:
        acu = usage["acu_average"]
        return storage + bills.serverless_database(
            "postgres", usage["hours"], acu, acu, Decimal(0), Decimal(0), optimized=optimized
        )
    meter = f"aurora.postgres.{usage['instance_class']}.{mode}.hour"
    return [*storage, (meter, usage["instances"] * usage["hours"])]


def _rds(usage: Usage) -> bills.Quantities:
    places = "multi_az" if usage["multi_az"] else "single_az"
    return [
        (f"rds.postgres.{usage['instance_class']}.{places}.hour", usage["instances"] * usage["hours"]),
        *[(f"rds.{kind}.storage.{places}", usage[f"{kind}_storage_gb"]) for kind in ("gp2", "gp3") if f"{kind}_storage_gb" in usage],
        (f"rds.gp3.iops.{places}", usage.get("gp3_iops_above_baseline", Decimal(0))),
        ("rds.backup.storage", usage.get("backup_storage_gb_beyond_free", Decimal(0))),
    ]  # fmt: skip


def _cache(usage: Usage) -> bills.Quantities:
    engine = usage["engine"]
    if "node_type" in usage:
        return [(f"elasticache.{engine}.{usage['node_type']}.hour", usage["nodes"] * usage["hours"])]
    if "data_gb_hours" in usage:
        return bills.serverless_cache(engine, Decimal(1), usage["data_gb_hours"], usage["ecpu"])
    return bills.serverless_cache(engine, usage["hours"], usage["data_gb_average"], usage["ecpu"])


def _dynamodb(usage: Usage) -> bills.Quantities:
    hours = usage.get("hours", Decimal(1))
    write = usage.get("write_capacity_units", usage.get("write_capacity_unit_hours", Decimal(0)))
    read = usage.get("read_capacity_units", usage.get("read_capacity_unit_hours", Decimal(0)))
    return [
        ("dynamodb.provisioned.wcu_hour", write * hours),
        ("dynamodb.provisioned.rcu_hour", read * hours),
        ("dynamodb.on_demand.write_request_units", usage.get("write_request_units", Decimal(0))),
        ("dynamodb.storage.standard", usage.get("storage_gb", Decimal(0))),
    ]


def _sqs(usage: Usage) -> bills.Quantities:
    kinds = ("requests", "send_requests", "receive_requests")
    fifo = sum((usage.get(f"fifo_{key}", Decimal(0)) for key in kinds), Decimal(0))
    standard = usage.get("standard_requests", Decimal(0)) + usage.get("messages", Decimal(0)) * usage.get(
        "requests_per_message", Decimal(0)
    )
    return [("sqs.fifo.requests", Decimal(fifo)), ("sqs.standard.requests", standard)]


def _lambda(usage: Usage) -> bills.Quantities:
    kind = "arm" if usage["architecture"] == "arm64" else "x86"
    if "memory_mb" in usage:
        found = bills.function(usage["requests"], usage["duration_ms"], usage["memory_mb"], arm=kind == "arm")
    else:
        calls: Decimal = usage["requests" if "requests" in usage else "billable_requests"]
        billable = usage.get("billable_duration_gb_seconds", Decimal(0))
        duration: Decimal = usage.get("duration_gb_seconds") or billable
        found = [("lambda.requests", calls), (f"lambda.{kind}.duration", duration)]
    extra = {
        "lambda.ephemeral_storage": "ephemeral_storage_gb_seconds_above_512_mb",
        f"lambda.{kind}.provisioned_concurrency": "provisioned_concurrency_gb_seconds",
        f"lambda.{kind}.provisioned_duration": "provisioned_duration_gb_seconds",
    }
    return found + [(meter, usage[key]) for meter, key in extra.items() if key in usage]


def _msk(usage: Usage) -> bills.Quantities:
    if "brokers" in usage:
        return [(f"msk.provisioned.{usage['broker_type']}.hour", usage["brokers"] * usage["hours"])]
    clusters = usage["serverless_clusters"] * usage["hours"]
    return [
        ("msk.serverless.cluster_hour", clusters),
        ("msk.serverless.partition_hour", usage["partitions"] * clusters),
    ]


def _efs(usage: Usage) -> bills.Quantities:
    month = usage.get("hours_in_month", Decimal(1))
    stored = {"standard": "efs.standard.storage", "ia": "efs.standard_ia.storage", "archive": "efs.archive.storage"}
    found = [
        (meter, usage[f"{kind}_gb_hours"] / month) for kind, meter in stored.items() if f"{kind}_gb_hours" in usage
    ]
    found += _times(
        {
            "efs.standard.storage": ("standard_storage_gb",),
            "efs.provisioned_throughput": ("provisioned_throughput_mbps_above_baseline",),
            "efs.archive.tiering": ("archive_tiered_gb",),
            "efs.archive.read": ("archive_read_gb",),
        }
    )(usage)
    return [
        *found,
        ("efs.ia.access_or_tiering", usage.get("ia_tiered_gb", Decimal(0)) + usage.get("ia_read_gb", Decimal(0))),
    ]


def _cloudwatch(usage: Usage) -> bills.Quantities:
    per_instance = usage.get("instances", Decimal(0)) * usage.get("metrics_per_instance", Decimal(0))
    found = [("cloudwatch.metric.custom", usage.get("custom_metrics", Decimal(0)) + per_instance)]
    return found + _times(
        {
            "cloudwatch.alarm.standard": ("standard_alarm_metrics",),
            "cloudwatch.dashboard": ("dashboards",),
            "cloudwatch.logs.ingest.standard": ("log_ingest_gb",),
            "cloudwatch.logs.ingest.vended": ("vended_log_ingest_gb",),
            "cloudwatch.logs.storage": ("log_storage_gb",),
        }
    )(usage)


def _backup(usage: Usage) -> bills.Quantities:
    halves = usage["efs_backup_gb_first_15_days"] + usage["efs_backup_gb_last_15_days"]
    return [("backup.efs.warm", halves * 15 / usage["days_in_month"])]


def _stack(usage: Usage) -> bills.Quantities:
    return [
        *_ec2(usage),
        ("nat_gateway.hour", usage["nat_gateways"] * usage["hours"]),
        ("nat_gateway.data_processed", usage["nat_processed_gb"]),
        ("cloudwatch.logs.ingest.vended", usage["vended_log_ingest_gb"]),
        ("data_transfer.out.internet", usage["internet_out_gb"]),
    ]


_BILLS: dict[str, Callable[[Usage], bills.Quantities]] = {
    "fargate": _fargate,
    "ec2_ebs": _ec2,
    "elastic_load_balancing": _balancer,
    "data_transfer": _transfer,
    "aurora": _aurora,
    "rds_postgresql": _rds,
    "elasticache": _cache,
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "lambda": _lambda,
    "msk": _msk,
    "efs": _efs,
    "cloudwatch": _cloudwatch,
    "backup": _backup,
    "stack": _stack,
    "rds_proxy": lambda usage: bills.proxy(usage["proxies"] * usage["hours"], usage["vcpu_of_database"]),
    "nat_gateway": _times(
        {"nat_gateway.hour": ("nat_gateways", "hours"), "nat_gateway.data_processed": ("nat_processed_gb",)}
    ),
    "public_ipv4": _times({"ipv4.public.in_use.hour": ("public_ipv4_addresses", "hours")}),
    "vpc_endpoints": _times(
        {
            "vpc_endpoint.interface.hour": ("interface_endpoints", "availability_zones", "hours"),
            "vpc_endpoint.interface.data": ("endpoint_processed_gb",),
        }
    ),
    "s3": _times(
        {
            "s3.standard.storage": ("standard_storage_gb",),
            "s3.standard.requests.put_copy_post_list": ("put_requests",),
            "s3.standard.requests.get_other": ("get_requests",),
            "s3.standard_ia.storage": ("standard_ia_storage_gb",),
            "s3.standard_ia.requests.put": ("standard_ia_put_requests",),
            "s3.standard_ia.requests.get": ("standard_ia_get_requests",),
            "s3.lifecycle_transition.to_standard_ia": ("lifecycle_transitions_to_standard_ia",),
            "s3.standard_ia.retrieval": ("standard_ia_retrieval_gb",),
            "data_transfer.out.internet": ("internet_out_gb",),
        }
    ),
    "sns": _times({"sns.delivery.http": ("http_deliveries",), "sns.delivery.email": ("email_deliveries",)}),
    "eventbridge": _times(
        {
            "eventbridge.custom_events": ("custom_events",),
            "eventbridge.partner_events": ("partner_events",),
            "eventbridge.archive.processing": ("archive_processing_gb",),
            "eventbridge.archive.storage": ("archive_storage_gb",),
            "eventbridge.schema_discovery": ("schema_discovery_events",),
        }
    ),
    "cloudfront": _times(
        {
            "cloudfront.us.data_out": ("viewer_out_gb",),
            "cloudfront.us.data_to_origin": ("origin_upload_gb",),
            "cloudfront.us.requests.https": ("https_requests",),
            "cloudfront.us.requests.http": ("http_requests",),
        }
    ),
    "route53": _times(
        {
            "route53.hosted_zone": ("hosted_zones",),
            "route53.resolver_endpoint.eni_hour": ("resolver_network_interfaces", "hours"),
            "route53.resolver.queries.first_1b": ("resolver_queries",),
        }
    ),
    "waf": _times(
        {
            "waf.web_acl": ("web_acls",),
            "waf.rule": ("rules",),
            "waf.requests": ("requests",),
            "waf.bot_control.month": ("bot_control_groups",),
        }
    ),
    "kms": _times({"kms.key": ("keys",), "kms.requests": ("requests",)}),
    "secrets_manager": _times(
        {"secrets_manager.secret": ("secrets",), "secrets_manager.api_requests": ("api_requests",)}
    ),
    "ecr": _times({"ecr.private.storage": ("image_storage_gb",)}),
    "guardduty": _times(
        {
            "guardduty.cloudtrail_management_events": ("management_events",),
            "guardduty.vpc_flow_and_dns_logs": ("flow_and_dns_log_gb",),
        }
    ),
    "security_hub": _times({"security_hub.cspm.checks": ("security_checks",)}),
    "cloudtrail": _times(
        {
            "cloudtrail.management_events.additional_trail": ("additional_trail_management_events",),
            "cloudtrail.data_events": ("data_events",),
            "cloudtrail.insights": ("insights_events_analysed",),
        }
    ),
    "config": _times({"config.rule_evaluations": ("rule_evaluations",)}),
    "amp": _times({"amp.ingest": ("samples_ingested",), "amp.storage": ("metric_storage_gb",)}),
    "amg": _times({"amg.editor": ("editors",), "amg.viewer": ("viewers",)}),
    "xray": _times({"xray.traces_recorded": ("traces_recorded",), "xray.traces_retrieved": ("traces_retrieved",)}),
}
