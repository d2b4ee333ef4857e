import functools
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tqdm import tqdm

from d2l_attention import (
    AdditiveAttention,
    Attention,
    DotProductAttention,
    maps,
    masked_softmax,
    set_language,
    show_attention,
    show_heatmaps,
)

from .test_attention import KINDS, LargestTensor, make


def inputs(*shapes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for shape in shapes]


def drawn(picture, panel=0):
    return torch.from_numpy(picture.figure.axes[panel].images[0].get_array().filled(torch.nan))


def block_of(picture):
    note = re.search(r"\(each pixel is the (largest|mean) of (\d+) × (\d+)\)$", picture.sentence)
    return int(note[2]), int(note[3])


@pytest.mark.parametrize(
    # How lengths are read does not depend on the kind.
    ("kind", "lens"),
    [*[(kind, "queries") for kind in KINDS], ("dot", None), ("additive", [5, 0])],
)
def test_a_small_map_is_the_heatmap_of_the_weights(kind, lens):
    queries, keys = inputs((2, 9, 4), (2, 7, 4))
    if lens == "queries":
        lens = torch.arange(18).reshape(2, 9) % 8
    attention = make(kind)
    attention(queries, keys, keys, lens)
    weights = attention.attention_weights
    picture = show_attention(attention, queries, keys, lens)
    assert attention.attention_weights is weights, "the module is left as it was"
    for i in range(2):
        torch.testing.assert_close(drawn(picture, i), weights[i])
    heatmap = show_heatmaps(weights, "Keys", "Queries")
    assert [re.sub(r"[\d.e−]+", "", s) for s in (picture.sentence, heatmap.sentence)] == [
        re.sub(r"[\d.e−]+", "", heatmap.sentence)
    ] * 2
    zeros = re.findall("Exactly 0: .*? of", heatmap.sentence)
    assert re.findall("Exactly 0: .*? of", picture.sentence) == zeros


@pytest.mark.parametrize("lens", [None, [5, 0], "queries"])
@pytest.mark.parametrize("examples", [1, 2])
def test_a_map_has_the_mask_of_its_example(examples, lens, monkeypatch):
    monkeypatch.setattr(maps, "BLOCK_SIZE", 14)  # two queries at a time
    queries, keys = inputs((2, 9, 4), (2, 7, 4))
    lens = torch.arange(18).reshape(2, 9) % 8 if lens == "queries" else lens
    mask = torch.rand(examples, 9, 7, generator=torch.Generator().manual_seed(1)) < 0.5
    picture = show_attention(DotProductAttention(), queries, keys, lens, mask=mask)
    scores = queries @ keys.mT / 2
    expected = masked_softmax(scores, lens, mask=mask)
    for i in range(2):
        torch.testing.assert_close(drawn(picture, i), expected[i])
        assert f"Exactly 0: {(expected[i] == 0).sum()} of 63." in picture.sentence


@pytest.mark.parametrize("block_size", [2**20, 2**12])
@pytest.mark.parametrize("pooling", ["max", "mean"])
@pytest.mark.parametrize("lens", [None, [300, 1100]])
def test_a_large_map_is_pooled_and_says_how(pooling, lens, block_size, monkeypatch):
    monkeypatch.setattr(maps, "BLOCK_SIZE", block_size)
    queries, keys = inputs((2, 1501, 8), (2, 1203, 8))
    attention = DotProductAttention()
    attention(queries, keys, keys, lens)
    weights = attention.attention_weights
    picture = show_attention(attention, queries, keys, lens, pooling=pooling)
    high, wide = block_of(picture)
    assert ("largest" if pooling == "max" else "mean") in picture.sentence
    assert picture.figure.axes[0].get_xlabel() == f"Keys\n{picture.sentence[-len(note(picture)) :]}"
    rows, columns = range(0, 1501, high), range(0, 1203, wide)
    for i in range(2):
        expected = weights[i].numpy()
        for axis, starts in enumerate((rows, columns)):
            if pooling == "max":
                expected = np.maximum.reduceat(expected, starts, axis)
            else:
                sizes = np.diff([*starts, expected.shape[axis]])
                expected = np.add.reduceat(expected, starts, axis)
                expected = expected / (sizes[:, None] if axis == 0 else sizes)
        torch.testing.assert_close(drawn(picture, i), torch.from_numpy(expected).float())
    zeros = (weights[0] == 0).sum().item()
    assert (f"Exactly 0: {zeros} of {1501 * 1203}." in picture.sentence) == (lens is not None)


def note(picture):
    return picture.sentence[picture.sentence.index("(each") :]


def test_no_drawn_block_is_smaller_than_a_pixel():
    # Among so many keys the weights, and with them the numbers beside the colour bar, are small.
    queries, keys = inputs((1, 3000, 4), (1, 3000, 4))
    for scale in (0.0, 1.0, 100.0):
        picture = show_attention(DotProductAttention(), scale * queries, keys, pooling="mean")
        picture.figure.draw_without_rendering()
        box, shown = picture.figure.axes[0].bbox, drawn(picture)
        pixels = 150 / picture.figure.dpi
        assert shown.shape[0] <= box.height * pixels and shown.shape[1] <= box.width * pixels


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4))
def test_pooling_takes_in_the_smaller_blocks_at_the_edges(rows, columns, high, wide):
    X = torch.rand(rows, columns, generator=torch.Generator().manual_seed(rows * columns))
    for pooling, reduce in (("max", torch.amax), ("mean", torch.mean)):
        pooled = maps._pool(X, (high, wide), pooling)
        assert pooled.shape == (-(-rows // high), -(-columns // wide))
        for i, strip in enumerate(X.split(high)):
            for j, part in enumerate(strip.split(wide, 1)):
                assert pooled[i, j].item() == pytest.approx(reduce(part).item())


@pytest.mark.parametrize("kind", ["dot", "additive"])
def test_the_whole_matrix_never_exists(kind):
    X = inputs((1, 4000, 8))[0]
    attention = DotProductAttention() if kind == "dot" else AdditiveAttention(2, 0.0, 8, 8)
    with LargestTensor() as largest:
        show_attention(attention, X, X)
    assert largest.numel <= 2**20


def test_what_no_query_may_see_may_hold_anything():
    class Centred(Attention):
        def score(self, queries, keys):
            return queries @ (keys - keys.mean(dim=1, keepdim=True)).mT

    X = torch.randn(1, 4, 2, generator=torch.Generator().manual_seed(0))
    X[0, 3] = torch.nan
    sentence = show_attention(Centred(), X[:, :3], X, [3]).sentence
    assert "Each row sums to 1." in sentence and "Exactly 0: 3 of 12." in sentence


def test_not_finite_is_grey_and_said():
    X = inputs((1, 5, 4))[0]
    X[0, 2] = torch.nan
    picture = show_attention(DotProductAttention(), X, X.nan_to_num(1.0))
    assert "Not finite: 5 of 25." in picture.sentence
    assert (
        picture.figure.axes[0].images[0].get_array()[2].mask.all()
        or drawn(picture)[2].isnan().all()
    )


def test_labels_titles_and_language():
    X = inputs((2, 3, 4))[0]
    picture = show_attention(
        DotProductAttention(), X, X, None, "k", "q", ["a", "b"], (5, 3), "Reds"
    )
    ax = picture.figure.axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("k", "q", "a")
    assert tuple(picture.figure.get_size_inches()) == (5, 3)
    set_language("es")
    try:
        spanish = show_attention(
            DotProductAttention(), *inputs((1, 900, 4), (1, 900, 4)), pooling="mean"
        )
    finally:
        set_language("en")
    assert spanish.figure.axes[0].get_ylabel() == "Consultas"
    assert "(cada píxel es la media de " in spanish.sentence


def test_dropout_and_gradients_play_no_part():
    X = inputs((1, 6, 4))[0].requires_grad_()
    attention = DotProductAttention(dropout=0.5)
    attention(X, X, X)
    torch.testing.assert_close(
        drawn(show_attention(attention, X, X)), attention.attention_weights[0]
    )
    assert attention.training and X.grad is None


class Normed(Attention):
    """A score that learns from what it sees, and draws at random."""

    def __init__(self):
        super().__init__()
        self.norm, self.noise = torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.5)

    def score(self, queries, keys):
        return self.noise(self.norm(queries.mT).mT) @ keys.mT


def test_drawing_does_not_change_what_is_drawn():
    X = inputs((1, 6, 4))[0]
    attention = Normed()
    attention.noise.eval()
    before = {name: x.clone() for name, x in attention.state_dict().items()}
    shown = drawn(show_attention(attention, X, X))
    assert attention.training and attention.norm.training and not attention.noise.training
    for name, x in attention.state_dict().items():
        assert torch.equal(x, before[name]), name
    torch.testing.assert_close(shown, attention.eval().weights(X, X)[0])
    with pytest.raises(ValueError, match="pooling"):
        show_attention(attention.train(), X, X, pooling="none")
    assert attention.training


def test_a_score_that_works_in_place_draws_what_it_is_given(monkeypatch):
    class InPlace(Attention):
        def score(self, queries, keys):
            return queries.div_(2) @ keys.div_(2).mT

    monkeypatch.setattr(maps, "BLOCK_SIZE", 12)
    Q, K = inputs((1, 6, 4), (1, 5, 4))
    before = [X.clone() for X in (Q, K)]
    for _ in range(2):
        shown = drawn(show_attention(InPlace(), Q, K))
        torch.testing.assert_close(shown, torch.softmax(Q[0] @ K[0].mT / 4, dim=-1))
    assert torch.equal(Q, before[0]) and torch.equal(K, before[1])


@pytest.mark.parametrize("method", ["forward", "weights", "weights_in_blocks", "pool", "_pool"])
def test_what_the_weights_would_not_show_is_refused(method):
    own = {method: lambda self, *inputs, **options: None}
    X = inputs((1, 3, 4))[0]
    words = rf"(Causal|Below) has its own {method}.*override score only"
    with pytest.raises(TypeError, match=words):
        show_attention(type("Causal", (DotProductAttention,), own)(), X, X)
    with pytest.raises(TypeError, match=words):
        show_attention(type("Below", (type("Causal", (Attention,), own),), {})(), X, X)
    attention = type("Causal", (AdditiveAttention,), {})(2)
    setattr(attention, method, lambda *inputs: None)
    with pytest.raises(TypeError, match=words):
        show_attention(attention, X, X)


def test_a_bar_appears_where_it_takes_long_and_goes_away(monkeypatch, capsys):
    X = inputs((1, 500, 4))[0]
    # Every step is shown, not ten in a second.
    monkeypatch.setattr(maps, "tqdm", functools.partial(tqdm, mininterval=0))
    monkeypatch.setattr(maps, "BLOCK_SIZE", 2**16)
    show_attention(DotProductAttention(), X, X)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(maps, "PATIENCE", 0)
    show_attention(DotProductAttention(), X, X)
    shown = capsys.readouterr()
    lines = shown.err.split("\r")
    shares = [int(line.partition("%")[0]) for line in lines if "%" in line]
    assert len(shares) > 2 and shares == sorted(shares) and shares[-1] == 100
    assert shown.out == "" and lines[-1] == "" and lines[-2].isspace()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"attention": torch.nn.Identity()}, TypeError, "must be an Attention, not Identity"),
        ({"queries": torch.ones(3, 4)}, ValueError, r"queries has shape \(3, 4\)"),
        ({"queries": torch.ones(1, 0, 4)}, ValueError, r"\(1, 0, 4\): there is nothing to show"),
        ({"keys": torch.ones(2, 3, 4)}, ValueError, "batch of 1 is needed"),
        ({"keys": torch.ones(1, 3, 5)}, ValueError, "queries' size"),
        ({"valid_lens": [1, 2]}, ValueError, "valid_lens has shape"),
        ({"mask": torch.ones(3, 3)}, ValueError, "mask has dtype torch.float32"),
        ({"pooling": "median"}, ValueError, "pooling is 'median', but must be 'max' or 'mean'"),
        ({"titles": ["a", "b"]}, ValueError, "titles has 2 entries"),
    ],
)
def test_errors(options, error, words):
    good = {"attention": DotProductAttention(), "queries": torch.ones(1, 3, 4)}
    good["keys"] = torch.ones(1, 3, 4)
    with pytest.raises(error, match=words):
        show_attention(**good | options)
