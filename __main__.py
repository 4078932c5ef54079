"""One stack of groundwork: settings -> security -> network -> edge -> data -> compute -> observability -> exports."""

import pulumi
import pulumi_aws as aws

from components.compute import Compute, ComputeArgs
from components.data import Data, DataArgs
from components.edge import Edge, EdgeArgs
from components.network import Network, NetworkArgs
from components.observability import Alerts, AlertsArgs, Observability, ObservabilityArgs
from components.security import Security, SecurityArgs
from settings import Settings

settings = Settings.load()
location, protected = settings.location, settings.protection.protected
log_days = settings.observability.log_retention_days
tags = {"groundwork:project": pulumi.get_project(), "groundwork:stack": pulumi.get_stack()}

allowed = [location.account_id]
provider = aws.Provider("aws", region=location.region, allowed_account_ids=allowed, default_tags={"tags": tags})
opts = pulumi.ResourceOptions(providers=[provider])

days, kinds = settings.edge.log_retention_days, settings.kinds
security_args = SecurityArgs(location=location, protected=protected, log_retention_days=days, kinds=kinds)
security = Security("security", security_args, opts)
log_key = security.operations_key_arn

alerts = Alerts("alerts", AlertsArgs(email=settings.observability.email, key_arn=log_key, location=location), opts)

network_args = NetworkArgs(settings=settings.network, location=location, protected=protected, log_key_arn=log_key)
network = Network("network", network_args, opts)

archive, ranges = security.log_archive.bucket_name, settings.internal_ranges
edge_args = EdgeArgs(
    settings=settings.edge, site=network.site, log_bucket=archive, protected=protected, internal_ranges=ranges
)
edge = Edge("edge", edge_args, opts)

data_args = DataArgs(
    settings=settings.data,
    site=network.site,
    availability_zones=settings.network.availability_zones,
    key_arn=security.data_key_arn,
    log_key_arn=log_key,
    log_bucket=archive,
    log_retention_days=log_days,
    location=location,
    protected=protected,
    secret_values=settings.secret_values,
)
data = Data("data", data_args, opts)

compute_args = ComputeArgs(
    services=settings.workloads,
    cluster=settings.compute,
    site=network.site,
    load_balancer=edge.load_balancer,
    internal_load_balancer=edge.internal_load_balancer,
    stores=data.stores,
    log_key_arn=log_key,
    registry_key_arn=security.data_key_arn,
    log_retention_days=log_days,
    location=location,
    protected=protected,
    secret_values=settings.secret_values,
    kept_secrets=settings.data.secrets,
)
compute = Compute("compute", compute_args, opts)

platform, services = [*network.signals, *edge.signals, *data.signals, *compute.cluster_signals], compute.signals
observability_args = ObservabilityArgs(
    platform=platform, services=services, panels=compute.panels, topic_arn=alerts.topic_arn, location=location
)
observability = Observability("observability", observability_args, opts)

pulumi.export("url", edge.url)
pulumi.export("natPublicIps", network.nat_public_ips)
pulumi.export("vpcId", network.vpc_id)
pulumi.export("dashboardName", observability.dashboard_name)
