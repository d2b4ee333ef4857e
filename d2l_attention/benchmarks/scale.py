"""How attention and its figures scale: one table, times and peak memory, ours beside the plain way.

Every ratio is of the fastest runs of both, taken in turns in one process; the CPU uses one thread.
A floor is what the arithmetic (tanh, multiply-add) or the memory traffic alone would take.
"""

import io
import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from d2l_attention import (
    AdditiveAttention,
    DistanceAttention,
    DotProductAttention,
    MultiplicativeAttention,
    masked_softmax,
    show_attention,
)

from . import plain
from .measure import fastest, peak_memory
from .table import HEADER, Row, plot

SIZE, HIDDENS = 64, 128
PLOT = Path("build/bench.png")


def backward(function, *inputs):
    """A function that computes the gradients of another's sum, inputs and parameters included."""

    def run():
        output = function(*inputs)
        output.backward(torch.ones_like(output))
        for X in inputs:
            X.grad = None

    return run


def softmaxes(device, floors):
    X = torch.randn(32, 512, 512, device=device)
    lens = torch.randint(1, 513, (32,), device=device)
    functions = [lambda X: torch.softmax(X, -1), partial(masked_softmax, valid_lens=lens)]
    functions.append(partial(plain.masked_softmax, valid_lens=lens))
    for mode, target, passes in (("no gradient", 1.8, 2), ("with gradient", 2.1, 5)):
        if mode == "no gradient":
            runs = [partial(function, X) for function in functions]
        else:
            runs = [backward(function, X.clone().requires_grad_()) for function in functions]
        softmax, ours, formula = fastest(*runs, device=device)
        memory, other = (peak_memory(run, device) for run in runs[1:])
        floor = passes * X.nbytes / floors["bytes"]
        name = f"masked_softmax, {mode}"
        yield Row(name, 512, "torch.softmax", ours, softmax, target, floor)
        yield Row(name, 512, "plain masked formula", ours, formula, None, floor, memory, other)


def dot_products(device, floors):
    attention = DotProductAttention(keep_weights=False)
    for n in (512, 1024, 2048):
        X = torch.randn(4, n, SIZE, device=device)
        lens = torch.tensor([n, n // 2, n // 3, 1], device=device)
        mask = torch.arange(n, device=device) < lens[:, None]
        mask = mask[:, None, None].expand(4, 1, n, n).contiguous()

        def direct(X, mask=None):
            return F.scaled_dot_product_attention(X[:, None], X[:, None], X[:, None], mask)[:, 0]

        runs = [lambda X: attention(X, X, X), direct]
        runs += [lambda X, lens=lens: attention(X, X, X, lens), partial(direct, mask=mask)]
        heads = nn.MultiheadAttention(SIZE, 1, bias=False, batch_first=True, device=device)
        runs.append(lambda X, heads=heads: heads(X, X, X, need_weights=False)[0])
        X_grad = X.clone().requires_grad_()
        for mode in ("forward", "forward+backward"):
            learns = mode != "forward"
            calls = [backward(run, X_grad) if learns else partial(run, X) for run in runs]
            floor = 4 * 4 * n * n * SIZE * (3.5 if learns else 1) / floors["flops"]
            ours, sdpa, padded, masked, torch_heads = fastest(*calls, device=device)
            memory, other = (peak_memory(call, device) for call in calls[:2])
            padded_memory, masked_memory = (peak_memory(call, device) for call in calls[2:4])
            name = f"dot product, {mode}"
            yield Row(name, n, "SDPA", ours, sdpa, 1.1, floor, memory, other)
            yield Row(f"padded {name}", n, "SDPA, boolean mask", padded, masked, 1.0, floor, padded_memory, masked_memory)  # fmt: skip
            yield Row(
                name, n, "nn.MultiheadAttention", ours, torch_heads, note="which projects too"
            )


def causal(device, floors):
    """A causal mask, alone and with padding, beside SDPA with the same mask and with is_causal."""
    attention = DotProductAttention(keep_weights=False)
    for n in (1024, 2048):
        X = torch.randn(4, n, SIZE, device=device)
        lens = torch.tensor([n, n // 2, n // 3, 1], device=device)
        mask = torch.ones(n, n, dtype=torch.bool, device=device).tril()
        both = (mask & (torch.arange(n, device=device) < lens[:, None])[:, None])[:, None]

        def direct(X, **options):
            q = X[:, None]
            return F.scaled_dot_product_attention(q, q, q, **options)[:, 0]

        runs = [
            lambda X, mask=mask: attention(X, X, X, mask=mask),
            partial(direct, attn_mask=mask),
            partial(direct, is_causal=True),
            lambda X, mask=mask, lens=lens: attention(X, X, X, lens, mask=mask),
            partial(direct, attn_mask=both.contiguous()),
        ]
        X_grad = X.clone().requires_grad_()
        for mode in ("forward", "forward+backward"):
            learns = mode != "forward"
            calls = [backward(run, X_grad) if learns else partial(run, X) for run in runs]
            floor = 2 * 4 * n * n * SIZE * (3.5 if learns else 1) / floors["flops"]
            ours, masked, is_causal, padded, both_masked = fastest(*calls, device=device)
            memory, other, least, padded_memory, both_memory = (
                peak_memory(call, device) for call in calls
            )
            name = f"causal dot product, {mode}"
            yield Row(name, n, "SDPA, same mask", ours, masked, 1.4, floor, memory, other)
            yield Row(name, n, "SDPA, is_causal", ours, is_causal, 3.2, floor, memory, least)
            # With gradients each block is computed twice, so that no mask of all examples is held.
            yield Row(f"padded causal, {mode}", n, "SDPA, one mask of both", padded, both_masked,
                      2.2 if learns else 1.4, floor, padded_memory, both_memory)  # fmt: skip


def additives(device, floors):
    for n, batch in ((10, 2), (64, 1), (256, 1), (512, 1), (1024, 1), (2048, 1), (4096, 1)):
        X = torch.randn(batch, n, SIZE, device=device)
        ours = AdditiveAttention(HIDDENS if n > 10 else 8, 0.0, SIZE, SIZE).to(device)
        other = plain.AdditiveAttention(SIZE, HIDDENS if n > 10 else 8).to(device)
        # The plain formula needs three tensors of n² numbers for each hidden unit.
        fits = n <= 1024
        for mode in ("forward", "forward+backward"):
            learns = mode != "forward"
            both = [ours, other] if fits else [ours]
            calls = [_call(module, X, learns) for module in both]
            # Of ten queries ours spends a third of its time on what the formula leaves out: arguments
            # are checked, half precision is widened, a row of nothing but −inf is cleared.
            target = {10: 1.5 if learns else 1.7, 512: 0.7 if learns else 0.45}.get(n)
            times = fastest(*calls, device=device) if n < 2048 else once(*calls)
            memories = [peak_memory(call, device) if n > 64 else None for call in calls]
            floor = batch * n * n * ours.num_hiddens * (2 if learns else 1) * floors["tanh"]
            row = Row(
                f"additive, {mode}", n, "plain formula", times[0], None, None, floor, memories[0]
            )
            if fits:
                row.other, row.other_memory, row.target = times[1], memories[1], target
                row.memory_target = 0.05 if n == 1024 else None
            else:
                row.note = f"plain would need {3 * 4 * n * n * HIDDENS / 2**30:.0f} GiB"
            yield row
    lens = torch.tensor([2, 6], device=device)
    X = torch.randn(2, 10, SIZE, device=device)
    ours, other = (
        AdditiveAttention(8, 0.0, SIZE, SIZE).to(device),
        plain.AdditiveAttention(SIZE, 8).to(device),
    )
    times = fastest(
        *(no_grad(partial(module, X, X, X, lens)) for module in (ours, other)), device=device
    )
    yield Row(
        "padded additive, forward",
        10,
        "plain formula",
        *times,
        note="ours also guards what padding holds",
    )
    n = 16384
    X = torch.randn(1, n, SIZE, device=device)
    ours = AdditiveAttention(HIDDENS, 0.0, SIZE, SIZE, keep_weights=False).to(device)
    call = no_grad(lambda: ours(X, X, X))
    start = time.perf_counter()
    memory = peak_memory(call, device)
    yield Row("additive, no weights, forward", n, "plain formula", time.perf_counter() - start,
              floor=n * n * HIDDENS * floors["tanh"], memory=memory, note="plain would need 384 GiB")  # fmt: skip


def without_weights(device, floors):
    """Scores of the package, attended to without their weights being kept, beside the formulas."""
    hiddens = 32
    sizes = (hiddens, 0.0, SIZE, SIZE)
    for name, n, target, ours, other in (
        ("additive", 2048, 0.6, AdditiveAttention(*sizes), plain.AdditiveAttention(SIZE, hiddens)),
        # From one processor to another the plain formula took 2 to 3 times as long as ours.
        ("multiplicative", 4096, 0.7, MultiplicativeAttention(*sizes),
         plain.MultiplicativeAttention(SIZE, hiddens)),
        ("distance", 4096, 0.5, DistanceAttention(), plain.DistanceAttention()),
    ):  # fmt: skip
        X = torch.randn(1, n, SIZE, device=device, requires_grad=True)
        ours.keep_weights = False
        calls = [_call(module.to(device), X, learns=True) for module in (ours, other)]
        times = fastest(*calls, device=device, seconds=2)
        memory, other_memory = (peak_memory(call, device) for call in calls)
        floor = 2 * n * n * hiddens * floors["tanh"]
        if name != "additive":
            floor = 3.5 * 4 * n * n * SIZE / floors["flops"]
        yield Row(f"{name}, no weights, training", n, "plain formula", *times, target,
                  floor, memory, other_memory)  # fmt: skip


def _call(module, X, learns: bool):
    if learns:
        return backward(lambda X: module(X, X, X), X)
    return no_grad(partial(module, X, X, X))


def no_grad(function):
    return torch.no_grad()(function)


def compiled(device, floors):
    n = 512
    X = torch.randn(1, n, SIZE, device=device)
    ours = AdditiveAttention(HIDDENS, 0.0, SIZE, SIZE).to(device)
    faster = AdditiveAttention(HIDDENS, 0.0, SIZE, SIZE).to(device)
    faster.compile(fullgraph=True)
    other = plain.AdditiveAttention(SIZE, HIDDENS).to(device)
    calls = [_call(module, X, learns=False) for module in (faster, other, ours)]
    times = fastest(*calls, device=device)
    floor = n * n * HIDDENS * floors["tanh"]
    name = "compiled additive, forward"
    yield Row(name, n, "plain formula", *times[:2], 0.25, floor)
    yield Row(name, n, "ours, not compiled", times[0], times[2], None, floor)
    calls = [_call(module, X, learns=True) for module in (faster, other, ours)]
    times = fastest(*calls, device=device)
    name = "compiled additive, forward+backward"
    yield Row(name, n, "plain formula", *times[:2], None, 2 * floor)
    yield Row(name, n, "ours, not compiled", times[0], times[2], None, 2 * floor)


def heatmaps(device, floors):
    def save(figure):
        figure.savefig(io.BytesIO(), format="png", dpi=150)

    def run(way, X):
        X = X.clone()
        figure = way(X, X)
        save(getattr(figure, "figure", figure))

    ways = [partial(show_attention, DotProductAttention()), plain.heatmap]
    small = torch.randn(1, 64, SIZE, device=device)
    for way in ways:
        run(way, small)  # imports, fonts
    for n in (1024, 2048, 4096, 8192, 16384, *((65536,) if device != "cpu" else ())):
        X = torch.randn(1, n, SIZE, device=device)
        # imshow takes 14 GB at 16,384.
        fits = n <= 8192 or (n == 16384 and _free_memory() > 16e9)
        calls = [partial(run, way, X) for way in ways[: 2 if fits else 1]]
        times = once(*calls) if n > 2048 else fastest(*calls, device=device)
        memories = [peak_memory(call, device) for call in calls]
        floor = 2 * n * n * SIZE / floors["flops"]
        row = Row("map", n, "imshow", times[0], None, None, floor, memories[0])
        if len(calls) == 2:
            row.other, row.other_memory = times[1], memories[1]
        if n == 16384 and device == "cpu":
            # imshow waits for memory: from one machine to another ours took 0.05 to 0.12 of its time.
            row.target, row.limit = 0.15 if fits else None, 250_000_000
        yield row


def _free_memory() -> int:
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def once(*functions) -> list[float]:
    times = []
    for function in functions:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return times


def imports():
    def run(module):
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)

    ours, other = fastest(partial(run, "d2l_attention"), partial(run, "torch"))
    yield Row("import d2l_attention", 1, "import torch", ours, other)


def measure_floors(device) -> dict[str, float]:
    """Measure seconds a tanh, bytes a second (read and written), multiply-adds' flops a second."""
    X = torch.randn(2**18 if device == "cpu" else 2**28, device=device)
    Y = torch.randn(2**24 if device == "cpu" else 2**28, device=device)
    Z, A = torch.empty_like(Y), torch.randn(1024, 1024, device=device)
    tanh, copy, product = fastest(
        lambda: torch.tanh(X, out=X), lambda: Z.copy_(Y), lambda: A @ A, device=device
    )
    return {"tanh": tanh / X.numel(), "bytes": 2 * Y.nbytes / copy, "flops": 2 * 1024**3 / product}


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    start = time.perf_counter()
    verdicts = []
    for device in ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]:
        floors = measure_floors(device)
        print(f"{device}: {1e-9 / floors['tanh']:.2f} tanh/ns, {floors['bytes'] / 1e9:.1f} GB/s, "
              f"{floors['flops'] / 1e9:.0f} Gflop/s\n{HEADER}")  # fmt: skip
        # Heatmaps first: a machine hands out memory sooner that it has handed out before.
        parts = [heatmaps, softmaxes, dot_products, causal, without_weights, additives]
        if shutil.which("g++") or device != "cpu":
            parts.append(compiled)
        rows = []
        for part in parts:
            for row in part(device, floors):
                print(row, flush=True)
                rows.append(row)
        if compiled not in parts:
            print("COMPILED NOT MEASURED: there is no g++ (apt-get install g++)")
        if device == "cpu":
            rows += imports()
            print(rows[-1])
            # The targets are for one thread of a CPU.
            verdicts = [verdict for row in rows for verdict in row.verdicts()]
        path = PLOT.with_stem(f"{PLOT.stem}-{device}")
        plot(rows, path)
        print(f"How the times grow with n: {path}\n")
    for words, holds in verdicts:
        print("holds " if holds else "FAILS ", words)
    print(f"{sum(holds for _, holds in verdicts)} of {len(verdicts)} targets hold; "
          f"{time.perf_counter() - start:.0f} s")  # fmt: skip


if __name__ == "__main__":
    main()
