"""Whether a text is a credential: by a format that only credentials have, or by the name it stands under.

A control says the name of the place, never the text. Sources: the documented formats of the issuers, 2025-11.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

_FORMATS = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w+")),
    ("a Stripe key", re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}\b")),
    ("a Google API key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b")),
    ("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("a Pulumi token", re.compile(r"\bpul-[a-f0-9]{40}\b")),
    ("a SendGrid key", re.compile(r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@${}]+:[^\s/@${}]{3,}@")),
)
_NAMES = re.compile(
    r"(?:^|[_.-])(?:PASSWORD|PASSWD|PASSPHRASE|SECRET(?:_?ACCESS)?_?KEY|SECRET|API_?KEY|ACCESS_?TOKEN|AUTH_?TOKEN|"
    r"PRIVATE_?KEY|CLIENT_?SECRET|CREDENTIALS?|TOKEN)$"
)
_REFERENCE = re.compile(
    r"^(?:arn:|/aws/|\$\{|\{\{|ssm:|secretsmanager:|vault:|https?://[^@]*$|/[\w./-]+$)", re.IGNORECASE
)
_PLACEHOLDERS = frozenset({"", "true", "false", "none", "null", "changeme", "disabled", "enabled"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*")


@lru_cache(maxsize=8192)
def format_of(text: str) -> str | None:
    """What the text is by its own format, e.g. `a private key`; None for any other."""
    if len(text) < 12:
        return None
    return next((name for name, pattern in _FORMATS if pattern.search(text)), None)


def kind_of_secret(name: str, text: str) -> str | None:
    """What stands under the name, if that is a credential: by its format, or because the name says so."""
    found = format_of(text)
    if found is not None:
        return found
    spelled = _CAMEL.sub("_", name).upper()
    if _NAMES.search(spelled) and not _REFERENCE.match(text) and text.strip().lower() not in _PLACEHOLDERS:
        return "a secret by its name"
    return None


def decoded(text: str) -> str:
    """The text behind base64, or the text itself."""
    if not _BASE64.fullmatch(text):
        return text
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text
