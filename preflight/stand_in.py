"""What programs get in place of what is not known here."""

STAND_IN = "secret-not-available-offline"
"""For a secret that cannot be decrypted."""
ANSWER = "stand-in"
"""In what a lookup would answer with a text of the account's own."""
