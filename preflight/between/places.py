"""What has to lie in a certain region."""

import re

from preflight.between.made import Made, Told, at, region_of
from preflight.registry import Entry
from preflight.simulation.together import Problem

_CDN = "aws:cloudfront/distribution:Distribution"
_CERTIFICATES = ("aws:acm/certificate:Certificate", "aws:acm/certificateValidation:CertificateValidation")
_ACL = "aws:wafv2/webAcl:WebAcl"
_SUBNET = "aws:ec2/subnet:Subnet"
_NORTH_VIRGINIA = "us-east-1"
_EAST = 'give it an aws.Provider(region="us-east-1")'
_PUBLIC = "arn:aws:"  # in other partitions CloudFront is not the same, or not there
_ARN = re.compile(r"arn:aws:acm:([a-z\d-]+):\d{12}:certificate/.+")


def problems(made: Made) -> Told:
    """Of certificates and web ACLs of CloudFront, and of the zones of subnets."""
    for cdn in made.all(_CDN):
        arn = at(cdn, "viewerCertificate.acmCertificateArn")
        of = next((each for each in made.all(*_CERTIFICATES) if _arn(each) == arn), None)
        region = _region_of(made, arn, of)
        if region not in ("", _NORTH_VIRGINIA):
            who = f"the certificate '{of.name}'" if of else "the certificate"
            error = "InvalidViewerCertificate"
            reason = f"CloudFront takes certificates of us-east-1 only, and {who} is of {region}: {_EAST} ({error})"
            yield cdn, Problem("viewerCertificate.acmCertificateArn", reason)
    for acl in made.all(_ACL):
        region = made.region(acl) if str(acl.outputs.get("arn")).startswith(_PUBLIC) else ""
        if acl.checked.get("scope") == "CLOUDFRONT" and region not in ("", _NORTH_VIRGINIA):
            reason = (
                f"a web ACL of CloudFront is made in us-east-1, not in {region}: {_EAST} (WAFInvalidParameterException)"
            )
            yield acl, Problem("scope", reason)
    for subnet in made.all(_SUBNET):
        region, zone = made.region(subnet), subnet.inputs.get("availabilityZone")
        if isinstance(zone, str) and made.vague and made.answers(zone):
            continue  # asked for who knows where
        if region and region_of(zone) not in ("", region):
            reason = f"'{zone}' is no zone of {region}, where the subnet is made (InvalidParameterValue)"
            yield subnet, Problem("availabilityZone", reason)


def _arn(entry: Entry) -> object:
    return entry.outputs.get("certificateArn" if entry.type == _CERTIFICATES[1] else "arn")


def _region_of(made: Made, arn: object, of: Entry | None) -> str:
    """Where a certificate is that the program makes, or names and has not asked for; nothing where that may be the
    region of a profile."""
    found = _ARN.fullmatch(arn) if isinstance(arn, str) else None
    if found is None or (made.region(of) != found[1] if of else made.answers(found[0])):
        return ""
    return found[1]
