"""Copied into a virtual environment beside groundwork_fast.pth, which calls `start` when GROUNDWORK_FAST is 1.

It is about what Pulumi's language host starts for a project, its program and its policy pack, and leaves alone whatever
else this interpreter runs: pip, tests, dynamic providers. A failure costs one line and the time to be gained.
"""

import os
import sys

_PROGRAM = "pulumi-language-python-exec"  # ``python -u <folder>/pulumi-language-python-exec --monitor ... <program>``
_PACK = ["-m", "pulumi.policy"]  # ``python -u -m pulumi.policy <address of the engine> <folder of the pack>``

_asked: list[str] = []  # for which project: a .pth file is executed twice where lib64 is a link


def start() -> None:
    """Has the project around this virtual environment make this process faster, if it is one of those."""
    words = sys.orig_argv[1:4]
    if words[:1] == ["-u"]:
        del words[0]
    is_program = any(os.path.basename(word) == _PROGRAM for word in words[:1])
    if not (is_program or words[:2] == _PACK) or _asked:
        return
    project = os.path.dirname(os.path.abspath(sys.prefix))
    _asked.append(project)
    try:
        sys.path.insert(0, project)
        try:
            from preflight.startup import begin  # noqa: PLC0415  found only while the path is there
        finally:
            sys.path.remove(project)
        begin(project, (lambda error: _tell(project, "functions of the SDK are kept", error)) if is_program else None)
    except Exception as error:  # noqa: BLE001  the process goes on as it would have without this
        _tell(project, "the SDK is loaded the plain way", error)


def _tell(project: str, what: str, error: Exception) -> None:
    reason = " ".join(str(error).split()) or type(error).__name__
    print(f"groundwork: {project}: {what}: {reason}", file=sys.stderr)
