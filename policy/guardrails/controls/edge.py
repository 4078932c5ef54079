"""What the world meets first: distributions, zones, certificates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.checks import (
    Check,
    all_of,
    any_of,
    each_block,
    equals,
    has_companion,
    is_set,
    is_unset,
    leaf,
    leaves,
    when,
)
from guardrails.graph import Graph, Members, Node, Reference
from guardrails.joins import CERTIFICATE, DISTRIBUTION, HOSTED_ZONE, LOG_DELIVERY_SOURCE, ORIGIN_ACCESS_CONTROL
from guardrails.reading import Absent, Known, Record, Unknown, Value
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Outcome, Scope, Severity, View, breaks, waits

_DISTRIBUTIONS = (kinds.DISTRIBUTION,)
_TLS = re.compile(r"TLSv1\.[2-9]_(?P<year>\d{4})")
_OLD = frozenset({"sslv3", "tlsv1", "tlsv1.1"})
_S3 = re.compile(r"\.s3(?:[.-](?!website)[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$", re.IGNORECASE)
_TO_HTTPS = ("redirect-to-https", "https-only")
_USERS = {
    kinds.LISTENER: "certificateArn",
    kinds.LISTENER_CERTIFICATE: "certificateArn",
    kinds.DISTRIBUTION: "viewerCertificate.acmCertificateArn",
    kinds.CLASSIC_LOAD_BALANCER: "listeners[].sslCertificateId",
    "aws:apigateway/domainName:DomainName": "certificateArn",
    "aws:apigatewayv2/domainName:DomainName": "domainNameConfiguration.certificateArn",
    "aws:cognito/userPoolDomain:UserPoolDomain": "certificateArn",
}
"""Where a certificate is put to use."""
_ISSUED = Reference({kinds.CERTIFICATE: ("arn", "id")})
"""A certificate itself, not one that was waited for."""


def _modern(version: str, _view: View) -> bool:
    found = _TLS.fullmatch(version)
    return found is not None and int(found["year"]) >= 2021


_OWN_CERTIFICATE = any_of(
    is_set("viewerCertificate.acmCertificateArn"),
    is_set("viewerCertificate.iamCertificateId"),
    says="it has no certificate of its own, and that of CloudFront lets old TLS in",
)


def _origins(node: Node) -> Iterable[Value[Record]]:
    origins = node.props.items("origins")
    return origins.value.records() if isinstance(origins, Known) else [origins]


def _s3_with_control(node: Node, view: View) -> Iterable[Finding]:
    doubt = None
    for origin in _origins(node):
        found = _origin(node, origin, view)
        if found.outcome is Outcome.VIOLATION:
            yield found
            return
        doubt = found if found.outcome is Outcome.UNDECIDED else doubt
    yield doubt or HOLDS


def _origin(node: Node, origin: Value[Record], view: View) -> Finding:
    is_s3 = _is_s3(origin.value, view) if isinstance(origin, Known) else None
    if is_s3 is False:
        return HOLDS
    found = _signed(node, origin.value, view) if isinstance(origin, Known) else waits("its origins", node.label)
    if found.outcome is Outcome.VIOLATION and is_s3 is None:
        return waits("whether an origin is a bucket", node.label)
    return found


def _signed(node: Node, origin: Record, view: View) -> Finding:
    """Whether requests to an origin are signed. A control of another stack is taken at its word."""
    control = origin.text("originAccessControlId")
    if isinstance(control, Absent):
        return breaks("a bucket is asked without originAccessControlId", node.label)
    members = view.graph.link(control, ORIGIN_ACCESS_CONTROL)
    if isinstance(control, Unknown) and not members.sure and not members.maybe:
        return waits(f"originAccessControlId, {view.graph.describe(control)}", node.label)
    signs = [each.props.text("signingBehavior") for each in (*members.sure, *members.maybe)]
    never = any(isinstance(value, Known) and value.value.lower() == "never" for value in signs)
    if members.one is not None and never:
        return breaks("requests to a bucket are never signed", node.label, members.one.label)
    doubtful = never or any(isinstance(value, Unknown) for value in signs)
    return waits("how requests to an origin are signed", node.label) if doubtful else HOLDS


def _is_s3(origin: Record, view: View) -> bool | None:
    """Whether it is a bucket: by its address, or because it is set up as nothing else."""
    domain = origin.text("domainName")
    if isinstance(domain, Known) and _S3.search(domain.value):
        return True
    others: list[Value[Record]] = [origin.record("customOriginConfig"), origin.record("vpcOriginConfig")]
    if any(isinstance(other, Known) for other in others):
        sources = view.graph.sources(domain) if isinstance(domain, Unknown) else ()
        foreign = not sources or any(not source.kind.startswith("aws:") for source in sources)
        return None if isinstance(domain, Unknown) and foreign else False
    return None if any(isinstance(other, Unknown) for other in others) else True


_STRONG = leaf(
    "keyAlgorithm", "text", lambda name, _: name.upper().replace("-", "_") != "RSA_1024", absent="RSA_2048",
    says="its key is weak",
)  # fmt: skip
_BY_DNS = all_of(
    is_unset("privateKey", says="its private key is an input, and stands in the state"),
    _STRONG,
    any_of(
        equals("validationMethod", "DNS"),
        is_set("certificateAuthorityArn"),
        is_set("privateKeyWo"),
        is_set("privateKeyWoVersion"),
        says="it is not validated by DNS, so nobody renews it",
    ),
)


def _before_use(node: Node, view: View) -> Finding:
    """Whoever uses a certificate has to wait until it is validated; one of a private authority is at once."""
    if any(not isinstance(node.props.text(key), Absent) for key in ("certificateAuthorityArn", "certificateBody")):
        return HOLDS
    validations = view.graph.companions(kinds.CERTIFICATE_VALIDATION, "certificateArn", CERTIFICATE)
    used: _Users = view.graph.shared(_Users)
    users = list(used.of(node))
    if validations.of(node) or not users:
        return HOLDS
    loose = validations.maybe(node)
    if loose:
        return waits(f"whether {loose[0].label} is for this certificate", node.label)
    sure = [user for user, certain in users if certain]
    if not sure:
        return waits(f"whether {users[0][0].label} uses it", node.label)
    return breaks("it is used without an acm.CertificateValidation", node.label, sure[0].label)


class _Users:
    """Who uses which certificate as it was asked for, before it is validated."""

    def __init__(self, graph: Graph) -> None:
        self._sure: dict[str, list[Node]] = {}
        self._open: list[tuple[Node, Members]] = []
        for kind, path in _USERS.items():
            for user in graph.of(kind):
                for value in leaves(user.props, path, "text"):
                    issued = graph.link(value, _ISSUED)
                    if issued.one is not None:
                        self._sure.setdefault(issued.one.urn, []).append(user)
                    elif graph.link(value, CERTIFICATE).one is None:
                        self._open.append((user, issued))

    def of(self, certificate: Node) -> Iterator[tuple[Node, bool]]:
        """The users, and whether that is sure."""
        yield from ((user, True) for user in self._sure.get(certificate.urn, ()))
        yield from ((user, False) for user, members in self._open if members.may_include(certificate))


CONTROLS = (
    Control(
        id="cf-https-viewer",
        title="Every behaviour of a distribution redirects to HTTPS or takes nothing else",
        severity=Severity.HIGH,
        subjects=_DISTRIBUTIONS,
        references=("CloudFront.3", "CKV_AWS_34"),
        own_packs=(BASELINE,),
        why="Sessions and passwords over HTTP can be read and changed by anybody on the way.",
        fix='set viewer_protocol_policy="redirect-to-https" in all cache behaviours',
        judge=all_of(
            equals("defaultCacheBehavior.viewerProtocolPolicy", *_TO_HTTPS, says="it answers plain HTTP by default"),
            equals(
                "orderedCacheBehaviors[].viewerProtocolPolicy", *_TO_HTTPS, says="a behaviour answers plain HTTP"
            ),
        ),
    ),
    Control(
        id="cf-min-tls",
        title="Distributions have their own certificate, TLS 1.2 of 2021 or newer, and SNI",
        severity=Severity.HIGH,
        subjects=_DISTRIBUTIONS,
        references=("CloudFront.7", "CloudFront.8", "CloudFront.15", "CKV_AWS_174", "AwsSolutions-CFR4"),
        own_packs=(BASELINE,),
        why="Old versions of TLS and weak ciphers can be broken on the way.",
        fix='viewer_certificate={"acm_certificate_arn": ..., "minimum_protocol_version": "TLSv1.2_2021", '
        '"ssl_support_method": "sni-only"}',
        judge=all_of(
            _OWN_CERTIFICATE,
            leaf("viewerCertificate.minimumProtocolVersion", "text", _modern, absent="TLSv1", says="it takes old TLS"),
            equals("viewerCertificate.sslSupportMethod", "sni-only", says="it does not use SNI"),
        ),
    ),
    Control(
        id="cf-origin-tls",
        title="Distributions reach their own origins over TLS 1.2 only",
        severity=Severity.HIGH,
        subjects=_DISTRIBUTIONS,
        references=("CloudFront.9", "CloudFront.10", "CKV2_AWS_72", "AwsSolutions-CFR5"),
        own_packs=(BASELINE,),
        why="What was HTTPS up to CloudFront goes on in the open.",
        fix='set custom_origin_config={"origin_protocol_policy": "https-only", "origin_ssl_protocols": ["TLSv1.2"]}',
        judge=all_of(
            each_block(
                "origins[].customOriginConfig", "originProtocolPolicy",
                lambda policy, _: policy.lower() == "https-only", absent="http-only",
                says="an origin may be reached without TLS",
            ),
            each_block(
                "origins[].customOriginConfig", "originSslProtocols[]", lambda version, _: version.lower() not in _OLD,
                absent="", says="an origin may be reached with old TLS",
            ),
        ),
    ),
    Control(
        id="cf-s3-origin-oac",
        title="Distributions sign their requests to buckets",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=_DISTRIBUTIONS,
        references=("CloudFront.13", "CKV2_AWS_46", "AwsSolutions-CFR7"),
        own_packs=(BASELINE,),
        why="Without it the bucket has to be open to everyone, past the distribution and its firewall.",
        fix='add cloudfront.OriginAccessControl(signing_behavior="always", ...) and origin_access_control_id=oac.id',
        judge=_s3_with_control,
    ),
    Control(
        id="cf-waf",
        title="Distributions have a web ACL",
        severity=Severity.MEDIUM,
        subjects=_DISTRIBUTIONS,
        references=("CloudFront.6", "CKV_AWS_68", "AwsSolutions-CFR2"),
        why="Nothing tells attacks and floods from visitors.",
        fix='set web_acl_id to the ARN of a wafv2.WebAcl of scope "CLOUDFRONT"',
        judge=is_set("webAclId", says="it has no web ACL"),
    ),
    Control(
        id="cf-logging",
        title="Distributions log who asked for what",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=_DISTRIBUTIONS,
        references=("CloudFront.5", "CKV_AWS_86", "AwsSolutions-CFR3"),
        why="After an attack nobody can say what was asked and answered.",
        fix="set logging_config, or add a cloudwatch.LogDeliverySource for the distribution with its LogDelivery",
        judge=any_of(
            is_set("loggingConfig.bucket"),
            has_companion(
                kinds.LOG_DELIVERY_SOURCE, "resourceArn", DISTRIBUTION,
                all_of(
                    equals("logType", "ACCESS_LOGS", says="the logs that are delivered are not those of requests"),
                    has_companion(
                        kinds.LOG_DELIVERY, "deliverySourceName", LOG_DELIVERY_SOURCE,
                        missing="its log delivery source is delivered nowhere",
                    ),
                ),
                missing="its requests are not logged",
            ),
            says="its requests are not logged",
        ),
    ),
    Control(
        id="r53-query-logging",
        title="Public zones log who asks for what",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.HOSTED_ZONE,),
        references=("Route53.2", "CKV2_AWS_39"),
        why="Takeovers and leaks by DNS leave their only trace in these logs.",
        fix="add route53.QueryLog(zone_id=zone.zone_id, cloudwatch_log_group_arn=...), log group in us-east-1",
        judge=when(
            is_unset("vpcs"),
            has_companion(kinds.QUERY_LOG, "zoneId", HOSTED_ZONE, missing="its queries are not logged"),
        ),
    ),
    Control(
        id="acm-dns-validated",
        title="Certificates are validated by DNS before they are used, and have strong keys",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.CERTIFICATE,),
        references=("ACM.2",),
        why="Certificates that somebody has to confirm by mail or to import expire when that is forgotten.",
        fix='set validation_method="DNS", add the records, and use acm.CertificateValidation(...).certificate_arn',
        judge=all_of(_BY_DNS, Check(_before_use)),
    ),
)  # fmt: skip
FAMILY = Family("edge", "Edge (CloudFront, Route 53, ACM)", CONTROLS)
