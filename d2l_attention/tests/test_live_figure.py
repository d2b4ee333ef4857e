"""What all live figures share: how a state changes, who is told, and that requests are answered."""

import copy
import pickle
import threading

import ipywidgets
import pytest
import torch
from traitlets import TraitError

from d2l_attention import (
    AdditiveAttention,
    Attention,
    Database,
    DistanceAttention,
    DotProductAttention,
    explore,
    explore_database,
    explore_plane,
    set_language,
)

from .browser_requests import ask, edit

LONG = 20  # seconds, after which a thread is taken to hang


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def explorer(*, seed=0, attention=None, n=3):
    return explore(attention or DotProductAttention(), *(normal(n, 4, seed=seed) for _ in range(3)))


class Counted(Attention):
    calls = 0

    def score(self, queries, keys):
        type(self).calls += 1
        return torch.bmm(queries, keys.mT)


FIGURES = {
    "attention": (explorer, {"temperature": 2.0}),
    "plane": (lambda: explore_plane(DotProductAttention(), normal(2, 2), normal(3, 2)), {"temperature": 2.0}),
    "database": (lambda: explore_database(Database([("Li", 1), ("Hu", 2)]), "Li"), {"query": "Hu"}),
}  # fmt: skip


@pytest.fixture(params=FIGURES)
def figure_and_change(request):
    make, change = FIGURES[request.param]
    return make(), change


def in_threads(*acts):
    """Let every act run in a thread of its own, and fail if one of them hangs."""
    threads = [threading.Thread(target=act, daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"


# Who is told, and when.


def test_two_figures_that_follow_each_other_do_not_wait_for_each_other():
    a, b = explorer(), explorer(seed=1)
    both = threading.Barrier(2, timeout=LONG)

    def follow(other):
        def told(change):
            if both.n_waiting < 2 and not both.broken and change.new != 9.0:
                both.wait()
            other.temperature = 9.0

        return told

    a.observe(follow(b), "temperature")
    b.observe(follow(a), "temperature")
    in_threads(lambda: edit(a, temperature=2.0), lambda: setattr(b, "temperature", 3.0))
    assert a.temperature == b.temperature == 9.0


def test_an_observer_runs_while_no_lock_is_held(figure_and_change):
    figure, change = figure_and_change
    (name,) = change
    read = []

    def told(_change):
        in_threads(lambda: read.append(figure.get_state()["_now"][name]), figure.reset)

    figure.observe(told, name)
    edit(figure, **change)
    assert read[0] == change[name]
    read.clear()
    figure.assign(**change)
    assert read[0] == change[name]


def test_observers_hear_of_changes_in_their_order():
    figure, heard = explorer(), []
    busy, others = threading.Event(), threading.Event()

    def told(change):
        heard.append(change.new)
        if change.new == 2.0:
            busy.set()
            others.wait(LONG)

    def second():
        busy.wait(LONG)
        figure.temperature = 3.0
        others.set()

    figure.observe(told, "temperature")
    in_threads(lambda: edit(figure, temperature=2.0), second)
    assert heard == [2.0, 3.0]


def test_what_an_observer_changes_is_told_after_what_it_hears(figure_and_change):
    figure = explorer()
    heard = []

    def limit(change):
        figure.temperature = min(change.new, 5.0)
        heard.append(("limit", change.new))

    figure.observe(limit, "temperature")
    figure.observe(lambda change: heard.append(("other", change.new)), "temperature")
    figure.temperature = 8.0
    assert heard == [("limit", 8.0), ("other", 8.0), ("limit", 5.0), ("other", 5.0)]


def test_reset_tells_what_it_changed(figure_and_change):
    figure, change = figure_and_change
    (name,) = change
    first, heard = getattr(figure, name), []
    edit(figure, **change)
    figure.observe(heard.append, name)
    ask(figure, "reset")
    assert [change.new for change in heard] == [first]


def test_an_edit_that_was_sent_after_a_reset_follows_it(figure_and_change):
    figure, change = figure_and_change
    (name,) = change
    epoch = figure._epoch
    ask(figure, "reset")
    edit(figure, epoch=epoch, **change)
    assert getattr(figure, name) == change[name]


def test_a_linked_figure_follows_edits_and_reset():
    a, b = explorer(), explorer(seed=1)
    first = a.Q
    ipywidgets.dlink((a, "Q"), (b, "Q"))
    edit(a, ["Q", 0, 7.0])
    assert torch.equal(b.Q, a.Q) and b.Q[0, 0] == 7
    ask(a, "reset")
    assert torch.equal(b.Q, first)


@pytest.mark.parametrize("name", ["Q", "K", "V", "W_q", "W_k", "w_v", "valid_lens", "temperature",
                                  "scoring", "batch"])  # fmt: skip
def test_every_part_can_be_linked_both_ways(name):
    a, b = (
        explore(DotProductAttention(), *(normal(2, 3, 4, seed=seed) for _ in range(3)), [1, 2])
        for seed in range(2)
    )
    values = {
        "valid_lens": torch.tensor([2, 0]),
        "temperature": 3.0,
        "scoring": "AdditiveAttention",
        "batch": 1,
    }
    ipywidgets.link((a, name), (b, name))
    for one, other, step in ((a, b, 1), (b, a, 2)):
        old = getattr(one, name)
        new = old + step if isinstance(old, torch.Tensor) else values[name]
        setattr(one, name, new)
        assert (
            torch.equal(torch.as_tensor(getattr(other, name)), torch.as_tensor(new))
            if (isinstance(new, torch.Tensor))
            else getattr(other, name) == new
        )


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), torch.clone]
)
def test_what_an_observer_hears_can_be_copied(again):
    figure, heard = explorer(), []
    figure.observe(lambda change: heard.append(change.new), "Q")
    figure.Q = figure.Q + 1
    assert torch.equal(again(heard[0]), figure.Q)


def test_a_cause_is_told_before_its_effects():
    figure, heard = explorer(), []
    figure.observe(lambda change: heard.append(change.name))
    edit(figure, ["Q", 0, 5.0], temperature=2.0)
    assert set(heard[:2]) == {"Q", "temperature"}
    assert set(heard[2:]) == {"scores", "weights", "output"}


def test_figures_that_follow_each_other_stop_at_a_number_that_is_none():
    a, b = explorer(), explorer(seed=1)
    told = []

    def follow(other):
        def observer(change):
            told.append(change)
            if len(told) < 10:  # or a fault would go round for ever
                other.Q = change.new

        return observer

    a.observe(follow(b), "Q")
    b.observe(follow(a), "Q")
    Q = a.Q
    Q[0, 0] = torch.nan
    a.Q = Q
    assert b.Q[0, 0].isnan() and a.weights[0].isnan().all()
    assert len(told) == 2


def test_notifications_can_be_held_back():
    figure, heard = explorer(), []
    figure.observe(lambda change: heard.append(change.name))
    with figure.hold_trait_notifications():
        figure.temperature = 2.0
        figure.Q = figure.Q + 1
        assert not heard
    assert {"temperature", "Q", "weights"} <= set(heard)
    with pytest.raises(TraitError, match="read-only"):
        figure.set_trait("weights", figure.weights + 1)


# Requests, and their answers.


@pytest.mark.parametrize("request_kind", ["hello", "reset", "edit"])
def test_a_request_is_answered_once_under_its_number(request_kind, figure_and_change):
    figure, change = figure_and_change
    content = {"epoch": figure._epoch, "edits": [], "controls": change}
    ((answer, _),) = ask(figure, request_kind, **content, id="mine", sequence=77)
    assert (answer["id"], answer["sequence"], answer["failure"]) == ("mine", 77, None)
    assert answer["kind"] == ("result" if request_kind == "edit" else "state")


def test_a_failing_observer_is_reported_and_the_figure_goes_on(figure_and_change):
    figure, change = figure_and_change
    (name,) = change
    heard = []

    def fail(_change):
        raise ValueError("no <b>such</b> thing")

    figure.observe(fail, name)
    figure.observe(heard.append, "weights")
    ((answer, _),) = edit(figure, **change)
    assert answer["kind"] == "result"
    assert answer["failure"] == "ValueError: no <b>such</b> thing"
    assert getattr(figure, name) == change[name] and len(heard) == 1
    figure.unobserve(fail, name)
    ask(figure, "reset")
    ((answer, _),) = edit(figure, **change)
    assert answer["failure"] is None
    figure.observe(fail, name)
    with pytest.raises(ValueError, match="such"):
        figure.reset()


@pytest.mark.parametrize("controls", [{"temperature": -1}, {"scoring": "nothing"}, {"batch": 7}])
def test_a_refused_edit_changes_nothing_and_the_browser_is_told_everything(controls):
    figure = explorer()
    before, epoch = figure.state, figure._epoch
    ((answer, _),) = edit(figure, ["Q", 0, 9.0], **controls)
    assert answer["kind"] == "state"
    assert (
        answer["failure"].startswith("ValueError: ") and next(iter(controls)) in answer["failure"]
    )
    assert figure.state is before
    # An edit that was made meanwhile is not refused with it.
    ((answer, _),) = edit(figure, ["Q", 0, 5.0], epoch=epoch)
    assert answer["kind"] == "result" and figure.Q[0, 0] == 5


def test_a_message_is_computed_once_and_so_is_an_assignment_of_several_parts():
    figure = explorer(attention=Counted())
    Counted.calls = 0
    edit(figure, ["Q", 0, 1.0], ["K", 1, 2.0], ["valid_lens", 0, 1], temperature=2.0, batch=0)
    assert Counted.calls == 1 and figure.temperature == 2 and figure.K[0, 1] == 2
    figure.assign(Q=figure.Q + 1, K=figure.K + 1, temperature=1.0)
    assert Counted.calls == 2
    figure.assign(Q=figure.Q, temperature=1)
    assert Counted.calls == 2, "nothing has changed"


def test_what_python_assigns_is_sent_once_and_voids_what_was_on_its_way(figure_and_change):
    figure, change = figure_and_change
    ask(figure, "hello")  # from here on messages are kept
    epoch, sent = figure._epoch, []
    figure.send = lambda content, buffers=None: sent.append(content)
    figure.assign(**change)
    (message,) = sent
    assert message["kind"] == "state" and message["epoch"] == epoch + 1
    assert "sequence" not in message
    figure.assign(**change)
    assert len(sent) == 1, "it was that already"


def test_state_and_result_are_published_together():
    started, go_on = threading.Event(), threading.Event()

    class Slow(Attention):
        slow = False

        def score(self, queries, keys):
            if type(self).slow:
                started.set()
                go_on.wait(LONG)
            return torch.bmm(queries, keys.mT)

    figure = explorer(attention=Slow())
    before = figure.Q, figure.output
    Slow.slow = True

    def look():
        started.wait(LONG)
        seen.extend([figure.Q, figure.output])
        go_on.set()

    seen = []
    in_threads(lambda: edit(figure, ["Q", 0, 9.0]), look)
    assert all(map(torch.equal, seen, before)) and figure.Q[0, 0] == 9


# What is refused is refused before it is kept.


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("name", ["Q", "K"])
def test_a_point_that_cannot_be_drawn_is_refused_as_at_the_beginning(name, bad):
    figure = explore_plane(DistanceAttention(), normal(2, 2), normal(3, 2))
    before, words = figure.state, repr(figure)
    value = getattr(figure, name)
    value[0, 1] = bad
    with pytest.raises(ValueError, match=f"{name} has entries that are not finite"):
        setattr(figure, name, value)
    assert figure.state is before and repr(figure) == words


@pytest.mark.parametrize("far", [2e30, 3e38, 1e300])
def test_points_too_far_for_the_browsers_numbers_are_refused(far):
    points = normal(2, 2).double()
    figure = explore_plane(DistanceAttention(), points, points + 1)
    before, far_points = figure.state, torch.full_like(points, far)
    with pytest.raises(ValueError, match="Q has entries beyond 1e[+]30"):
        figure.Q = far_points
    assert figure.state is before
    with pytest.raises(ValueError, match="keys has entries beyond 1e[+]30"):
        explore_plane(DistanceAttention(), points, far_points)


@pytest.mark.parametrize("near", [1e-31, 1e-60])
def test_points_too_near_for_the_browsers_numbers_are_drawn_as_zeros(near):
    points = torch.full((2, 2), near, dtype=torch.float64)
    assert explore_plane(DistanceAttention(), points, points).reach == 1


def test_a_plane_of_zeros_can_be_drawn():
    figure = explore_plane(DotProductAttention(), torch.zeros(2, 2), torch.zeros(3, 2))
    assert figure.reach == 1
    figure.Q = torch.full((2, 2), 30.0)
    assert figure.reach == 40


@pytest.mark.parametrize("temperature", [1e-39, 0, -1, torch.inf, torch.nan, 1e31])
def test_a_temperature_that_float32_cannot_divide_by_is_refused(temperature, figure_and_change):
    figure, _change = figure_and_change
    before = figure.state
    with pytest.raises(ValueError, match="temperature"):
        figure.temperature = temperature
    for wrong in ("warm", None, True):
        with pytest.raises(TypeError, match="temperature must be a number"):
            figure.temperature = wrong
    assert figure.state is before


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_at_the_smallest_temperature_all_the_weight_is_on_the_largest_score(dtype):
    # Most of these scores cannot be divided by it; half precision has no room for such.
    large = 50 if dtype is torch.float16 else 1e5
    Q, K, V = (large * normal(3, 4, seed=seed).to(dtype) for seed in range(3))
    K[2] = 2 * Q[1]  # the largest score of query 1, and past its length
    figure = explore(DotProductAttention(), Q, K, V, [3, 2, 0])
    figure.temperature = 1e-30
    expected = torch.zeros(3, 3)
    for i, length in enumerate([3, 2]):
        expected[i, figure.scores[i, :length].argmax()] = 1
    assert torch.equal(figure.weights.float(), expected)


# Words.


def test_a_figure_keeps_the_language_in_which_it_was_made(figure_and_change, request):
    figure, _change = figure_and_change
    words, setup = repr(figure), figure.get_state()["_setup"]
    set_language("es")
    try:
        spanish = FIGURES[request.node.callspec.params["figure_and_change"]][0]()
        assert repr(figure) == words and figure.get_state()["_setup"] == setup
        assert figure._repr_mimebundle_()[0]["text/plain"] == words
    finally:
        set_language("en")
    assert "temperatura" in repr(spanish)
    assert spanish.get_state()["_setup"]["words"]["temperature"] == "temperatura"


def test_the_name_of_a_score_is_a_value_in_no_language():
    class DotProductAttention(Attention):
        def score(self, queries, keys):
            return torch.bmm(queries, keys.mT)

    english = explorer(attention=DotProductAttention())
    set_language("es")
    try:
        spanish = explorer(attention=DotProductAttention())
    finally:
        set_language("en")
    assert english.scoring == spanish.scoring
    assert english.get_state()["_setup"]["choices"] != spanish.get_state()["_setup"]["choices"]


# Code that is not ours.


class InPlace(Attention):
    def score(self, queries, keys):
        queries.div_(2)
        keys.add_(1)
        return torch.bmm(queries, keys.mT)


def test_a_score_that_works_in_place_changes_no_input():
    Q, K, V = (normal(3, 4, seed=seed) for seed in range(3))
    figure = explore(InPlace(), Q, K, V)
    for _ in range(3):
        figure.temperature = figure.temperature + 1
        assert torch.equal(figure.Q, Q) and torch.equal(figure.K, K)
        torch.testing.assert_close(figure.scores, Q / 2 @ (K + 1).T)
    plane = explore_plane(InPlace(), normal(2, 2), normal(3, 2))
    plane.temperature = 2.0
    assert torch.equal(plane.K, normal(3, 2)) and torch.equal(plane.Q, normal(2, 2))


class Reused(Attention):
    """Returns the same tensor each time, with other numbers in it."""

    def __init__(self):
        super().__init__()
        self.register_buffer("all", torch.empty(1, 3, 3))

    def score(self, queries, keys):
        return torch.bmm(queries, keys.mT, out=self.all)


class Learned(Attention):
    """Returns its parameter."""

    def __init__(self):
        super().__init__()
        self.all = torch.nn.Parameter(torch.eye(3)[None])

    def score(self, queries, keys):
        return self.all


def test_scores_are_copied_from_whoever_may_keep_them():
    figure, heard = explorer(attention=Reused()), []
    before = figure.result.scores.clone()
    shown = figure.result
    figure.observe(lambda change: heard.append(change.name))
    figure.Q = figure.Q + 1
    assert "scores" in heard and torch.equal(shown.scores, before)
    figure = explorer(attention=Learned())
    assert not figure.scores.requires_grad
    assert "text/html" in figure._repr_mimebundle_()[0]


def test_a_score_that_fits_the_points_alone_is_reported_for_the_map():
    class Fixed(Attention):
        def score(self, queries, keys):
            return torch.zeros(1, 2, 3)

    plane = explore_plane(Fixed(), normal(2, 2), normal(3, 2))
    assert "Fixed.score returned (1, 2, 3)" in plane.result.error


def test_a_score_cannot_change_the_figure_that_it_computes():
    class Meddling(Attention):
        figure = None

        def score(self, queries, keys):
            if type(self).figure is not None:
                type(self).figure.V = type(self).figure.V + 1
            return torch.bmm(queries, keys.mT)

    figure = Meddling.figure = explorer(attention=Meddling())
    V, heard = figure.V, []
    figure.observe(heard.append, "V")
    figure.Q = figure.Q + 1
    assert "RuntimeError: a score cannot change" in figure.result.error
    assert torch.equal(figure.V, V) and not heard
    Meddling.figure = None
    figure.V = V + 1
    assert figure.result.error is None and len(heard) == 1


def test_lazy_layers_of_a_readers_score_disturb_no_random_numbers():
    class Lazy(Attention):
        def __init__(self):
            super().__init__()
            self.W = torch.nn.LazyLinear(4, bias=False)

        def score(self, queries, keys):
            return torch.bmm(self.W(queries), keys.mT)

    before = torch.get_rng_state()
    figures = [explorer(attention=Lazy()) for _ in range(2)]
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(figures[0].scores, figures[1].scores)


def test_edits_of_transposed_inputs_reach_their_places():
    X = normal(4, 3)
    figure = explore(DotProductAttention(), X.mT, X.mT, X.mT)
    edit(figure, ["K", 1, 9.0], ["Q", 4, 8.0])
    K, Q = X.mT.clone(), X.mT.clone()
    K[0, 1], Q[1, 0] = 9.0, 8.0
    assert torch.equal(figure.K, K) and torch.equal(figure.Q, Q)
    torch.testing.assert_close(figure.scores, Q @ K.T / 2)


def with_bias(attention):
    attention.W_q = torch.nn.Linear(4, 3)


def with_weight_norm(attention):
    torch.nn.utils.parametrizations.weight_norm(attention.W_k)


def with_a_hook(attention):
    attention.w_v.register_forward_hook(lambda module, inputs, output: output + 1)


@pytest.mark.parametrize("change", [with_bias, with_weight_norm, with_a_hook])
def test_the_browser_computes_only_what_ours_would(change):
    sized = {"query_size": 4, "key_size": 4}
    attention = AdditiveAttention(3, **sized)
    Q, K, V = (normal(1, 3, 4, seed=seed) for seed in range(3))
    assert explore(attention, Q, K, V).get_state()["_setup"]["kinds"]["AdditiveAttention"]
    change(attention)
    figure = explore(attention, Q, K, V)
    assert figure.get_state()["_setup"]["kinds"][figure.scoring] is None
    attention(Q, K, V)
    torch.testing.assert_close(figure.weights, attention.attention_weights)


@pytest.mark.parametrize("method", ["forward", "weights", "pool", "_pool"])
@pytest.mark.parametrize("draw", ["attention", "plane"])
def test_a_module_that_may_not_use_its_weights_is_refused(method, draw):
    def own(self, *args, **options):
        return getattr(DotProductAttention, method)(self, *args, **options)

    cls = type("Causal", (DotProductAttention,), {method: own})
    with pytest.raises(TypeError, match=f"Causal has its own {method}.*override score only"):
        if draw == "plane":
            explore_plane(cls(), normal(2, 2), normal(3, 2))
        else:
            explorer(attention=cls())


def test_observers_hear_of_a_change_that_could_not_be_sent(figure_and_change):
    figure, change = figure_and_change
    (name,) = change
    heard = []

    def broken(*_message):
        raise OSError("the line is closed")

    figure.observe(heard.append, name)
    figure.send = broken
    for act in (lambda: figure.assign(**change), figure.reset):
        with pytest.raises(OSError, match="closed"):
            act()
    assert len(heard) == 2


def test_lengths_for_each_query_are_a_change_though_they_are_equal():
    X = normal(2, 3, 4)
    figure = explore(DotProductAttention(), X, X, X, [2, 2])
    figure.valid_lens = [[2, 2, 2], [2, 2, 2]]
    assert figure.changed == ["valid_lens"]


def test_every_key_counts_in_half_precision():
    X = torch.zeros(2049, 1, dtype=torch.bfloat16)
    figure = explore(DotProductAttention(), X[:1], X, X)
    arrays = figure.get_state()["_now"]["arrays"]
    at = 4 * sum(size for _name, size in arrays[: [name for name, _ in arrays].index("valid_lens")])
    numbers = figure.get_state()["_numbers"]
    assert torch.frombuffer(bytearray(numbers[at : at + 4]), dtype=torch.float32).item() == 2049
