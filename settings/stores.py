"""What stores of every kind have in common: how a program finds one, and what may be asked of each."""

# The level that every store has in a stack that is not protected, beside those of its kind.
ADMIN = "admin"
# Stands among the kinds of a stack where a bucket tells a queue of its events, which takes a right on the key.
NOTICE = "notice"


def variable(store: str, field: str) -> str:
    """The environment variable with `field` of a store, as containers get it: `main-db`, `HOST` -> `MAIN_DB_HOST`."""
    return f"{store.replace('-', '_').upper()}_{field}"
