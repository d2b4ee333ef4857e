"""Predictions by hand: taken, checked and measured; and nothing of what is covered gets out."""

import base64
import html
import json
import math
import re

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ipywidgets import link
from traitlets import TraitError

from d2l_attention import (
    Attention,
    Database,
    DotProductAttention,
    explore,
    explore_database,
    explore_plane,
    set_language,
)
from d2l_attention.explorers import database_explorer as database_module
from d2l_attention.explorers import plane_explorer as plane_module
from d2l_attention.explorers import predictions
from d2l_attention.explorers.bar_picture import Bar, draw_bars
from d2l_attention.explorers.matrix_picture import Matrix, draw_matrices
from d2l_attention.explorers.plane_picture import Plane, draw_plane
from d2l_attention.explorers.sheet import HATCH
from d2l_attention.pictures import Png

from .browser_requests import ask, edit
from .drawn import pixels, where

NAN = math.nan
POINTS = Database([("Lipton", [0.0, 1.0]), ("Li", [2.0, 3.0]), ("Hu", [-4.0, 0.5])])


def inputs(*batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shapes = ((3, 4), (5, 4), (5, 2))
    return [torch.randn(*batch, *shape, generator=generator) for shape in shapes]


def weights_explorer(*batch, **more):
    return explore(DotProductAttention(), *inputs(*batch), predict="weights", **more)


def plane_explorer(predict="output"):
    Q, K, _V = inputs()
    return explore_plane(DotProductAttention(), Q[:, :2], K[:, :2], predict=predict)


EXPLORERS = {
    "weights": weights_explorer,
    "output": lambda: explore(DotProductAttention(), *inputs(), predict="output"),
    "batch": lambda: weights_explorer(2),
    "plane": plane_explorer,
    "database": lambda: explore_database(POINTS, "Li", predict=True),
}
every_explorer = pytest.mark.parametrize("kind", EXPLORERS)
SHAPES = {
    "weights": (3, 5), "output": (3, 2), "batch": (2, 3, 5), "plane": (3, 2), "database": (3,),
}  # fmt: skip


def some_prediction(kind):
    """A prediction of every row, far from the truth."""
    prediction = torch.zeros(SHAPES[kind])
    prediction[..., -1] = 1
    return prediction


def is_same(A, B):
    return A.shape == B.shape and torch.allclose(A, B, rtol=0, atol=0, equal_nan=True)


def saved(explorer):
    """The sentence, the decoded picture and the inputs of what a notebook keeps."""
    data = explorer._repr_mimebundle_()[0]
    text = data["text/html"]
    png = base64.b64decode(re.search('base64,([^"]+)', text)[1])
    width = int(re.search(r'width="(\d+)"', text)[1])
    kept = re.search("data-d2l-attention='([^']*)'", text)[1]
    return data["text/plain"], pixels(Png(png, width)), kept


def sent(explorer):
    """What the browser is told of a figure: setup, now and the arrays, by name."""
    state = explorer.get_state(["_setup", "_now", "_numbers"])
    numbers = torch.frombuffer(bytearray(state["_numbers"]), dtype=torch.float32)
    sizes = state["_now"]["arrays"]
    parts = numbers.split([size for _name, size in sizes])
    return state["_setup"], state["_now"], {n: X for (n, _), X in zip(sizes, parts, strict=True)}


# What is asked, and how it starts.


@every_explorer
def test_at_first_all_is_covered_and_nothing_predicted(kind):
    explorer = EXPLORERS[kind]()
    assert explorer.shown is False
    assert explorer.prediction.shape == SHAPES[kind] and explorer.prediction.isnan().all()
    assert explorer.prediction.dtype == torch.float32
    distance = explorer.prediction_distance
    if kind == "database":
        assert isinstance(distance, float) and math.isnan(distance)
    else:
        assert distance.shape == SHAPES[kind][:-1] and distance.isnan().all()
    assert not explorer.weights.isnan().any(), "who asks in Python is told"


def test_where_nothing_is_asked_there_is_no_prediction():
    for explorer in (
        explore(DotProductAttention(), *inputs()), plane_explorer(None), explore_database(POINTS),
    ):  # fmt: skip
        assert explorer.prediction is None and explorer.prediction_distance is None
        assert explorer.shown is True
        explorer.show()
        explorer.prediction, explorer.shown = None, True
        with pytest.raises(ValueError, match="prediction cannot be set: .* without predict="):
            explorer.prediction = torch.ones(3)
        with pytest.raises(ValueError, match="shown cannot be False: .* without predict="):
            explorer.shown = False
        ((content, _numbers),) = edit(explorer, ["prediction", 0, 1.0])
        assert "prediction cannot be edited" in content["failure"]
        setup, now, arrays = sent(explorer)
        assert setup["predict"] is None and now["shown"] is True and "prediction" not in arrays
        kept = saved(explorer)[2]
        assert "predict" not in kept and "shown" not in kept, "as before there were predictions"


@pytest.mark.parametrize(("make", "predict", "error"), [
    (lambda **more: explore(DotProductAttention(), *inputs(), **more), "scores", ValueError),
    (lambda **more: explore(DotProductAttention(), *inputs(), **more), True, ValueError),
    (plane_explorer, "weights", ValueError),
    (lambda **more: explore_database(POINTS, **more), "weights", TypeError),
    (lambda **more: explore_database(POINTS, **more), None, TypeError),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_name(make, predict, error):
    with pytest.raises(error, match=f"predict (is|must be).*{predict}"):
        make(predict=predict)


def test_a_figure_without_cells_takes_no_prediction():
    X = torch.randn(65, 2)
    explore(DotProductAttention(), X[:64], X[:64], X[:64], predict="output")
    with pytest.raises(ValueError, match="predict is 'weights', but .* more than 64 rows"):
        explore(DotProductAttention(), X, X, X, predict="weights")


# Predictions that are taken.

rows_of_weights = st.lists(st.floats(0, 1), min_size=5, max_size=5)


@given(st.lists(st.none() | rows_of_weights, min_size=6, max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_valid_prediction_is_kept_and_its_distance_is_that_of_a_plain_loop(drawn):
    rows = []
    for row in drawn:
        assume(row is None or sum(row) > 1e-3)
        rows.append([NAN] * 5 if row is None else [x / sum(row) for x in row])
    prediction = torch.tensor(rows).reshape(2, 3, 5)
    explorer = weights_explorer(2)
    explorer.prediction = prediction
    assert is_same(explorer.prediction, prediction)
    truth = explorer.weights.tolist()
    expected = [
        [sum(max(p - w, 0) for p, w in zip(row, true, strict=True)) if row[0] == row[0] else NAN
         for row, true in zip(example, truths, strict=True)]
        for example, truths in zip(prediction.tolist(), truth, strict=True)
    ]  # fmt: skip
    distance = explorer.prediction_distance
    torch.testing.assert_close(distance, torch.tensor(expected), equal_nan=True)
    # Both sum to 1: as much is missing as was put in the wrong place.
    half = (explorer.prediction - explorer.weights).abs().sum(dim=-1) / 2
    torch.testing.assert_close(distance, half, equal_nan=True, atol=1e-5, rtol=0)


points = st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=2)


@given(st.lists(st.none() | points, min_size=3, max_size=3), st.sampled_from(["output", "plane"]))
@settings(max_examples=40, deadline=None)
def test_an_output_may_be_anywhere_and_its_distance_is_euclids(rows, kind):
    explorer = EXPLORERS[kind]()
    explorer.prediction = [row or [NAN, NAN] for row in rows]
    truth = explorer.output.tolist()
    expected = [NAN if p is None else math.dist(p, o) for p, o in zip(rows, truth, strict=True)]
    torch.testing.assert_close(
        explorer.prediction_distance, torch.tensor(expected), equal_nan=True, rtol=1e-5, atol=1e-5
    )


def test_distances_by_hand():
    truth = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    prediction = torch.tensor([[0.25, 0.25, 0.5], [0.0, 1.0, 0.0], [NAN, NAN, NAN]])
    distance = lambda predict: predictions.distance(prediction, predict, truth).tolist()
    assert distance("weights")[:2] == [0.5, 1.0] and math.isnan(distance("weights")[2])
    assert distance("output")[:2] == pytest.approx([0.375**0.5, 1.0])
    assert predictions.distance(prediction, "weights", None).isnan().tolist() == [True] * 3


def test_the_database_measures_its_one_row():
    explorer = explore_database(POINTS, "Li", temperature=1e9, predict=True)
    explorer.prediction = [1, 0, 0]
    assert explorer.prediction_distance == pytest.approx(2 / 3)
    explorer.deleted = ["Lipton"]
    assert explorer.prediction_distance == pytest.approx(1)
    empty = explore_database(Database([]), predict=True)
    empty.prediction = []
    assert empty.prediction.shape == (0,) and "covered" in repr(empty)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_prediction_is_copied_and_keeps_nothing_of_the_callers(dtype):
    explorer = weights_explorer()
    own = some_prediction("weights").to(dtype).requires_grad_()
    explorer.prediction = own
    assert explorer.prediction.dtype == torch.float32 and not explorer.prediction.requires_grad
    with torch.no_grad():
        own.zero_()
    explorer.prediction.zero_()
    assert is_same(explorer.prediction, some_prediction("weights"))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_prediction_is_as_fine_for_coarse_inputs(dtype):
    Q, K, V = (X.to(dtype) for X in inputs())
    explorer = explore(DotProductAttention(), Q, K, V, predict="weights")
    explorer.prediction = torch.full((3, 5), 0.2)
    expected = (0.2 - explorer.weights.double()).clamp(min=0).sum(dim=1).float()
    torch.testing.assert_close(explorer.prediction_distance, expected)


@every_explorer
def test_prediction_and_shown_are_observed_linked_and_reset(kind):
    explorer, other, heard = EXPLORERS[kind](), EXPLORERS[kind](), []
    explorer.observe(lambda change: heard.append(change.name), ["prediction", "shown", "weights"])
    link((explorer, "prediction"), (other, "prediction"))
    link((explorer, "shown"), (other, "shown"))
    explorer.prediction = some_prediction(kind)
    assert type(other.prediction) is torch.Tensor
    assert is_same(other.prediction, some_prediction(kind)) and not other.shown
    explorer.show()
    assert explorer.shown is True and other.shown is True
    assert heard == ["prediction", "shown"]
    explorer.reset()
    assert explorer.shown is False and explorer.prediction.isnan().all()
    with pytest.raises((TraitError, AttributeError)):
        explorer.prediction_distance = 0


@every_explorer
def test_showing_changes_no_number_and_what_is_shown_can_be_covered_again(kind):
    explorer = EXPLORERS[kind]()
    covered, weights = saved(explorer), explorer.weights
    explorer.show()
    assert torch.equal(explorer.weights, weights) and saved(explorer)[0] != covered[0]
    explorer.shown = False
    assert saved(explorer)[0] == covered[0] and (saved(explorer)[1] == covered[1]).all()


# Predictions that are refused.


def in_row(*row, i=1, rows=3):
    """A prediction in whose row i there is something, and nothing in the others."""
    prediction = torch.full((rows, len(row)), NAN)
    prediction[i] = torch.tensor(row)
    return prediction


BAD_WEIGHTS = {
    "row 1 sums to 0.9, but must sum to 1": in_row(0.5, 0.4, 0, 0, 0),
    "row 2 sums to 1.002": in_row(0.5, 0.5, 0.002, 0, 0, i=2),
    "row 0 has weights below 0 at 1, 4": in_row(1.5, -0.25, 0, 0, -0.25, i=0),
    "row 1 has NaN at 3, but must be predicted whole, or be all NaN": in_row(0.5, 0.5, 0, NAN, 0),
    "row 1 is not finite at 0": in_row(math.inf, 0, 0, 0, 0),
    r"has shape \(5, 3\), but must have \(3, 5\)": torch.zeros(5, 3),
    r"has shape \(1, 3, 5\), but must have \(3, 5\)": torch.zeros(1, 3, 5),
    r"has shape \(\), but must have \(3, 5\)": 1.0,
}


@pytest.mark.parametrize("message", BAD_WEIGHTS)
def test_bad_weights_are_refused_by_row_and_change_nothing(message):
    explorer = weights_explorer()
    explorer.prediction = before = in_row(0.2, 0.2, 0.2, 0.2, 0.2)
    with pytest.raises(ValueError, match=f"^prediction,? {message}"):
        explorer.prediction = BAD_WEIGHTS[message]
    with pytest.raises(ValueError, match="prediction"):
        explorer.assign(temperature=2.0, prediction=BAD_WEIGHTS[message])
    assert is_same(explorer.prediction, before) and explorer.temperature == 1


@pytest.mark.parametrize(("message", "row"), [
    ("row 1 has NaN at 0", (NAN, 1.0)),
    ("row 1 is not finite at 1", (0.0, -math.inf)),
    ("row 1 is not finite at 0, 1", (1e300, math.inf)),
])  # fmt: skip
def test_bad_outputs_are_refused_by_row(message, row):
    for kind in ("output", "plane"):
        with pytest.raises(ValueError, match=f"^prediction, {message}"):
            EXPLORERS[kind]().prediction = in_row(*row)


def test_a_row_of_a_batch_is_named_with_its_example_and_the_databases_without():
    batch = some_prediction("batch")
    batch[1, 2] = 0
    with pytest.raises(ValueError, match="^prediction, row 2 of example 1 sums to 0,"):
        weights_explorer(2).prediction = batch
    with pytest.raises(ValueError, match="^prediction sums to 0.5,"):
        EXPLORERS["database"]().prediction = [0.5, 0, 0]


@pytest.mark.parametrize("value", ["weights", None, [[1.0], [2.0, 3.0]], object()])
@every_explorer
def test_what_is_not_numbers_is_no_prediction(kind, value):
    with pytest.raises(TypeError, match="^prediction is .* but must be numbers"):
        EXPLORERS[kind]().prediction = value


@pytest.mark.parametrize("value", [1, None, "yes", torch.tensor(True)])
@every_explorer
def test_shown_is_true_or_false(kind, value):
    with pytest.raises(TypeError, match="shown must be True or False"):
        EXPLORERS[kind]().shown = value


def test_an_empty_row_before_a_bad_one_is_not_blamed():
    with pytest.raises(ValueError, match="^prediction, row 2 has NaN at 4"):
        weights_explorer().prediction = in_row(0.5, 0.5, 0, 0, NAN, i=2)


def test_a_sum_may_be_off_by_a_thousandth():
    explorer = weights_explorer()
    for total in (0.9991, 1.0009):
        explorer.prediction = in_row(total, 0, 0, 0, 0)
    for total in (0.9989, 1.0011):
        with pytest.raises(ValueError, match="must sum to 1"):
            explorer.prediction = in_row(total, 0, 0, 0, 0)


# The browser.


@every_explorer
def test_the_browser_is_told_what_is_asked_and_sends_whole_rows(kind):
    explorer = EXPLORERS[kind]()
    setup, now, arrays = sent(explorer)
    assert setup["predict"] == ("output" if kind in ("output", "plane") else "weights")
    assert now["shown"] is False and "prediction" not in now
    assert arrays["prediction"].isnan().all()
    assert arrays["prediction"].numel() == math.prod(SHAPES[kind])
    wanted = some_prediction(kind)
    columns, heard = wanted.shape[-1], []
    explorer.observe(lambda change: heard.append(change.new), "prediction")
    last = range(wanted.numel() - columns, wanted.numel())
    ((content, _numbers),) = edit(
        explorer, *(["prediction", at, wanted.flatten()[at].item()] for at in last)
    )
    assert content["kind"] == "result" and content["failure"] is None
    assert content["shown"] is False and "prediction" not in dict(content["arrays"])
    rows = explorer.prediction.reshape(-1, columns)
    assert torch.equal(rows[-1], wanted.reshape(-1, columns)[-1]) and rows[:-1].isnan().all()
    assert len(heard) == 1 and is_same(heard[0].as_subclass(torch.Tensor), explorer.prediction)
    assert is_same(sent(explorer)[2]["prediction"], explorer.prediction.flatten())
    ((content, _numbers),) = edit(explorer, shown=True)
    assert content["shown"] is True and explorer.shown is True
    # Again: covered, and empty.
    ((content, _numbers),) = edit(
        explorer, *(["prediction", at, None] for at in range(wanted.numel())), shown=False
    )
    assert content["failure"] is None and content["shown"] is False
    assert explorer.prediction.isnan().all() and explorer.shown is False


@every_explorer
def test_an_edit_that_leaves_a_row_half_empty_is_refused_and_everything_told_again(kind):
    explorer = EXPLORERS[kind]()
    explorer.prediction = some_prediction(kind)
    ((content, _numbers),) = edit(explorer, ["prediction", 0, None], shown=True)
    assert content["kind"] == "state" and "has NaN at 0" in content["failure"]
    assert is_same(explorer.prediction, some_prediction(kind)) and not explorer.shown
    assert "prediction" in dict(content["arrays"])


@pytest.mark.parametrize("name", ["Q", "valid_lens", "W_q"])
def test_null_is_a_number_of_predictions_only(name):
    explorer = weights_explorer()
    ((content, _numbers),) = edit(explorer, [name, 0, None])
    assert content["kind"] == "state" and content["failure"]
    assert explorer.Q.isfinite().all() and explorer.valid_lens is None
    for bad in (["weights", 0, 1.0], ["shown", 0, 1.0]):
        ((content, _numbers),) = edit(EXPLORERS["database"](), bad)
        assert "cannot be edited in a DatabaseExplorer" in content["failure"]


@every_explorer
def test_the_browser_resets_and_pythons_word_counts_before_an_edit_on_its_way(kind):
    explorer = EXPLORERS[kind]()
    old, wanted = explorer._epoch, some_prediction(kind)
    explorer.prediction = wanted
    edit(explorer, *(["prediction", at, None] for at in range(wanted.numel())), epoch=old)
    assert is_same(explorer.prediction, wanted)
    explorer.show()
    ((content, _numbers),) = ask(explorer, "reset")
    assert content["kind"] == "state" and content["shown"] is False
    assert explorer.prediction.isnan().all()


def test_inputs_and_a_prediction_are_edited_together():
    explorer = weights_explorer()
    row = [["prediction", 5 + at, 0.2] for at in range(5)]
    ((content, _numbers),) = edit(explorer, ["Q", 0, 7.0], *row, temperature=2.0)
    assert content["failure"] is None
    assert explorer.Q[0, 0] == 7 and explorer.temperature == 2
    assert is_same(explorer.prediction, in_row(*[0.2] * 5))
    assert set(explorer.changed) == {"Q", "prediction", "temperature"}


# Covered: nothing of it is in what is said, drawn or saved.


class Handed(Attention):
    """A score that is what it was made with, whatever queries and keys are."""

    def __init__(self, scores):
        super().__init__()
        self.scores = scores

    def score(self, queries, keys):
        return self.scores.expand(len(queries), -1, -1)


def alike_but_for_the_weights():
    """Two figures that differ in their weights, and in nothing that may be seen."""
    draws = [torch.randn(3, 5, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2)]
    return [
        explore(Handed(X), *inputs(), predict="weights", show="weights", target=torch.eye(3, 5))
        for X in draws
    ]


@pytest.mark.parametrize("is_predicted", [False, True])
def test_covered_weights_are_neither_said_nor_drawn(is_predicted):
    one, two = alike_but_for_the_weights()
    assert not torch.allclose(one.weights, two.weights, atol=0.1)
    assert not torch.allclose(one.output, two.output, atol=0.1)
    assert one.target_distance != pytest.approx(two.target_distance)
    if is_predicted:
        one.prediction = two.prediction = in_row(0.1, 0.2, 0.3, 0.4, 0)
    bundles = [explorer._repr_mimebundle_()[0] for explorer in (one, two)]
    for kind in ("text/plain", "text/html"):
        assert bundles[0][kind] == bundles[1][kind]
    assert "goal" not in repr(one) and "Largest" not in repr(one)
    for explorer in (one, two):
        explorer.show()
    bundles = [explorer._repr_mimebundle_()[0] for explorer in (one, two)]
    for kind in ("text/plain", "text/html"):
        assert bundles[0][kind] != bundles[1][kind]
    assert "Distance from the goal" in repr(one)


def replaced(explorer, **parts):
    """Give a figure another result, as if it had been computed."""
    state, result = explorer._shown
    explorer._shown = (state, type(result)(**vars(result) | parts))


@every_explorer
@pytest.mark.parametrize("is_predicted", [False, True])
def test_the_covered_result_itself_changes_nothing_that_is_kept(kind, is_predicted):
    explorer = EXPLORERS[kind]()
    if is_predicted:
        explorer.prediction = some_prediction(kind)
    before = saved(explorer)
    result, other = explorer.result, {}
    for name in predictions.COVERED[sent(explorer)[0]["predict"]]:
        other[name] = getattr(result, name).flip(0).roll(1, -1) + 0.125
    if kind == "database":
        other["answer"] = "another"
    replaced(explorer, **other)
    after = saved(explorer)
    assert after[0] == before[0] and after[2] == before[2]
    assert after[1].shape == before[1].shape and (after[1] == before[1]).all()
    replaced(explorer, **vars(result))
    explorer.show()
    shown = saved(explorer)
    replaced(explorer, **other)
    assert saved(explorer)[0] != shown[0] or kind == "output", "the output is only drawn"
    assert saved(explorer)[1].shape != shown[1].shape or (saved(explorer)[1] != shown[1]).any()


@every_explorer
def test_covered_numbers_are_not_among_what_a_page_starts_from(kind):
    explorer = EXPLORERS[kind]()
    kept = json.loads(html.unescape(saved(explorer)[2]))
    assert kept["setup"]["predict"] == sent(explorer)[0]["predict"]
    assert kept["now"]["shown"] is False
    assert kept["numbers"]["prediction"] == [None] * math.prod(SHAPES[kind])
    assert kept["numbers"].keys().isdisjoint({"scores", "weights", "output", "map"})
    explorer.assign(prediction=some_prediction(kind), shown=True)
    kept = json.loads(html.unescape(saved(explorer)[2]))
    assert kept["now"]["shown"] is True
    assert kept["numbers"]["prediction"] == some_prediction(kind).flatten().tolist()


def test_the_words_say_that_it_is_covered_then_how_far_the_prediction_was_off():
    Q, K, V = torch.zeros(2, 2), torch.eye(2), torch.tensor([[0.0, 0.0], [6.0, 8.0]])
    explorer = explore(DotProductAttention(), Q, K, V, predict="weights", query_labels="ab")
    head = "DotProductAttention at temperature 1, valid lengths none. "
    covered = "Weights and output are covered: predict first."
    assert repr(explorer) == head + covered
    explorer.prediction = [[0.75, 0.25], [NAN, NAN]]
    predicted = "Your prediction: a → (0.75, 0.25), b → –."
    assert repr(explorer) == f"{head}{covered} {predicted}"
    explorer.show()
    off = "Share of the attention that you put in the wrong place: a → 0.25, b → –."
    largest = "The largest is right: a → yes, b → –."
    assert repr(explorer).endswith(f"{predicted} {off} {largest}")
    assert "Heatmap of 2 × 2" in repr(explorer)
    explorer = explore(DotProductAttention(), Q, K, V, predict="output")
    told = repr(explorer)
    assert "Heatmap of 2 × 2" in told
    assert told.endswith("The output is covered: predict first.")
    explorer.assign(prediction=[[0, 0], [3, 4]], shown=True)
    assert repr(explorer).endswith("was off by: 0 → 5.00, 1 → 0.00.")


@pytest.mark.parametrize(
    ("prediction", "truth", "said"),
    [
        ([0.4, 0.6], [0.2, 0.8], "yes"),
        ([0.6, 0.4], [0.2, 0.8], "no"),
        ([0.5, 0.5], [0.2, 0.8], "no"),  # both were said to be the largest
        ([0.6, 0.4], [0.50002, 0.49998], "yes"),  # both are, but for rounding
        ([0.5, 0.5], [0.0, 0.0], "–"),
        ([NAN, NAN], [0.2, 0.8], "–"),
    ],
)
def test_it_is_said_whether_the_largest_is_right_by_the_rule_of_the_browser(
    prediction, truth, said
):
    assert predictions.largest_text(torch.tensor(prediction), torch.tensor(truth)) == said


def test_a_batch_is_told_by_example_and_many_rows_are_cut():
    explorer = weights_explorer(2)
    prediction = some_prediction("batch")
    prediction[0] = NAN
    explorer.prediction = prediction
    assert "first. Example 1: Your prediction: 0 → (0.00, " in repr(explorer)
    rows = predictions.said(torch.full((1, 9, 9), 1 / 9), "weights", None, False)
    assert rows[0].endswith("7 → (0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11, 0.11, …), ….")


def test_the_plane_and_the_database_say_what_may_be_said():
    Q, K = torch.tensor([[0.5, -0.25]]), torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    plane = explore_plane(DotProductAttention(), Q, K, predict="output")
    head = "Plane: 1 query, 2 keys; DotProductAttention at temperature 1. "
    assert repr(plane) == head + (
        "Query 0 at (0.50, −0.25): weights 0.67, 0.33. The output is covered: predict first."
    )
    plane.assign(prediction=[[0.34, 1.0]], shown=True)
    assert "output (0.34, 0.00). Your prediction: 0 → (0.34, 1.00)." in repr(plane)
    assert repr(plane).endswith("off by: 0 → 1.00.")
    database = explore_database(POINTS, "Hu", predict=True)
    assert repr(database) == (
        "Query 'Hu' at temperature 0.2. Exact match: [-4.0, 0.5]. "
        "Similarities: Lipton 0.00, Li 0.00, Hu 1.00. "
        "Weights and answers are covered: predict first."
    )
    database.assign(prediction=[0, 0.25, 0.75], deleted=["Li", "Lipton"])
    assert repr(database).endswith("Your prediction: Lipton 0.00, Li 0.25, Hu 0.75.")
    database.show()
    assert "Nearest: Hu → [-4.0, 0.5]. Weights: Hu 1.00. Soft answer:" in repr(database)
    largest = "The largest is right: {}."
    off = "that you put in the wrong place: "
    assert repr(database).endswith(f"{off}0.25. {largest.format('yes')}")
    database.prediction = [0, 0.75, 0.25]
    assert repr(database).endswith(f"{off}0.75. {largest.format('no')}")


@every_explorer
def test_it_is_said_in_spanish(kind):
    set_language("es")
    try:
        explorer = EXPLORERS[kind]()
        explorer.prediction = some_prediction(kind)
        told = saved(explorer)[0]
        explorer.show()
        told += saved(explorer)[0]
    finally:
        set_language("en")
    assert "predice primero" in told and "Tu predicción" in told
    assert "rediction" not in told


# Pictures.


def hatched(picture):
    return where(picture, HATCH[1])


def test_covered_cells_are_hatched_and_a_prediction_stands_in_its_place():
    X = [[NAN, NAN], [0.25, 0.75]]
    covered, plain = (
        pixels(draw_matrices([Matrix("w", X, (1, 1, 1), covered=c, limit=1, sequential=True)]))
        for c in (True, False)
    )
    top, bottom = covered[86:150], covered[150:214]
    assert hatched(top).any() and not hatched(bottom).any() and not hatched(plain).any()
    assert (bottom == plain[150:214]).all()
    nothing = Matrix("w", [[NAN, NAN]], (1, 1, 1), covered=True)
    assert nothing.scale == "1 × 2", "no scale is made up"
    large = pixels(draw_matrices([Matrix("w", torch.full((64, 64), NAN), (1, 1, 1), covered=True)]))
    assert hatched(large).any()


def test_a_covered_bar_is_an_outline():
    picture = lambda *bars: pixels(draw_bars("weights", list(bars)))
    covered, full = picture(Bar("a", None)), picture(Bar("a", 1.0))
    assert hatched(covered).any() and not hatched(full).any()
    both = picture(Bar("a", 0.5, "deleted"))
    assert both.shape[1] > picture(Bar("a", 0.0, "deleted")).shape[1], "the number, too"


def test_the_plane_draws_a_prediction_beside_the_output(monkeypatch):
    picture = lambda **points: pixels(draw_plane(Plane(2.0, points)))
    place = torch.tensor([[1.0, 1.0], [NAN, NAN]]).numpy()
    assert (picture(p=place) != picture(o=place)).any() and (picture(p=place) != picture()).any()
    planes = []
    monkeypatch.setattr(plane_module, "draw_plane", lambda plane: planes.append(plane))
    explorer = plane_explorer()
    explorer._picture()
    explorer.show()
    explorer._picture()
    assert [sorted(plane.points) for plane in planes] == [["k", "p", "q"], ["k", "o", "p", "q"]]


def test_what_a_prediction_is_made_from_is_in_the_saved_picture(monkeypatch):
    planes, records = [], []
    monkeypatch.setattr(plane_module, "draw_plane", lambda plane: planes.append(plane.notes))
    monkeypatch.setattr(
        database_module, "draw_bars", lambda title, bars: records.append([b.label for b in bars])
    )
    Q, K = torch.tensor([[0.5, -0.25]]), torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    plane = explore_plane(DotProductAttention(), Q, K, predict="output")
    database = explore_database(Database([("Hu", 1.0), ("Li", 2.0)]), "H", predict=True)
    for figure in (plane, database):
        figure._picture()
        figure.show()
        figure._picture()
    assert planes == [["weights of q0: 0.67, 0.33"], []]
    told = ["Hu → 1.00 (similarity 0.67)", "Li → 2.00 (similarity 0.00)"]
    assert records == [told, ["Hu → 1.00", "Li → 2.00"]]
    noted = pixels(draw_plane(Plane(2.0, {}, notes=["0.67", "0.33"])))
    assert len(noted) > len(pixels(draw_plane(Plane(2.0, {})))) and (noted[-60:] < 128).any()


def test_the_picture_of_an_example_is_of_its_prediction():
    explorer = weights_explorer(2)
    first = saved(explorer)[1]
    prediction = some_prediction("batch")
    prediction[0] = NAN
    explorer.prediction = prediction
    assert (saved(explorer)[1] == first).all(), "the first example is still empty"
    explorer.batch = 1
    assert not hatched(saved(explorer)[1]).sum() >= hatched(first).sum()


def test_a_score_that_fails_at_once_covers_all_the_same():
    class Broken(Attention):
        def score(self, queries, keys):
            raise ArithmeticError("no")

    explorer = explore(Broken(), *inputs(), predict="weights")
    explorer.prediction = some_prediction("weights")
    assert "The score failed" in repr(explorer) and "covered" in repr(explorer)
    assert explorer.prediction_distance.isnan().all()
    explorer.show()
    assert "0 → –" in repr(explorer) and "text/html" in explorer._repr_mimebundle_()[0]
