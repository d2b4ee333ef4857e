"""What carries more than plain numbers is honoured or refused by name, wherever it comes in."""

import numpy as np
import pytest
import torch

from d2l_attention import (
    Database,
    DotProductAttention,
    LiveHeatmaps,
    explore,
    explore_plane,
    masked_softmax,
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
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # such tensors are new to torch, or old
@pytest.mark.parametrize("kind", SAID)
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_no_plain_tensor_is_refused_by_name(entrance, kind):
    with pytest.raises((TypeError, ValueError), match=SAID[kind]):
        ENTRANCES[entrance](ODD[kind](X))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["sparse", "compressed", "complex", "quantised", "nested"])
def test_a_layer_refuses_it_too(kind):
    odd = ODD[kind](X[None])
    with pytest.raises(ValueError, match=f"keys .*{SAID[kind]}"):
        DOT(X[None], odd, X[None])


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


DRAWN = [name for name in ENTRANCES if name not in ("target", "prediction")]


@pytest.mark.parametrize("entrance", DRAWN)
def test_what_float32_cannot_hold_is_not_drawn_as_infinite(entrance, monkeypatch):
    monkeypatch.setitem(globals(), "X", torch.eye(2).double())
    with pytest.raises(
        ValueError, match=r"has entries beyond (3.40282e\+38|1e\+30), and cannot be"
    ):
        ENTRANCES[entrance](X * 1e39)


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
