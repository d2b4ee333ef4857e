"""What a reader's function does on its way to the result: which operations, and how large tensors."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from .checking import Answer


class Watch(TorchDispatchMode):
    """Remember the operations of the functions it watches, and the largest tensor that they make."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: set[str] = set()
        self.largest = 0  # numbers that a tensor holds, however it is viewed

    def over(self, answer: Answer) -> Answer:
        """Return the function, watched."""

        def watched(*arguments: Any) -> Any:
            with self:
                return answer(*arguments)

        return watched

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        self.operations.add(str(func))
        result = func(*args, **(kwargs or {}))
        for X in result if isinstance(result, tuple | list) else (result,):
            if isinstance(X, Tensor) and X.layout == torch.strided:  # others have no storage
                self.largest = max(self.largest, X.untyped_storage().nbytes() // X.element_size())
        return result
