"""Looking at a module without changing it: eval mode meanwhile, and its random numbers given back."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from torch import nn


@contextmanager
def evaluating(attention: nn.Module) -> Iterator[None]:
    """Put a module and its parts in eval mode, so that to look at them does not change them."""
    training = {part: part.training for part in attention.modules()}
    attention.eval()
    try:
        yield
    finally:
        for part, was in training.items():
            part.training = was


def keep_random_numbers(device: torch.device) -> AbstractContextManager[None]:
    """Restore the state of the random number generators at the end, as if nothing had been drawn."""
    return torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])
