"""The device to compute on."""

import torch

from .language import gettext as _


def try_gpu(i: int = 0) -> torch.device:
    """Choose the i-th CUDA device if there is one, else Apple's GPU, else the CPU.

    Args:
        i: which CUDA device, counted from 0.

    Raises:
        TypeError, ValueError: i is not a whole number, or negative.

    Source: the function of this name in Dive into Deep Learning, section "GPUs".

    >>> try_gpu().type in {"cuda", "mps", "cpu"}
    True
    """
    if not isinstance(i, int) or isinstance(i, bool):
        words = _("{name} must be a whole number, not {type}")
        raise TypeError(words.format(name="i", type=type(i).__name__))
    if i < 0:
        raise ValueError(_("i is {i}, but CUDA devices are counted from 0").format(i=i))
    if torch.cuda.device_count() > i:
        return torch.device("cuda", i)
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
