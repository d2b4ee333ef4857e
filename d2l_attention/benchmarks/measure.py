"""Time and peak memory of functions that are measured side by side."""

import ctypes
import gc
import os
import resource
import time

import torch


def fastest(*functions, device="cpu", seconds: float = 0.5, most: int = 200) -> list[float]:
    """Time functions in turns, so that they share what else the machine does: the fastest of each.

    Each runs at least three times, and more often while the seconds last. Every other turn goes
    backwards: what ran just before leaves its data in the cache, to the good of its likes alone.
    """
    times = [[] for _ in functions]
    _forget()
    for function in functions:
        function()
    end = time.perf_counter() + seconds * len(functions)
    while len(times[0]) < 3 or (time.perf_counter() < end and len(times[0]) < most):
        turn = list(zip(functions, times, strict=True))
        for function, taken in turn[:: -1 if len(times[0]) % 2 else 1]:
            _synchronize(device)
            start = time.perf_counter()
            function()
            _synchronize(device)
            taken.append(time.perf_counter() - start)
    return [min(taken) for taken in times]


def peak_memory(function, device="cpu") -> int:
    """Return the bytes that a call needs at its peak, beyond those held before it."""
    if device != "cpu":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        function()
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated() - before
    _forget()
    read, write = os.pipe()
    # In a child, whose record of its own peak begins here.
    if not (child := os.fork()):
        before = _resident()
        function()
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os.write(write, str(max(0, peak)).encode())
        os._exit(0)
    os.close(write)
    with open(read) as pipe:
        peak = pipe.read()
    os.waitpid(child, 0)
    return int(peak) if peak else -1


def _forget() -> None:
    """Give back what earlier measurements left: memory that is used again is not paid for again.

    The plain formulas take half their time where large tensors find such memory.
    """
    gc.collect()
    if hasattr(ctypes.CDLL(None), "malloc_trim"):  # glibc
        ctypes.CDLL(None).malloc_trim(0)


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def _synchronize(device) -> None:
    if device != "cpu":
        torch.cuda.synchronize()
