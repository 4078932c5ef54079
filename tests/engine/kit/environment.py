"""A virtual environment of a project's own, with the hook of preflight.startup, as `make setup` leaves it.

The packages are those of the interpreter that runs the tests, which stays as it is.
"""

import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def make(project: Path) -> Path:
    """Gives a copy of a project its own ``.venv`` and a copy of preflight; answers its interpreter."""
    folder = project / ".venv"
    folder.unlink(missing_ok=True)
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    place = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    Path(place.stdout.strip(), "packages.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    shutil.copytree(ROOT / "preflight", project / "preflight", dirs_exist_ok=True)
    subprocess.run([python, "-m", "preflight.startup"], cwd=project, check=True)
    return python
