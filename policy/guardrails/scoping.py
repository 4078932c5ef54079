"""What an allowing statement of IAM reaches: which actions do harm, which resources are all of a kind, what narrows it.

Facts of the Service Authorization Reference, 2025-11.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .documents import Condition, Statement, matches
from .reading import Known

_VERB = re.compile(
    r"(batch(get|check|describe|detect)|admin(get|list)|eshttp(get|head)|get|list|describe|head|query|scan|search|lookup|"
    r"view|check|estimate|preview|validate|select|read|filter|simulate|discover|download|detect|receive|poll|test|"
    r"analyze|calculate|compare|decode|recognize|synthesize|translate|partiqlselect|conditioncheck)",
    re.IGNORECASE,
)
WITHOUT_RESOURCE = (
    "acm:RequestCertificate", "autoscaling-plans:*", "backup:PutRestoreValidationResult", "batch:DescribeJobs", "ce:*",
    "cloudwatch:PutMetricData", "cloudwatch:PutAnomalyDetector", "cloudwatch:DeleteAnomalyDetector",
    "cognito-identity:CreateIdentityPool",
    "cognito-idp:CreateUserPool", "cognito-sync:*", "comprehend:Batch*", "ec2messages:*",
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses", "ec2:DisableEbsEncryptionByDefault", "ec2:EnableEbsEncryptionByDefault",
    "ec2:ModifyEbsDefaultKmsKeyId", "ecs:CreateCluster", "ecs:DeregisterTaskDefinition", "ecs:PutAccountSetting*",
    "elasticmapreduce:RunJobFlow", "guardduty:CreateDetector", "health:*", "iam:CreateAccountAlias",
    "iam:DeleteAccountAlias", "iam:DeleteAccountPasswordPolicy", "iam:GenerateCredentialReport",
    "iam:UpdateAccountPasswordPolicy", "iot:AttachPrincipalPolicy", "iot:CreateKeysAndCertificate",
    "kms:CreateCustomKeyStore", "kms:CreateKey", "kms:GenerateRandom", "lambda:CreateCodeSigningConfig",
    "lambda:CreateEventSourceMapping", "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DeleteResourcePolicy",
    "logs:PutDestination", "logs:PutResourcePolicy", "logs:UpdateLogDelivery", "mobileanalytics:PutEvents",
    "organizations:CreateAccount", "organizations:CreateOrganization", "pricing:*", "rekognition:CompareFaces",
    "resource-groups:CreateGroup", "route53:CreateHostedZone", "route53domains:*", "s3:CreateJob",
    "s3:PutAccessPointPublicAccessBlock", "s3:PutAccountPublicAccessBlock", "securityhub:EnableSecurityHub",
    "servicediscovery:CreateHttpNamespace", "servicediscovery:CreatePrivateDnsNamespace",
    "servicediscovery:CreatePublicDnsNamespace", "sns:CreatePlatformApplication", "sns:SetSMSAttributes",
    "ssmmessages:*", "sts:DecodeAuthorizationMessage", "support:*", "tag:TagResources", "tag:UntagResources",
    "textract:*", "transcribe:Start*", "xray:PutEncryptionConfig", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
    "xray:Put*",
)  # fmt: skip
"""Actions that change something and take no ARN, so that only `*` can stand there. With them the four by which a
function joins a VPC: AWS Lambda refuses a role that has them on less than `*`."""
_WHO_OR_WHEN = (
    "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:currenttime", "aws:epochtime",
    "aws:federatedprovider", "aws:multifactorauthage", "aws:multifactorauthpresent", "aws:principalaccount",
    "aws:principalarn", "aws:principalisawsservice", "aws:principalorgid", "aws:principalorgpaths",
    "aws:principalservicename", "aws:principaltype", "aws:referer", "aws:requestedregion", "aws:resourceaccount",
    "aws:resourceorgid", "aws:resourceorgpaths", "aws:securetransport", "aws:sourceidentity", "aws:sourceip",
    "aws:sourcevpc", "aws:sourcevpce", "aws:tagkeys", "aws:tokenissuetime", "aws:useragent", "aws:userid",
    "aws:username", "aws:viaawsservice", "aws:vpcsourceip",
)  # fmt: skip
"""Keys that say who asks, when, or in which account, and not what is asked for."""
_POSITIVE = re.compile(
    r"^(foranyvalue:)?(string(equals|like|equalsignorecase)|arn(equals|like)|bool|numeric\w+|date\w+|binaryequals)$",
    re.IGNORECASE,
)
Keys = Callable[[str], bool]
"""Whether a condition key, in small letters, is one of those that are meant."""


def changes(action: str) -> bool:
    """Whether the action, or one that the pattern stands for, does more than read."""
    verb = action.partition(":")[2] or action
    return not _VERB.match(verb)


def needs_no_resource(action: str) -> bool:
    """Whether AWS knows no resource for the action, or for any that the pattern stands for."""
    return any(matches(pattern, action) for pattern in WITHOUT_RESOURCE)


def narrows(statement: Statement, keys: Keys) -> bool | None:
    """Whether a condition on one of these keys must hold; None when it is not known which there are.

    `...IfExists` and `ForAllValues:` hold without the key as well, and a lone `*` fits anything.
    """
    if any(keys(condition.key) and _demands(condition) for condition in statement.conditions):
        return True
    return None if statement.open_conditions else False


def allowed(statement: Statement, found: bool | None) -> bool | None:
    """`found`, of a statement that allows; None where the effect may yet be Deny."""
    if statement.allow is False or found is False:
        return False
    return found if statement.allow else None


def unless(found: bool | None, narrowed: bool | None) -> bool | None:
    """`found`, except where the statement is narrowed."""
    if narrowed or found is False:
        return False
    return None if narrowed is None else found


def by_what_is_asked(key: str) -> bool:
    """Whether a condition key looks at the resource or the request itself."""
    return key not in _WHO_OR_WHEN and not key.startswith("aws:principaltag/")


def _demands(condition: Condition) -> bool:
    known = [value.value for value in condition.values if isinstance(value, Known)]
    if condition.operator.lower() == "null":
        return bool(known) and all(value.lower() == "false" for value in known)
    if not _POSITIVE.match(condition.operator) or not condition.values:
        return False
    return not any(set(value) <= {"*", "?"} for value in known)


def every_one_of(statement: Statement, service: str, sort: str) -> bool:
    """Whether all resources of one sort are meant, such as `role` of `iam`; in one account or region, too.

    An ARN that is unknown at preview comes from a resource, so it names one.
    """
    known = [value.value for value in statement.resources if isinstance(value, Known)]
    return statement.not_resources or any(_every(pattern, service, sort) for pattern in known)


def _every(pattern: str, service: str, sort: str) -> bool:
    _, partition, _, region, account, *_ = [*pattern.split(":", 5), *[""] * 5]
    place = ":".join(
        (_said(partition) or "aws", service, _said(region) or _USUAL_REGION.get(service, "us-east-1"),
         _said(account) or "111122223333")
    )  # fmt: skip
    return all(matches(pattern, f"arn:{place}:{sort}/{name}") for name in ("a", "q/7f3c", "Zz-9"))


_USUAL_REGION = {"iam": ""}


def _said(part: str) -> str:
    return "" if "*" in part or "?" in part else part
