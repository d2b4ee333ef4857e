"""The plane explorer: the map of the browser against torch, and the Python side."""

import pytest
import torch

from d2l_attention import Attention, DistanceAttention, DotProductAttention, explore_plane
from d2l_attention.explorers.plane_explorer import chart_of

from .browser_requests import edit
from .node import run_js
from .test_explorer import SCORINGS

KINDS = dict(SCORINGS)
for name in ("multiplicative", "additive"):
    KINDS[name] = lambda cls=SCORINGS[name].func: cls(3, query_size=2, key_size=2)


class Farthest(Attention):
    def score(self, queries, keys):
        if keys.max() > 50:
            raise ArithmeticError("too <b>far</b>")
        return torch.cdist(queries, keys)


def points(n=2, m=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, generator=generator), torch.randn(m, 2, generator=generator)


def read_map(explorer):
    return explorer.result.chart.view(2, 256, 256)


@pytest.mark.parametrize("kind", KINDS)
def test_the_map_is_what_the_module_would_answer_there(kind):
    explorer = explore_plane(KINDS[kind](), *points())
    explorer.temperature = 0.5
    keys, shares = read_map(explorer)
    for row, column in ((0, 0), (0, 255), (200, 30), (128, 127)):
        x = explorer.reach * ((2 * column + 1) / 256 - 1)
        y = -explorer.reach * ((2 * row + 1) / 256 - 1)
        scores = explorer.attention.score(torch.tensor([[[x, y]]]), explorer.K[None])
        weights = torch.softmax(scores[0, 0] / 0.5, dim=0)
        assert keys[row, column] == weights.argmax()
        assert abs(shares[row, column].item() - 255 * weights.max().item()) <= 1


def browser_state(explorer, kind):
    """What the browser has of an explorer."""
    sizes = {"n": 2, "m": 5, "dq": 2, "dk": 2, "v": 2, "h": len(explorer.W_q), "batch": 1}
    names = ("Q", "K", "V", "W_q", "W_k", "w_v")
    inputs = {name: getattr(explorer, name).flatten().tolist() for name in names}
    inputs["valid_lens"] = [5.0, 5.0]
    state = {"kind": kind, "sizes": sizes, "inputs": inputs, "reach": explorer.reach}
    return state | {"temperature": explorer.temperature}


def test_the_browsers_map_is_torchs(tmp_path):
    maps = []
    for seed, kind in enumerate(KINDS):
        explorer = explore_plane(KINDS[kind](), *points(seed=seed))
        explorer.temperature = 0.5
        state = browser_state(explorer, kind)
        for name, rows in (("rough", 64), ("fine", 256)):
            keys, shares = chart_of(explorer.attention, explorer.state, rows).tolist()
            state[name] = {"keys": keys, "shares": shares}
        maps.append(state)
    assert run_js("plane.test.js", maps, tmp_path) == len(maps) + 8


def test_what_is_drawn_over_the_map(tmp_path):
    assert run_js("plane-drawing.test.js", [], tmp_path) == 8
    assert run_js("plane-marks.test.js", [], tmp_path) == 3


def test_the_keys_are_the_values_unless_values_are_given():
    Q, K = points()
    explorer = explore_plane(DistanceAttention(), Q, K)
    explorer.K = 2 * K
    assert torch.equal(explorer.V, 2 * K)
    torch.testing.assert_close(explorer.output, explorer.weights @ (2 * K))
    with pytest.raises(ValueError, match="V cannot be set"):
        explorer.V = K
    other = explore_plane(DistanceAttention(), Q, K, K.flip(0))
    other.K = 2 * K
    assert torch.equal(other.V, K.flip(0))
    other.V = K
    torch.testing.assert_close(other.output, other.weights @ K)


def test_the_plane_grows_with_its_points_and_shrinks_at_reset():
    Q, K = points()
    explorer = explore_plane(DotProductAttention(), Q, K)
    reach = explorer.reach
    assert max(Q.abs().max(), K.abs().max()) < reach <= 3
    edit(explorer, ["K", 3, -6.0], ["V", 3, -6.0])
    assert explorer.reach == 8 and explorer.V[1, 1] == -6
    explorer.reset()
    assert explorer.reach == reach and torch.equal(explorer.K, K)


def test_under_the_hand_the_plane_only_grows_and_comes_back_when_that_lets_go():
    explorer = explore_plane(DotProductAttention(), *points())
    reach, (x, y) = explorer.reach, explorer.K[1].tolist()
    edit(explorer, ["K", 3, -6.0], held=True)
    edit(explorer, ["K", 3, y], held=True)
    assert explorer.reach == 8
    edit(explorer, held=False)
    assert explorer.reach == reach
    edit(explorer, ["K", 3, -6.0])
    edit(explorer, ["K", 3, -3.5])
    assert explorer.reach == 5  # as it would be for these points
    explorer.K = torch.tensor([x, y]).expand(len(explorer.K), 2)
    assert explorer.reach == reach


def test_the_map_is_rough_while_a_point_is_held():
    explorer = explore_plane(DotProductAttention(), *points())

    def is_map_of(rows):
        fresh = chart_of(explorer.attention, explorer.state, rows)
        return torch.equal(explorer.result.chart, fresh)

    assert is_map_of(256)
    edit(explorer, ["K", 3, 0.5], held=True)
    assert is_map_of(64)
    edit(explorer, held=False)
    assert is_map_of(256)
    edit(explorer, ["K", 3, 0.25], held=True)
    explorer.Q = explorer.Q + 1  # from Python: nobody holds what is drawn now
    assert is_map_of(256)


def test_whoever_observes_the_values_hears_that_a_key_took_them_along():
    explorer, heard = explore_plane(DotProductAttention(), *points()), []
    explorer.observe(heard.append, "V")
    explorer.K = explorer.K + 1
    assert len(heard) == 1 and torch.equal(heard[0].new, explorer.K)
    explorer.Q = explorer.Q + 1
    assert len(heard) == 1


def test_a_readers_own_score_is_mapped_and_its_errors_are_reported():
    explorer = explore_plane(Farthest(), *points())
    before = read_map(explorer).clone()
    explorer.K = 100 + explorer.K
    assert "too <b>far</b>" in repr(explorer) and torch.equal(read_map(explorer), before)
    explorer.K = explorer.K - 99
    assert "failed" not in repr(explorer) and not torch.equal(read_map(explorer), before)


def test_the_words_say_the_state_and_the_picture_shows_it():
    Q, K = torch.tensor([[0.5, -0.25]]), torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    explorer = explore_plane(DotProductAttention(), Q, K)
    assert repr(explorer) == (
        "Plane: 1 query, 2 keys; DotProductAttention at temperature 1. "
        "Query 0 at (0.50, −0.25) attends most to key 0 (0.67); output (0.34, 0.00)."
    )
    data, _metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == repr(explorer) and "data:image/png" in data["text/html"]


BAD = {
    "queries": torch.ones(2, 3),
    "keys": torch.tensor([[0.0, torch.nan]]),
    "values": torch.ones(1, 5, 2),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    Q, K = points()
    with pytest.raises(ValueError, match=name):
        explore_plane(DotProductAttention(), **({"queries": Q, "keys": K} | {name: BAD[name]}))
    with pytest.raises(ValueError, match="keys has 65 points"):
        explore_plane(DotProductAttention(), Q, torch.ones(65, 2))
    with pytest.raises(ValueError, match="valid_lens"):
        explore_plane(DotProductAttention(), Q, K).valid_lens = 1
