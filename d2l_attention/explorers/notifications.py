"""Which parts of a figure have changed, and telling observers: in order, and under no lock."""

import copy
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Name the entries of `new` that are not those of `old`; NaN equals NaN.

    All tensors are compared where they are, and their device is waited for once.
    """
    different, compared = [], {}
    for name, x in new.items():
        y: Any = old.get(name)
        if x is y:
            continue
        if _alike(x, y):
            compared[name] = ((x != y) & ~(x.isnan() & y.isnan())).any()
        elif isinstance(x, Tensor) or isinstance(y, Tensor) or _unequal(x, y):
            different.append(name)
    if compared:
        flags = torch.stack(list(compared.values())).tolist()
        different += [name for name, flag in zip(compared, flags, strict=True) if flag]
    return different


def _alike(x: Any, y: Any) -> bool:
    tensors = isinstance(x, Tensor) and isinstance(y, Tensor)
    return tensors and x.shape == y.shape and x.dtype == y.dtype


def _unequal(x: Any, y: Any) -> bool:
    """Compare two objects; a reader's own, such as arrays, may have no single answer."""
    try:
        return bool(x != y)
    except Exception:  # noqa: BLE001 (theirs; they are two objects, and count as different)
        return True


class ObservedTensor(Tensor):
    """The new value in a notification. `!=` says whether any entry differs, as one bool.

    `traitlets.link` asks that of the value it was told of, and a plain tensor has no answer.
    Everything else is as of any tensor.
    """

    # torch's own way to say so, whose type is another than that of what it replaces.
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]  # noqa: SLF001
    __hash__ = Tensor.__hash__

    def __ne__(self, other: object) -> bool:  # type: ignore[override]
        """Compare as a whole; NaN equals NaN."""
        return bool(differing({"": _plain(other)}, {"": _plain(self)}))

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        """Copy as a plain tensor."""
        return copy.deepcopy(_plain(self), memo)


def _plain(x: Any) -> Any:
    return x.as_subclass(Tensor) if isinstance(x, ObservedTensor) else x


class Notifier:
    """Tells observers of changes in the order in which they were made, one at a time.

    A change that an observer makes, or that another thread makes meanwhile, waits its turn, so
    that no observer runs inside another or hears an old value after a new one.
    """

    def __init__(self, notify: Callable[[str, Any, Any], None]):
        self._notify = notify
        self._waiting: deque[tuple[str, Any, Any]] = deque()
        self._telling = threading.Lock()

    def add(self, name: str, old: Any, new: Any) -> None:
        """Note a change; it is told by the next `run`."""
        self._waiting.append((name, old, new))

    def run(self) -> None:
        """Tell what waits, and raise the first error of an observer when all have been told."""
        errors = []
        while self._waiting and self._telling.acquire(blocking=False):
            try:
                while self._waiting:
                    try:
                        self._notify(*self._waiting.popleft())
                    except Exception as error:  # noqa: BLE001 (raised when all are told)
                        errors.append(error)
            finally:
                self._telling.release()
        if errors:
            raise errors[0]
