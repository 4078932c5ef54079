"""Cases of the controls in `guardrails.controls.edge`."""

from __future__ import annotations

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, holds, lost, made_of, one, ref

DISTRIBUTION, ZONE, CERTIFICATE = kinds.DISTRIBUTION, kinds.HOSTED_ZONE, kinds.CERTIFICATE
VALIDATION, LISTENER = kinds.CERTIFICATE_VALIDATION, kinds.LISTENER
VIEWER, TLS, ORIGIN = "cf-https-viewer", "cf-min-tls", "cf-origin-tls"
BUCKET, WAF, LOGS = "cf-s3-origin-oac", "cf-waf", "cf-logging"
QUERIES, VALIDATED = "r53-query-logging", "acm-dns-validated"


def behaves(default: str, *ordered: str) -> Make:
    behaviours = [{"pathPattern": "/x/*", "viewerProtocolPolicy": policy} for policy in ordered]
    return one(DISTRIBUTION, defaultCacheBehavior={"viewerProtocolPolicy": default}, orderedCacheBehaviors=behaviours)


def shows(**certificate: Any) -> Make:
    return one(DISTRIBUTION, viewerCertificate=certificate)


OWN = {"acmCertificateArn": "arn:aws:acm:us-east-1:1:certificate/a", "sslSupportMethod": "sni-only"}


def custom(policy: str = "https-only", *versions: str) -> dict[str, Any]:
    config = {"originProtocolPolicy": policy, "originSslProtocols": list(versions or ("TLSv1.2",))}
    return {"domainName": "api.example.com", "customOriginConfig": config}


def origins(*listed: dict[str, Any]) -> Make:
    return one(DISTRIBUTION, origins=list(listed))


S3_NAME = "files.s3.eu-central-1.amazonaws.com"


def signed(behaviour: str, **origin: Any) -> Make:
    made = {"domainName": ref("files.bucketRegionalDomainName"), "originAccessControlId": ref("oac.id")} | origin
    return build(
        files=(kinds.BUCKET, {}),
        oac=(kinds.ORIGIN_ACCESS_CONTROL, {"signingBehavior": behaviour}),
        it=(DISTRIBUTION, {"origins": [made, custom()]}),
    )


def delivered(kind: str = "ACCESS_LOGS", **more: Any) -> Make:
    source = {"name": "cdn", "resourceArn": ref("it.arn"), "logType": kind}
    delivery = (kinds.LOG_DELIVERY, {"deliverySourceName": ref("source.name")})
    return build(it=(DISTRIBUTION, {}), source=(kinds.LOG_DELIVERY_SOURCE, source), **({"delivery": delivery} | more))


TWO_CONTROLS = {"originAccessControlId": made_of(ref("oac.id"), ref("more.id"), make=lambda first, _: first)}


def either(behaviour: str) -> Make:
    """A bucket that is asked with one of two controls, of which the other signs like this."""
    return build(
        files=(kinds.BUCKET, {}),
        oac=(kinds.ORIGIN_ACCESS_CONTROL, {"signingBehavior": "always"}),
        more=(kinds.ORIGIN_ACCESS_CONTROL, {"signingBehavior": behaviour}),
        it=(DISTRIBUTION, {"origins": [{"domainName": S3_NAME} | TWO_CONTROLS]}),
    )


ORIGINS = (
    holds(BUCKET, "one of two controls that sign", either("always")),
    holds(BUCKET, "one of two controls, of which one never signs", either("never"), at_preview=("it",)),
    holds(BUCKET, "a load balancer", build(lb=(kinds.LOAD_BALANCER, {}), it=(DISTRIBUTION, {"origins": [
        custom() | {"domainName": ref("lb.dnsName")}]}))),
    holds(BUCKET, "a name by a lost edge", origins(custom() | {"domainName": lost("api.example.com")}),
          at_preview=("it",)),
    holds(BUCKET, "a name by a lost edge, signed", origins(
        custom() | {"domainName": lost("api.example.com"), "originAccessControlId": "E1"})),
    holds(VALIDATED, "a listener that has one of two others",
          build(it=(CERTIFICATE, {"validationMethod": "DNS"}), **{
              f"cert_{name}": (CERTIFICATE, {"validationMethod": "DNS"}) for name in "ab"}, **{
              f"done_{name}": (VALIDATION, {"certificateArn": ref(f"cert-{name}.arn")}) for name in "ab"},
              web=(LISTENER, {"certificateArn": made_of(
                  ref("cert-a.arn"), ref("cert-b.arn"), make=lambda first, _: first)}))),
)  # fmt: skip
DISTRIBUTIONS = (
    holds(VIEWER, "redirects", behaves("redirect-to-https")),
    holds(VIEWER, "all behaviours", behaves("https-only", "redirect-to-https", "https-only")),
    breaks(VIEWER, "both by default", behaves("allow-all")),
    breaks(VIEWER, "one behaviour", behaves("https-only", "https-only", "allow-all")),
    breaks(VIEWER, "an older list of one", one(DISTRIBUTION, defaultCacheBehavior=[{"viewerProtocolPolicy": "allow-all"}])),
    holds(TLS, "of 2021", shows(**OWN, minimumProtocolVersion="TLSv1.2_2021")),
    holds(TLS, "of 2025", shows(**OWN, minimumProtocolVersion="TLSv1.3_2025")),
    holds(TLS, "a certificate of IAM", shows(
        iamCertificateId="ASCA1", sslSupportMethod="sni-only", minimumProtocolVersion="TLSv1.2_2025")),
    holds(TLS, "a certificate of the program", build(
        certificate=(CERTIFICATE, {}),
        it=(DISTRIBUTION, {"viewerCertificate": OWN | {
            "acmCertificateArn": ref("certificate.arn"), "minimumProtocolVersion": "TLSv1.2_2021"}}),
    )),
    breaks(TLS, "the certificate of CloudFront", shows(cloudfrontDefaultCertificate=True)),
    breaks(TLS, "the certificate of CloudFront with a version that it ignores", shows(
        cloudfrontDefaultCertificate=True, minimumProtocolVersion="TLSv1.2_2021", sslSupportMethod="sni-only")),
    breaks(TLS, "nobody says a version", shows(**OWN)),
    breaks(TLS, "of 2019", shows(**OWN, minimumProtocolVersion="TLSv1.2_2019")),
    breaks(TLS, "1.1", shows(**OWN, minimumProtocolVersion="TLSv1.1_2016")),
    breaks(TLS, "an address of its own", shows(**OWN | {"sslSupportMethod": "vip"}, minimumProtocolVersion="TLSv1.2_2021")),
    holds(ORIGIN, "TLS 1.2", origins(custom())),
    holds(ORIGIN, "a bucket", origins({"domainName": S3_NAME, "s3OriginConfig": {"originAccessIdentity": ""}})),
    breaks(ORIGIN, "plain", origins(custom("http-only"))),
    breaks(ORIGIN, "as the viewer comes", origins(custom("match-viewer"))),
    breaks(ORIGIN, "the second origin", origins(custom(), custom("http-only"))),
    breaks(ORIGIN, "old versions beside", origins(custom("https-only", "TLSv1", "TLSv1.2"))),
    breaks(ORIGIN, "SSL", origins(custom("https-only", "SSLv3"))),
    holds(BUCKET, "signed", signed("always")),
    holds(BUCKET, "signed unless the viewer does", signed("no-override")),
    holds(BUCKET, "no bucket", origins(custom())),
    holds(BUCKET, "a website is no bucket", origins(custom() | {"domainName": "b.s3-website.eu-central-1.amazonaws.com"})),
    holds(BUCKET, "the control of another stack", origins({"domainName": S3_NAME, "originAccessControlId": "E123"})),
    holds(BUCKET, "inside of a VPC", origins({"domainName": "lb.internal", "vpcOriginConfig": {"vpcOriginId": "vo-1"}})),
    breaks(BUCKET, "nothing", origins({"domainName": S3_NAME})),
    breaks(BUCKET, "an empty text", origins({"domainName": S3_NAME, "originAccessControlId": ""})),
    breaks(BUCKET, "an identity of old", origins({
        "domainName": S3_NAME, "s3OriginConfig": {"originAccessIdentity": "origin-access-identity/cloudfront/E1"}})),
    breaks(BUCKET, "a bucket set up as something else", origins(custom() | {"domainName": "files.s3.amazonaws.com"})),
    breaks(BUCKET, "the second one", origins(custom(), {"domainName": S3_NAME})),
    breaks(BUCKET, "never signed", signed("never"), "it"),
    breaks(BUCKET, "a bucket of the program", build(
        files=(kinds.BUCKET, {}), it=(DISTRIBUTION, {"origins": [{"domainName": ref("files.bucketRegionalDomainName")}]}),
    )),
    holds(WAF, "a web ACL", one(DISTRIBUTION, webAclId="arn:aws:wafv2:x")),
    holds(WAF, "one of the program", build(acl=(kinds.WEB_ACL, {}), it=(DISTRIBUTION, {"webAclId": ref("acl.arn")}))),
    holds(WAF, "one of another stack", one(DISTRIBUTION, webAclId=lost("arn:aws:wafv2:x")), at_preview=("it",)),
    breaks(WAF, "none", one(DISTRIBUTION)),
    breaks(WAF, "an empty text", one(DISTRIBUTION, webAclId="")),
    holds(LOGS, "to a bucket", one(DISTRIBUTION, loggingConfig={"bucket": "logs.s3.amazonaws.com"})),
    holds(LOGS, "delivered", delivered()),
    breaks(LOGS, "nobody says", one(DISTRIBUTION)),
    breaks(LOGS, "no bucket", one(DISTRIBUTION, loggingConfig={"includeCookies": True})),
    breaks(LOGS, "delivered nowhere", delivered(delivery=(kinds.LOG_GROUP, {})), "it"),
    breaks(LOGS, "other logs", delivered("CONNECTION_LOGS"), "it"),
    breaks(LOGS, "the logs of another one", build(
        other=(DISTRIBUTION, {"loggingConfig": {"bucket": "logs"}}), it=(DISTRIBUTION, {}),
        source=(kinds.LOG_DELIVERY_SOURCE, {"name": "cdn", "resourceArn": ref("other.arn"), "logType": "ACCESS_LOGS"}),
        delivery=(kinds.LOG_DELIVERY, {"deliverySourceName": ref("source.name")}),
    )),
)  # fmt: skip
DNS = {"validationMethod": "DNS", "domainName": "a.example"}


def used(certificate: dict[str, Any], **listener: Any) -> Make:
    return build(it=(CERTIFICATE, certificate), door=(LISTENER, {"certificateArn": ref("it.arn")} | listener))


REST = (
    holds(QUERIES, "logged", build(it=(ZONE, {}), log=(kinds.QUERY_LOG, {"zoneId": ref("it.id")}))),
    holds(QUERIES, "a private zone", one(ZONE, vpcs=[{"vpcId": "vpc-1"}])),
    breaks(QUERIES, "a public zone", one(ZONE)),
    breaks(QUERIES, "no VPC", one(ZONE, vpcs=[])),
    breaks(QUERIES, "the log of another zone", build(
        other=(ZONE, {"zoneId": "Z1"}), log=(kinds.QUERY_LOG, {"zoneId": ref("other.zoneId")}), it=(ZONE, {"zoneId": "Z2"}),
    )),
    holds(VALIDATED, "by DNS", one(CERTIFICATE, **DNS)),
    holds(VALIDATED, "a strong key of another sort", one(CERTIFICATE, **DNS, keyAlgorithm="EC_prime256v1")),
    holds(VALIDATED, "a private authority", used({"domainName": "a", "certificateAuthorityArn": "arn:aws:acm-pca:x"})),
    holds(VALIDATED, "waited for", build(
        it=(CERTIFICATE, DNS), waited=(VALIDATION, {"certificateArn": ref("it.arn")}),
        door=(LISTENER, {"certificateArn": ref("waited.certificateArn")}),
    )),
    holds(VALIDATED, "waited for, though not by its name", build(
        it=(CERTIFICATE, DNS), waited=(VALIDATION, {"certificateArn": ref("it.arn")}),
        door=(LISTENER, {"certificateArn": ref("it.arn")}),
    )),
    holds(VALIDATED, "imported with a key that is written only", one(
        CERTIFICATE, certificateBody="pem", privateKeyWo="pem", privateKeyWoVersion=1)),
    holds(VALIDATED, "not used, beside one that is waited for", build(
        it=(CERTIFICATE, DNS), other=(CERTIFICATE, DNS), waited=(VALIDATION, {"certificateArn": ref("other.arn")}),
        door=(LISTENER, {"certificateArn": ref("waited.certificateArn")}),
    )),
    breaks(VALIDATED, "by mail", one(CERTIFICATE, validationMethod="EMAIL")),
    breaks(VALIDATED, "nobody says", one(CERTIFICATE)),
    breaks(VALIDATED, "a weak key", one(CERTIFICATE, **DNS, keyAlgorithm="RSA_1024")),
    breaks(VALIDATED, "an imported key", one(CERTIFICATE, certificateBody="pem", privateKey="hunter2")),
    breaks(VALIDATED, "used at once", used(DNS), "it"),
    breaks(VALIDATED, "used at once by a distribution", build(
        it=(CERTIFICATE, DNS), cdn=(DISTRIBUTION, {"viewerCertificate": {"acmCertificateArn": ref("it.arn")}}),
    ), "it"),
    breaks(VALIDATED, "used at once by an older name", build(
        it=(CERTIFICATE, DNS), door=("aws:alb/listener:Listener", {"certificateArn": ref("it.arn")}),
    ), "it"),
)  # fmt: skip
CASES: tuple[Case, ...] = (*ORIGINS, *DISTRIBUTIONS, *REST)
