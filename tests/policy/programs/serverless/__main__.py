"""A function behind an HTTP API with a table and a queue; `open` lets everyone send to the queue."""

import json

import pulumi
import pulumi_aws as aws

exposed = pulumi.Config().get_bool("open")
account = aws.get_caller_identity_output().account_id


def encrypted_only(queue: aws.sqs.Queue) -> dict[str, object]:
    """Refuses requests without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue.arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


table = aws.dynamodb.Table(
    "orders",
    hash_key="id",
    attributes=[{"name": "id", "type": "S"}],
    billing_mode="PAY_PER_REQUEST",
    point_in_time_recovery={"enabled": True},
)
failures = aws.sqs.Queue("failures", message_retention_seconds=1209600)
aws.sqs.QueuePolicy(
    "failures",
    queue_url=failures.url,
    policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [encrypted_only(failures)]}),
)
orders = aws.sqs.Queue(
    "orders",
    redrive_policy=failures.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})),
)
aws.sqs.QueuePolicy(
    "orders",
    queue_url=orders.url,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                encrypted_only(orders),
                {
                    "Effect": "Allow",
                    "Principal": "*" if exposed else {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": orders.arn,
                    **({} if exposed else {"Condition": {"StringEquals": {"aws:SourceAccount": account}}}),
                },
            ],
        }
    ),
)
role = aws.iam.Role(
    "function",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    ),
    managed_policy_arns=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
)
function = aws.lambda_.Function(
    "orders",
    runtime="python3.13",
    handler="index.handler",
    code=pulumi.AssetArchive({"index.py": pulumi.StringAsset("def handler(event, context):\n    return 200\n")}),
    role=role.arn,
    environment={"variables": {"TABLE": table.name}},
)
aws.lambda_.EventSourceMapping("orders", event_source_arn=orders.arn, function_name=function.arn)
api = aws.apigatewayv2.Api("orders", protocol_type="HTTP")
integration = aws.apigatewayv2.Integration(
    "orders", api_id=api.id, integration_type="AWS_PROXY", integration_uri=function.invoke_arn
)
aws.apigatewayv2.Route(
    "orders",
    api_id=api.id,
    route_key="POST /orders",
    authorization_type="AWS_IAM",
    target=pulumi.Output.concat("integrations/", integration.id),
)
aws.apigatewayv2.Stage("orders", api_id=api.id, name="$default", auto_deploy=True)
aws.lambda_.Permission(
    "orders",
    function=function.name,
    action="lambda:InvokeFunction",
    principal="apigateway.amazonaws.com",
    source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
)
pulumi.export("url", api.api_endpoint)
