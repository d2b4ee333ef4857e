"""The Python side of the attention explorer: what it computes, takes, refuses and says."""

import base64
import re
import struct
from functools import partial

import matplotlib.style
import pytest
import torch
from ipywidgets import FloatSlider, VBox, dlink, link
from traitlets import TraitError

from d2l_attention import (
    AdditiveAttention,
    Attention,
    Database,
    DistanceAttention,
    DotProductAttention,
    MultiplicativeAttention,
    explore,
    explore_database,
    explore_plane,
)
from d2l_attention.explorers import scorings, still

from .browser_requests import ask, edit

SIZED = {"query_size": 4, "key_size": 4}
SCORINGS = {
    "dot": DotProductAttention,
    "distance": DistanceAttention,
    "multiplicative": partial(MultiplicativeAttention, 3, **SIZED),
    "additive": partial(AdditiveAttention, 3, **SIZED),
}


class Centred(Attention):
    def score(self, queries, keys):
        return torch.bmm(queries, (keys - keys.mean(dim=1, keepdim=True)).mT)


class Fragile(Attention):
    def score(self, queries, keys):
        if queries.max() > 5:
            raise ArithmeticError("too far <b>out</b>")
        return torch.bmm(queries, keys.mT)


def inputs(*batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shapes = ((3, 4), (5, 4), (5, 2))
    return [torch.randn(*batch, *shape, generator=generator) for shape in shapes]


@pytest.mark.parametrize("scoring", SCORINGS)
@pytest.mark.parametrize("lens", [None, [2, 4], [[1, 2, 3], [0, 5, 9]]])
def test_it_shows_what_the_module_computes(scoring, lens):
    attention = SCORINGS[scoring]()
    Q, K, V = inputs(2)
    explorer = explore(attention, Q, K, V, lens)
    output = attention(Q, K, V, lens)
    torch.testing.assert_close(explorer.output, output.detach())
    torch.testing.assert_close(explorer.weights, attention.attention_weights)
    explorer.temperature = 3.0
    attention.pool(attention.score(Q, K) / 3, V, lens)
    torch.testing.assert_close(explorer.weights, attention.attention_weights)


# The first query may not see key 1, and nobody key 4.
MASK = torch.tensor([[1, 0, 1, 1, 0], [1, 1, 1, 1, 0], [0, 0, 0, 1, 0]]).bool()


@pytest.mark.parametrize("attention", [*SCORINGS.values(), Centred])
@pytest.mark.parametrize("lens", [None, [2, 4], [[1, 2, 3], [0, 5, 9]]])
def test_a_mask_goes_with_whatever_the_valid_lengths_become(attention, lens):
    attention = attention()
    Q, K, V = inputs(2)
    K[:, 4], V[:, 4] = torch.nan, torch.inf
    mask = torch.stack([MASK, MASK.roll(1, 0)])
    explorer = explore(attention, Q, K, V, lens, mask=mask)
    output = attention(Q, K, V, lens, mask=mask).detach()
    torch.testing.assert_close(explorer.output, output)
    torch.testing.assert_close(explorer.weights, attention.attention_weights)
    edit(explorer, ["valid_lens", 3, 3.0])
    lens = torch.tensor([5, 5] if lens is None else lens)
    rows = (lens[:, None].expand(2, 3) if lens.ndim == 1 else lens).clone()
    rows[1, 0] = 3
    torch.testing.assert_close(explorer.output, attention(Q, K, V, rows, mask=mask).detach())
    mask[:] = False  # the explorer has a copy
    explorer.reset()
    torch.testing.assert_close(explorer.output, output)


def test_every_input_can_be_assigned_and_is_read_in_the_callers_shape():
    Q, K, V = inputs()
    explorer = explore(SCORINGS["additive"](), Q, K, V, 4)
    assert explorer.valid_lens == 4 and explorer.weights.shape == (3, 5)
    explorer.valid_lens = [1, 2, 0]
    assert explorer.weights[0].tolist() == [1, 0, 0, 0, 0] and not explorer.weights[2].any()
    explorer.valid_lens = None
    assert explorer.valid_lens is None
    for name in ("Q", "K", "V", "W_q", "W_k", "w_v"):
        new = torch.randn_like(getattr(explorer, name))
        before = explorer.output
        setattr(explorer, name, new)
        assert torch.equal(getattr(explorer, name), new)
        assert not torch.equal(explorer.output, before)
    assert torch.equal(explorer.attention.W_q.weight, explorer.W_q)
    with pytest.raises(TraitError, match="read-only"):
        explorer.weights = torch.eye(3)


@pytest.mark.parametrize("name", ["mask", "weights", "keys"])
def test_what_an_explorer_has_not_to_assign_is_refused(name):
    explorer = explore(DotProductAttention(), *inputs(), mask=MASK)
    mask, before = explorer.mask, explorer.weights
    assert torch.equal(mask, MASK)
    mask[:] = False  # a copy
    with pytest.raises(TypeError, match=f"{name} cannot be assigned, but .*Q.* can"):
        explorer.assign(**{name: torch.ones_like(MASK)})
    with pytest.raises(TraitError):
        setattr(explorer, name, torch.ones_like(MASK))
    assert torch.equal(explorer.mask, MASK) and torch.equal(explorer.weights, before)


def test_the_callers_module_and_tensors_are_never_touched():
    attention = AdditiveAttention(3, dropout=0.5)  # lazy, and in training
    Q, K, V = (X.requires_grad_() for X in inputs(2))
    state, before = torch.get_rng_state(), [X.clone() for X in (Q, K, V)]
    explorer = explore(attention, Q, K, V)
    assert torch.equal(torch.get_rng_state(), state)
    assert attention.training and attention.attention_weights is None
    assert isinstance(attention.W_q, torch.nn.LazyLinear)
    edit(explorer, ["Q", 0, 9.0], ["W_k", 0, 9.0])
    explorer.V = explorer.V + 1
    assert all(map(torch.equal, before, (Q, K, V)))
    explorer.Q[0, 0, 0] = 100  # a copy
    assert explorer.Q[0, 0, 0] == 9 and not explorer.output.requires_grad
    shown = explorer.K.clone()
    K.detach().zero_()  # what the caller does later is the caller's
    assert torch.equal(explorer.K, shown)


def test_the_scoring_function_is_switched_and_keeps_queries_keys_and_parameters():
    Q, K, V = inputs()
    attention = SCORINGS["additive"]()
    explorer = explore(attention, Q, K, V)
    explorer.scoring = "MultiplicativeAttention"
    assert torch.equal(explorer.attention.W_q.weight, attention.W_q.weight)
    expected = (Q @ attention.W_q.weight.T) @ (K @ attention.W_k.weight.T).T / 3**0.5
    torch.testing.assert_close(explorer.scores, expected.detach())
    explorer.scoring = "DotProductAttention"
    torch.testing.assert_close(explorer.scores, Q @ K.T / 2)
    explorer.reset()
    assert explorer.scoring == "AdditiveAttention"


def test_choices_that_do_not_fit_give_the_reason():
    Q, K, V = inputs()
    explorer = explore(AdditiveAttention(3), Q, K[:, :2], V)
    choices = {choice["value"]: choice for choice in explorer.get_state()["_setup"]["choices"]}
    assert choices["DotProductAttention"]["reason"] and not choices["AdditiveAttention"]["reason"]
    with pytest.raises(ValueError, match="must be one of"):
        explorer.scoring = "DotProductAttention"


def test_edits_from_the_browser_reach_the_module_and_are_answered():
    Q, K, V = inputs(2)
    explorer = explore(DotProductAttention(), Q, K, V)
    seen = []
    explorer.observe(lambda change: seen.append(change.name), ["Q", "weights", "temperature"])
    ((content, (numbers,)),) = edit(
        explorer,
        ["Q", 1, 7.0],
        ["Q", 12, -7.0],
        *(["valid_lens", i, 3] for i in range(3)),
        temperature=2.0,
    )
    assert explorer.Q[0, 0, 1] == 7 and explorer.Q[1, 0, 0] == -7
    assert explorer.valid_lens.tolist() == [3, 5]
    assert explorer.temperature == 2
    assert content["kind"] == "result"
    assert {"Q", "weights", "temperature"} <= set(seen)
    count = dict(content["arrays"])["scores"]
    assert list(struct.unpack(f"<{count}f", numbers[: 4 * count])) == pytest.approx(
        explorer.scores[0].flatten().tolist()
    )


def test_an_assignment_beats_edits_that_were_on_their_way():
    explorer = explore(DotProductAttention(), *inputs())
    old = explorer._epoch
    new = torch.ones(3, 4)
    explorer.Q = new
    ((content, _),) = edit(explorer, ["Q", 0, 7.0], epoch=old)
    assert content["epoch"] > old and torch.equal(explorer.Q, new)


def test_reset_goes_back_to_the_beginning():
    Q, K, V = inputs()
    explorer = explore(SCORINGS["additive"](), Q, K, V, 4)
    before, words = explorer.output, repr(explorer)
    edit(explorer, ["W_q", 0, 9.0], ["V", 0, 9.0], ["valid_lens", 0, 1], temperature=5.0)
    assert not torch.equal(explorer.output, before)
    ask(explorer, "reset")
    assert torch.equal(explorer.output, before) and repr(explorer) == words


def test_reset_keeps_the_example_that_is_shown():
    explorer = explore(DotProductAttention(), *inputs(2))
    explorer.batch, explorer.temperature = 1, 2.0
    ask(explorer, "reset")
    assert (explorer.batch, explorer.temperature) == (1, 1.0)
    explorer.temperature = 2.0
    explorer.reset()
    assert (explorer.batch, explorer.temperature) == (1, 1.0)


def test_what_is_masked_has_the_score_of_its_own_key():
    """The mask comes after the scores; the weights see nothing of it."""
    Q, K, V = inputs()
    explorer = explore(DotProductAttention(), Q, K, V, 3)
    weights = explorer.weights
    torch.testing.assert_close(explorer.scores, Q @ K.T / 2)
    explorer.K = torch.cat([K[:3], 7 * K[3:]])
    torch.testing.assert_close(explorer.scores[:, 3:], 7 * Q @ K[3:].T / 2)
    assert torch.equal(explorer.weights, weights)


def test_a_score_that_raises_is_reported_and_the_last_picture_stays():
    explorer = explore(Fragile(), *inputs())
    before = explorer.weights
    ((content, _),) = edit(explorer, ["Q", 0, 6.0])
    assert content["error"] == "ArithmeticError: too far <b>out</b>"
    assert torch.equal(explorer.weights, before) and "too far" in repr(explorer)
    ((content, _),) = edit(explorer, ["Q", 0, 1.0])
    assert content["error"] is None and "too far" not in repr(explorer)
    broken = explore(Fragile(), *(10 * X for X in inputs()))
    assert broken.weights is None and "too far" in repr(broken)
    assert "text/html" in broken._repr_mimebundle_()[0]


def test_a_readers_class_of_the_same_name_is_not_taken_for_ours():
    class DotProductAttention(Attention):
        def score(self, queries, keys):
            return torch.zeros(len(queries), queries.shape[1], keys.shape[1])

    explorer = explore(DotProductAttention(), *inputs())
    assert explorer.get_state()["_setup"]["kinds"][explorer.scoring] is None
    torch.testing.assert_close(explorer.weights, torch.full((3, 5), 0.2))


def test_the_words_say_the_state_and_are_the_same_again():
    make = lambda: explore(
        DotProductAttention(), *inputs(), 4, query_labels="abc", key_labels="vwxyz"
    )
    assert repr(make()) == repr(make())
    assert "DotProductAttention at temperature 1, valid lengths 4." in repr(make())
    assert "a → " in repr(make()) and "Exactly 0: 3 of 15." in repr(make())


def test_what_is_saved_is_a_picture_with_its_sentence():
    explorer = explore(
        SCORINGS["additive"](), *inputs(), query_labels=["<b>", '"', "&"], key_labels="vwx$y"
    )
    data, _metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == repr(explorer)
    png = base64.b64decode(re.search('base64,([^"]+)', data["text/html"])[1])
    assert png.startswith(b"\x89PNG") and "<b>" not in data["text/html"]
    again = explore(
        SCORINGS["additive"](), *inputs(), query_labels=["<b>", '"', "&"], key_labels="vwx$y"
    )
    again.assign(**{name: getattr(explorer, name) for name in ("W_q", "W_k", "w_v")})
    assert again._repr_mimebundle_()[0]["text/html"] == data["text/html"]


def test_a_readers_own_style_changes_nothing():
    X = torch.eye(3)
    for explorer in (
        explore(DotProductAttention(), X, X, X, query_labels="abc"),
        explore_plane(DotProductAttention(), X[:, :2], X[:, :2]),
        explore_database(Database([("Li", "Mu"), ("Hu", "Rachel")]), "Li"),
    ):
        html = explorer._repr_mimebundle_()[0]["text/html"]
        with matplotlib.style.context("dark_background"):
            assert explorer._repr_mimebundle_()[0]["text/html"] == html


def test_the_saved_picture_shows_the_parameters_and_strikes_out_what_is_masked():
    explorer = explore(SCORINGS["additive"](), *inputs(), [2, 0, 9], show="parameters")
    shown = drawn(explorer)
    for title, X in (
        ("W_qᵀ", explorer.W_q.T),
        ("Q W_qᵀ", explorer.Q @ explorer.W_q.T),
        ("W_k Kᵀ", explorer.W_k @ explorer.K.T),
        ("w_v", explorer.w_v.T),
        ("keys Kᵀ", explorer.K.T),
    ):
        torch.testing.assert_close(torch.from_numpy(shown[title].X), X)
    for title, lengths in (("weights", (2, 0, 9)), ("scores w_vᵀ tanh(…)", (5, 5, 5))):
        expected = [[j >= length for j in range(5)] for length in lengths]
        assert shown[title].masked.tolist() == expected
    explorer = explore(SCORINGS["additive"](), *inputs(), [2, 0, 9], mask=MASK)
    expected = [[j >= length for j in range(5)] for length in (2, 0, 9)]
    struck = drawn(explorer)["weights"].masked
    assert struck.tolist() == (torch.tensor(expected) | ~MASK).tolist()
    assert not any(matrix.masked.any() for matrix in shown.values() if matrix.X.shape != (3, 5))
    dot = explore(DotProductAttention(), *inputs(), show="parameters")
    assert drawn(dot).keys().isdisjoint(["w_v", "W_qᵀ"])


def drawn(explorer):
    """The matrices of the saved picture, by title."""
    kind = scorings.kind_of(explorer.attention)
    made = still.matrices(explorer.state, explorer.result, explorer.presentation, kind)
    return {matrix.title: matrix for matrix in made}


def test_the_saved_picture_numbers_queries_and_keys_that_have_no_names():
    n, m = list("012"), list("01234")
    shown = drawn(explore(DotProductAttention(), *inputs()))
    names = {title: (X.row_labels, X.column_labels) for title, X in shown.items()}
    assert names == {
        "queries Q": (n, None), "keys Kᵀ": (None, m), "values V": (m, None),
        "scores Q Kᵀ / √d": (n, m), "weights": (n, m), "output": (n, None),
    }  # fmt: skip
    shown = drawn(explore(DotProductAttention(), *inputs(), key_labels="abcde"))
    assert shown["scores Q Kᵀ / √d"].column_labels is None
    assert shown["weights"].column_labels == list("abcde") and shown["weights"].row_labels == n


def test_large_inputs_are_pooled_for_the_browser_and_whole_in_python():
    Q, K, V = torch.randn(300, 8), torch.randn(500, 8), torch.randn(500, 4)
    V[123, 3] = 77.0
    explorer = explore(DotProductAttention(), Q, K, V)
    state = explorer.get_state()
    assert state["_setup"]["large"] and explorer.weights.shape == (300, 500)
    arrays = dict(state["_now"]["arrays"])
    sizes = state["_setup"]["sizes"]
    assert arrays["weights"] == sizes["n"] * sizes["m"] <= 128 * 128
    numbers = struct.unpack(f"<{len(state['_numbers']) // 4}f", state["_numbers"])
    assert 77.0 in numbers  # peaks survive


def test_up_to_64_rows_are_cells():
    for rows, large in ((64, False), (65, True)):
        X = torch.randn(rows, 2)
        assert explore(DotProductAttention(), X, X, X).get_state()["_setup"]["large"] is large


def test_the_target_is_measured():
    target = torch.full((3, 5), torch.nan)
    target[2] = torch.tensor([0.0, 0.0, 0.0, 1.0, 0.0])
    explorer = explore(DotProductAttention(), *inputs(), target=target)
    expected = (explorer.weights[2] - target[2]).abs().max().item()
    assert explorer.target_distance == pytest.approx(expected)
    explorer.Q = explorer.Q * 0 + explorer.K[3] * 1e3
    assert explorer.target_distance < 0.05


def test_it_composes():
    one, two = (explore(DotProductAttention(), *inputs(seed=seed)) for seed in (0, 1))
    VBox([one, two])
    slider = FloatSlider(min=0.1, max=9)
    link((slider, "value"), (one, "temperature"))
    slider.value = 4.0
    assert one.temperature == 4
    one.temperature = 2.0
    assert slider.value == 2
    dlink((one, "Q"), (two, "Q"))
    dlink((two, "Q"), (one, "Q"))
    edit(two, ["Q", 0, 3.0])
    assert one.Q[0, 0] == 3 and torch.equal(one.Q, two.Q)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_dtypes_are_kept(dtype):
    Q, K, V = (X.to(dtype) for X in inputs())
    explorer = explore(DotProductAttention(), Q, K, V)
    edit(explorer, ["Q", 0, 0.5])
    assert explorer.output.dtype == dtype and torch.equal(explorer.Q[1:], Q[1:])


BAD = {
    "attention": (TypeError, {"attention": torch.nn.Linear(2, 2)}),
    "queries": (ValueError, {"queries": torch.randn(4)}),
    "values": (ValueError, {"values": torch.randn(4, 2)}),
    "keys": (ValueError, {"keys": torch.randn(5, 3)}),
    "query_labels": (ValueError, {"query_labels": ["a"]}),
    "key_labels": (ValueError, {"key_labels": ["a"] * 6}),
    "show": (ValueError, {"show": "everything"}),
    "target": (ValueError, {"target": torch.ones(5, 3)}),
    "valid_lens": (ValueError, {"valid_lens": [1, 2]}),
    "mask": (ValueError, {"mask": torch.ones(1, 3, 5, dtype=torch.bool)}),
    "mask has dtype torch.int64": (ValueError, {"mask": [1, 1, 0, 1, 1]}),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    error, bad = BAD[name]
    Q, K, V = inputs()
    good = {"attention": DotProductAttention(), "queries": Q, "keys": K, "values": V}
    with pytest.raises(error, match=name):
        explore(**(good | bad))


@pytest.mark.parametrize("name, value", [("Q", torch.ones(4, 3)), ("K", [1.0]), ("w_v", None)])
def test_bad_assignments_are_named_and_change_nothing(name, value):
    explorer = explore(SCORINGS["additive"](), *inputs())
    before = explorer.output
    with pytest.raises(ValueError, match=name):
        setattr(explorer, name, value)
    for temperature in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="temperature"):
            explorer.temperature = temperature
    assert torch.equal(explorer.output, before)


@pytest.mark.parametrize(
    ("lens", "words"),
    [
        ([2], r"valid_lens has shape \(1,\), but must be an integer or integers of shape \(3,\)"),
        ([[1, 2, 3]], r"valid_lens has shape \(1, 3\), but must be an integer"),
        (True, "valid_lens has dtype torch.bool, but must be an integer or integers of shape"),
        ("two", r"valid_lens must be an integer .*\(3,\), as queries have no batch axis: "),
    ],
)
def test_lengths_without_a_batch_are_spoken_of_as_they_were_written(lens, words):
    explorer = explore(DotProductAttention(), *inputs())
    with pytest.raises(ValueError, match=words):
        explorer.valid_lens = lens
    with pytest.raises(ValueError, match=words):
        explore(DotProductAttention(), *inputs(), lens)


@pytest.mark.parametrize("scoring", SCORINGS)
def test_at_the_largest_temperature_all_keys_weigh_the_same_and_infinity_is_refused(scoring):
    explorer = explore(SCORINGS[scoring](), *inputs(), 4)
    words = r"temperature is inf, but .* finite one: at 1e\+30 all keys have the same weight"
    with pytest.raises(ValueError, match=words):
        explorer.temperature = float("inf")
    explorer.temperature = 1e30
    expected = torch.tensor([0.25, 0.25, 0.25, 0.25, 0.0]).expand(3, 5)
    assert torch.equal(explorer.weights, expected)


def test_what_is_masked_for_all_may_hold_anything():
    Q, K, V = inputs()
    K[4], V[4] = torch.nan, torch.inf
    explorer = explore(Centred(), Q, K, V, 4)
    assert explorer.output.isfinite().all() and "text/html" in explorer._repr_mimebundle_()[0]


def test_parameters_that_the_figure_draws_are_the_same_on_every_processor():
    # Draws differ in their last bits from one instruction set to another; saved figures may not.
    X = torch.zeros(3, 4)
    explorer = explore(DotProductAttention(), X, X, X)
    for drawn in (explorer.W_q, explorer.W_k, explorer.w_v):
        assert torch.equal(drawn, (drawn.double() * 100).round().div(100).float())
        assert drawn.unique().numel() > 1
