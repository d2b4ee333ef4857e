"""A forked kernel begins as one from nothing would, but for what took long to import."""

import os
import time

import psutil
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import local_provisioner
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager
from tools.execute import ENVIRONMENT
from tools.kernels import Template

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kernels are forked"),
]


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """Two kernels of one template, in a folder of their own; the second is left running."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        template = Template()
        patch.setattr(local_provisioner, "launch_kernel", template.launch)
        managers = [
            KernelManager(
                kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager()
            )
            for _ in range(2)
        ]
        for manager in managers:
            manager.start_kernel(cwd=str(tmp_path_factory.getbasetemp()))
        yield template, managers
        template.close()


def said(manager, code):
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(60)
    printed = []
    client.execute_interactive(
        code, output_hook=lambda message: printed.append(message["content"].get("text", ""))
    )
    client.stop_channels()
    return "".join(printed).strip()


def test_what_one_kernel_does_the_other_does_not_know(kernels):
    _template, (one, other) = kernels
    assert said(one, "import torch; torch.secret = x = 1; print(x)") == "1"
    code = "import torch; print(hasattr(torch, 'secret'), 'x' in globals(), hash('Li'))"
    assert said(other, code) == f"False False {said(one, 'print(hash(' + repr('Li') + '))')}"


def test_it_has_the_folder_and_the_path_of_a_new_kernel_and_not_the_package(kernels, tmp_path):
    _template, (kernel, _) = kernels
    code = """
import os, sys
ours = [name for name in sys.modules if name.partition(".")[0] in ("d2l_attention", "tools")]
print(os.getcwd(), os.environ["PYTHONHASHSEED"], ours, "matplotlib.pyplot" in sys.modules,
      any(path.endswith("notebooks/tools") for path in sys.path))"""
    folder = tmp_path.parent
    assert said(kernel, code) == f"{folder} 0 [] False False"


def runs(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_kernel_is_killed_alone_and_the_others_end_with_their_template(kernels):
    template, (one, other) = kernels
    pids = [manager.provisioner.pid for manager in (one, other)]
    one.shutdown_kernel(now=True)
    assert not runs(pids[0]) and other.is_alive()
    template.close()
    for _ in range(100):
        if not runs(pids[1]):
            break
        time.sleep(0.1)
    assert not runs(pids[1])
