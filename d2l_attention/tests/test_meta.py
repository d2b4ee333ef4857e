"""What computes, on torch's meta device: its tensors have no numbers, so nothing can be read there.

It stands in for a GPU. A tensor made on the CPU by mistake would be copied at every call, or
refused; a number that is read would make the host wait for all that it had asked for.
"""

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from d2l_attention import additive, masked_softmax, streaming

from .test_attention import KINDS, OURS, LargestTensor, make

aten = torch.ops.aten
BATCH = 2
# Queries, keys: in one piece, and in blocks of the size that ships, which on meta take no memory.
SMALL, LARGE = (3, 5), (2500, 4000)
# How the numbers are kept, the dropout, and whether gradients follow: in blocks, the first three.
WAYS = [
    (torch.float32, 0.5, True),
    (torch.float32, 0.5, False),
    (torch.bfloat16, 0.0, True),
    (torch.float32, 0.0, True),
    (torch.float16, 0.5, True),
]


class OnlyOnMeta(TorchDispatchMode):
    """Refuse every operation that takes or makes a number on the CPU, but the reading in of lengths.

    That is: integers with one or two axes, which a list becomes (`lift_fresh`) or which are copied
    to the device (`_to_copy`). Numbers on meta, torch itself refuses to read.
    """

    read_in = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        tensors = [X for X in tree_leaves((args, kwargs, made)) if isinstance(X, Tensor)]
        here = [X for X in tensors if X.device.type != "meta" and X.numel()]
        if here:
            lens = all(X.dtype in (torch.int32, torch.int64) and X.ndim in (1, 2) for X in here)
            copied = function is aten._to_copy.default and made.device.type == "meta"
            if not (lens and (copied or function is aten.lift_fresh.default)):
                raise AssertionError(f"{function} on the CPU: {[tuple(X.shape) for X in here]}")
            self.read_in += copied
        return made


@pytest.mark.parametrize(
    "fault",
    [
        lambda X: X * torch.tensor(2.0),
        lambda X: X * torch.zeros(()),
        lambda X: X.to("cpu"),
        lambda X: torch.arange(3),
        lambda X: torch.tensor([1, 2]).max(),
        lambda X: torch.tensor([1, 2]).to(torch.int32),
        lambda X: torch.ones(2).to("meta"),
        lambda X: X.sum().item(),
        lambda X: bool(X.sum() > 0),
        lambda X: X.tolist(),
        lambda X: torch.equal(X, X),
        lambda X: torch.allclose(X, X),
        lambda X: X.nonzero(),
        lambda X: X[X > 0],
        lambda X: X.masked_select(X > 0),
    ],
)  # fmt: skip
def test_what_a_device_would_wait_for_or_refuse_is_noticed(fault):
    with OnlyOnMeta(), pytest.raises((AssertionError, RuntimeError)):
        fault(torch.ones(3, device="meta"))


def integers(num_queries, num_keys):
    """Lengths from a negative one to one past the end, 0 among them: one a query, or an example."""
    each = torch.arange(BATCH * num_queries).reshape(BATCH, num_queries) % (num_keys + 3) - 1
    return {"an example": torch.tensor([0, num_keys - 1]), "a query": each.int()}


FORMS = {
    "a list": lambda lens: lens.tolist(),
    "on the CPU": lambda lens: lens,
    "on the device": lambda lens: lens.to("meta"),
}
LENS = [None, *((form, number) for form in FORMS for number in ("an example", "a query"))]
# How lengths are read does not depend on the size.
CASES = [(SMALL, lens) for lens in LENS] + [(LARGE, lens) for lens in (None, LENS[1], LENS[-1])]


def lengths(lens, size):
    return None if lens is None else FORMS[lens[0]](integers(*size)[lens[1]])


def read_in(lens):
    return 0 if lens is None or lens[0] == "on the device" else 1


def on_meta(*shape, dtype=torch.float32, learns=True):
    return torch.empty(shape, dtype=dtype, device="meta", requires_grad=learns)


def check_like(found, shape, dtype):
    assert (found.device.type, found.shape, found.dtype) == ("meta", shape, dtype)


@pytest.mark.parametrize(("size", "lens"), CASES, ids=str)
@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_module_makes_nothing_on_the_cpu_and_reads_nothing(kind, keep_weights, size, lens):
    given = lengths(lens, size)
    for dtype, dropout, learns in WAYS if size == SMALL else WAYS[:3]:
        with torch.device("meta"):
            attention = make(kind, dtype, dropout=dropout, keep_weights=keep_weights)
        attention.train(learns)
        inputs = [on_meta(BATCH, rows, 4, dtype=dtype, learns=learns) for rows in (*size, size[1])]
        attention(*(X[:, :1] for X in inputs))  # draws the lazy parameters
        with OnlyOnMeta() as there, torch.set_grad_enabled(learns):
            output = attention(*inputs, given)
            if learns:
                learned = [*inputs, *attention.parameters()]
                gradients = torch.autograd.grad(output.square().sum(), learned)
        check_like(output, (BATCH, size[0], 4), dtype)
        if keep_weights:
            check_like(attention.attention_weights, (BATCH, *size), dtype)
        else:
            assert attention.attention_weights is None
        if learns:
            for X, gradient in zip(learned, gradients, strict=True):
                check_like(gradient, X.shape, dtype)
        assert there.read_in == read_in(lens)


@pytest.mark.parametrize(("size", "lens"), CASES, ids=str)
def test_masked_softmax_and_its_derivatives_do_not_either(size, lens):
    given, X = lengths(lens, size), on_meta(BATCH, *size)
    with OnlyOnMeta() as there:
        weights = masked_softmax(X, given)
        (gradient,) = torch.autograd.grad(weights.square().sum(), X, create_graph=True)
        (second,) = torch.autograd.grad(gradient.square().sum(), X)
    for found in (weights, gradient, second):
        check_like(found, X.shape, X.dtype)
    assert there.read_in == read_in(lens)


@pytest.mark.parametrize("again", [False, True])
def test_additive_gradients_of_gradients_do_not_either(again):
    inputs = [on_meta(BATCH, LARGE[0], 7), on_meta(BATCH, LARGE[1], 7), on_meta(7)]
    with OnlyOnMeta():
        scores = additive.additive_scores(*inputs)
        gradients = torch.autograd.grad(scores.square().sum(), inputs, create_graph=again)
        if again:
            gradients = torch.autograd.grad(sum(X.square().sum() for X in gradients), inputs)
    for X, gradient in zip(inputs, gradients, strict=True):
        check_like(gradient, X.shape, X.dtype)


@pytest.mark.parametrize("learns", [True, False])
@pytest.mark.parametrize("kind", OURS)
def test_blocks_off_the_cpu_hold_what_they_should(kind, learns):
    # As large as the book says: 16,384 by 16,384 weights would be 2^28 numbers.
    n = 2**14 if kind != "additive" else 2**13
    # With dropout, because without it dot products are left to torch's fused kernel.
    with torch.device("meta"):
        attention = make(kind, keep_weights=False, dropout=0.0 if kind == "additive" else 0.5)
    X = on_meta(1, n, 4, learns=learns)
    with LargestTensor() as largest, torch.set_grad_enabled(learns):
        output = attention(X, X, X, [n - 1])
        if learns:
            output.sum().backward()
    assert streaming.LARGE_BLOCK_SIZE / 2 < largest.numel <= streaming.LARGE_BLOCK_SIZE < n * n
