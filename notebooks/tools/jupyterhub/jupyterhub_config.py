# JupyterHub for a class on one machine, on the environment that `make lab` sets up: see README.md.

from pathlib import Path

BOOK = Path(__file__).resolve().parents[3]
BIN = BOOK / ".venv" / "bin"

c = get_config()  # noqa: F821  JupyterHub defines it.

# Behind a web server that speaks HTTPS; nobody reaches the hub but through it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# Whoever has an account on the machine may log in.
c.Authenticator.allow_all = True

# Everybody works on a copy of the notebooks in their own home, made the first time.
START = f"""
test -d d2l_attention || cp -r "{BOOK}/notebooks" d2l_attention
exec "{BIN}/jupyterhub-singleuser" --ServerApp.root_dir=d2l_attention "$@"
"""
c.Spawner.cmd = ["sh", "-c", START, "start"]
c.Spawner.default_url = "/lab/tree/en/start.ipynb"
c.Spawner.http_timeout = 120

c.Spawner.environment = {
    # One thread for each user, or a class of thirty would fight for the cores.
    "OMP_NUM_THREADS": "1",
    "JUPYTER_CONFIG_PATH": str(BOOK / "notebooks" / "tools" / "jupyter"),
}

# A kernel that nobody uses gives its memory back after 30 minutes, a server after an hour.
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--ServerApp.shutdown_no_activity_timeout=3600",
]
