"""Which notebooks need not be executed again, and which of their outputs stay as committed.

A notebook's outputs come from its code, the package and the environment. Where none of these has
changed since the last commit, or since an execution on this machine, running it would give them again.
"""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode

from .execute import tags
from .files import Book, read
from .outputs import same
from .rules import TRAINED, refusals

_NOT_IMPORTED = {"tests", "benchmarks", "__pycache__"}


def fingerprint(book: Book, notebook: NotebookNode) -> str:
    """A hash of all that the outputs of a notebook come from."""
    digest = hashlib.sha256()
    files = [book.root / "environment.yml", book.root / "notebooks" / "tools" / "execute.py"]
    files += sorted(book.package.rglob("*"))
    for path in files:
        name = path.relative_to(book.root)
        if path.is_file() and not _NOT_IMPORTED & set(name.parts):
            digest.update(f"{name.as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    for cell in notebook.cells:
        if cell.cell_type == "code":
            digest.update(json.dumps([cell.source, tags(cell)]).encode())
    return digest.hexdigest()


@contextmanager
def last_commit(book: Book) -> Iterator[Book]:
    """The book as it was last committed, unpacked for a while; empty where git knows of none."""
    with tempfile.TemporaryDirectory() as folder:
        archived = subprocess.run(
            ["git", "archive", "--format=tar", "HEAD"],
            cwd=book.root, capture_output=True, check=False,
        )  # fmt: skip
        if archived.returncode == 0:
            with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as tar:
                tar.extractall(folder, filter="data")
        yield Book(Path(folder))


class Executed:
    """What was executed before: in the last commit, and on this machine since."""

    def __init__(self, book: Book, committed: Book, everything: bool = False):
        """Take the last commit; with `everything`, and in CI, nothing counts as executed."""
        self.book, self.committed = book, committed
        self.trusted = not everything and os.environ.get("CI") != "true"
        self.path = book.root / "build" / "executed.json"
        self.here = json.loads(self.path.read_text()) if self.path.exists() else {}

    def is_current(self, notebook: NotebookNode, path: Path) -> bool:
        """Whether a notebook holds the outputs that running it would give."""
        name = self.book.name(path)
        known = [self.here.get(name)]
        if (original := self._committed(path)) is not None:
            known.append(fingerprint(self.committed, original))
        current = fingerprint(self.book, notebook) in known
        return self.trusted and current and not any(refusals(notebook))

    def remember(self, notebook: NotebookNode, path: Path) -> None:
        """Note that a notebook was executed as it is now."""
        self.here[self.book.name(path)] = fingerprint(self.book, notebook)
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(self.here, indent=1))

    def restore_unchanged_outputs(self, notebook: NotebookNode, path: Path) -> None:
        """Put back the committed outputs where the new ones show the same.

        Fonts and processors differ a little, which no commit should be about.
        """
        if (original := self._committed(path)) is None:
            return
        for cell, old in _with_the_same_code(notebook, original):
            if same(old.outputs, cell.outputs, TRAINED in tags(cell)):
                cell.outputs = old.outputs

    def _committed(self, path: Path) -> NotebookNode | None:
        path = self.committed.root / self.book.name(path)
        return read(path) if path.exists() else None


def copy_outputs(source: NotebookNode, notebook: NotebookNode) -> None:
    """Give a notebook the outputs that another one has for the same code."""
    for cell, old in _with_the_same_code(notebook, source):
        cell.outputs, cell.execution_count = old.outputs, old.execution_count


def _with_the_same_code(
    notebook: NotebookNode, other: NotebookNode
) -> Iterator[tuple[NotebookNode, NotebookNode]]:
    code = {cell.id: cell for cell in other.cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        old = code.get(cell.id)
        if cell.cell_type == "code" and old and old.source == cell.source:
            yield cell, old
