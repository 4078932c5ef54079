"""How long the page of 2,000 resources takes to open, beside an empty one. Run by `make bench` where there is Chromium."""

import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from preflight.page import page
from tests.browser.chromium import chromium
from tests.preflight.page.documents import document
from tests.preflight.reach.baseline import STACK
from tests.preflight.reach.stacks import resource

_RUNS = 5


def main() -> None:
    """Prints the difference: layout, script and the tree are in it, the start of the browser is not."""
    try:
        browser = chromium()
    except AssertionError as error:
        print(f"page in a browser: left out, {error}")
        return
    many = [resource("aws:sqs/queue:Queue", f"queue-{number}", tags={"n": "x" * 300}) for number in range(2000)]
    text = page(document(*STACK.values(), *many))
    with tempfile.TemporaryDirectory() as folder:
        big, empty = Path(folder, "big.html"), Path(folder, "empty.html")
        big.write_text(text, encoding="utf-8")
        empty.write_text("<!doctype html><title>empty</title>", encoding="utf-8")
        took = {file: median(_seconds(browser, file, folder) for _ in range(_RUNS)) for file in (empty, big)}
    print(
        f"page of {len(STACK) + 2000} resources, {len(text.encode()) / 1e6:.2f} MB: usable {took[big] - took[empty]:.2f} s"
        f" after an empty one ({took[empty]:.2f} s)"
    )


def _seconds(browser: str, file: Path, folder: str) -> float:
    began = time.perf_counter()
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
        "--virtual-time-budget=200", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
