import copy

import pytest
import torch
from torch import nn

from d2l_attention import AdditiveAttention, MultiplicativeAttention, explore

pytestmark = pytest.mark.filterwarnings("ignore:Lazy modules")
LAYERS = ("W_k", "W_q", "w_v")  # the order in which d2l 1.0 makes them


class Theirs(nn.Module):
    """The plain formula, on layers that are made and called in the order of d2l 1.0."""

    def __init__(self, num_hiddens):
        super().__init__()
        for name, size in zip(LAYERS, (num_hiddens, num_hiddens, 1), strict=True):
            setattr(self, name, nn.LazyLinear(size, bias=False))

    def forward(self, queries, keys, values):
        queries, keys = self.W_q(queries), self.W_k(keys)
        scores = self.w_v(torch.tanh(queries[:, :, None] + keys[:, None])).squeeze(-1)
        return torch.softmax(scores, dim=-1) @ values


def inputs(query_size=5, key_size=3):
    generator = torch.Generator().manual_seed(1)
    sizes = ((4, query_size), (6, key_size), (6, 2))
    return [torch.randn(2, *size, generator=generator) for size in sizes]


def called(attention, seed=0, query_size=5, key_size=3):
    torch.manual_seed(seed)
    return attention(*inputs(query_size, key_size))


@pytest.mark.parametrize("keep_weights", [True, False])
def test_a_seed_draws_the_same_numbers_in_the_first_call(keep_weights):
    theirs, ours = Theirs(7), AdditiveAttention(7, keep_weights=keep_weights)
    expected = called(theirs)
    drawn = torch.get_rng_state()
    torch.testing.assert_close(called(ours), expected)
    assert torch.equal(torch.get_rng_state(), drawn)
    for name in LAYERS:
        assert torch.equal(getattr(ours, name).weight, getattr(theirs, name).weight)


@pytest.mark.parametrize("keep_weights", [True, False])
def test_the_first_call_is_as_exact_as_the_next(keep_weights):
    attention = AdditiveAttention(7, keep_weights=keep_weights).to(torch.bfloat16)
    X = [X.bfloat16() for X in inputs()]  # the scores of both are in float32
    assert torch.equal(attention(*X), attention(*X))


def test_a_seed_draws_sized_layers_in_the_order_of_parameters():
    torch.manual_seed(0)
    W_k, W_q, w_v = (nn.Linear(*size, bias=False).weight for size in ((3, 7), (5, 7), (7, 1)))
    for make in (AdditiveAttention, MultiplicativeAttention):
        torch.manual_seed(0)
        attention = make(7, query_size=5, key_size=3)
        assert torch.equal(attention.W_k.weight, W_k) and torch.equal(attention.W_q.weight, W_q)
    torch.manual_seed(0)
    assert torch.equal(AdditiveAttention(7, 0.0, 5, 3).w_v.weight, w_v)


def test_products_draw_the_projections_of_sums():
    theirs, ours = Theirs(7), MultiplicativeAttention(7)
    called(theirs)
    called(ours)
    assert [name for name, _ in ours.named_children() if name in LAYERS] == ["W_k", "W_q"]
    assert torch.equal(ours.W_q.weight, theirs.W_q.weight)
    assert torch.equal(ours.W_k.weight, theirs.W_k.weight)


@pytest.mark.parametrize("size", ["query_size", "key_size"])
def test_what_starts_linear_layers_over_finds_none_until_all_is_drawn(size):
    def start_over(layer):
        if type(layer) is nn.Linear:
            nn.init.zeros_(layer.weight)

    attention = AdditiveAttention(7).apply(start_over)
    called(attention)
    assert all(X.count_nonzero() for X in attention.parameters())
    assert all(type(getattr(attention, name)) is nn.Linear for name in LAYERS)
    half = AdditiveAttention(7, **{size: {"query_size": 5, "key_size": 3}[size]})
    assert type(half.w_v) is nn.LazyLinear
    called(half)
    assert half.w_v.weight.shape == (1, 7)


def test_no_layer_is_lazy_where_both_sizes_are_given():
    attention = AdditiveAttention(7, query_size=5, key_size=3)
    assert all(type(getattr(attention, name)) is nn.Linear for name in LAYERS)


def test_state_of_theirs_loads_before_and_after_its_first_call():
    theirs, ours = Theirs(7), AdditiveAttention(7)
    ours.load_state_dict(theirs.state_dict())
    expected = called(theirs)
    torch.testing.assert_close(called(ours), expected)

    for attention in (AdditiveAttention(7), AdditiveAttention(7, 0.0, 5, 3)):
        attention.load_state_dict(theirs.state_dict())
        drawn = torch.get_rng_state()
        torch.testing.assert_close(attention(*inputs()), expected)
        assert torch.equal(torch.get_rng_state(), drawn)


def test_an_optimiser_of_theirs_goes_on_with_ours():
    def step(module, adam):
        adam.zero_grad()
        module(*inputs(query_size=3)).square().sum().backward()
        adam.step()

    theirs, ours = Theirs(7), AdditiveAttention(7)
    called(theirs, query_size=3)  # sizes are equal, so that swapped moments would fit
    adam = torch.optim.Adam(theirs.parameters(), lr=0.1)
    step(theirs, adam)
    ours.load_state_dict(theirs.state_dict())
    resumed = torch.optim.Adam(ours.parameters(), lr=0.1)
    resumed.load_state_dict(copy.deepcopy(adam.state_dict()))
    step(theirs, adam)
    step(ours, resumed)
    for name in LAYERS:
        torch.testing.assert_close(getattr(ours, name).weight, getattr(theirs, name).weight)


def test_an_explorer_names_a_module_that_was_loaded_and_not_called():
    theirs, ours = Theirs(2), AdditiveAttention(2)
    called(theirs)
    ours.load_state_dict(theirs.state_dict())
    explorer = explore(ours, *(X[0] for X in inputs()))
    assert explorer.scoring == "AdditiveAttention"
    assert torch.equal(explorer.w_v, theirs.w_v.weight)
    assert type(ours.w_v) is nn.LazyLinear  # the reader's module is never touched
