"""A Pulumi program of about 100 resources over the services that groundwork uses: the subject of the loader's tests.

It mixes every way of writing inputs (``...Args`` classes, dictionaries, enums, outputs, lists of outputs) and of
reaching a name (attribute of the service, ``from`` import, lookup functions and their ``_output`` forms), since each
takes another path through the lazy modules.
"""

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from tests.preflight.lazy_sdk.network import Id, bucket, data_key, network

SERVICES = ("web", "admin")


def build() -> None:
    """Declare everything; only the graph matters, not whether AWS would take each value."""
    provider = aws.Provider(
        "main", region="us-east-1", default_tags=aws.ProviderDefaultTagsArgs(tags={"app": "groundwork"})
    )
    opts = pulumi.ResourceOptions(provider=provider)
    key = data_key(opts)
    topic = aws.sns.Topic("alerts", kms_master_key_id=key.arn, opts=opts)
    aws.sns.TopicSubscription("email", topic=topic.arn, protocol="email", endpoint="ops@example.com", opts=opts)
    vpc, public, private = network(key, opts)
    logs = bucket(key, opts)
    balancer, target = _edge(vpc, public, logs, opts)
    _database(vpc, private, key, opts)
    _services(vpc, private, balancer, target, key, opts)
    _alarms(topic, balancer, opts)
    pulumi.export("url", balancer.dns_name)
    pulumi.export(
        "account", aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=provider)).account_id
    )


def _edge(
    vpc: aws.ec2.Vpc, public: list[Id], logs: aws.s3.Bucket, opts: pulumi.ResourceOptions
) -> tuple[aws.lb.LoadBalancer, aws.lb.TargetGroup]:
    group = aws.ec2.SecurityGroup("edge", vpc_id=vpc.id, opts=opts)
    for port in (80, 443):
        aws.vpc.SecurityGroupIngressRule(
            f"edge-{port}",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4="0.0.0.0/0",
            opts=opts,
        )
    balancer = aws.lb.LoadBalancer(
        "edge",
        load_balancer_type="application",
        subnets=public,
        security_groups=[group.id],
        access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=logs.bucket, enabled=True),
        opts=opts,
    )
    certificate = aws.acm.Certificate("edge", domain_name="app.example.com", validation_method="DNS", opts=opts)
    proof = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        "proof",
        zone_id="Z1",
        name=proof.resource_record_name,
        type=proof.resource_record_type,
        records=[proof.resource_record_value],
        ttl=60,
        opts=opts,
    )
    valid = aws.acm.CertificateValidation(
        "edge", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn], opts=opts
    )
    aws.route53.Record(
        "edge",
        zone_id="Z1",
        name="app",
        type=aws.route53.RecordType.A,
        opts=opts,
        aliases=[
            aws.route53.RecordAliasArgs(name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True)
        ],
    )
    target = aws.lb.TargetGroup(
        "edge",
        port=8000,
        protocol="HTTP",
        target_type="ip",
        vpc_id=vpc.id,
        opts=opts,
        health_check=aws.lb.TargetGroupHealthCheckArgs(path="/", matcher="200"),
    )
    aws.lb.Listener(
        "https",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="HTTPS",
        certificate_arn=valid.certificate_arn,
        opts=opts,
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target.arn)],
    )
    aws.lb.Listener(
        "http",
        load_balancer_arn=balancer.arn,
        port=80,
        protocol="HTTP",
        opts=opts,
        default_actions=[
            {"type": "redirect", "redirect": {"status_code": "HTTP_301", "port": "443", "protocol": "HTTPS"}}
        ],
    )
    return balancer, target


def _database(vpc: aws.ec2.Vpc, private: list[Id], key: aws.kms.Key, opts: pulumi.ResourceOptions) -> None:
    group = aws.ec2.SecurityGroup("db", vpc_id=vpc.id, opts=opts)
    subnets = aws.rds.SubnetGroup("db", subnet_ids=private, opts=opts)
    settings = aws.rds.ClusterParameterGroup(
        "db",
        family="aurora-postgresql17",
        opts=opts,
        parameters=[aws.rds.ClusterParameterGroupParameterArgs(name="rds.force_ssl", value="1")],
    )
    cluster = aws.rds.Cluster(
        "db",
        engine=aws.rds.EngineType.AURORA_POSTGRESQL,
        storage_encrypted=True,
        kms_key_id=key.arn,
        db_subnet_group_name=subnets.name,
        vpc_security_group_ids=[group.id],
        manage_master_user_password=True,
        db_cluster_parameter_group_name=settings.name,
        final_snapshot_identifier="last",
        opts=opts,
        serverlessv2_scaling_configuration=aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
            min_capacity=0.5, max_capacity=16
        ),
    )
    for index in range(2):
        aws.rds.ClusterInstance(
            f"db-{index}",
            cluster_identifier=cluster.id,
            engine=aws.rds.EngineType.AURORA_POSTGRESQL,
            instance_class="db.serverless",
            performance_insights_enabled=True,
            opts=opts,
        )
    aws.rds.Instance(
        "plain",
        engine="postgres",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        username="app",
        manage_master_user_password=True,
        skip_final_snapshot=True,
        opts=opts,
    )


def _services(
    vpc: aws.ec2.Vpc,
    private: list[Id],
    balancer: aws.lb.LoadBalancer,
    target: aws.lb.TargetGroup,
    key: aws.kms.Key,
    opts: pulumi.ResourceOptions,
) -> None:
    cluster = aws.ecs.Cluster(
        "apps", settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enabled")], opts=opts
    )
    trust = aws.iam.get_policy_document_output(
        statements=[{"actions": ["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": ["ecs"]}]}]
    )
    repository = aws.ecr.Repository(
        "status",
        image_tag_mutability="IMMUTABLE",
        opts=opts,
        image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
        encryption_configurations=[{"encryption_type": "KMS", "kms_key": key.arn}],
    )
    aws.ecr.LifecyclePolicy("status", repository=repository.name, policy="{}", opts=opts)
    image = awsx.ecr.Image(
        "status",
        repository_url=repository.repository_url,
        context=".",
        platform="linux/arm64",
        builder_version=awsx.ecr.BuilderVersion.BUILDER_BUILD_KIT,
    )
    for name in SERVICES:
        group = aws.ec2.SecurityGroup(name, vpc_id=vpc.id, opts=opts)
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-in",
            security_group_id=group.id,
            referenced_security_group_id=balancer.security_groups[0],
            ip_protocol="tcp",
            from_port=8000,
            to_port=8000,
            opts=opts,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-out", security_group_id=group.id, ip_protocol="-1", cidr_ipv4="0.0.0.0/0", opts=opts
        )
        logs = aws.cloudwatch.LogGroup(name, retention_in_days=90, kms_key_id=key.arn, opts=opts)
        role = aws.iam.Role(
            name,
            assume_role_policy=trust.json,
            opts=opts,
            inline_policies=[aws.iam.RoleInlinePolicyArgs(name="own", policy=logs.arn.apply(str))],
        )
        start = aws.iam.Role(f"{name}-start", assume_role_policy=trust.json, opts=opts)
        aws.iam.RolePolicyAttachment(
            name, role=start.name, policy_arn=aws.iam.ManagedPolicy.AMAZON_EC2_CONTAINER_SERVICE_ROLE, opts=opts
        )
        aws.iam.RolePolicy(name, role=role.id, policy=pulumi.Output.json_dumps({"Resource": logs.arn}), opts=opts)
        task = aws.ecs.TaskDefinition(
            name,
            family=name,
            cpu="256",
            memory="512",
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            task_role_arn=role.arn,
            execution_role_arn=start.arn,
            opts=opts,
            container_definitions=pulumi.Output.json_dumps([{"name": name, "image": image.image_uri}]),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(cpu_architecture="ARM64"),
        )
        aws.lb.ListenerRule(
            name,
            listener_arn=balancer.arn,
            priority=100,
            opts=opts,
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=target.arn)],
            conditions=[
                aws.lb.ListenerRuleConditionArgs(
                    path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[f"/{name}*"])
                )
            ],
        )
        service = aws.ecs.Service(
            name,
            cluster=cluster.arn,
            task_definition=task.arn,
            desired_count=2,
            launch_type="FARGATE",
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(subnets=private, security_groups=[group.id]),
            load_balancers=[
                aws.ecs.ServiceLoadBalancerArgs(container_name=name, container_port=8000, target_group_arn=target.arn)
            ],
            deployment_circuit_breaker={"enable": True, "rollback": True},
            opts=pulumi.ResourceOptions(provider=opts.provider, ignore_changes=["desiredCount"]),
        )
        scaled = aws.appautoscaling.Target(
            name,
            min_capacity=2,
            max_capacity=10,
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
            opts=opts,
        )
        aws.appautoscaling.Policy(
            name,
            policy_type="TargetTrackingScaling",
            resource_id=scaled.resource_id,
            service_namespace="ecs",
            scalable_dimension=scaled.scalable_dimension,
            opts=opts,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=60,
                predefined_metric_specification=(
                    aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type="ECSServiceAverageCPUUtilization"
                    )
                ),
            ),
        )


def _alarms(topic: aws.sns.Topic, balancer: aws.lb.LoadBalancer, opts: pulumi.ResourceOptions) -> None:
    for index in range(2):
        aws.cloudwatch.MetricAlarm(
            f"alarm-{index}",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=3,
            threshold=float(index),
            metric_name="HTTPCode_Target_5XX_Count",
            namespace="AWS/ApplicationELB",
            period=60,
            statistic="Sum",
            dimensions={"LoadBalancer": balancer.arn_suffix},
            alarm_actions=[topic.arn],
            opts=opts,
        )
    aws.cloudwatch.MetricAlarm(
        "ratio",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=3,
        threshold=5,
        opts=opts,
        metric_queries=[
            aws.cloudwatch.MetricAlarmMetricQueryArgs(id="r", expression="a/b", return_data=True),
            aws.cloudwatch.MetricAlarmMetricQueryArgs(
                id="a",
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    metric_name="Errors", namespace="AWS/ApplicationELB", period=60, stat="Sum"
                ),
            ),
        ],
    )
    aws.cloudwatch.Dashboard(
        "main", dashboard_name="main", dashboard_body=pulumi.Output.json_dumps({"w": [balancer.arn_suffix]}), opts=opts
    )
