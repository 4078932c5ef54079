"""Where Chromium is."""

import os
import shutil

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def chromium() -> str:
    """The path of a Chromium or Chrome: the one in CHROMIUM, or the first on PATH. Fails the test when there is none: the
    tests in this folder are only run by `make test-browser`, which needs it."""
    given = os.environ.get("CHROMIUM")
    found = given or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise AssertionError(
            f"there is no Chromium on PATH (looked for {', '.join(_NAMES)}); install one (Debian: apt-get install"
            " chromium) or set CHROMIUM to its path"
        )
    return found
