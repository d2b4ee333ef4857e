"""What carries more than plain numbers is honoured or refused by name, wherever it comes in."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from d2l_attention import (
    AdditiveAttention,
    Attention,
    Database,
    DotProductAttention,
    LiveHeatmaps,
    explore,
    explore_database,
    explore_plane,
    masked_softmax,
    show_attention,
    show_heatmaps,
)

from .test_exercises import ODD

DOT, X = DotProductAttention(), torch.eye(2)
NAN = float("nan")
SAID = {
    "sparse": "torch.sparse_coo", "compressed": "torch.sparse_csr", "complex": "torch.complex64",
    "conjugate": "torch.complex64", "quantised": "torch.quint8", "nested": "nested",
    "meta": "meta", "masked": "MaskedTensor",
}  # fmt: skip


def filmed(matrices):
    film = LiveHeatmaps("Keys", "Queries")
    film.update(matrices)
    ((_step, frame),) = film.state.frames
    return frame


def assigned(name, value, figure=None, **options):
    figure = figure or explore(DOT, X, X, X, **options)
    setattr(figure, name, value)
    return getattr(figure, name)


ENTRANCES = {
    "show_heatmaps": lambda odd: show_heatmaps(odd, "Keys", "Queries"),
    "LiveHeatmaps": filmed,
    "queries": lambda odd: explore(DOT, odd, X, X),
    "keys": lambda odd: explore(DOT, X, odd, X),
    "values": lambda odd: explore(DOT, X, X, odd),
    "target": lambda odd: explore(DOT, X, X, X, target=odd),
    "Q": lambda odd: assigned("Q", odd),
    "prediction": lambda odd: assigned("prediction", odd, predict="weights"),
    "points": lambda odd: explore_plane(DOT, odd, X),
    "Q of a plane": lambda odd: assigned("Q", odd, explore_plane(DOT, X, X)),
    "valid_lens": lambda odd: explore(DOT, *[X[None]] * 3, valid_lens=odd),
}
MORE = {
    "int4": lambda X: X.to(torch.uint8).view(torch.int4),
    "bits8": lambda X: X.to(torch.uint8).view(torch.bits8),
    "fake": lambda X: FakeTensorMode().from_tensor(X),
}
SAID |= {"int4": "torch.int4", "bits8": "torch.bits8", "fake": "FakeTensor"}


# The layers compute with torch's FakeTensor, so lengths may be one.
PAIRS = [
    (name, kind) for name in ENTRANCES for kind in SAID if (name, kind) != ("valid_lens", "fake")
]


@pytest.mark.filterwarnings("ignore::UserWarning")  # such tensors are new to torch, or old
@pytest.mark.parametrize(("entrance", "kind"), PAIRS)
def test_no_plain_tensor_is_refused_by_name(entrance, kind):
    with pytest.raises((TypeError, ValueError), match=SAID[kind]):
        ENTRANCES[entrance]((ODD | MORE)[kind](X))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "kind", ["sparse", "compressed", "complex", "quantised", "nested", "masked"]
)
def test_a_layer_refuses_it_too(kind):
    odd = ODD[kind](X[None])
    with pytest.raises(ValueError, match=f"keys .*{SAID[kind]}"):
        DOT(X[None], odd, X[None])


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["sparse", "nested", "masked"])
def test_so_does_a_layer_whose_score_returns_it(kind):
    class Odd(Attention):
        def score(self, queries, keys):
            return ODD[kind](queries @ keys.mT)

    with pytest.raises(ValueError, match=f"Odd.score returned {SAID[kind]} for"):
        Odd()(X[None], X[None], X[None])


def test_weights_of_nothing_are_not_drawn():
    with pytest.raises(ValueError, match="queries is of the kind meta"):
        show_attention(DOT, *[X[None].to("meta")] * 2)


MASKED = np.ma.masked_array([[1.0, 9.0], [2.0, 3.0]], [[False, True], [False, False]])


@pytest.mark.parametrize(
    "given", [MASKED, [MASKED], MASKED.astype(int)], ids=["one", "list", "int"]
)
def test_what_numpy_masks_is_drawn_as_no_number(given):
    expected = torch.tensor([[1.0, NAN], [2.0, 3.0]])
    told = show_heatmaps(given, "Keys", "Queries").sentence
    assert told == show_heatmaps(expected, "Keys", "Queries").sentence and "9" not in told
    torch.testing.assert_close(filmed(given)[0, 0], expected, equal_nan=True)


def test_what_numpy_masks_is_not_predicted_no_goal_and_no_length():
    shares = np.ma.masked_array([[1.0, 0.0], [0.25, 0.75]], [[True, True], [False, False]])
    expected = torch.tensor([[NAN, NAN], [0.25, 0.75]])
    kept = assigned("prediction", shares, predict="weights")
    torch.testing.assert_close(kept, expected, equal_nan=True)
    goal = explore(DOT, X, X, X, target=shares)
    torch.testing.assert_close(goal.presentation.target[0], expected, equal_nan=True)
    lens = np.ma.masked_array([1, 2], [False, True])
    weights = masked_softmax(torch.zeros(2, 1, 2), lens)
    assert weights.tolist() == [[[1, 0]], [[0, 0]]]


def test_a_masked_value_of_a_record_is_not_averaged():
    records = Database([("Li", MASKED[0]), ("Hu", [1.0, 2.0])])
    with pytest.raises(ValueError, match="of 'Li' cannot be averaged"):
        records.attend(["Li"])


DRAWN = [name for name in ENTRANCES if name not in ("target", "prediction", "valid_lens")]


@pytest.mark.parametrize("entrance", DRAWN)
def test_what_float32_cannot_hold_is_not_drawn_as_infinite(entrance, monkeypatch):
    monkeypatch.setitem(globals(), "X", torch.eye(2).double())
    with pytest.raises(
        ValueError, match=r"has entries beyond (3.40282e\+38|1e\+30), and cannot be"
    ):
        ENTRANCES[entrance](X * 1e39)


def test_nor_are_parameters_that_it_cannot_hold():
    attention = AdditiveAttention(2, query_size=2, key_size=2).double()
    torch.nn.init.constant_(attention.W_k.weight, 1e39)
    with pytest.raises(ValueError, match="W_k has entries beyond"):
        explore(attention, *[X.double()] * 3)


@pytest.mark.parametrize("extreme", [3e38, float("inf"), NAN])
def test_what_float32_holds_is_drawn(extreme):
    frame = filmed(torch.tensor([[extreme, 1.0]], dtype=torch.float64))
    assert frame[0, 0, 0, 0].item() == pytest.approx(extreme, nan_ok=True)


@pytest.mark.parametrize(
    ("number", "dtype", "old"),
    [
        (2**24 + 1, torch.int64, torch.float32),
        (2**11 + 1, torch.int64, torch.float16),
        (1e6, torch.float32, torch.float16),
    ],
)
def test_what_the_figure_cannot_hold_is_not_assigned(number, dtype, old):
    figure = explore(DOT, *[X.to(old)] * 3)
    with pytest.raises(ValueError, match=f"V has numbers that {old} cannot hold"):
        figure.V = torch.full((2, 2), number, dtype=dtype)
    assert figure.V.tolist() == X.tolist()
    below = number // 2 if dtype == torch.int64 else 6e4
    figure.V = torch.full((2, 2), below, dtype=dtype)
    assert figure.V[0, 0] == below


@pytest.mark.parametrize("kind", ["M8[D]", "m8[D]", "U1"])
def test_masked_dates_and_texts_are_no_numbers(kind):
    with pytest.raises(ValueError, match="valid_lens must be integers"):
        masked_softmax(X[None], np.ma.array(np.array([1], dtype="i8").astype(kind)))


def test_numbers_in_a_list_are_read_whole():
    with pytest.raises(ValueError, match="matrices has entries beyond"):
        filmed([[1e39, 1.0]])
    torch.set_default_dtype(torch.bfloat16)
    try:
        assert filmed([[257.0, 1.0]])[0, 0, 0, 0] == 257
        assert masked_softmax(torch.zeros(1, 1, 300), [257.0]).count_nonzero() == 257
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_whole_number_that_no_float_can_hold_is_refused():
    huge = [[10**400, 0.5], [0.5, 0.5]]
    for entrance in ("show_heatmaps", "target", "prediction"):
        with pytest.raises((TypeError, ValueError), match="must be numbers"):
            ENTRANCES[entrance](huge)
    with pytest.raises(TypeError, match="cannot be averaged"):
        Database([("Li", 10**400)]).attend("Li")


def test_fractions_are_averaged():
    records = Database([("Li", Fraction(1, 2))])
    assert records.attend("Li").tolist() == [[0.5]]
    assert explore_database(records).output.tolist() == [0.5]


def test_a_view_of_negated_numbers_is_drawn():
    view = torch.complex(X, -X).conj().imag
    assert view.is_neg()
    for draw in (ENTRANCES["show_heatmaps"], ENTRANCES["target"], filmed):
        draw(view)


def test_a_goal_is_a_copy_without_a_gradient():
    goal = torch.eye(2, requires_grad=True)
    figure = explore(DOT, X, X, X, target=goal)
    figure._repr_mimebundle_()
    before = figure.target_distance
    with torch.no_grad():
        goal.fill_(0.5)
    assert figure.target_distance == before


def test_lengths_may_be_a_list_of_rows():
    rows = [torch.tensor([1, 2]), torch.tensor([2, 0])]
    assert explore(DOT, *[X.expand(2, 2, 2)] * 3, rows).valid_lens.tolist() == [[1, 2], [2, 0]]


def test_eight_bits_are_assigned():
    assert assigned("Q", X.to(torch.float8_e4m3fn)).tolist() == X.tolist()


class Sub(torch.Tensor):
    """A tensor of a class that torch cannot copy deeply."""


@pytest.mark.parametrize(
    "call",
    [
        lambda attention: torch.vmap(lambda Q: attention(Q, Q, Q))(torch.zeros(2, 1, 2, 2)),
        lambda attention: torch.func.grad(lambda Q: attention(Q, Q, Q).sum())(X[None]),
        lambda attention: attention(*[X[None].as_subclass(Sub)] * 3),
    ],
    ids=["vmap", "grad", "subclass"],
)
def test_a_module_is_explored_whatever_it_was_called_with(call):
    attention = DotProductAttention()
    call(attention)
    kept = attention.attention_weights
    assert explore(attention, X, X, X).weights.shape == (2, 2)
    assert attention.attention_weights is kept


def test_so_is_a_module_that_holds_such_a_one():
    class Around(Attention):
        def __init__(self):
            super().__init__()
            self.inner = DotProductAttention()

        def score(self, queries, keys):
            return self.inner.score(queries, keys)

    attention = Around()
    torch.vmap(lambda Q: attention.inner(Q, Q, Q))(torch.zeros(2, 1, 2, 2))
    assert explore(attention, X, X, X).result.error is None


def test_an_example_is_chosen_by_a_number_of_numpy():
    figure = explore(DOT, *[X.expand(2, 2, 2)] * 3)
    figure.batch = np.int64(1)
    assert type(figure.batch) is int
