"""What programs get in place of a secret that cannot be decrypted here."""

STAND_IN = "secret-not-available-offline"
