"""Cases of the controls in `guardrails.controls.functions`."""

from __future__ import annotations

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, changed, document, holds, lost, one, ref, waits

FUNCTION, PERMISSION, URL = kinds.FUNCTION, kinds.FUNCTION_PERMISSION, kinds.FUNCTION_URL
REPOSITORY, SCANNING = kinds.ECR_REPOSITORY, kinds.ECR_SCANNING
PUBLIC, SCOPED, SIGNED = "lambda-no-public-permission", "lambda-permission-source-scoped", "lambda-url-auth"
ENV, RUNTIME, ZONES = "lambda-env-no-secrets", "lambda-runtime-supported", "lambda-vpc-multi-az"
TAGS, SCAN, PULL = "ecr-immutable-tags", "ecr-scan-on-push", "ecr-policy-not-public"


def call(principal: str, **inputs: Any) -> Make:
    return one(PERMISSION, action="lambda:InvokeFunction", function="f", principal=principal, **inputs)


def policy(kind: str, **statement: Any) -> Make:
    return one(kind, policy=document({"Statement": [{"Effect": "Allow", "Action": "*"} | statement]}))


ORG = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc123def4"}}}
RULE = "arn:aws:events:eu-central-1:111122223333:rule/nightly"
PERMISSIONS = (
    holds(PUBLIC, "a service", call("events.amazonaws.com")),
    holds(PUBLIC, "an account", call("111122223333")),
    holds(PUBLIC, "everyone of an organisation", call("*", principalOrgId="o-abc123def4")),
    holds(PUBLIC, "everyone through one resource", call("*", sourceArn=RULE)),
    holds(PUBLIC, "everyone in one account", call("*", sourceAccount="111122223333")),
    holds(PUBLIC, "everyone through a resource of the program", build(
        rule=("aws:cloudwatch/eventRule:EventRule", {}), it=(PERMISSION, {"principal": "*", "sourceArn": ref("rule.arn")}),
    ), at_preview=()),
    holds(PUBLIC, "a policy for one account", policy(kinds.FUNCTION_RESOURCE_POLICY, Principal={"AWS": "111122223333"})),
    holds(PUBLIC, "a policy for an organisation", policy(kinds.FUNCTION_RESOURCE_POLICY, Principal="*", **ORG)),
    breaks(PUBLIC, "everyone", call("*")),
    breaks(PUBLIC, "every account", call("arn:aws:iam::*:root")),
    breaks(PUBLIC, "a URL without authorisation", call("*", functionUrlAuthType="NONE")),
    breaks(PUBLIC, "a URL for everyone who can sign", call("*", functionUrlAuthType="AWS_IAM")),
    breaks(PUBLIC, "any source", call("*", sourceArn="*")),
    breaks(PUBLIC, "any source of any account", call("*", sourceArn="arn:aws:events:*:*:rule/*")),
    breaks(PUBLIC, "an empty organisation", call("*", principalOrgId="")),
    breaks(PUBLIC, "a policy for everyone", policy(kinds.FUNCTION_RESOURCE_POLICY, Principal="*")),
    breaks(PUBLIC, "a policy for every account", policy(kinds.FUNCTION_RESOURCE_POLICY, Principal={"AWS": ["1", "*"]})),
    holds(SCOPED, "one rule", call("events.amazonaws.com", sourceArn=RULE)),
    holds(SCOPED, "a bucket", call("s3.amazonaws.com", sourceArn="arn:aws:s3:::files")),
    holds(SCOPED, "an account", call("s3.amazonaws.com", sourceAccount="111122223333")),
    holds(SCOPED, "an account as a number", call("s3.amazonaws.com", sourceAccount=111122223333)),
    holds(SCOPED, "a skill", call("alexa-appkit.amazon.com", eventSourceToken="amzn1.ask.skill.1")),
    holds(SCOPED, "an account is no service", call("111122223333")),
    holds(SCOPED, "nor is a role", call("arn:aws:iam::111122223333:role/caller")),
    holds(SCOPED, "a topic of the program", build(
        topic=(kinds.TOPIC, {}), it=(PERMISSION, {"principal": "sns.amazonaws.com", "sourceArn": ref("topic.arn")}),
    )),
    holds(SCOPED, "a source of another stack", call("sns.amazonaws.com", sourceArn=lost(RULE)), at_preview=("it",)),
    breaks(SCOPED, "a service for anybody", call("events.amazonaws.com")),
    breaks(SCOPED, "a regional name", call("logs.eu-central-1.amazonaws.com")),
    breaks(SCOPED, "in China", call("s3.amazonaws.com.cn")),
    breaks(SCOPED, "any source", call("apigateway.amazonaws.com", sourceArn="*")),
    breaks(SCOPED, "an empty source", call("apigateway.amazonaws.com", sourceArn="")),
    holds(SIGNED, "signed", one(URL, authorizationType="AWS_IAM")),
    holds(SIGNED, "signed, for one website", one(URL, authorizationType="AWS_IAM", cors={"allowOrigins": ["https://a.example"]})),
    breaks(SIGNED, "open", one(URL, authorizationType="NONE")),
    breaks(SIGNED, "any website", one(URL, authorizationType="AWS_IAM", cors={"allowOrigins": ["https://a.example", "*"]})),
    breaks(SIGNED, "any website with TLS", one(URL, authorizationType="AWS_IAM", cors={"allowOrigins": ["https://*"]})),
)  # fmt: skip


def variables(**values: Any) -> Make:
    return one(FUNCTION, environment={"variables": values})


def told(name: str, kind: str, key: str, **inputs: Any) -> Make:
    """A function that is told something of another resource."""
    return build(source=(kind, inputs), it=(FUNCTION, {"environment": {"variables": {name: ref(f"source.{key}")}}}))


def in_subnets(first: dict[str, Any], second: dict[str, Any]) -> Make:
    return build(
        first=(kinds.SUBNET, first),
        second=(kinds.SUBNET, second),
        it=(FUNCTION, {"vpcConfig": {"subnetIds": [ref("first.id"), ref("second.id")], "securityGroupIds": ["sg-1"]}}),
    )


HERE, THERE = {"availabilityZone": "eu-central-1a"}, {"availabilityZone": "eu-central-1b"}
FUNCTIONS = (
    holds(ENV, "no environment", one(FUNCTION)),
    holds(ENV, "settings", variables(STAGE="prod", LOG_LEVEL="info", MAX_TOKENS="4096")),
    holds(ENV, "the ARN of a secret", variables(DB_SECRET="arn:aws:secretsmanager:eu-west-1:1:secret:db-x")),
    holds(ENV, "the name of a table", told("TABLE", kinds.TABLE, "name")),
    holds(ENV, "the address of a queue", told("QUEUE_URL", kinds.QUEUE, "url")),
    holds(ENV, "the host of a database", told("DB_HOST", kinds.DB_CLUSTER, "endpoint")),
    holds(ENV, "the ARN of a secret of the program", told("DB_SECRET", kinds.SECRET, "arn")),
    holds(ENV, "the address of a database may hold a password", told("DATABASE_URL", kinds.DB_CLUSTER, "endpoint"), at_preview=("it",)),
    holds(ENV, "what a resource with a password says may be it", told(
        "HOST", kinds.DB_INSTANCE, "address", password="hunter2"), at_preview=("it",)),
    breaks(ENV, "a password", variables(DB_PASSWORD="hunter2")),
    breaks(ENV, "an access key", variables(ID="AKIAIOSFODNN7EXAMPLE")),
    breaks(ENV, "a password in an address", variables(REDIS="redis://app:hunter2@cache:6379")),
    breaks(ENV, "an older list of one", one(FUNCTION, environment=[{"variables": {"API_KEY": "hunter2"}}])),
    breaks(ENV, "a generated password", told("DB_PASSWORD", "random:index/randomPassword:RandomPassword", "result"),
           "it", undecided_at_preview=True),
    breaks(ENV, "what a parameter holds", told("TOKEN", kinds.SSM_PARAMETER, "value", value="hunter2"),
           undecided_at_preview=True),
    holds(RUNTIME, "a supported one", one(FUNCTION, runtime="python3.13")),
    holds(RUNTIME, "an image brings its own", one(FUNCTION, packageType="Image")),
    holds(RUNTIME, "one that the configuration names", one(FUNCTION, runtime="go1.x"), supportedRuntimes=["go1.x"]),
    holds(RUNTIME, "no list, any", one(FUNCTION, runtime="go1.x"), supportedRuntimes=[]),
    breaks(RUNTIME, "an old one", one(FUNCTION, runtime="nodejs16.x")),
    breaks(RUNTIME, "one that the configuration does not name", one(FUNCTION, runtime="python3.13"), supportedRuntimes=["python3.14"]),
    holds(ZONES, "no VPC", one(FUNCTION)),
    holds(ZONES, "an empty VPC configuration", one(FUNCTION, vpcConfig={"subnetIds": [], "securityGroupIds": []})),
    holds(ZONES, "two zones", in_subnets(HERE, THERE)),
    holds(ZONES, "two zones by id", in_subnets({"availabilityZoneId": "euc1-az1"}, {"availabilityZoneId": "euc1-az2"})),
    breaks(ZONES, "one zone", in_subnets(HERE, HERE)),
    breaks(ZONES, "one subnet", one(FUNCTION, vpcConfig={"subnetIds": ["subnet-1"]})),
    breaks(ZONES, "one subnet twice", changed(in_subnets(HERE, THERE), "it", vpcConfig={"subnetIds": [ref("first.id")] * 2}), undecided_at_preview=True),
    waits(ZONES, "subnets that leave it to AWS", in_subnets({}, {})),
    waits(ZONES, "subnets of another stack", one(FUNCTION, vpcConfig={"subnetIds": [lost("subnet-1"), lost("subnet-2")]})),
)  # fmt: skip


def rule(name: str, frequency: str = "SCAN_ON_PUSH") -> dict[str, Any]:
    return {"scanFrequency": frequency, "repositoryFilters": [{"filter": name, "filterType": "WILDCARD"}]}


def registry(*rules: dict[str, Any], **repository: Any) -> Make:
    return build(registry=(SCANNING, {"scanType": "BASIC", "rules": list(rules)}), it=(REPOSITORY, repository))


def excluding(*patterns: str) -> Make:
    filters = [{"filter": pattern, "filterType": "WILDCARD"} for pattern in patterns]
    return one(REPOSITORY, imageTagMutability="IMMUTABLE_WITH_EXCLUSION", imageTagMutabilityExclusionFilters=filters)


REPOSITORIES = (
    breaks(SCAN, "a registry without rules", build(scan=(SCANNING, {}), it=(REPOSITORY, {}))),
    holds(TAGS, "immutable", one(REPOSITORY, imageTagMutability="IMMUTABLE")),
    holds(TAGS, "with narrow exclusions", excluding("cache-*")),
    breaks(TAGS, "nobody says", one(REPOSITORY)),
    breaks(TAGS, "mutable", one(REPOSITORY, imageTagMutability="MUTABLE")),
    breaks(TAGS, "mutable with exclusions", one(REPOSITORY, imageTagMutability="MUTABLE_WITH_EXCLUSION")),
    breaks(TAGS, "an exclusion for all", excluding("cache-*", "*")),
    holds(SCAN, "by itself", one(REPOSITORY, imageScanningConfiguration={"scanOnPush": True})),
    holds(SCAN, "all of the registry", registry(rule("*"))),
    holds(SCAN, "those of the registry that have such a name", registry(rule("prod-*"), name="prod-web")),
    holds(SCAN, "all the time", registry(rule("*", "CONTINUOUS_SCAN"))),
    breaks(SCAN, "nobody says", one(REPOSITORY)),
    breaks(SCAN, "switched off", one(REPOSITORY, imageScanningConfiguration={"scanOnPush": False})),
    breaks(SCAN, "other names", registry(rule("prod-*"), name="web")),
    breaks(SCAN, "by hand only", registry(rule("*", "MANUAL"))),
    breaks(SCAN, "no rule", registry()),
    holds(PULL, "an account", policy(kinds.ECR_POLICY, Principal={"AWS": "arn:aws:iam::111122223333:root"})),
    holds(PULL, "an organisation", policy(kinds.ECR_POLICY, Principal="*", **ORG)),
    breaks(PULL, "everyone", policy(kinds.ECR_POLICY, Principal="*")),
    breaks(PULL, "every account", policy(kinds.ECR_POLICY, Principal={"AWS": "*"})),
    breaks(PULL, "all but one", policy(kinds.ECR_POLICY, NotPrincipal={"AWS": "111122223333"})),
    breaks(PULL, "a condition that narrows nothing", policy(
        kinds.ECR_POLICY, Principal="*", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}},
    )),
    waits(PULL, "no JSON", one(kinds.ECR_POLICY, policy="{")),
)  # fmt: skip
CASES: tuple[Case, ...] = (*PERMISSIONS, *FUNCTIONS, *REPOSITORIES)
