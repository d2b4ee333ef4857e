"""A boolean mask, alone and beside lengths: every promise that lengths keep, it keeps, too."""

import copy
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from d2l_attention import (
    AdditiveAttention,
    DotProductAttention,
    dot_products,
    masked_softmax,
    softmax,
    streaming,
)

from .strategies import TOLERANCE
from .test_attention import KINDS, OURS, LargestTensor, make
from .test_meta import OnlyOnMeta, check_like, on_meta
from .test_scale import compiles, normal

T, N = True, False
# Key 4 is seen by no query of either example, and query 1 of the second sees nothing.
MASK = torch.tensor(
    [
        [[T, N, N, T, N], [N, T, T, N, N], [T, T, T, T, N]],
        [[N, N, T, N, N], [N, N, N, N, N], [T, N, N, T, N]],
    ]
)
CAUSAL = torch.ones(3, 5, dtype=torch.bool).tril()
LENS = torch.tensor([3, 5])
LENS_BY_QUERY = torch.tensor([[1, 5, 0], [2, 3, 4]])
MASKINGS = {
    "mask": {"mask": MASK},
    "of one example": {"mask": CAUSAL},
    "of keys": {"mask": MASK[:, :1]},
    "mask, lengths": {"mask": CAUSAL, "valid_lens": LENS},
    "mask, lengths by query": {"mask": MASK, "valid_lens": LENS_BY_QUERY},
    "of keys, lengths by query": {"mask": MASK[:, :1], "valid_lens": LENS_BY_QUERY},
}


@pytest.fixture(params=["one block", "many blocks"])
def either_size(request, monkeypatch):
    if request.param == "many blocks":
        monkeypatch.setattr(streaming, "BLOCK_SIZE", 10)
        monkeypatch.setattr(dot_products, "LARGE_BLOCK_SIZE", 10)
        monkeypatch.setattr(softmax, "SMALL", 0)


def inputs(dtype=torch.float64, queries=3, keys=5):
    generator = torch.Generator().manual_seed(0)
    sizes = (queries, keys, keys)
    return [torch.randn(2, n, 4, generator=generator, dtype=dtype) for n in sizes]


def marks(mask=None, valid_lens=None):
    """What counts, (2, 3, 5)."""
    made = torch.ones(2, 3, 5, dtype=torch.bool)
    if valid_lens is not None:
        lens = valid_lens[:, None] if valid_lens.ndim == 1 else valid_lens
        made &= torch.arange(5) < lens[:, :, None]
    return made & mask


def plain(attention, queries, keys, values, marked):
    """Attention by a formula that knows nothing of empty rows, which are cleared afterwards."""
    empty = ~marked.any(dim=2, keepdim=True)
    scores = attention.score(queries, keys).masked_fill(~(marked | empty), -torch.inf)
    return (torch.softmax(scores, dim=-1) @ values).masked_fill(empty, 0)


def test_by_hand():
    X = torch.tensor([[[0.0, 7.0, math.log(3.0)], [1.0, 1.0, 1.0]]])
    weights = masked_softmax(X, mask=[[T, N, T], [N, N, N]])
    assert weights.tolist() == [[[pytest.approx(0.25), 0.0, pytest.approx(0.75)], [0.0] * 3]]
    assert masked_softmax(X, [2], mask=[[N, T, T], [T, T, T]]).tolist() == [
        [[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]]
    ]


@pytest.mark.parametrize("mask", [T, [T, N, T], [[T], [N]], [[[T, N, T]]], np.array([T, N, T])])
def test_whatever_broadcasts_is_a_mask(mask):
    X = torch.zeros(2, 2, 3)
    whole = torch.as_tensor(mask).expand(2, 2, 3)
    expected = whole / whole.sum(dim=-1, keepdim=True).clamp(min=1)
    assert torch.equal(masked_softmax(X, mask=mask), expected)
    assert torch.equal(masked_softmax(X, mask=torch.as_tensor(mask)), expected)


@pytest.mark.parametrize("missing", [[N, N, N], [N, N, T]])
def test_what_numpy_masks_does_not_count(missing):
    mask = np.ma.masked_array([T, N, T], missing)
    shares = [0.5, 0, 0.5] if not any(missing) else [1, 0, 0]
    assert masked_softmax(torch.zeros(1, 1, 3), mask=mask).tolist() == [[shares]]
    assert mask.data.tolist() == [T, N, T]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("hidden", [torch.inf, -torch.inf, torch.nan, "largest"])
def test_masked_weights_are_exactly_zero_whatever_the_scores(dtype, hidden, either_size):
    hidden = torch.finfo(dtype).max if hidden == "largest" else hidden
    low = torch.finfo(dtype).min
    X = torch.tensor([[[hidden, low, hidden, low]]], dtype=dtype, requires_grad=True)
    weights = masked_softmax(X, mask=[N, T, N, T])
    assert weights.tolist() == [[[0.0, 0.5, 0.0, 0.5]]]
    (gradient,) = torch.autograd.grad(weights[0, 0, 1], X)
    assert gradient.tolist() == [[[0.0, 0.25, 0.0, -0.25]]]


@pytest.mark.parametrize("masking", MASKINGS)
@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_and_gradients_are_those_of_the_plain_formula(
    kind, keep_weights, masking, either_size
):
    masking = MASKINGS[masking]
    queries, keys, values = (X.requires_grad_() for X in inputs())
    attention = make(kind, torch.float64, keep_weights=keep_weights)
    before = {name: X.clone() for name, X in masking.items()}
    output = attention(queries, keys, values, **masking)
    marked, learned = marks(**masking), [queries, keys, values, *attention.parameters()]
    expected = plain(attention, queries, keys, values, marked)
    torch.testing.assert_close(output, expected)
    found = torch.autograd.grad(output.square().sum(), learned)
    wanted = torch.autograd.grad(expected.square().sum(), learned)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)
    weights = attention.weights(queries, keys, **masking)
    assert ((weights > 0) == marked).all()
    blocks = list(attention.weights_in_blocks(queries, keys, **masking, rows=2))
    torch.testing.assert_close(torch.cat(blocks, dim=1), weights)
    scores = attention.score(queries, keys)
    torch.testing.assert_close(attention.pool(scores, values, **masking), expected)
    if keep_weights:
        torch.testing.assert_close(attention.attention_weights, weights)
    for name, X in masking.items():
        assert torch.equal(X, before[name])


@pytest.mark.parametrize("masking", MASKINGS)
@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rubbish", [torch.nan, torch.inf, 1e30])
def test_nothing_leaks_from_what_is_not_seen(kind, rubbish, keep_weights, masking):
    masking = MASKINGS[masking]
    marked = marks(**masking)
    unseen, blind = ~marked.any(dim=1), ~marked.any(dim=2)
    assert unseen.any()
    attention = make(kind, keep_weights=keep_weights)
    outcomes = []
    for filling in (0.5, rubbish):
        Q, K, V = inputs(torch.float32)
        Q[blind], K[unseen], V[unseen] = filling, filling, filling
        given = [X.requires_grad_() for X in (Q, K, V)]
        output = attention(*given, **masking)
        assert (output[blind] == 0).all()
        learned = [*given, *attention.parameters()]
        outcomes.append((output, *torch.autograd.grad(output.square().sum(), learned)))
        for X, hidden in zip(outcomes[-1][1:4], (blind, unseen, unseen), strict=True):
            assert (X[hidden] == 0).all()
    for clean, dirty in zip(*outcomes, strict=True):
        assert torch.equal(clean, dirty)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("kind", KINDS)
def test_half_precision(kind, dtype, either_size):
    expected = make(kind, torch.float64)
    Q, K, V = inputs()
    wanted = expected(Q, K, V, LENS, mask=MASK)
    for keep_weights in (True, False):
        half = make(kind, dtype, keep_weights=keep_weights)
        if expected.state_dict():
            half.load_state_dict(expected.state_dict())
            half.to(dtype)
        given = [X.to(dtype).requires_grad_() for X in (Q, K, V)]
        output = half(*given, LENS, mask=MASK)
        torch.testing.assert_close(output.double(), wanted, rtol=0.05, atol=0.05)
        for gradient in torch.autograd.grad(output.square().sum(), given):
            assert gradient.isfinite().all() and gradient.dtype == dtype
        assert (output[1, 1] == 0).all()


@pytest.mark.parametrize("keep_weights", [True, False])
def test_empty_in_every_axis(keep_weights):
    for kind in OURS:
        attention = make(kind, keep_weights=keep_weights)
        for batch, queries, keys in ((0, 3, 5), (2, 0, 5), (2, 3, 0)):
            Q, K = torch.ones(batch, queries, 4), torch.ones(batch, keys, 4)
            mask = torch.ones(queries, keys, dtype=torch.bool)
            for lens in (None, torch.ones(batch).int(), torch.ones(batch, queries).int()):
                output = attention(Q, K, K, lens, mask=mask)
                assert torch.equal(output, torch.zeros(batch, queries, 4) + (keys > 0))


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", OURS)
def test_without_keys_queries_have_a_gradient_of_zeros(kind, keep_weights):
    Q, K = torch.ones(2, 3, 4, requires_grad=True), torch.ones(2, 0, 4)
    attention = make(kind, keep_weights=keep_weights)
    attention(Q, K, K, mask=torch.ones(3, 0, dtype=torch.bool)).sum().backward()
    assert torch.equal(Q.grad, torch.zeros(2, 3, 4))


NEEDED = r"booleans of shape \(2, 3, 5\), or what broadcasts to it"


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (torch.ones(3, 5), f"mask has dtype torch.float32, but must be {NEEDED}"),
        (torch.ones(3, 5).int(), f"mask has dtype torch.int32, but must be {NEEDED}"),
        ([[1, 0, 1, 0, 1]], f"mask has dtype torch.int64, but must be {NEEDED}"),
        ([[T, None, T, N, T]], f"mask must be {NEEDED}.*None"),
        ([[T], [T, N]], f"mask must be {NEEDED}"),
        ("seen", f"mask must be {NEEDED}"),
        (np.ma.masked_array([1] * 5, [N] * 4 + [T]), "mask has dtype torch.int64"),
        (torch.ones(2, 5).bool(), rf"mask has shape \(2, 5\), but must be {NEEDED}.*\(batch, 1, "),
        (torch.ones(3, 2, 5).bool(), rf"mask has shape \(3, 2, 5\), but must be {NEEDED}"),
        (torch.ones(1, 2, 3, 5).bool(), rf"mask has shape \(1, 2, 3, 5\), but must be {NEEDED}"),
        (torch.ones(3, 5).bool().to_sparse(), "mask is of the kind torch.sparse_coo"),
        (torch.ones(3, 5, dtype=torch.bool, device="meta"), "mask is on meta, but .* on cpu"),
    ],
)
def test_errors_say_what_came_and_what_was_needed(mask, words):
    Q, K, V = inputs()
    for keep_weights in (True, False):
        attention = DotProductAttention(keep_weights=keep_weights)
        with pytest.raises(ValueError, match=words):
            attention(Q, K, V, mask=mask)
    for call in (
        lambda: masked_softmax(Q @ K.mT, mask=mask),
        lambda: attention.weights(Q, K, mask=mask),
        lambda: attention.pool(Q @ K.mT, V, mask=mask),
    ):
        with pytest.raises(ValueError, match=words):
            call()


@pytest.mark.filterwarnings("ignore:There is a performance drop")
@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_transforms_of_torch_func(kind, keep_weights, either_size):
    attention = make(kind, torch.float64, keep_weights=keep_weights)
    Q, K, V = inputs()
    attention(Q, K, V)  # draws the lazy parameters
    masks = torch.stack([MASK, MASK.flip(1)])

    def ours(Q, mask):
        return attention(Q, K, V, LENS, mask=mask).square().sum()

    def formula(Q, mask):
        return plain(attention, Q, K, V, marks(mask, LENS)).square().sum()

    for transform in (torch.func.grad, torch.func.hessian):
        torch.testing.assert_close(transform(ours)(Q, MASK), transform(formula)(Q, MASK))
    found = torch.vmap(torch.func.grad(ours), (None, 0))(Q, masks)
    wanted = [torch.func.grad(formula)(Q, mask) for mask in masks]
    torch.testing.assert_close(found, torch.stack(wanted))


def test_masked_softmax_has_every_derivative(either_size):
    X = normal(2, 2, 3).requires_grad_()
    function = lambda X: masked_softmax(X, mask=MASK[:, :2, :3])
    assert torch.autograd.gradcheck(function, X, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(function, X)


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(3, 5), (2500, 4000)])
def test_nothing_is_made_on_the_cpu_nor_read(kind, keep_weights, size):
    with torch.device("meta"):
        attention = make(kind, keep_weights=keep_weights)
    given = [on_meta(2, rows, 4) for rows in (*size, size[1])]
    attention(*(X[:, :1] for X in given))  # draws the lazy parameters
    mask = torch.ones(size, dtype=torch.bool, device="meta")
    lens = torch.tensor([3, size[1]], device="meta")
    for masking in ({"mask": mask}, {"mask": mask, "valid_lens": lens}):
        with OnlyOnMeta():
            output = attention(*given, **masking)
            gradients = torch.autograd.grad(output.square().sum(), given)
        check_like(output, (2, size[0], 4), torch.float32)
        for X, gradient in zip(given, gradients, strict=True):
            check_like(gradient, X.shape, torch.float32)


@pytest.mark.parametrize("learns", [True, False])
@pytest.mark.parametrize("masking", ["mask", "mask, lengths"])
@pytest.mark.parametrize("kind", OURS)
def test_no_tensor_grows_with_queries_times_keys(kind, masking, learns, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 2**11)
    monkeypatch.setattr(dot_products, "LARGE_BLOCK_SIZE", 2**11)
    n = 64
    attention = make(kind, keep_weights=False)
    X = torch.randn(4, n, 4, requires_grad=learns)
    attention(X, X, X)
    mask = torch.ones(n, n, dtype=torch.bool).tril()
    lens = torch.tensor([n, 3, 10, 0]) if masking == "mask, lengths" else None
    with LargestTensor(beside=mask) as largest, torch.set_grad_enabled(learns):
        output = attention(X, X, X, lens, mask=mask)
        if learns:
            output.sum().backward()
    assert largest.numel <= 2**11 < n * n


def test_the_fused_kernel_has_the_mask(monkeypatch):
    given, kernel = [], F.scaled_dot_product_attention
    monkeypatch.setattr(
        F, "scaled_dot_product_attention",
        lambda q, k, v, mask, **options: (given.append(mask), kernel(q, k, v, mask, **options))[1],
    )  # fmt: skip
    Q, K, V = inputs()
    DotProductAttention(keep_weights=False)(Q, K, V, mask=CAUSAL)
    assert [torch.equal(mask[0, 0], CAUSAL) for mask in given] == [True]
    assert given[0].data_ptr() == CAUSAL.data_ptr(), "no copy for each example"


def test_a_module_that_has_seen_a_mask_can_be_copied():
    Q, K, V = inputs(torch.float32)
    attention = AdditiveAttention(7)
    output = attention(Q, K, V, mask=MASK)
    assert torch.equal(copy.deepcopy(attention)(Q, K, V, mask=MASK), output)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "keep_weights"), [("dot", False), ("additive", True), ("reader's", False)]
)
def test_a_module_compiles_without_a_break(kind, keep_weights, monkeypatch):
    monkeypatch.setattr(streaming, "LARGE_BLOCK_SIZE", 2**7)
    given = [X.requires_grad_() for X in inputs(torch.float32)]
    attention = make(kind, keep_weights=keep_weights)
    attention(*given)  # draws the lazy parameters
    compiles(attention, given, "aot_eager", valid_lens=LENS, mask=CAUSAL)


@pytest.mark.slow
def test_few_graphs_serve_many_shapes():
    graphs = []

    def count(graph, _examples):
        graphs.append(graph)
        return graph.forward

    attention = make("dot")
    torch.compiler.reset()
    compiled = torch.compile(attention, backend=count, fullgraph=True)
    for batch, queries, keys in zip(range(2, 14), range(3, 15), range(5, 17), strict=True):
        Q, K = torch.randn(batch, queries, 4), torch.randn(batch, keys, 4)
        masking = {
            "valid_lens": torch.arange(batch) % keys,
            "mask": torch.rand(queries, keys) > 0.5,
        }
        torch.testing.assert_close(compiled(Q, K, K, **masking), attention(Q, K, K, **masking))
    assert len(graphs) <= 3


@pytest.mark.filterwarnings("ignore:The tensor attribute self.attention_weights")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_module_can_be_exported():
    Q, K, V = inputs(torch.float32)
    attention = make("dot").eval()
    batch, n, m = (torch.export.Dim(name, min=2, max=99) for name in ("batch", "n", "m"))
    program = torch.export.export(
        attention, (Q, K, V, LENS), {"mask": MASK},
        dynamic_shapes={"queries": {0: batch, 1: n}, "keys": {0: batch, 1: m},
                        "values": {0: batch, 1: m}, "valid_lens": {0: batch},
                        "mask": {0: batch, 1: n, 2: m}},
    )  # fmt: skip
    other = torch.randn(4, 7, 4), torch.randn(4, 6, 4), torch.randn(4, 6, 4), torch.arange(4)
    mask = torch.rand(4, 7, 6) > 0.4
    torch.testing.assert_close(program.module()(*other, mask=mask), attention(*other, mask=mask))
