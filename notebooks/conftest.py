"""Make nbval strict: compare pictures and the order of outputs, and refuse what it would pass.

As it comes, nbval compares text only; it passes a wrong picture, a missing one and a cell that
was never run.
"""

import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import nbval.plugin
import pytest
from jupyter_client.provisioning import local_provisioner
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile
from tools.execute import ENVIRONMENT, merge_streams, tags
from tools.kernels import Template
from tools.outputs import textual, unlike
from tools.rules import TRAINED, refusals

# JupyterHub and Sphinx run these, and bring what they need.
collect_ignore = ["tools/jupyterhub/jupyterhub_config.py", "tools/site/conf.py"]


def pytest_configure(config: pytest.Config) -> None:
    for name in ("nbval_lax", "nbval_sanitize_with", "nbval_kernel_name"):
        if getattr(config.option, name):
            option = f"--{name.replace('_', '-')}"
            raise pytest.UsageError(f"{option} would weaken the checks; use --nbval alone.")
    config.option.nbval_current_env = True
    # nbval's own joins what was printed before a figure to what was printed after it.
    nbval.plugin.coalesce_streams = merge_streams


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    found = yield
    return [
        Notebook.from_parent(parent, path=file_path) if isinstance(item, IPyNbFile) else item
        for item in found
    ]


TEMPLATE = pytest.StashKey[Template]()
MANY = 3  # The template takes as long to start as two kernels.


def template(session: pytest.Session) -> Template | None:
    """The process that kernels are forked from, if there are many, and where forks are safe."""
    if TEMPLATE not in session.stash:
        notebooks = {item.path for item in session.items if isinstance(item, Cell)}
        if len(notebooks) < MANY or sys.platform != "linux":
            return None
        session.stash[TEMPLATE] = Template()
        session.config.add_cleanup(session.stash[TEMPLATE].close)
    return session.stash[TEMPLATE]


class Notebook(IPyNbFile):
    """A notebook whose rules are checked first, then its cells, by running them."""

    def setup(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in ENVIRONMENT.items():
                patch.setenv(name, value)
            if kernels := template(self.session):
                patch.setattr(local_provisioner, "launch_kernel", kernels.launch)
            super().setup()

    def collect(self) -> Iterator[pytest.Item]:
        cells = list(super().collect())
        yield Rules.from_parent(self, name="rules")
        for item in cells:
            yield Cell.from_parent(
                self,
                name=item.cell.id,
                cell_num=item.cell_num,
                cell=item.cell,
                options=item.options,
            )


class Rules(pytest.Item):
    """What a committed notebook may not hold."""

    def runtest(self) -> None:
        assert isinstance(self.parent, Notebook)
        found = list(refusals(self.parent.nb))
        if found:
            pytest.fail("\n".join(found), pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.path.name}: rules"


class Cell(IPyNbCell):
    """A cell whose outputs must be those committed: kinds, order, text and pictures."""

    def compare_outputs(
        self,
        test: list[NotebookNode],
        ref: list[NotebookNode],
        skip_compare: list[str] | None = None,
    ) -> bool:
        trained = TRAINED in tags(self.cell)
        # Without pictures, because nbval would print all of their data.
        same = super().compare_outputs(textual(test, trained), textual(ref, trained), skip_compare)
        self.comparison_traceback += unlike(ref, test, trained)
        return same and not self.comparison_traceback

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.path.name}: cell {self.name}"
