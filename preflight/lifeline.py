"""Runs a module in a child process that ends when its parent does, even when the parent is killed with SIGKILL.

Called as ``python lifeline.py FD MODULE [ARGUMENT ...]``: FD is the reading end of a pipe whose writing end only the
parent holds. Nothing is ever written; when the parent dies the kernel closes its end and the blocked read returns.
Unlike PR_SET_PDEATHSIG this works on every system and does not depend on the thread that made the child.

Uses the standard library only: it also runs in the interpreter of a foreign project or policy pack.
"""

import os
import runpy
import sys
import threading


def watch(descriptor: int) -> None:
    """Ends this process at once when the other end of the pipe is closed."""
    os.set_inheritable(descriptor, False)

    def wait() -> None:
        while os.read(descriptor, 1):
            pass
        os._exit(70)

    threading.Thread(target=wait, name="preflight-lifeline", daemon=True).start()


def become(module: str, arguments: list[str]) -> None:
    """Runs ``python -m MODULE ARGUMENT ...`` in this process."""
    sys.argv[:] = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def main(arguments: list[str]) -> None:
    """Watches the parent, then becomes the module. The nursery gets the descriptor and watches later: see there."""
    descriptor, module, *rest = arguments
    sys.path.pop(0)  # this file's folder, which python adds for a script: its modules must not shadow the program's
    package = module.partition(".")[0]
    if package == "preflight":
        # Imported by place, and the place taken away again: nothing else beside it becomes importable for the program.
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        sys.path.insert(0, root)
        __import__(package)
        sys.path.remove(root)
        rest.insert(0, descriptor)
    else:
        watch(int(descriptor))
    become(module, rest)


if __name__ == "__main__":
    main(sys.argv[1:])
