"""Who may call functions and pull images, and what both are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guardrails import kinds, plaintext
from guardrails.checks import all_of, equals, leaf, leaves
from guardrails.documents import Condition, Statement, matches
from guardrails.graph import Node
from guardrails.parameters import LAMBDA_RUNTIMES
from guardrails.policies import FUNCTIONS, REPOSITORIES, is_public, no_statement
from guardrails.reading import Absent, Known, Record, Unknown, Value, or_default
from guardrails.regions import where_both_are
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Scope, Severity, View, breaks, waits
from guardrails.zones import spans

_SERVICE = re.compile(r"^[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)$", re.IGNORECASE)
_NARROWING = {
    "principalOrgId": ("StringEquals", "aws:principalorgid"),
    "sourceAccount": ("StringEquals", "aws:sourceaccount"),
    "sourceArn": ("ArnLike", "aws:sourcearn"),
}
"""Inputs of a permission that Lambda writes as conditions into the function's policy."""
_ON_PUSH = frozenset({"scan_on_push", "continuous_scan"})


def _statement(permission: Node, view: View) -> Statement:
    """What a permission says, in the form of a policy statement."""
    principal = permission.props.text("principal")
    conditions, doubtful = [], False
    for key, (operator, name) in _NARROWING.items():
        value = permission.props.text(key)
        if isinstance(value, Unknown) and not any(node.kind.startswith("aws:") for node in view.graph.sources(value)):
            doubtful = True
        elif not isinstance(value, Absent):
            conditions.append(Condition(operator, name, (value,)))
    principals = () if isinstance(principal, Absent) else (principal,)
    return Statement(True, principals=principals, conditions=tuple(conditions), open_conditions=doubtful)


def _not_public(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.FUNCTION_RESOURCE_POLICY:
        yield no_statement(FUNCTIONS, is_public, "a statement lets everyone call the function").answer(node, view)
        return
    public = is_public(_statement(node, view))
    if public:
        yield breaks("everyone may call the function", node.label)
    elif public is None:
        yield waits("who may call the function", node.label)
    else:
        yield HOLDS


def _source_scoped(node: Node, view: View) -> Iterable[Finding]:
    statement = _statement(node, view)
    principal, token = node.props.text("principal"), node.props.text("eventSourceToken")
    pinned = statement.pinned()
    service = bool(_SERVICE.match(principal.value)) if isinstance(principal, Known) else None
    if service is False or pinned or isinstance(token, Known):
        yield HOLDS
    elif service is None or pinned is None or isinstance(token, Unknown):
        yield waits("who may call the function, and for whom", node.label)
    else:
        yield breaks("a service may call the function for any customer of AWS", node.label)


def _env_without_secrets(node: Node, view: View) -> Iterable[Finding]:
    doubt = None
    for name, value in _variables(node):
        answer = plaintext.under(name, value, view) if name else None
        if isinstance(answer, str):
            yield breaks(f"{answer} in environment.variables under {name}", node.label)
            return
        if answer is None:
            doubt = waits(f"{name or 'environment'}, which is not known yet", node.label)
    yield doubt or HOLDS


def _variables(node: Node) -> Iterator[tuple[str, Value[str]]]:
    """The variables by name; one without name that is unknown where their names are."""
    environment = node.props.record("environment")
    found: Value[Record] = environment.value.record("variables") if isinstance(environment, Known) else environment
    if isinstance(found, Unknown):
        yield "", found
    elif isinstance(found, Known):
        yield from ((name, found.value.text(name)) for name in found.value.names())


def _multi_az(node: Node, view: View) -> Iterable[Finding]:
    config = node.props.record("vpcConfig")
    listed = config.value.items("subnetIds") if isinstance(config, Known) else config
    if isinstance(listed, Absent) or (isinstance(listed, Known) and listed.value.blank):
        yield HOLDS
        return
    answer = spans(listed, view)
    if isinstance(answer, str):
        yield waits(answer, node.label)
    else:
        yield HOLDS if answer else breaks("all its subnets are in one availability zone", node.label)


def _immutable(node: Node, view: View) -> Iterable[Finding]:
    mode = or_default(node.props.text("imageTagMutability"), "MUTABLE")
    if isinstance(mode, Unknown):
        yield waits(f"imageTagMutability, {view.graph.describe(mode)}", node.label)
    elif mode.value.upper() == "IMMUTABLE":
        yield HOLDS
    elif mode.value.upper() != "IMMUTABLE_WITH_EXCLUSION":
        yield breaks("its tags can be moved to other images", node.label)
    else:
        filters = list(leaves(node.props, "imageTagMutabilityExclusionFilters[].filter", "text"))
        unknown = next((value for value in filters if isinstance(value, Unknown)), None)
        if any(isinstance(value, Known) and not value.value.strip("*") for value in filters):
            yield breaks("its exclusions leave no tag that stays", node.label)
        elif unknown is not None:
            yield waits(f"its exclusions, {view.graph.describe(unknown)}", node.label)
        else:
            yield HOLDS


def _scanned(node: Node, view: View) -> Iterable[Finding]:
    flags = list(leaves(node.props, "imageScanningConfiguration.scanOnPush", "flag"))
    unknown = next((value for value in flags if isinstance(value, Unknown)), None)
    by_registry = _scanned_by_registry(node, view)
    if Known(True) in flags or by_registry:
        yield HOLDS
    elif unknown is not None:
        yield waits(f"scanOnPush, {view.graph.describe(unknown)}", node.label)
    elif by_registry is None:
        yield waits("whether the registry scans it", node.label)
    else:
        yield breaks("nothing looks for known weaknesses in its images", node.label)


def _scanned_by_registry(node: Node, view: View) -> bool | None:
    """Whether a rule of the registry scans the repository; None: one may."""
    answers: list[bool | None] = []
    for registry in view.graph.of(kinds.ECR_SCANNING):
        rules = registry.props.items("rules")
        for rule in rules.value.records() if isinstance(rules, Known) else [rules]:
            if isinstance(rule, Known):
                answers.append(where_both_are(registry, node, _scans(rule.value, node.props.text("name"))))
            elif isinstance(rule, Unknown):
                answers.append(where_both_are(registry, node, None))
    return True if True in answers else None if None in answers else False


def _scans(rule: Record, name: Value[str]) -> bool | None:
    frequency = or_default(rule.text("scanFrequency"), "MANUAL")
    if isinstance(frequency, Known) and frequency.value.lower() not in _ON_PUSH:
        return False
    filters = list(leaves(rule, "repositoryFilters[].filter", "text"))
    known = [value.value for value in filters if isinstance(value, Known)]
    names = [name.value] if isinstance(name, Known) else []
    meant = "*" in known or any(matches(pattern, each) for pattern in known for each in names)
    if meant:
        return True if isinstance(frequency, Known) else None
    return False if isinstance(name, Known) and len(known) == len(filters) else None


CONTROLS = (
    Control(
        id="lambda-no-public-permission",
        title="Nobody but named callers may call a function",
        severity=Severity.CRITICAL,
        subjects=(kinds.FUNCTION_PERMISSION, kinds.FUNCTION_RESOURCE_POLICY),
        references=("Lambda.1", "CKV_AWS_301"),
        own_packs=(BASELINE,),
        why="Everybody with an AWS account, or with the URL, can run it with its role and at your cost.",
        fix="name the principal, or narrow it with principal_org_id, source_account or source_arn",
        judge=_not_public,
    ),
    Control(
        id="lambda-permission-source-scoped",
        title="Services may call a function only for a named resource, account or organisation",
        severity=Severity.HIGH,
        subjects=(kinds.FUNCTION_PERMISSION,),
        references=("CKV_AWS_364",),
        own_packs=(BASELINE,),
        why="Anybody can have the service call your function from an account of theirs.",
        fix="set source_arn (of the rule, bucket, topic, API) or source_account",
        judge=_source_scoped,
    ),
    Control(
        id="lambda-url-auth",
        title="Function URLs ask for a signature, and not every website may call them",
        severity=Severity.HIGH,
        subjects=(kinds.FUNCTION_URL,),
        references=("CKV_AWS_258", "CKV2_AWS_75"),
        own_packs=(BASELINE,),
        why="A URL without authorisation is open to the internet.",
        fix='set authorization_type="AWS_IAM" and name the websites in cors.allow_origins',
        judge=all_of(
            equals("authorizationType", "AWS_IAM", says="its URL asks for no authorisation"),
            leaf(
                "cors.allowOrigins[]", "text", lambda origin, _: "*" not in (origin, origin.rpartition("/")[2]),
                absent="", says="every website may call it",
            ),
        ),
    ),
    Control(
        id="lambda-env-no-secrets",
        title="No secret stands in the environment of a function",
        severity=Severity.CRITICAL,
        subjects=(kinds.FUNCTION,),
        references=("CKV_AWS_45",),
        own_packs=(BASELINE,),
        why="Whoever may describe the function reads it, and so does every log of its environment.",
        fix="let the function fetch it from Secrets Manager or Parameter Store with its role, and rotate it",
        judge=_env_without_secrets,
    ),
    Control(
        id="lambda-runtime-supported",
        title="The runtime of a function still gets patches",
        severity=Severity.MEDIUM,
        subjects=(kinds.FUNCTION,),
        references=("Lambda.2", "CKV_AWS_363", "AwsSolutions-L1"),
        parameters=(LAMBDA_RUNTIMES,),
        why="AWS stops patching deprecated runtimes, and later refuses to update functions on them.",
        fix="set runtime to one that supportedRuntimes names",
        judge=leaf(
            "runtime", "text",
            lambda name, view: not name or not view.config[LAMBDA_RUNTIMES] or name in view.config[LAMBDA_RUNTIMES],
            absent="", says="its runtime is not among supportedRuntimes",
        ),
    ),
    Control(
        id="lambda-vpc-multi-az",
        title="Functions in a VPC have subnets in two zones",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.FUNCTION,),
        references=("Lambda.5",),
        why="When its only zone fails the function cannot run at all.",
        fix="give vpc_config.subnet_ids subnets of two availability zones",
        judge=_multi_az,
    ),
    Control(
        id="ecr-immutable-tags",
        title="Tags of images stay where they are",
        severity=Severity.MEDIUM,
        subjects=(kinds.ECR_REPOSITORY,),
        references=("ECR.2", "CKV_AWS_51"),
        why="Whoever may push can otherwise replace the image behind a tag that runs already.",
        fix='set image_tag_mutability="IMMUTABLE" (or "IMMUTABLE_WITH_EXCLUSION" with narrow filters)',
        judge=_immutable,
    ),
    Control(
        id="ecr-scan-on-push",
        title="Images are scanned when they are pushed",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.ECR_REPOSITORY,),
        references=("ECR.1", "CKV_AWS_163"),
        why="Known weaknesses otherwise come in with the base image and nobody is told.",
        fix='set image_scanning_configuration={"scan_on_push": True}, or add an ecr.RegistryScanningConfiguration',
        judge=_scanned,
    ),
    Control(
        id="ecr-policy-not-public",
        title="No policy of a repository lets everyone in",
        severity=Severity.CRITICAL,
        subjects=tuple(REPOSITORIES),
        references=("CKV_AWS_32", "AwsSolutions-ECR1"),
        own_packs=(BASELINE,),
        why="Everybody with an AWS account can pull the images, or replace them.",
        fix="name accounts as principals, or narrow * with aws:PrincipalOrgID",
        judge=no_statement(REPOSITORIES, is_public, "a statement lets everyone in"),
    ),
)  # fmt: skip
FAMILY = Family("lambda", "Functions and images (Lambda, ECR)", CONTROLS)
