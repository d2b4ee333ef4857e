"""Execute a notebook so that doing it twice gives the same bytes."""

import os
import subprocess
from itertools import groupby
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from .files import BookError

# One thread, because the order in which threads add numbers up changes their last digits.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"
RAISES = "raises-exception"
"""The tag of a cell that is meant to raise an error."""
HIDE_OUTPUT = "hide-output"
"""The tag of a cell whose saved outputs are folded, since they answer a prediction."""
HIDE_INPUT = "hide-input"
"""The tag of a cell whose code is folded, since it describes a picture that is to be predicted."""


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring outputs of one stream, standard output before standard error.

    The kernel cuts a stream where its buffer happens to be flushed, but it always flushes before
    a figure, so what is printed before and after a figure stays there.
    """
    merged = []
    for is_stream, group in groupby(outputs, key=lambda output: output.output_type == "stream"):
        run = list(group)
        if not is_stream:
            merged += run
            continue
        for name in ("stdout", "stderr"):
            text = "".join(output.text for output in run if output.name == name)
            if text:
                merged.append(nbformat.v4.new_output("stream", name=name, text=text))
    return merged


def tidy(notebook: NotebookNode) -> None:
    """Leave in a notebook only what a reader needs and what another run would give again."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = _tidy_metadata(cell)
        if cell.cell_type == "code":
            cell.outputs = [_tidy_output(output) for output in merge_streams(cell.outputs)]


def _tidy_metadata(cell: NotebookNode) -> NotebookNode:
    """A cell's tags; JupyterLab folds by metadata, and the site by the tag."""
    metadata: dict[str, object] = {"tags": tags(cell)} if tags(cell) else {}
    folded = {"outputs_hidden": HIDE_OUTPUT, "source_hidden": HIDE_INPUT}
    if jupyter := {name: True for name, tag in folded.items() if tag in tags(cell)}:
        metadata["jupyter"] = jupyter
    return nbformat.from_dict(metadata)


def _tidy_output(output: NotebookNode) -> NotebookNode:
    if output.output_type == "error":
        # The frames name files of this machine; the last line is what the lesson is about.
        output.traceback = [f"{output.ename}: {output.evalue}"]
    elif "data" in output:
        output.metadata = {}
        output.data.pop(WIDGET, None)
    return output


def run(notebook: NotebookNode, folder: Path, name: str) -> None:
    """Execute a notebook in memory, and tidy it; in the current environment and the given folder."""
    client = NotebookClient(
        notebook,
        resources={"metadata": {"path": str(folder)}},
        timeout=600,
    )
    # Without folders to search, "python3" is this interpreter and no kernel installed elsewhere.
    client.km = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    try:
        client.execute(env={**os.environ, **ENVIRONMENT}, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise BookError(_failure(notebook, name, error)) from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise BookError(f"{name} could not be executed: {error}") from None
    tidy(notebook)


def _failure(notebook: NotebookNode, name: str, error: CellExecutionError) -> str:
    failed = next(
        cell
        for cell in notebook.cells
        if RAISES not in tags(cell)
        and any(output.output_type == "error" for output in cell.get("outputs", []))
    )
    return (
        f'{name}, cell "{failed.id}" raised {error.ename}: {error.evalue}\n\n{failed.source}\n\n'
        f"Mend the cell, or tag it {RAISES} if the error is the lesson."
    )
