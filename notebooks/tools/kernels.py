"""Start many kernels from one process that has imported what takes long.

Importing torch, matplotlib and IPython takes a kernel some seconds. Here one process, the template,
imports them once, and every kernel is a fork of it: with memory of its own, and without
d2l_attention, which each notebook imports anew. `make notebooks` starts each kernel from nothing.
"""

import json
import os
import signal
import subprocess
import sys
from typing import Any

# Not pyplot, which chooses its backend when it is imported, and asks IPython then.
SLOW = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipywidgets", "anywidget", "babel.dates", "torch",
    "matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline",
)  # fmt: skip


class Kernel:
    """A forked kernel, with what jupyter_client asks of a subprocess."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        self.pid = pid

    def poll(self) -> int | None:
        """None as long as it runs; how it ended only the template knows."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    wait = poll  # jupyter_client waits by polling

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Template:
    """The process that kernels are forks of; it ends with the one that made it, and they with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def launch(
        self, cmd: list[str], env: dict[str, str], cwd: str | None = None, **_streams: Any
    ) -> Kernel:
        """Fork a kernel, in the place of jupyter_client's `launch_kernel`."""
        assert self._process.stdin and self._process.stdout
        order = {"arguments": cmd[cmd.index("ipykernel_launcher") + 1 :], "env": env, "cwd": cwd}
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return Kernel(int(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate()


def _fork_kernels() -> None:
    """Import what is slow, then fork a kernel for each line that is read."""
    del sys.path[0]  # this folder
    for name in SLOW:
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for those that end.
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _be_kernel(**json.loads(line))
        os.setpgid(pid, pid)  # Before its number is told: a kernel is killed with its group.
        print(pid, flush=True)


def _be_kernel(arguments: list[str], env: dict[str, str], cwd: str | None) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd or ".")
    # So that it ends with the template; from the environment it would be read by an import.
    sys.argv[1:] = [*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"]
    sys.modules["ipykernel.kernelapp"].launch_new_instance()
    os._exit(0)


if __name__ == "__main__":
    _fork_kernels()
