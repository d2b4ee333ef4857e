"""A score in two steps: what is done once a call, what is done for each block, and by whom."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations, prune
from torch.utils._python_dispatch import TorchDispatchMode

from d2l_attention import (
    AdditiveAttention,
    Attention,
    DistanceAttention,
    DotProductAttention,
    MultiplicativeAttention,
    masked_softmax,
    streaming,
)

from .test_attention import KINDS, LargestTensor, ReadersCosine, make


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)


def inputs(*sizes, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, n, 4, generator=generator, dtype=dtype) for n in sizes]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("kind", ["multiplicative", "additive"])
def test_projections_are_computed_once_a_call(kind, dropout, small_blocks):
    attention = make(kind, dropout=dropout, keep_weights=False)
    calls = []
    for name in ("W_q", "W_k"):
        getattr(attention, name).register_forward_hook(lambda *_, name=name: calls.append(name))
    X = inputs(9)[0].requires_grad_()
    attention(X, X, X, [9, 4]).sum().backward()
    assert calls == ["W_q", "W_k"]
    list(attention.weights_in_blocks(X, X, rows=2))
    assert calls == 2 * ["W_q", "W_k"]


class CountTanh(TorchDispatchMode):
    """Count the numbers that a tanh was computed of."""

    numel = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function.overloadpacket in (torch.ops.aten.tanh, torch.ops.aten.tanh_):
            self.numel += args[0].numel()
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("keep_weights", [True, False])
def test_in_training_the_tanh_is_computed_twice(keep_weights, small_blocks):
    attention = AdditiveAttention(3, 0.0, 4, 4, keep_weights=keep_weights)
    X = inputs(9)[0].requires_grad_()
    with CountTanh() as count:
        attention(X, X, X, [9, 4]).sum().backward()
    assert count.numel == 2 * (2 * 9 * 9 * 3)


@pytest.fixture
def fused_calls(monkeypatch):
    calls, kernel = [], F.scaled_dot_product_attention
    monkeypatch.setattr(
        F, "scaled_dot_product_attention", lambda *X, **o: (calls.append(1), kernel(*X, **o))[1]
    )
    return calls


class Cubed(DotProductAttention):
    """Overrides the second step alone."""

    def _compare(self, queries, keys, positions=None):
        return super()._compare(queries, keys) ** 3


def test_without_weights_another_comparison_is_not_taken_for_a_dot_product(small_blocks):
    queries, keys, values = inputs(7, 9, 9, dtype=torch.float64)
    scores = (queries @ keys.mT / 2) ** 3  # d is 4
    expected = torch.softmax(scores, dim=-1) @ values
    torch.testing.assert_close(Cubed(keep_weights=False)(queries, keys, values), expected)


class ColderDistance(DistanceAttention):
    def score(self, queries, keys):
        return super().score(queries, keys) / 3


class ColderAdditive(AdditiveAttention):
    def score(self, queries, keys):
        return super().score(queries, keys) / 3


class ColderStill(ColderDistance):
    pass


def test_dot_products_of_features_go_to_the_fused_kernel_and_nothing_else(
    fused_calls, small_blocks
):
    X = inputs(9)[0]
    patched = DotProductAttention()
    patched.score = lambda queries, keys: -torch.cdist(queries, keys)
    for attention, fused in (
        (DotProductAttention(), 1),
        (MultiplicativeAttention(7), 1),
        (DistanceAttention(), 1),
        (AdditiveAttention(7), 0),
        (ReadersCosine(), 0),
        (ColderDistance(), 0),
        (ColderStill(), 0),
        (ColderAdditive(7), 0),
        (patched, 0),
    ):
        expected = attention(X, X, X, [9, 4])
        of_score = masked_softmax(attention.score(X, X), [9, 4])
        torch.testing.assert_close(attention.attention_weights, of_score)
        torch.testing.assert_close(attention.weights(X, X, [9, 4]), of_score)
        attention.keep_weights = False
        fused_calls.clear()
        torch.testing.assert_close(attention(X, X, X, [9, 4]), expected)
        assert len(fused_calls) == fused


@pytest.mark.parametrize("lens", [None, [0, 3], "queries"])
@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_those_of_forward_and_have_a_gradient(kind, lens):
    queries, keys, values = (X.requires_grad_() for X in inputs(3, 5, 5, dtype=torch.float64))
    lens = torch.tensor([[0, 1, 2], [3, 4, 5]]) if lens == "queries" else lens
    attention = make(kind, torch.float64, dropout=0.5)
    attention.eval()(queries, keys, values, lens)
    kept = attention.attention_weights
    weights = attention.train().weights(queries, keys, lens)
    assert torch.equal(weights, kept) and attention.attention_weights is kept
    learned = [queries, keys, *attention.parameters()]
    found = torch.autograd.grad(weights.square().sum(), learned)
    # The output for values that are the unit vectors is the weights.
    units = torch.eye(5, dtype=torch.float64).expand(2, 5, 5)
    output = attention.eval()(queries, keys, units, lens)
    expected = torch.autograd.grad(output.square().sum(), learned)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)
    for rows in (1, 2, 7):
        blocks = list(attention.weights_in_blocks(queries, keys, lens, rows=rows))
        assert len(blocks) == -(-3 // rows)
        torch.testing.assert_close(torch.cat(blocks, dim=1), kept)


def test_weights_check_what_they_are_given():
    with pytest.raises(TypeError, match="queries must be a torch tensor"):
        DotProductAttention().weights([[[1.0]]], torch.ones(1, 1, 1))
    with pytest.raises(ValueError, match="valid_lens has shape"):
        DotProductAttention().weights(torch.ones(1, 1, 1), torch.ones(1, 1, 1), [1, 2])
    assert DotProductAttention().weights(torch.ones(1, 0, 1), torch.ones(1, 2, 1)).shape == (
        1,
        0,
        2,
    )


def test_a_score_that_works_in_place_leaves_what_weights_were_given():
    class InPlace(Attention):
        def score(self, queries, keys):
            return torch.bmm(queries.div_(2), keys.mul_(3).mT)

    Q, K = inputs(5, 7)
    before = [X.clone() for X in (Q, K)]
    expected = torch.softmax(1.5 * Q @ K.mT, dim=-1)
    for rows in (2, 5):
        weights = torch.cat(list(InPlace().weights_in_blocks(Q, K, rows=rows)), dim=1)
        torch.testing.assert_close(weights, expected)
    assert torch.equal(Q, before[0]) and torch.equal(K, before[1])


class Scaled(nn.Module):
    """A layer around another, as low-rank adapters are."""

    def __init__(self, layer):
        super().__init__()
        self.layer, self.factor = layer, nn.Parameter(torch.tensor(3.0, dtype=torch.float64))

    def forward(self, X):
        return self.factor * self.layer(X)


def replaced_forward(layer):
    plain = layer.forward
    layer.forward = lambda X: 3 * plain(X)


CHANGES = {
    "weight_norm": lambda layer: parametrizations.weight_norm(layer),
    "pruned": lambda layer: prune.random_unstructured(layer, "weight", amount=0.5),
    "hook": lambda layer: layer.register_forward_hook(lambda _layer, _X, made: 3 * made),
    "pre-hook": lambda layer: layer.register_forward_pre_hook(lambda _layer, X: (3 * X[0],)),
    "forward": replaced_forward,
}
LAYERS = {
    "wrapped": Scaled,
    "sequential": lambda layer: nn.Sequential(layer, nn.Identity()),
    "bias": lambda layer: nn.Linear(layer.in_features, layer.out_features, dtype=torch.float64),
    "lazy": lambda layer: nn.LazyLinear(layer.out_features, bias=False, dtype=torch.float64),
}


@pytest.mark.filterwarnings("ignore:Lazy modules")
@pytest.mark.parametrize("change", [*CHANGES, *LAYERS])
@pytest.mark.parametrize("name", ["W_q", "W_k", "w_v"])
def test_layers_are_called_whatever_they_are(name, change, small_blocks):
    torch.manual_seed(0)
    attention = AdditiveAttention(3, 0.0, 4, 4).double()
    layer = getattr(attention, name)
    if change in CHANGES:
        CHANGES[change](layer)
    else:
        setattr(attention, name, LAYERS[change](layer))
    queries, keys, values = (X.requires_grad_() for X in inputs(9, 8, 8, dtype=torch.float64))
    results = []
    for keep_weights in (False, True):
        attention.keep_weights = keep_weights
        output = attention(queries, keys, values, [8, 3])
        learned = [queries, *attention.parameters()]
        results.append([output, *torch.autograd.grad(output.square().sum(), learned)])
    hidden = torch.tanh(attention.W_q(queries)[:, :, None] + attention.W_k(keys)[:, None])
    output = masked_softmax(attention.w_v(hidden).squeeze(-1), [8, 3]) @ values
    expected = [output, *torch.autograd.grad(output.square().sum(), learned)]
    for found in results:
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other)


def test_products_of_layers_that_are_no_matrices():
    attention = MultiplicativeAttention(4)
    attention.W_q = nn.Identity()
    X = inputs(5)[0]
    attention(X, X, X)
    expected = torch.softmax(X @ attention.W_k(X).mT / 2, dim=-1)
    torch.testing.assert_close(attention.attention_weights, expected)
    with pytest.raises(ValueError, match="M is made of two weight matrices, and Identity has none"):
        _ = attention.M


class OwnLazy(Attention):
    def __init__(self, **options):
        super().__init__(**options)
        self.layer, self.noise = nn.LazyLinear(3), nn.Dropout(0.5)

    def score(self, queries, keys):
        return torch.bmm(self.noise(self.layer(queries)), self.layer(keys).mT)


@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_lazy_layers_of_a_readers_score_are_drawn_before_the_blocks(small_blocks):
    attention = OwnLazy(keep_weights=False)
    X, values = inputs(9)[0], inputs(9)[0].requires_grad_()
    output = attention(X, X, values)
    # The output is linear in the values, so it is its own derivative along them.
    (gradient,) = torch.autograd.grad(output.sum(), values)
    torch.testing.assert_close((gradient * values).sum(), output.sum())


def test_no_tensor_is_as_large_as_the_sums_where_w_v_is_called(small_blocks):
    attention = AdditiveAttention(16, 0.0, 4, 4, keep_weights=False)
    attention.w_v = nn.Sequential(attention.w_v)
    X = torch.randn(1, 32, 4, requires_grad=True)
    with LargestTensor() as largest:
        attention(X, X, X).sum().backward()
    assert largest.numel <= 32 * 32


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["dot", "distance", "multiplicative"])
def test_few_graphs_serve_many_shapes(kind):
    graphs = []

    def count(graph, _examples):
        graphs.append(graph)
        return graph.forward

    attention = make(kind)
    attention(*inputs(3, 4, 4))
    torch.compiler.reset()
    compiled = torch.compile(attention, backend=count, fullgraph=True)
    for batch, num_queries, num_keys in zip(range(2, 14), range(3, 15), range(5, 17), strict=True):
        Q, K = torch.randn(batch, num_queries, 4), torch.randn(batch, num_keys, 4)
        lens = torch.arange(batch) % num_keys
        torch.testing.assert_close(compiled(Q, K, K, lens), attention(Q, K, K, lens))
    assert len(graphs) <= 3


@pytest.mark.filterwarnings("ignore:The tensor attribute self.attention_weights")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("kind", ["dot", "distance", "multiplicative"])
def test_a_module_can_be_exported_and_traced(kind):
    Q, K, lens = *inputs(3, 5), torch.tensor([2, 4])
    other = torch.randn(4, 7, 4), torch.randn(4, 6, 4), torch.randn(4, 6, 4), torch.arange(4)
    attention = make(kind).eval()
    attention(Q, K, K)
    # Two arguments, because torch.export takes it for a law that one tensor was given twice.
    batch, n, m = (torch.export.Dim(name, min=2, max=99) for name in ("batch", "n", "m"))
    program = torch.export.export(
        attention, (Q, K, K.clone(), lens),
        dynamic_shapes=({0: batch, 1: n}, {0: batch, 1: m}, {0: batch, 1: m}, {0: batch}),
    )  # fmt: skip
    torch.testing.assert_close(program.module()(*other), attention(*other))
    traced = torch.jit.trace(attention, (Q, K, K.clone(), lens), check_trace=False)
    torch.testing.assert_close(traced(Q, K, -K, lens), attention(Q, K, -K, lens))
