"""Measure what a class costs: users who run a notebook at once, on a hub of our own on loopback.

`python notebooks/tools/jupyterhub/measure.py en/1-queries-keys-values.ipynb 3`: the notebook, and
how many users. Their home folders are temporary, and everybody is let in, on 127.0.0.1 only.
"""

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat import NotebookNode
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

HERE = Path(__file__).resolve().parent
TOKEN = secrets.token_hex(16)
AUTHORIZED = {"Authorization": f"token {TOKEN}"}
MB = 2**20

TRIAL = """
c = get_config()
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.getcwd() + "/{username}"
c.Spawner.args = [*c.Spawner.args, "--allow-root"]
c.JupyterHub.services = [{"name": "measure", "api_token": os.environ["MEASURE_TOKEN"]}]
c.JupyterHub.load_roles = [{
    "name": "measure", "services": ["measure"],
    "scopes": ["admin:users", "admin:servers", "access:servers"],
}]
"""


class Hub:
    """A hub in a temporary folder."""

    def __init__(self, folder: Path):
        # The other two ports are taken by the proxy's own API and by the hub behind the proxy.
        self.ports = [_free_port() for _ in range(3)]
        outer, api, inner = (f"http://127.0.0.1:{port}" for port in self.ports)
        self.url = outer
        (folder / "config.py").write_text(
            f"import os\nload_subconfig({str(HERE / 'jupyterhub_config.py')!r}){TRIAL}"
        )
        self._log = (folder / "log").open("w")
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterhub", "--config=config.py",
                f"--JupyterHub.bind_url={outer}", f"--JupyterHub.hub_bind_url={inner}",
                f"--ConfigurableHTTPProxy.api_url={api}",
            ],
            cwd=folder, stdout=self._log, stderr=self._log,
            env=os.environ | {"MEASURE_TOKEN": TOKEN},
        )  # fmt: skip

    async def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        request = HTTPRequest(
            f"{self.url}/{path}", method, AUTHORIZED,
            body=None if method == "GET" else json.dumps(body or {}), request_timeout=60,
        )  # fmt: skip
        answer = await AsyncHTTPClient().fetch(request)
        return json.loads(answer.body) if answer.body else None

    async def until(self, path: str, ready: Callable[[Any], object] = bool) -> Any:
        for _ in range(600):
            try:
                if ready(answer := await self.ask(path)):
                    return answer
            except (OSError, HTTPClientError):
                if self.process.poll() is not None:
                    break
            await asyncio.sleep(0.2)
        raise TimeoutError(f"{path} of the hub does not answer")

    async def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self._log.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


async def work(hub: Hub, user: str, name: str) -> float:
    """Log a user in, run every cell of a notebook of theirs; return how long the cells took."""
    await hub.ask(f"hub/api/users/{user}", "POST")
    await hub.ask(f"hub/api/users/{user}/server", "POST")
    await hub.until(
        f"hub/api/users/{user}", lambda answer: (answer["servers"].get("") or {}).get("ready")
    )
    contents = await hub.ask(f"user/{user}/api/contents/{name}")
    kernel = {"path": name, "type": "notebook", "name": name, "kernel": {"name": "python3"}}
    session = await hub.ask(f"user/{user}/api/sessions", "POST", kernel)
    channel = f"ws{hub.url[4:]}/user/{user}/api/kernels/{session['kernel']['id']}/channels"
    socket = await websocket_connect(
        HTTPRequest(channel, headers=AUTHORIZED), max_message_size=2**30
    )
    began = time.perf_counter()
    for cell in nbformat.from_dict(contents["content"]).cells:
        if cell.cell_type == "code":
            await _run(socket, cell)
    return time.perf_counter() - began


async def _run(socket: WebSocketClientConnection, cell: NotebookNode) -> None:
    sent = uuid.uuid4().hex
    header = {"msg_id": sent, "msg_type": "execute_request", "session": sent, "version": "5.3"}
    content = {"code": cell.source, "silent": False, "allow_stdin": False, "stop_on_error": False}
    message = {"header": header | {"username": "", "date": ""}, "content": content}
    await socket.write_message(
        json.dumps(message | {"parent_header": {}, "metadata": {}, "channel": "shell"})
    )
    while True:
        answer = await socket.read_message()
        if answer is None:
            raise RuntimeError(f"{cell.id}: the kernel is gone")
        if isinstance(answer, bytes):
            continue  # A picture or the numbers of a figure.
        answer = json.loads(answer)
        if answer["parent_header"].get("msg_id") == sent and answer["channel"] == "shell":
            failed = answer["content"]["status"] == "error"
            if failed and "raises-exception" not in cell.metadata.get("tags", []):
                raise RuntimeError(f"{cell.id}: {answer['content']['evalue']}")
            return


def memory(user: str, hub: Hub) -> dict[str, int]:
    """The processes of a user: the server and the kernel, each its share of what they share."""
    used = {"server": 0, "kernel": 0}
    for process in psutil.Process(hub.process.pid).children(recursive=True):
        if process.environ().get("JUPYTERHUB_USER") == user:
            kind = "kernel" if "ipykernel_launcher" in process.cmdline() else "server"
            used[kind] += process.memory_full_info().pss
    return used


async def main(name: str, users: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(Path(folder))
        try:
            await hub.until("hub/api/")
            names = [f"user{i}" for i in range(users)]
            seconds = await asyncio.gather(*(work(hub, user, name) for user in names))
            for user, taken in zip(names, seconds, strict=True):
                used = memory(user, hub)
                parts = ", ".join(f"{kind} {size // MB} MB" for kind, size in used.items())
                print(f"{user}: {name} in {taken:.0f} s; {sum(used.values()) // MB} MB: {parts}")
            print(f"the hub: {psutil.Process(hub.process.pid).memory_full_info().pss // MB} MB")
        except Exception:
            print((Path(folder) / "log").read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            await hub.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
