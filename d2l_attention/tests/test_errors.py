"""Every argument of every attention, wrong in every way: the answer names it and what it needed."""

import pytest
import torch

from d2l_attention import (
    AdditiveAttention,
    Attention,
    DistanceAttention,
    DotProductAttention,
    MultiplicativeAttention,
    try_gpu,
)

GOOD = {
    "queries": torch.ones(2, 3, 4),
    "keys": torch.ones(2, 5, 4),
    "values": torch.ones(2, 5, 6),
    "valid_lens": torch.tensor([2, 3]),
}
EVERY_ATTENTION = [
    DotProductAttention,
    DistanceAttention,
    lambda **options: AdditiveAttention(7, **options),
    lambda **options: MultiplicativeAttention(7, query_size=4, key_size=4, **options),
]


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("make", EVERY_ATTENTION)
@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"queries": [[[1.0]]]}, TypeError, "queries must be a torch tensor.*not list"),
        ({"queries": torch.ones(3, 4)}, ValueError, r"queries has shape \(3, 4\).*num_queries"),
        ({"keys": torch.ones(2, 1, 5, 4)}, ValueError, r"keys has shape \(2, 1, 5, 4\).*num_keys"),
        ({"values": torch.ones(2, 5)}, ValueError, r"values has shape \(2, 5\).*value_size"),
        ({"keys": torch.ones(3, 5, 4)}, ValueError, r"keys has shape \(3, 5, 4\).*batch of 2"),
        ({"values": torch.ones(1, 5, 6)}, ValueError, r"values has shape \(1, 5, 6\).*batch of 2"),
        ({"values": torch.ones(2, 4, 6)}, ValueError, r"values has shape \(2, 4, 6\).*5 keys"),
        ({"queries": torch.ones(2, 3, 4).long()}, ValueError, "queries has dtype torch.int64"),
        (
            {"keys": torch.ones(2, 5, 4).double()},
            ValueError,
            "keys has dtype torch.float64.*queries",
        ),
        ({"values": torch.ones(2, 5, 6).half()}, ValueError, "values has dtype torch.float16"),
        ({"values": torch.ones(2, 5, 6, device="meta")}, ValueError, "values is on meta"),
        ({"queries": torch.ones(2, 3, 0), "keys": torch.ones(2, 5, 0)}, ValueError, "one feature"),
        (
            {"valid_lens": torch.ones(5).long()},
            ValueError,
            r"valid_lens has shape \(5,\).*\(2, 3\)",
        ),
        ({"valid_lens": torch.ones(2, 5).long()}, ValueError, r"shape \(2, 5\).*\(2, 3\)"),
        ({"valid_lens": torch.ones(3)}, ValueError, r"valid_lens has shape \(3,\).*\(2,\)"),
        ({"valid_lens": torch.ones(2, 3).bool()}, ValueError, "valid_lens has dtype torch.bool"),
        ({"valid_lens": "23"}, ValueError, "valid_lens must be integers"),
    ],
)
def test_wrong_inputs(make, keep_weights, wrong, error, words):
    attention = make(keep_weights=keep_weights)
    attention(**GOOD)
    with pytest.raises(error, match=words):
        attention(**GOOD | wrong)


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("make", [DotProductAttention, DistanceAttention])
def test_sizes_that_cannot_be_compared(make, keep_weights):
    with pytest.raises(ValueError, match=r"keys has shape \(2, 5, 3\).*size, 4, not 3"):
        make(keep_weights=keep_weights)(**GOOD | {"keys": torch.ones(2, 5, 3)})


@pytest.mark.parametrize("make", EVERY_ATTENTION[2:])
def test_sizes_that_the_projections_were_not_made_for(make):
    attention = make()
    attention(**GOOD)
    with pytest.raises(ValueError, match=r"keys has shape \(2, 5, 3\).*W_k.*size 4"):
        attention(**GOOD | {"keys": torch.ones(2, 5, 3)})
    with pytest.raises(ValueError, match=r"queries has shape \(2, 3, 9\).*W_q.*size 4"):
        attention(**GOOD | {"queries": torch.ones(2, 3, 9)})
    with pytest.raises(ValueError, match="queries has dtype torch.float32.*W_q has torch.float64"):
        attention.double()(**GOOD)

    def refuse(*_):  # as a layer on a GPU does; one on meta would take what is on the CPU
        raise RuntimeError("Expected all tensors to be on the same device")

    attention.float().to("meta").W_q.register_forward_pre_hook(refuse)
    with pytest.raises(ValueError, match="queries is on cpu, but W_q is on meta"):
        attention(**GOOD)


@pytest.mark.parametrize("keep_weights", [True, False])
def test_a_score_of_the_wrong_shape(keep_weights):
    class Turned(Attention):
        def score(self, queries, keys):
            return keys @ queries.mT

    class Nothing(Attention):
        def score(self, queries, keys):
            return None

    words = r"Turned.score returned \(2, 5, 3\).*must return.*\(2, 3, 5\)"
    with pytest.raises(ValueError, match=words):
        Turned(keep_weights=keep_weights)(**GOOD)
    with pytest.raises(ValueError, match="Nothing.score returned NoneType"):
        Nothing(keep_weights=keep_weights)(**GOOD)
    with pytest.raises(NotImplementedError, match="Attention needs a method score"):
        Attention(keep_weights=keep_weights)(**GOOD)


def test_pool_by_itself():
    pool = DotProductAttention().pool
    with pytest.raises(ValueError, match=r"scores has shape \(2, 3\)"):
        pool(torch.ones(2, 3), torch.ones(2, 3, 1))
    with pytest.raises(ValueError, match=r"values has shape \(2, 4, 1\).*3 keys"):
        pool(torch.ones(2, 3, 3), torch.ones(2, 4, 1))
    with pytest.raises(ValueError, match="values has dtype torch.float64, but scores"):
        pool(torch.ones(2, 3, 3), torch.ones(2, 3, 1).double())
    values = torch.tensor([[[1.0], [torch.nan]]])
    assert pool(torch.zeros(1, 1, 2), values, [1]).item() == 1


@pytest.mark.parametrize("make", EVERY_ATTENTION)
def test_dropout(make):
    for dropout in (-0.1, 1, 1.5, float("nan")):
        with pytest.raises(ValueError, match=r"dropout is .*\[0, 1\)"):
            make(dropout=dropout)
    with pytest.raises(TypeError, match="dropout must be a number.*not str"):
        make(dropout="0.1")


@pytest.mark.parametrize("kind", [AdditiveAttention, MultiplicativeAttention])
@pytest.mark.parametrize("name", ["num_hiddens", "query_size", "key_size"])
def test_sizes_of_projections(kind, name):
    sizes = {"num_hiddens": 7, "query_size": 4, "key_size": 4}
    with pytest.raises(ValueError, match=f"{name} is 0"):
        kind(**sizes | {name: 0})
    with pytest.raises(TypeError, match=f"{name} must be a whole number"):
        kind(**sizes | {name: 2.0})
    with pytest.raises(TypeError, match=f"{name} must be a whole number, not bool"):
        kind(**sizes | {name: True})


def test_M_before_its_shape_is_known():
    with pytest.raises(ValueError, match="give key_size"):
        _ = MultiplicativeAttention(7, query_size=4).M


def test_try_gpu():
    with pytest.raises(ValueError, match="i is -1"):
        try_gpu(-1)
    with pytest.raises(TypeError, match="i must be a whole number, not str"):
        try_gpu("0")
