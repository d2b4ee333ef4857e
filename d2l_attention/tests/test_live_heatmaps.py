"""LiveHeatmaps: what is shown, dropped, kept and refused."""

import pytest
import torch

from d2l_attention import LiveHeatmaps
from d2l_attention.explorers import live_heatmaps


@pytest.fixture
def clock(monkeypatch):
    """A clock that is moved by hand, and by what a frame costs."""

    class Clock:
        now = 0.0
        cost = 0.001

        def __call__(self):
            self.now += self.cost / 2
            return self.now

    clock = Clock()
    monkeypatch.setattr(live_heatmaps.time, "perf_counter", clock)
    return clock


def listened(live):
    sent = []
    live.send = lambda content, buffers=None: sent.append((content, buffers))
    return sent


def test_what_is_overtaken_is_dropped_and_the_last_is_shown(clock):
    live = LiveHeatmaps("Keys", "Queries")
    sent = listened(live)
    for step in range(1000):
        live.update(torch.full((2, 3), float(step)))
    assert 2 <= len(sent) < 100 and sent[0][0]["step"] == 1
    live.flush()
    live.flush()
    content, (numbers,) = sent[-1]
    assert content["step"] == 1000 and content["shape"] == [1, 1, 2, 3]
    assert torch.frombuffer(bytearray(numbers), dtype=torch.float32).tolist() == [999.0] * 6
    assert "Step 1000." in repr(live)


def test_drawing_takes_no_more_than_a_fiftieth_of_the_time(clock):
    live = LiveHeatmaps("Keys", "Queries")
    sent = listened(live)
    clock.cost = 0.02
    while clock.now < 20:
        live.update(torch.zeros(2, 2))
        clock.now += 0.01
    # Each frame costs 20 ms by this clock, half of it inside the call of flush.
    assert len(sent) * 0.01 <= 20 / 50 + 0.01


def test_the_film_is_bounded(clock):
    live = LiveHeatmaps("Keys", "Queries")
    sent = listened(live)
    for _ in range(1000):
        clock.now += 10
        live.update(torch.zeros(2, 2))
    assert len(sent) == 1000
    steps = live.get_state()["_now"]["steps"]
    assert len(steps) <= live_heatmaps.MOST_FRAMES and steps[0] == 1 and steps == sorted(steps)
    assert len(live.get_state()["_numbers"]) == len(steps) * 4 * 4


def test_steps_are_counted_by_whoever_trains(clock):
    live = LiveHeatmaps("Keys", "Queries")
    sent = listened(live)
    for step in (0, 10, 20):
        clock.now += 10
        live.update(torch.eye(2), step)
    live.update(torch.eye(2))
    live.flush()
    assert [content["step"] for content, _numbers in sent] == [0, 10, 20, 21]
    assert "Step 21." in repr(live)
    for step, error in ((21, ValueError), (-1, ValueError), (22.5, TypeError), ("22", TypeError)):
        with pytest.raises(error, match="step"):
            live.update(torch.zeros(2, 2), step)
    assert "Step 21. Heatmap of 2 × 2 (Queries × Keys), from 0.00 to 1.00." in repr(live)


def test_it_is_shown_as_show_heatmaps_shows_it():
    live = LiveHeatmaps("Keys", "Queries", titles=["a", "b"])
    assert repr(live) == "No frame yet: this film is seen while its cell runs."
    assert "text/html" not in live._repr_mimebundle_()[0]
    live.update(torch.softmax(torch.randn(1, 2, 3, 4), -1))
    data, _ = live._repr_mimebundle_()
    assert "<img src=" in data["text/html"] and data["text/plain"].startswith("Step 1. a: Heatmap")


def test_what_is_updated_with_is_copied(clock):
    live, buffer = LiveHeatmaps("Keys", "Queries"), torch.eye(2)
    live.update(buffer)
    live.update(buffer)  # not shown yet
    words = repr(live)
    buffer.fill_(7.0)
    assert repr(live) == words
    live.flush()
    assert [panels.sum().item() for _step, panels in live.state.frames] == [2.0, 2.0]


@pytest.mark.parametrize("make", [torch.Tensor.tolist, torch.Tensor.numpy, list])
def test_what_show_heatmaps_draws_can_be_updated_with(make):
    X = torch.rand(2, 3, 4, generator=torch.Generator().manual_seed(0))
    live, other = LiveHeatmaps("Keys", "Queries"), LiveHeatmaps("Keys", "Queries")
    live.update(make(X))
    other.update(X)
    assert repr(live) == repr(other)


def test_bad_matrices_are_named():
    live = LiveHeatmaps("Keys", "Queries", key_labels=["a", "b"])
    for bad in (torch.zeros(3), torch.zeros(2, 0), torch.zeros(1, 1, 1, 2, 2), [[1], [1, 2]], "x"):
        with pytest.raises(ValueError, match="matrices"):
            live.update(bad)
    with pytest.raises(ValueError, match="key_labels"):
        live.update(torch.zeros(2, 3))
    live.update(torch.zeros(2, 2))
    with pytest.raises(ValueError, match="had"):
        live.update(torch.zeros(3, 2))


def test_a_film_has_nothing_to_assign_or_to_reset():
    live = LiveHeatmaps("Keys", "Queries")
    for act in (live.reset, lambda: live.assign(frames=())):
        with pytest.raises(TypeError, match="film"):
            act()


def test_the_panels_of_a_batch_have_names():
    live = LiveHeatmaps("Keys", "Queries")
    live.update(torch.eye(2).expand(3, 2, 2))
    assert all(f"Example {i}: Heatmap" in repr(live) for i in range(3))
    assert live.get_state()["_setup"]["titles"] == ["Example 0", "Example 1", "Example 2"]
    named = LiveHeatmaps("Keys", "Queries", ["a", "b"])
    named.update(torch.eye(2).expand(2, 2, 2))
    assert "a: Heatmap" in repr(named) and "Example" not in repr(named)
