import copy
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from d2l_attention import (
    AdditiveAttention,
    Attention,
    DistanceAttention,
    DotProductAttention,
    MultiplicativeAttention,
    streaming,
)

from . import reference
from .strategies import TOLERANCE, batches, counted

OURS = ["dot", "distance", "multiplicative", "additive"]
KINDS = [*OURS, "reader's"]


class ReadersCosine(Attention):
    """A reader's own score: the cosine, which a key of zeros would break."""

    def score(self, queries, keys):
        return F.cosine_similarity(queries[:, :, None], keys[:, None], dim=-1, eps=0)


def make(kind, dtype=torch.float32, **options):
    torch.manual_seed(0)
    if kind in ("multiplicative", "additive"):
        kinds = {"multiplicative": MultiplicativeAttention, "additive": AdditiveAttention}
        return kinds[kind](7, **options).to(dtype)
    kinds = {"dot": DotProductAttention, "distance": DistanceAttention, "reader's": ReadersCosine}
    return kinds[kind](**options)


def expected_score(kind, attention):
    if kind in ("dot", "distance"):
        return {"dot": reference.dot_product_score, "distance": reference.distance_score}[kind]
    W_q, W_k = attention.W_q.weight.double().tolist(), attention.W_k.weight.double().tolist()
    if kind == "multiplicative":
        return lambda q, k: reference.multiplicative_score(q, k, W_q, W_k)
    w_v = attention.w_v.weight[0].double().tolist()
    return lambda q, k: reference.additive_score(q, k, W_q, W_k, w_v)


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("keep_weights", [True, False])
@given(batch=batches())
def test_against_plain_loops(kind, keep_weights, batch):
    queries, keys, values, masking = batch
    before = [X.detach().clone() for X in (queries, keys, values)]
    attention = make(kind, queries.dtype, keep_weights=keep_weights)
    output = attention(queries, keys, values, **masking)
    (num_batch, num_queries), num_keys = queries.shape[:2], keys.shape[1]
    weights, outputs = reference.attend(
        expected_score(kind, attention),
        *(X.double().tolist() for X in (queries, keys, values)),
        counted(*masking.values(), num_batch, num_queries, num_keys),
        values.shape[2],
    )
    outputs = torch.tensor(outputs, dtype=torch.float64).reshape(output.shape)
    tolerance = TOLERANCE[queries.dtype] * (5 if kind == "distance" else 1)
    assert output.dtype == queries.dtype
    assert output.shape == (num_batch, num_queries, values.shape[2])
    torch.testing.assert_close(output.double(), outputs, rtol=tolerance, atol=tolerance)
    if keep_weights:
        weights = torch.tensor(weights, dtype=torch.float64).reshape(
            attention.attention_weights.shape
        )
        torch.testing.assert_close(
            attention.attention_weights.double(), weights, rtol=tolerance, atol=tolerance
        )
    else:
        assert attention.attention_weights is None
    for X, was in zip((queries, keys, values), before, strict=True):
        assert torch.equal(X, was)


@given(batch=batches(smallest=1, dtypes=[torch.float64]))
def test_dot_product_against_sdpa(batch):
    queries, keys, values, masking = batch
    attention = DotProductAttention()
    mask = torch.tensor(counted(*masking.values(), *queries.shape[:2], keys.shape[1]))
    expected = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    expected = expected.masked_fill(~mask.any(dim=2, keepdim=True), 0)
    for attention.keep_weights in (True, False):
        torch.testing.assert_close(attention(queries, keys, values, **masking), expected)


def test_dot_product_against_the_reference_of_onnx():
    generator = torch.Generator().manual_seed(0)
    queries, keys, values = (torch.randn(2, n, 4, generator=generator) for n in (3, 5, 5))
    lens = torch.tensor([[1, 2, 5], [4, 5, 3]])
    node = helper.make_node("Attention", ["Q", "K", "V", "mask"], ["Y"])
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("Q", "K", "V")
    ] + [helper.make_tensor_value_info("mask", TensorProto.BOOL, None)]
    outputs = [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)]
    graph = helper.make_graph([node], "attention", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)])
    mask = torch.arange(5) < lens[:, :, None]
    arrays = {"Q": queries, "K": keys, "V": values, "mask": mask}
    (expected,) = ReferenceEvaluator(model).run(
        None, {name: X[:, None].numpy() for name, X in arrays.items()}
    )
    output = DotProductAttention()(queries, keys, values, lens)
    torch.testing.assert_close(output, torch.from_numpy(expected)[:, 0])


@pytest.mark.parametrize("kind", KINDS)
def test_without_weights_agrees_with_weights(kind, monkeypatch):
    # A tiny block size, so that many blocks are computed and joined.
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)
    generator = torch.Generator().manual_seed(1)
    inputs = [
        torch.randn(3, n, 4, generator=generator, dtype=torch.float64).requires_grad_()
        for n in (7, 6, 6)
    ]
    attention = make(kind, torch.float64)
    for lens in (None, [0, 2, 6], torch.randint(-1, 8, (3, 7), generator=generator)):
        results = []
        for keep_weights in (True, False):
            attention.keep_weights = keep_weights
            output = attention(*inputs, lens)
            learned = [*inputs, *attention.parameters()]
            gradients = torch.autograd.grad(output.square().sum(), learned)
            results.append((output, *gradients))
        for kept, streamed in zip(*results, strict=True):
            torch.testing.assert_close(kept, streamed)


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rubbish", [torch.nan, torch.inf, -torch.inf, 1e30])
@pytest.mark.parametrize("lens", [[2, 0], [[1, 2, 0], [0, 0, 0]]])
def test_nothing_leaks_from_where_no_query_may_look(kind, rubbish, lens, keep_weights):
    generator = torch.Generator().manual_seed(2)
    queries, keys, values = (torch.randn(2, n, 4, generator=generator) for n in (3, 5, 5))
    attention = make(kind, keep_weights=keep_weights)
    outcomes = []
    for filling in (0.5, rubbish):
        K, V = keys.clone(), values.clone()
        for X in (K, V):
            X[0, 2:], X[1] = filling, filling
        inputs = [X.clone().requires_grad_() for X in (queries, K, V)]
        output = attention(*inputs, lens)
        learned = [*inputs, *attention.parameters()]
        outcomes.append((output, *torch.autograd.grad(output.square().sum(), learned)))
        assert torch.equal(output[1], torch.zeros(3, 4))
        assert torch.equal(outcomes[-1][1][1], torch.zeros(3, 4)), "an empty row has a gradient"
    for clean, dirty in zip(*outcomes, strict=True):
        assert torch.equal(clean, dirty)


def test_gradients_are_right():
    generator = torch.Generator().manual_seed(3)
    inputs = [
        torch.randn(2, n, 3, generator=generator, dtype=torch.float64).requires_grad_()
        for n in (2, 4, 4)
    ]
    for kind in KINDS:
        attention = make(kind, torch.float64)
        assert torch.autograd.gradcheck(lambda *X, a=attention: a(*X, [[1, 3], [0, 4]]), inputs)


def test_scores_by_hand():
    q, k = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]), torch.tensor([[[2.0, 0.0, 1.0, -1.0]]])
    assert DotProductAttention().score(q, k).item() == (2 + 0 + 3 - 4) / 2
    assert DistanceAttention().score(q, k).item() == 1 - 6 / 2
    additive = AdditiveAttention(2, query_size=4, key_size=4)
    multiplicative = MultiplicativeAttention(4, query_size=4, key_size=4)
    with torch.no_grad():
        additive.W_q.weight[:] = torch.tensor([[1.0, 0, 0, 0], [0, 1.0, 0, 0]])
        additive.W_k.weight[:] = torch.tensor([[0, 0, 1.0, 0], [0, 0, 0, 1.0]])
        additive.w_v.weight[:] = torch.tensor([[3.0, 5.0]])
        multiplicative.W_q.weight[:] = 2 * torch.eye(4)
        multiplicative.W_k.weight[:] = torch.eye(4).flip(0)
    expected = 3 * math.tanh(1 + 1) + 5 * math.tanh(2 - 1)
    assert additive.score(q, k).item() == pytest.approx(expected, rel=1e-6)
    assert multiplicative.score(q, k).item() == 2 * (-1 + 2 + 0 + 8) / 2
    assert (q[0] @ multiplicative.M @ k[0].T).item() == 9


def test_sizes_may_differ_and_are_read_off_the_first_call():
    for kind in ("multiplicative", "additive"):
        attention = make(kind)
        queries, keys, values = torch.ones(2, 1, 20), torch.ones(2, 10, 2), torch.ones(2, 10, 4)
        assert attention(queries, keys, values, torch.tensor([2, 6])).shape == (2, 1, 4)
        assert attention.W_q.weight.shape == (7, 20) and attention.W_k.weight.shape == (7, 2)
        assert attention.W_q.bias is None and attention.W_k.bias is None
        assert (attention.attention_weights[0, 0, 2:] == 0).all()
        assert attention.attention_weights[1, 0].count_nonzero() == 6


def test_weights_are_stored_detached_and_before_dropout():
    attention = DotProductAttention(dropout=0.5)
    X = torch.ones(1, 2, 64, requires_grad=True)
    values = torch.ones(1, 2, 1)
    assert attention.attention_weights is None
    torch.manual_seed(0)
    outputs = torch.stack([attention(X, X, values).flatten() for _ in range(50)])
    assert attention.attention_weights.tolist() == [[[0.5, 0.5], [0.5, 0.5]]]
    assert not attention.attention_weights.requires_grad
    assert set(outputs.unique().tolist()) == {0.0, 1.0, 2.0}
    assert attention.eval()(X, X, values).flatten().tolist() == [1.0, 1.0]


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_without_weights_repeats_under_a_seed_and_keeps_the_mean(kind, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 64)
    attention = make(kind, dropout=0.5, keep_weights=False)
    X = torch.randn(1, 9, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    values = torch.ones(1, 9, 1)
    attention(X, X, values)  # draws the lazy parameters
    results = []
    for _ in range(2):
        torch.manual_seed(5)
        output = attention(X, X, values)
        results.append((output, *torch.autograd.grad(output.square().sum(), X)))
    for first, second in zip(*results, strict=True):
        assert torch.equal(first, second)
    mean = torch.stack([attention(X, X, values) for _ in range(300)]).mean()
    assert mean.item() == pytest.approx(1, abs=0.1)
    assert output.std() > 0.01


class LargestTensor(TorchDispatchMode):
    """Remember how many numbers the largest tensor held that any operation made, beside one."""

    numel = 0

    def __init__(self, beside=None):
        super().__init__()
        self.beside = None if beside is None else beside.data_ptr()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for X in made if isinstance(made, (tuple, list)) else [made]:
            storage = isinstance(X, torch.Tensor) and X.untyped_storage()
            if storage and storage.nbytes() and storage.data_ptr() != self.beside:
                held = X.untyped_storage().nbytes() // X.element_size()
                self.numel = max(self.numel, held)
        return made


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("lens", [None, [200, 7]])
@pytest.mark.parametrize("kind", OURS)
def test_the_largest_tensors_never_exist(kind, lens, dropout, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 2**12)
    n, num_hiddens = 256, 7
    X = torch.randn(2, n, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    attention = make(kind, dropout=dropout)
    attention(X, X, X)
    for keep_weights, bound in ((True, 2 * n * n), (False, max(2**12, 2 * n * num_hiddens))):
        attention.keep_weights = keep_weights
        with LargestTensor() as largest:
            attention(X, X, X, lens).sum().backward()
        assert largest.numel <= bound


def test_the_module_is_what_torch_expects():
    attention = AdditiveAttention(4, query_size=2, key_size=2)
    assert set(attention.state_dict()) == {"W_q.weight", "W_k.weight", "w_v.weight"}
    X = torch.ones(1, 2, 2)
    output = attention(X, X, X)
    twin = copy.deepcopy(attention)
    assert torch.equal(twin(X, X, X), output)
    assert isinstance(attention, nn.Module) and isinstance(attention, Attention)


def test_autocast():
    X = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    for kind in KINDS:
        attention = make(kind)
        expected = attention(X, X, X)
        with torch.autocast("cpu", torch.bfloat16):
            output = attention(X, X.bfloat16(), X)
        torch.testing.assert_close(output.float(), expected, rtol=0.1, atol=0.1)


@pytest.mark.parametrize("kind", ["multiplicative", "additive"])
def test_a_lazy_module_drops_the_same_weights_forward_and_backward(kind, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)
    attention = make(kind, torch.float64, dropout=0.5, keep_weights=False)
    generator = torch.Generator().manual_seed(0)
    queries, keys, values = (
        torch.randn(1, n, 3, generator=generator, dtype=torch.float64) for n in (12, 6, 6)
    )
    values.requires_grad_()
    output = attention(queries, keys, values)
    # The output is linear in the values, so it is its own derivative along them.
    (gradient,) = torch.autograd.grad(output.sum(), values)
    torch.testing.assert_close((gradient * values).sum(), output.sum())


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rubbish", [torch.nan, torch.inf, 1e30])
def test_a_query_that_may_look_nowhere_may_hold_anything(kind, rubbish, keep_weights):
    generator = torch.Generator().manual_seed(4)
    queries, keys, values = (torch.randn(1, n, 4, generator=generator) for n in (3, 5, 5))
    attention = make(kind, keep_weights=keep_weights)
    outcomes = []
    for filling in (0.5, rubbish):
        Q = queries.clone()
        Q[0, 1] = filling
        inputs = [X.clone().requires_grad_() for X in (Q, keys, values)]
        output = attention(*inputs, [[5, 0, 2]])
        assert torch.equal(output[0, 1], torch.zeros(4))
        learned = [*inputs, *attention.parameters()]
        outcomes.append((output, *torch.autograd.grad(output.square().sum(), learned)))
    for clean, dirty in zip(*outcomes, strict=True):
        assert torch.equal(clean, dirty)


def test_a_saved_module_loads_into_a_lazy_one():
    X = torch.randn(1, 2, 3, generator=torch.Generator().manual_seed(0))
    for kind in ("multiplicative", "additive"):
        attention, lazy = make(kind), make(kind)
        output = attention(X, X, X)
        lazy.load_state_dict(attention.state_dict())
        torch.testing.assert_close(lazy(X, X, X), output)
    fresh = MultiplicativeAttention(7)
    fresh.load_state_dict(
        make("multiplicative", dropout=0.1).state_dict()
        | {"W_q.weight": torch.ones(7, 3), "W_k.weight": torch.ones(7, 2)}
    )
    assert fresh.M.shape == (3, 2)


def test_the_fused_kernel_is_used_where_nothing_is_dropped(monkeypatch):
    calls, kernel = [], F.scaled_dot_product_attention
    monkeypatch.setattr(
        F, "scaled_dot_product_attention", lambda *X, **o: (calls.append(1), kernel(*X, **o))[1]
    )
    X = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0))
    attention = DotProductAttention(dropout=0.5, keep_weights=False)
    attention(X, X, X)
    assert not calls
    attention.eval()(X, X, X)
    assert calls == [1]


def test_weights_of_an_earlier_call_are_not_kept():
    X = torch.ones(1, 2, 2)
    attention = DotProductAttention()
    attention(X, X, X)
    attention.keep_weights = False
    attention(X, X, X)
    assert attention.attention_weights is None


def test_half_precision_scores_do_not_overflow():
    X = 50 * torch.randn(1, 8, 64, generator=torch.Generator().manual_seed(0)).half()
    assert DotProductAttention().score(X, X).isfinite().all()


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("lens", [None, [100]])
@pytest.mark.parametrize("kind", KINDS)
def test_training_without_weights_keeps_no_blocks(kind, lens, dropout, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 2**10)
    n, kept = 128, {}
    X = torch.randn(1, n, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    attention = make(kind, dropout=dropout, keep_weights=False)
    attention(X, X, X)

    def keep(saved):
        # By storage, because many tensors may be views of one.
        kept[saved.untyped_storage().data_ptr()] = saved.untyped_storage().nbytes() // 4
        return saved

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda saved: saved):
        attention(X, X, X, lens)
    assert sum(kept.values()) < n * n


@pytest.mark.parametrize("kind", ["distance", "additive"])
def test_blocks_of_the_size_that_ships_are_smaller_than_the_weights(kind):
    n = 2048
    X = torch.randn(1, n, 2, generator=torch.Generator().manual_seed(0))
    attention = make(kind, keep_weights=False).eval()
    with torch.no_grad(), LargestTensor() as largest:
        attention(X, X, X)
    assert largest.numel < n * n


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_without_gradients_agree_with_weights(kind, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)
    X = torch.randn(2, 7, 4, generator=torch.Generator().manual_seed(5))
    attention = make(kind)
    with torch.no_grad():
        for lens in (None, [[1, 2, 3, 4, 5, 6, 0], [7, 6, 5, 4, 3, 2, 1]]):
            attention.keep_weights = True
            expected = attention(X, X, X, lens)
            attention.keep_weights = False
            torch.testing.assert_close(attention(X, X, X, lens), expected)


class Colder(DotProductAttention):
    def score(self, queries, keys):
        return super().score(queries, keys) / 3


def test_a_dot_product_with_a_score_of_its_own_keeps_it_without_weights():
    queries, keys, values = torch.randn(2, 3, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 6)
    expected = Colder()(queries, keys, values, [2, 5])
    torch.testing.assert_close(Colder(keep_weights=False)(queries, keys, values, [2, 5]), expected)
