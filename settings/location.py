"""Where a stack lives: account, region, and how ARNs are written there."""

from dataclasses import dataclass

from settings.tables import regions


@dataclass(frozen=True, kw_only=True)
class Location:
    """Account and region of a stack. `dns_suffix` ends the host names of AWS there, without a leading dot;
    `permissions_boundary` is the ARN of the policy that bounds every role which is made there, if there is one."""

    region: str
    account_id: str
    partition: str
    dns_suffix: str
    permissions_boundary: str | None = None

    @classmethod
    def of(cls, region: str, account_id: str, permissions_boundary: str | None = None) -> "Location":
        """The location of an account in a region that the table knows; raises KeyError for any other."""
        known = regions()[region]
        return cls(
            region=region,
            account_id=account_id,
            partition=known.partition,
            dns_suffix=known.dns_suffix,
            permissions_boundary=permissions_boundary,
        )

    def arn(self, service: str, resource: str, *, region: bool = True, account: bool = True) -> str:
        """An ARN of this place; `region=False` or `account=False` for services whose ARNs leave that part empty (IAM,
        S3)."""
        place = self.region if region else ""
        owner = self.account_id if account else ""
        return f"arn:{self.partition}:{service}:{place}:{owner}:{resource}"
