"""``python -m preflight.startup``: puts the hook into the virtual environment of this interpreter."""

import sys

from preflight import startup


def main() -> int:
    """0, or 1 with the reason on standard error."""
    try:
        startup.install()
    except (OSError, startup.NoEnvironmentError) as error:
        print(f"startup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
