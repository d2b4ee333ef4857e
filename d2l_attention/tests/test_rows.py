"""What a reader's score knows of its rows: it is told if it asks, and refused if it only guesses."""

import dataclasses
import functools
import inspect
import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from d2l_attention import (
    Attention,
    DotProductAttention,
    MultiplicativeAttention,
    explore,
    explore_plane,
    maps,
    rows,
    show_attention,
    streaming,
)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 100)  # 5 rows of the inputs below
    monkeypatch.setattr(maps, "BLOCK_SIZE", 50)


def inputs(n=9, m=10, batch=2, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(batch, k, 4, generator=generator, dtype=dtype) for k in (n, m, m)]


def bias(positions, keys):
    """Minus how far apart a query and a key stand, (num_queries, num_keys): not linear in either."""
    return -(positions[:, None] - torch.arange(keys.shape[1], device=keys.device)).abs()


class Told(DotProductAttention):
    def score(self, queries, keys, positions):
        assert positions.dtype == torch.int64 and positions.device == queries.device
        assert positions.shape == (queries.shape[1],)
        return super().score(queries, keys) + bias(positions, keys)


class ByKeyword(MultiplicativeAttention):
    def score(self, queries, keys, *, positions=None, **others):
        assert not others
        return super().score(queries, keys) + bias(positions, keys)


def noted(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


class Wrapped(Told):
    score = noted(Told.score)


def patched():
    attention = DotProductAttention()
    plain = attention.score
    attention.score = lambda q, k, positions: plain(q, k) + bias(positions, k)
    return attention


@dataclasses.dataclass
class Slope:  # has no hash
    by: float

    def __call__(self, queries, keys, positions):
        return torch.bmm(queries, keys.mT) / 2 + self.by * bias(positions, keys)


class OfObject(Told):
    score = Slope(1)


class Advances(Told):
    def score(self, queries, keys, positions):
        scores = super().score(queries, keys, positions)
        positions += 1  # as if they were its own
        return scores


TOLD = {
    "method": Told,
    "keyword": functools.partial(ByKeyword, 3),
    "wrapped": Wrapped,
    "patched": patched,
    "object": OfObject,
    "advances": Advances,
}


def sdpa(Q, K, V, kind, attention):
    if kind == "keyword":
        Q, K = attention.W_q(Q), attention.W_k(K)
    return F.scaled_dot_product_attention(Q, K, V, bias(torch.arange(Q.shape[1]), K).to(Q))


@pytest.mark.parametrize("learns", [True, False])
@pytest.mark.parametrize("kind", TOLD)
def test_a_score_that_asks_for_positions_is_told_those_of_the_whole_call(
    kind, learns, small_blocks
):
    attention = TOLD[kind]().double()
    Q, K, V = (X.requires_grad_() for X in inputs(dtype=torch.float64))
    whole = attention(Q, K, V)
    expected = sdpa(Q, K, V, kind, attention)
    torch.testing.assert_close(whole, expected)
    attention.keep_weights = False
    with torch.set_grad_enabled(learns):
        output = attention(Q, K, V)
    torch.testing.assert_close(output, expected)
    if learns:
        learned = [Q, K, V, *attention.parameters()]
        found = torch.autograd.grad(output.square().sum(), learned)
        gradients = torch.autograd.grad(expected.square().sum(), learned)
        torch.testing.assert_close(found, gradients)
    weights = attention.weights(Q, K)
    torch.testing.assert_close(weights @ V, expected)
    for count in (1, 2, 7):
        blocks = list(attention.weights_in_blocks(Q, K, rows=count))
        torch.testing.assert_close(torch.cat(blocks, dim=1), weights)


def test_linear_biases_of_many_sentences_are_right_at_the_size_that_ships():
    X = torch.randn(256, 65, 8, generator=torch.Generator().manual_seed(0))
    output = Told(keep_weights=False)(X, X, X)
    torch.testing.assert_close(output, sdpa(X, X, X, None, None))


def test_a_class_is_asked_for_its_parameters_once(monkeypatch):
    class Fresh(Told):
        def score(self, queries, keys, positions):
            return super().score(queries, keys, positions)

    calls, signature = [], inspect.signature
    monkeypatch.setattr(inspect, "signature", lambda f: (calls.append(f), signature(f))[1])
    for _ in range(3):
        Fresh()(*inputs())
    assert len(calls) == 1


class Hidden(Attention):
    """A score that breaks the contract, each in a way of its own."""

    def __init__(self, way, **options):
        super().__init__(**options)
        self.way, self.table = way, nn.Parameter(torch.arange(90.0).reshape(9, 10).sin())

    def score(self, queries, keys):
        n, m = queries.shape[1], keys.shape[1]
        scores = torch.bmm(queries, keys.mT)
        if self.way == "counts":
            return scores + bias(torch.arange(n), keys)
        if self.way == "slight":
            return scores + bias(torch.arange(n), keys) / 10
        if self.way == "counts from the end":
            return scores + bias(m - n + torch.arange(n), keys)
        if self.way == "causal":
            return scores.masked_fill(torch.ones(n, m).tril() == 0, -torch.inf)
        if self.way == "a table":
            return scores + self.table[:n]
        if self.way == "the others":
            return torch.bmm(queries - queries.mean(dim=1, keepdim=True), keys.mT)
        if self.way == "the first":
            return scores + torch.bmm(queries[:, :1], keys.mT)
        if self.way == "how many":
            return scores * n
        return scores.softmax(dim=1)


WAYS = ["counts", "counts from the end", "causal", "a table", "how many", "the others", "the first"]
WAYS += ["over queries"]


@pytest.mark.parametrize("way", WAYS)
def test_a_score_that_only_seems_to_know_its_rows_is_refused(way, small_blocks):
    attention = Hidden(way)
    Q, K, V = inputs()
    attention(Q, K, V)  # all at once is what it was made for
    attention.weights(Q, K)
    attention.keep_weights = False
    words = (
        r"Hidden.score gets {} of 9 queries.*score\(queries, keys, positions\).*keep_weights=True"
    )
    for learned in (False, True):
        Q.requires_grad_(learned)
        with pytest.raises(ValueError, match=words.format(5)):
            attention(Q, K, V)
    with torch.no_grad(), pytest.raises(ValueError, match=words.format(5)):
        attention.eval()(Q, K, V)
    for count in (1, 2, 8):
        with pytest.raises(ValueError, match=words.format(count)):
            list(attention.weights_in_blocks(Q, K, rows=count))
    if way == "counts":
        with pytest.raises(ValueError, match=words.format(5)):
            show_attention(attention, Q, K)
    assert next(attention.weights_in_blocks(Q, K, rows=9)).shape == (2, 9, 10)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_few_queries_are_enough_to_see_it(n):
    Q, K, _ = inputs(n)
    with pytest.raises(ValueError, match=f"1 of {n} queries"):
        list(Hidden("counts").weights_in_blocks(Q, K, rows=1))


def test_half_precision_hides_no_bias():
    X = torch.randn(2, 9, 4, generator=torch.Generator().manual_seed(0)).bfloat16()
    with pytest.raises(ValueError, match="4 of 9"):
        list(Hidden("slight").weights_in_blocks(X, X, rows=4))


def test_a_coarse_step_is_seen_in_a_large_block():
    class Chunks(Attention):
        def score(self, queries, keys):
            chunk = torch.arange(queries.shape[1])[:, None] // 64
            return torch.bmm(queries, keys.mT) * (1 + chunk)

    X = torch.randn(1, 1100, 4, generator=torch.Generator().manual_seed(0))
    with pytest.raises(ValueError, match="1050 of 1100"):
        list(Chunks().weights_in_blocks(X, X[:, :5], rows=1050))


class Innocent(Attention):
    """A score that keeps the contract, though it may not look so."""

    def __init__(self, way, **options):
        super().__init__(**options)
        self.way, self.calls = way, 0
        self.noise, self.norm = nn.Dropout(0.5), nn.BatchNorm1d(4)

    def score(self, queries, keys):
        self.calls += 1
        if self.way == "distances":  # torch.cdist: 26 rows or more are computed otherwise
            return -torch.cdist(queries + 1000, keys + 1000)
        if self.way == "cancels":
            queries, keys = (100 + X.repeat(1, 1, 75) for X in (queries, keys))
            of_queries, of_keys = (X.square().sum(dim=2) / 2 for X in (queries, keys))
            return torch.bmm(queries, keys.mT) - of_queries[:, :, None] - of_keys[:, None]
        if self.way == "drops":
            return torch.bmm(self.noise(queries), keys.mT)
        if self.way == "learns":
            return torch.bmm(self.norm(queries.mT).mT, keys.mT)
        scores = torch.bmm(queries, keys.mT)
        if self.way == "rounds many":  # as a GPU's matrix units do
            return scores.bfloat16().to(scores) if queries.shape[1] > 1 else scores
        if self.way == "is random":
            by = 1000 if queries.shape[1] == 1 else 1  # nothing else would be told from rounding
            return scores + torch.rand_like(scores) * by
        if self.way == "is holed":
            holes = queries[:, :, :1] > keys[:, :, 0][:, None]
            return torch.where(holes, -torch.inf, scores / (scores > -2))  # inf and NaN, too
        if self.way == "is shifted":  # which softmax does not see
            return scores - scores.amax()
        if self.way == "in place":
            return torch.bmm(queries.mul_(2), keys.mul_(2).mT)
        return scores * 0


INNOCENT = ["distances", "drops", "learns", "is random", "is holed", "is shifted", "in place"]
INNOCENT += ["is level", "cancels", "rounds many"]


SIZES = {"distances": ((50, 30), 40), "cancels": ((2, 40), 1)}  # and how many queries at a time
DTYPES = [torch.float32, torch.bfloat16, torch.float64]
# torch.cdist has no half precision.
CASES = [c for c in itertools.product(INNOCENT, DTYPES) if c != ("distances", torch.bfloat16)]


@pytest.mark.parametrize(("way", "dtype"), CASES, ids=str)
def test_a_score_that_keeps_the_contract_is_left_as_it_was(way, dtype, monkeypatch):
    sizes, rows_at_once = SIZES.get(way, ((9, 10), 5))
    monkeypatch.setattr(streaming, "BLOCK_SIZE", rows_at_once * sizes[1] * 2)
    found = []
    for judged in (True, False):
        with monkeypatch.context() as patch:
            if not judged:
                patch.setattr(rows, "scores_alone", lambda *_: True)
            attention = Innocent(way, keep_weights=False, dropout=0.1).to(dtype)
            attention.noise.train(way == "drops")
            Q, K, V = inputs(*sizes, dtype=dtype)
            Q.requires_grad_(way != "in place")
            torch.manual_seed(0)
            output = attention(Q, K, V)
            if Q.requires_grad:
                output.nansum().backward()
            modes = [part.training for part in attention.modules()]
            found.append((output, Q.grad, torch.rand(3), modes, attention.state_dict()))
            calls = attention.calls
    assert calls > 1
    torch.testing.assert_close(*found, rtol=0, atol=0, equal_nan=True)


def test_a_score_that_works_in_place_gives_each_block_the_same_keys(small_blocks):
    Q, K, V = inputs()
    expected = F.scaled_dot_product_attention(2 * Q, 2 * K, V, scale=1)
    before = K.clone()
    torch.testing.assert_close(Innocent("in place", keep_weights=False)(Q, K, V), expected)
    assert torch.equal(K, before)


def test_what_is_asked_of_a_score_is_little(small_blocks, monkeypatch):
    seen = []

    class Watched(Attention):
        def score(self, queries, keys):
            seen.append(queries.shape[1])
            return torch.bmm(queries, keys.mT)

    Q, K, V = inputs()
    attention = Watched()
    attention(Q, K, V)
    assert seen == [9]
    attention.keep_weights = False
    attention(Q, K, V)
    assert seen[1:] == [5, 3, 1, 4]
    seen.clear()
    Q.requires_grad_()
    attention(Q, K, V).sum().backward()
    assert sorted(seen) == sorted([5, 3, 1, 4, 5, 4])


def test_under_autocast_parameters_keep_their_gradient(small_blocks):
    class Projected(Attention):
        def __init__(self, **options):
            super().__init__(**options)
            self.layer = nn.Linear(4, 4)

        def score(self, queries, keys):
            return torch.bmm(self.layer(queries), keys.mT)

    found = []
    for keep_weights in (True, False):
        torch.manual_seed(0)
        attention = Projected(keep_weights=keep_weights)
        with torch.autocast("cpu", torch.bfloat16):
            attention(*inputs()).float().square().sum().backward()
        found.append(attention.layer.weight.grad)
    assert found[0].norm() > 0.1
    torch.testing.assert_close(*found, rtol=0.05, atol=0.02)


def test_where_no_number_can_be_read_nothing_is_judged():
    Q, K, _ = inputs()

    def weights(Q, K):
        return torch.cat(list(Hidden("the first").weights_in_blocks(Q[None], K[None], rows=4)), 1)

    assert torch.func.vmap(weights)(Q, K).shape == (2, 1, 9, 10)
    blocks = list(
        Hidden("the first").to("meta").weights_in_blocks(Q.to("meta"), K.to("meta"), rows=4)
    )
    assert len(blocks) == 3


class Counting(DotProductAttention):
    def score(self, queries, keys):
        return super().score(queries, keys) + bias(torch.arange(queries.shape[1]), keys)


@pytest.mark.slow
def test_where_rows_cannot_be_judged_they_are_scored_together(monkeypatch):
    monkeypatch.setattr(streaming, "LARGE_BLOCK_SIZE", 2**7)
    Q, K, V = inputs(n=40)
    expected = Counting()(Q, K, V)
    attention = Counting(keep_weights=False)
    torch.compiler.reset()
    compiled = torch.compile(attention, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(Q, K, V), expected)
    traced = torch.jit.trace(attention, (Q, K, V), check_trace=False)
    torch.testing.assert_close(traced(Q, K, V), expected)


@pytest.mark.slow
def test_a_score_that_asks_for_positions_compiles_without_a_break(monkeypatch):
    monkeypatch.setattr(streaming, "LARGE_BLOCK_SIZE", 100)
    Q, K, V = inputs()
    expected = sdpa(Q, K, V, None, None)
    for keep_weights in (True, False):
        torch.compiler.reset()
        compiled = torch.compile(Told(keep_weights=keep_weights), fullgraph=True, backend="eager")
        torch.testing.assert_close(compiled(Q, K, V), expected)


class Lazy(Attention):
    def __init__(self):
        super().__init__()
        self.layer = nn.LazyLinear(4, bias=False)

    def score(self, queries, keys, positions):
        return torch.bmm(self.layer(queries), keys.mT) + bias(positions, keys)


def test_an_explorer_tells_positions_too():
    Q, K, V = inputs(batch=1)
    explorer = explore(Told(), Q[0], K[0], V[0])
    assert explorer.result.error is None
    torch.testing.assert_close(explorer.output, sdpa(Q, K, V, None, None)[0])
    before = torch.get_rng_state()  # lazy parameters are drawn apart, before anything is computed
    assert explore(Lazy(), Q[0], K[0], V[0]).result.error is None
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("attention", [Told(), Hidden("the others")], ids=["told", "hidden"])
def test_a_plane_of_all_queries_has_no_place_for_positions_or_neighbours(attention):
    points = torch.randn(3, 2, generator=torch.Generator().manual_seed(0))
    error = explore_plane(attention, points, points).result.error
    assert (
        f"{type(attention).__name__}.score depends on a query's position or on other queries"
        in error
    )
