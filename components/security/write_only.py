"""What secrets in Secrets Manager have in common, and values that are handed over and never read back."""

import hashlib

# The longest that Secrets Manager offers: the time in which a wrong deletion can be taken back.
RECOVERY_DAYS = 30


def revision(value: str) -> int:
    """A number from 1 to 2^31 - 1 that changes with the value (two values share one in two thousand million cases).

    Of a short value it would give away what it is, so it is as secret as the value: keep it in an `Output` of it.
    """
    digest = hashlib.sha256(value.encode()).digest()
    return int.from_bytes(digest[:8]) % (2**31 - 1) + 1
