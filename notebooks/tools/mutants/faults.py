"""What a fault is, how it is read, and how it is put into a copy of the project."""

import base64
import io
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ..pictures import PNG

HERE = Path(__file__).parent


class FaultError(Exception):
    """A fault that cannot be put in, or says nothing; the message says which and why."""


@dataclass(frozen=True)
class Fault:
    """One mistake that somebody could make, and the tests that should notice it.

    `old` must occur exactly once in each of the files, or in the one cell of a notebook; without
    it, `act` is done to the cell: "clear" (as if never run) or "repaint" (a patch of its picture
    is darker by a twentieth). `tests` are arguments of pytest. A fault that no test can notice
    has a `reason`.
    """

    files: tuple[str, ...]
    tests: tuple[str, ...]
    old: str = ""
    new: str = ""
    cell: str = ""
    act: str = ""
    reason: str = ""

    def __str__(self) -> str:
        change = self.act or f"{_short(self.old)} → {_short(self.new) or 'nothing'}"
        return ": ".join(filter(None, [self.files[0], self.cell, change]))

    @property
    def in_browser(self) -> bool:
        return any("/browser/" in test for test in self.tests)

    def put_into(self, root: Path) -> None:
        """Change the files below a folder, which should be a copy."""
        for name, text in self.changed(root).items():
            (root / name).write_text(text, "utf-8")

    def changed(self, root: Path) -> dict[str, str]:
        """The files below a folder as they are with this fault: each name, and its text."""
        found = {}
        for name in self.files:
            path = root / name
            if not path.exists():
                raise FaultError(f"{self}: there is no file {name}")
            text = path.read_text("utf-8")
            found[name] = self._in_cell(text) if self.cell else self._replaced(text, name)
            if found[name] == text:
                raise FaultError(f"{self}: it changes nothing in {name}")
        return found

    def _replaced(self, text: str, where: str) -> str:
        found = text.count(self.old)
        if found != 1:
            raise FaultError(f"{self}: the text occurs {found} times in {where}, and not once")
        return text.replace(self.old, self.new)

    def _in_cell(self, text: str) -> str:
        notebook = json.loads(text)
        where = f"cell {self.cell}"
        cells = [cell for cell in notebook["cells"] if cell["id"] == self.cell]
        if len(cells) != 1:
            raise FaultError(f"{self}: there are {len(cells)} cells of that name")
        (cell,) = cells
        if self.act == "clear":
            cell |= {"outputs": [], "execution_count": None}
        else:
            written = json.dumps(cell, ensure_ascii=False)
            if self.act == "repaint":
                changed = PNG.sub(_repainted, written)
                if changed == written:
                    raise FaultError(f"{self}: there is no picture in {where}")
            else:
                changed = self._replaced(written, where)
            cell |= json.loads(changed)
        return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "…"


def _repainted(match: re.Match[str]) -> str:
    with Image.open(io.BytesIO(base64.b64decode(match[1]))) as image:
        pixels = np.array(image.convert("RGB"))
    middle = tuple(slice(size // 2 - 12, size // 2 + 12) for size in pixels.shape[:2])
    pixels[middle] = np.clip(pixels[middle].astype(int) - 13, 0, 255)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def read() -> list[Fault]:
    """Every fault of the TOML files beside this one."""
    found = []
    for path in sorted(HERE.glob("*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8"))["fault"]:
            files = entry.pop("file")
            files = (files,) if isinstance(files, str) else tuple(files)
            fault = Fault(files=files, tests=tuple(entry.pop("tests")), **entry)
            if bool(fault.old) == bool(fault.act):
                raise FaultError(f"{fault}: either a text is replaced or something is done")
            found.append(fault)
    return found


def check_current(faults: Iterable[Fault], root: Path) -> None:
    """Refuse faults that do not fit the project below a folder; all are named at once."""
    stale = []
    for fault in faults:
        try:
            fault.changed(root)
        except FaultError as error:
            stale.append(str(error))
        for test in fault.tests:
            file = test.partition("::")[0]
            if not (root / file).exists():
                stale.append(f"{fault}: there is no test file {file}")
    if stale:
        raise FaultError("\n".join([f"{len(stale)} to mend:", *stale]))
