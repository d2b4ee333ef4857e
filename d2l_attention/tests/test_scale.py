"""What the fast ways must keep: the same numbers, gradients of gradients, no large tensors."""

import os
import shutil
import subprocess
import sys

import pytest
import torch
from torch import nn

from d2l_attention import additive, masked_softmax, softmax, streaming

from .test_attention import KINDS, OURS, LargestTensor, make
from .test_softmax import test_a_row_with_no_valid_key_is_zero_and_learns_nothing as check_empty
from .test_softmax import test_against_plain_loops as check_loops
from .test_softmax import test_masked_weights_are_exactly_zero_whatever_the_scores as check_masked

LENS = torch.tensor([[0, 2, 5], [1, 3, 4]])


def normal(*shape, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.fixture(params=["small", "large"])
def either_way(request, monkeypatch):
    """Scores on both sides of the size at which masked_softmax changes its way."""
    monkeypatch.setattr(softmax, "SMALL", 0 if request.param == "large" else 2**14)


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
def test_large_scores_are_treated_like_small_ones(monkeypatch):
    monkeypatch.setattr(softmax, "SMALL", 0)
    check_loops()
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        check_empty(dtype)
        for masked in (torch.inf, -torch.inf, torch.nan, "largest"):
            for valid in ("lowest", 0.0):
                check_masked(dtype, masked, valid)


def test_masked_softmax_has_every_derivative(either_way):
    X = normal(2, 3, 5).requires_grad_()
    assert torch.autograd.gradcheck(lambda X: masked_softmax(X, LENS), X, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(lambda X: masked_softmax(X, LENS), X)


def test_masked_softmax_under_vmap(either_way):
    X = normal(4, 2, 3, 5)
    expected = torch.stack([masked_softmax(x, LENS) for x in X])
    torch.testing.assert_close(torch.vmap(lambda X: masked_softmax(X, LENS))(X), expected)
    lens = torch.stack([LENS, LENS + 1])
    expected = torch.stack([masked_softmax(X[0], n) for n in lens])
    torch.testing.assert_close(torch.vmap(lambda n: masked_softmax(X[0], n))(lens), expected)


def test_what_comes_back_to_a_masked_weight_goes_no_further(either_way):
    X = normal(1, 1, 3).requires_grad_()
    # The derivative of √w is infinite at a masked weight.
    (gradient,) = torch.autograd.grad(masked_softmax(X, [2]).sqrt().sum(), X)
    assert gradient.isfinite().all() and gradient[0, 0, 2] == 0 and gradient[0, 0, 0] != 0


def test_what_moves_a_masked_score_moves_nothing(either_way):
    X, tangent = normal(1, 1, 3), torch.tensor([[[1.0, -1.0, torch.inf]]], dtype=torch.float64)
    weights, moved = torch.func.jvp(lambda X: masked_softmax(X, [2]), (X,), (tangent,))
    first, second, _masked = weights[0, 0]
    # The derivative of p along (1, −1) is p (1 − (p − (1 − p))) = 2 p (1 − p).
    torch.testing.assert_close(
        moved[0, 0], torch.stack([2 * first * second, -2 * first * second, 0 * first])
    )


def test_masked_softmax_makes_one_copy_and_no_index_of_the_scores_size():
    X = torch.randn(4, 128, 128)
    with CountLarge(X.numel()) as count, torch.no_grad():
        masked_softmax(X, [0, 1, 64, 128])
    assert count.storages == 1


class CountLarge(LargestTensor):
    """Count the distinct memories of so many numbers or more that operations made."""

    def __init__(self, numel):
        super().__init__()
        self.limit, self.made = numel, {}

    @property
    def storages(self):
        return len(self.made)

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        X = function(*args, **(kwargs or {}))
        if isinstance(X, torch.Tensor) and X.numel() >= self.limit:
            self.made[X.untyped_storage().data_ptr()] = X  # kept, so that no address comes twice
        return X


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_gradients_are_right_or_refused(kind, keep_weights, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 24)
    attention = make(kind, torch.float64, keep_weights=keep_weights)
    X = normal(1, 5, 3).requires_grad_()
    attention(X, X, X)  # draws the lazy parameters

    def check():
        return torch.autograd.gradgradcheck(lambda X: attention(X, X, X, [3]), X)

    if kind in ("dot", "distance", "multiplicative") and not keep_weights:
        with pytest.raises(RuntimeError, match="scaled_dot_product.*not implemented"):
            check()
    else:
        assert check()


def naive_scores(queries, keys, w_v):
    return torch.tanh(queries[:, :, None] + keys[:, None]) @ w_v


@pytest.mark.parametrize("learns", [(0, 1, 2), (0,), (1,), (2,)])
def test_gradients_of_additive_blocks(learns, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)
    inputs = [normal(2, 5, 3), normal(2, 4, 3).flip(1), normal(3)]
    for at in learns:
        inputs[at].requires_grad_()
    wanted, gradient = [inputs[at] for at in learns], normal(2, 5, 4)
    expected = torch.autograd.grad(naive_scores(*inputs), wanted, gradient)
    for again in (False, True):
        scores = additive.additive_scores(*inputs)
        found = torch.autograd.grad(scores, wanted, gradient, create_graph=again)
        torch.testing.assert_close(found, expected)


def test_gradients_of_many_half_precision_blocks_add_up(monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 4)
    queries, keys = torch.zeros(1, 600, 2), torch.zeros(1, 2, 2)
    inputs = [X.to(torch.bfloat16).requires_grad_() for X in (queries, keys, torch.ones(2))]
    additive.additive_scores(*inputs).sum().backward()
    # Each of 600 queries adds 1, which bfloat16 would stop counting at 256.
    assert inputs[1].grad.eq(600).all() and inputs[1].grad.dtype == torch.bfloat16


def test_additive_blocks_under_vmap(monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)
    queries, keys, w_v = normal(3, 2, 5, 3), normal(2, 4, 3), normal(3)
    found = torch.vmap(additive.additive_scores, (0, None, None))(queries, keys, w_v)
    torch.testing.assert_close(found, torch.stack([naive_scores(q, keys, w_v) for q in queries]))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the peak is measured in a forked process")
def test_what_the_process_holds_does_not_grow_with_the_blocks():
    # In a new process: memory that lies about between blocks is no tensor, and still held.
    script = """
import torch
from d2l_attention import *
from d2l_attention.benchmarks.measure import peak_memory
torch.set_num_threads(1)
for attention in (AdditiveAttention(128, 0.0, 64, 64), DistanceAttention()):
    attention.keep_weights = False
    X = torch.randn(1, 1024, 64, requires_grad=True)
    print(peak_memory(lambda: attention(X, X, X).sum().backward()))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    peaks = [int(line) for line in done.stdout.split()]
    # The sums of additive attention, all at once, would be 512 MiB.
    assert len(peaks) == 2 and all(0 < peak < 200 * 2**20 for peak in peaks), peaks


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("kind", KINDS)
def test_half_precision_without_weights(kind, dtype, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)
    X, attention = normal(2, 7, 4), make(kind, torch.float64)
    for lens in (None, [0, 5], torch.arange(14).reshape(2, 7) % 8):
        expected = attention(X, X, X, lens)
        half = make(kind, dtype, keep_weights=False)
        if attention.state_dict():
            half.load_state_dict(attention.state_dict())
            half.to(dtype)
        output = half(*[X.to(dtype)] * 3, lens)
        assert output.dtype == dtype
        torch.testing.assert_close(output.double(), expected, rtol=0.05, atol=0.05)


@pytest.mark.parametrize("learns", [True, False])
@pytest.mark.parametrize("lens", [None, [1.0, 0.3]])
@pytest.mark.parametrize("kind", OURS)
def test_no_tensor_grows_with_queries_times_keys(kind, lens, learns, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 2**17)
    largest = []
    for n in (512, 1024):
        attention = make(kind, keep_weights=False)
        X = torch.randn(2, n, 4, requires_grad=learns)
        some = None if lens is None else [int(share * n) for share in lens]
        with LargestTensor() as seen, torch.set_grad_enabled(learns):
            output = attention(X, X, X, some)
            if learns:
                output.sum().backward()
        largest.append(seen.numel)
    assert largest[1] <= max(2 * largest[0], 2**17)


LENGTHS = [[(12 * i + j) % 10 for j in range(12)] for i in range(2)]  # one for each query


def compiles(attention, inputs, backend, **masking):
    """Compare a module with itself compiled into one graph: outputs, weights and gradients."""
    results = []
    for compiled in (False, True):
        if compiled:
            torch.compiler.reset()
            attention.compile(fullgraph=True, backend=backend)
        output = attention(*inputs, **masking)
        learned = [X for X in inputs[:3]] + list(attention.parameters())
        gradients = torch.autograd.grad(output.square().sum(), learned)
        with torch.no_grad():
            inferred = attention(*inputs, **masking)
        weights = [] if attention.attention_weights is None else [attention.attention_weights]
        results.append([output, inferred, *weights, *gradients])
    for plain, fast in zip(*results, strict=True):
        torch.testing.assert_close(plain, fast, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize(
    ("kind", "lens"),
    # Lengths are read before any score, and one kind shows each way to read them.
    [*[(kind, LENGTHS) for kind in KINDS], ("dot", None), ("dot", [3, 0]), ("additive", None)],
)
def test_every_module_compiles_without_a_break(kind, lens, keep_weights, monkeypatch):
    monkeypatch.setattr(streaming, "LARGE_BLOCK_SIZE", 2**9)
    inputs = [normal(2, n, 4, dtype=torch.float32).requires_grad_() for n in (12, 9, 9)]
    lens = None if lens is None else torch.as_tensor(lens)
    attention = make(kind, keep_weights=keep_weights)
    attention(*inputs, lens)  # draws the lazy parameters
    compiles(attention, [*inputs, lens], "aot_eager")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="COMPILED CODE WAS NOT TESTED: there is no g++")
@pytest.mark.parametrize("kind", ["additive", "dot"])
def test_compiled_code_agrees(kind):
    from torch._inductor import config

    inputs = [normal(2, n, 4, dtype=torch.float32).requires_grad_() for n in (12, 9, 9)]
    attention = make(kind)
    attention(*inputs)
    # No pool of processes for a few kernels: each would import torch.
    with config.patch(compile_threads=1):
        compiles(attention, [*inputs, torch.tensor([3, 0])], "inductor")


@pytest.mark.slow
def test_a_module_around_it_compiles_too():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = make("dot", keep_weights=False)

        def forward(self, X):
            return X + self.attention(X, X, X)

    X, block = normal(1, 4, 3, dtype=torch.float32), Block()
    expected = block(X)
    block.compile(fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(block(X), expected)
