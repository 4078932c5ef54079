"""A public certificate that renews itself: ACM checks one DNS record in our zone, now and before every expiry."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Severity, Signal

VALIDATION_TTL_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """The one name on the certificate and the public hosted zone that answers for it."""

    domain: str
    zone_id: str


class Certificate(pulumi.ComponentResource):
    """A certificate for one domain; `arn` is known only when AWS has issued it, so that its users wait for that."""

    arn: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:edge:Certificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = aws.acm.Certificate(
            f"{name}-certificate", domain_name=args.domain, validation_method="DNS", opts=child
        )
        # One name on the certificate means exactly one validation option, so its record is known at preview: no loop
        # over an output. The logical name has the domain in it because another domain is another record.
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{name}-proof-{args.domain}",
            zone_id=args.zone_id,
            name=_known(proof.resource_record_name),
            type=_known(proof.resource_record_type),
            records=[_known(proof.resource_record_value)],
            ttl=VALIDATION_TTL_SECONDS,
            opts=child,
        )
        issued = aws.acm.CertificateValidation(
            f"{name}-issued",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=child,
        )
        self.arn = issued.certificate_arn
        self.signals = [_expiry(name, certificate.arn)]
        self.register_outputs({"arn": self.arn})


def _known(value: pulumi.Output[str | None]) -> pulumi.Output[str]:
    """ACM fills all three fields for DNS validation; the SDK marks them optional for the other kinds."""
    return value.apply(lambda text: text or "")


def _expiry(name: str, arn: pulumi.Input[str]) -> Signal:
    """AWS's own threshold: with so few days left ACM should have renewed the certificate already.

    Missing data is not a breach, as it is in AWS's: the metric comes twice a day, and a new certificate would raise
    an alarm.
    """
    return Signal(
        name=f"{name}-expiry",
        metrics={
            "days": Metric(
                namespace="AWS/CertificateManager",
                name="DaysToExpiry",
                statistic="Minimum",
                dimensions={"CertificateArn": arn},
            )
        },
        comparison="LessThanOrEqualToThreshold",
        threshold=44,
        period_seconds=86400,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        missing="missing",
        severity=Severity.WARNING,
        meaning="The certificate was not renewed on time; browsers refuse the site when it expires.",
        runbook="certificate.md",
    )
