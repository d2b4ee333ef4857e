"""How often a figure waits for its device: as often for many numbers as for few."""

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map_only

from d2l_attention import (
    AdditiveAttention,
    Database,
    DistanceAttention,
    DotProductAttention,
    LiveHeatmaps,
    explore,
    explore_database,
    explore_plane,
    maps,
    show_attention,
    show_heatmaps,
)

from .browser_requests import edit

aten = torch.ops.aten
# What makes the host wait: a number that it needs, or the size of what comes.
WAITS = {aten._local_scalar_dense, aten.equal, aten.nonzero, aten.masked_select}
# What may take tensors of two devices, here as on a GPU.
ACROSS = {aten._to_copy, aten.index, aten.index_put_, aten.index_put}


class FarTensor(Tensor):
    """A tensor of a device that no machine has: it says meta, and keeps its numbers on the CPU."""

    @staticmethod
    def __new__(cls, numbers):
        return Tensor._make_wrapper_subclass(
            cls, numbers.shape, strides=numbers.stride(), dtype=numbers.dtype, device="meta",
            storage_offset=numbers.storage_offset(),
        )  # fmt: skip

    def __init__(self, numbers):
        self.numbers = numbers

    def tolist(self):
        return self.cpu().tolist()  # torch does the same for a GPU, but not for a subclass

    def __setitem__(self, where, value):
        # A list of places, too, becomes a tensor where no mode sees it.
        super().__setitem__(torch.tensor(where) if isinstance(where, list) else where, value)

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        raise AssertionError(f"{function} outside of FarDevice")


class FarDevice(TorchDispatchMode):
    """Compute what is asked of far tensors, count what makes the host wait, refuse mixtures."""

    waits = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs, name = dict(kwargs or {}), function.overloadpacket
        tensors = [X for X in tree_leaves((args, kwargs)) if isinstance(X, Tensor)]
        far = [X for X in tensors if isinstance(X, FarTensor)]
        near = [X for X in tensors if not isinstance(X, FarTensor)]
        assert not any(X.is_meta for X in near), "it has no numbers"
        if far and any(X.ndim for X in near) and name not in ACROSS:
            raise AssertionError(f"{function} of tensors on two devices")
        device = kwargs.get("device") or torch.device("meta" if far else "cpu")
        if "device" in kwargs:
            kwargs["device"] = torch.device("cpu")
        leaves = name is aten._to_copy and device.type == "cpu"
        chooses = name is aten.index and any(X.dtype == torch.bool for X in far[1:])
        self.waits += bool(far) and (name in WAITS or leaves or chooses)
        numbers = tree_map_only(FarTensor, lambda X: X.numbers, (args, kwargs))
        made = function(*numbers[0], **numbers[1])
        if device.type == "cpu":
            return made
        made = tree_map_only(Tensor, FarTensor, made)
        return return_and_correct_aliasing(function, args, kwargs, made) if far else made

    def count(self, act):
        """Count the waits of one act, and return them with what it returns."""
        before = self.waits
        done = act()
        return self.waits - before, done


@pytest.fixture
def far(monkeypatch):
    plain = torch.tensor

    def tensor(data, *, device=None, **options):
        # What torch makes of a list for a device, no mode sees.
        made = plain(data, **options)
        return made if device is None else made.to(device)

    monkeypatch.setattr(torch, "tensor", tensor)
    with FarDevice() as device:
        yield device


def normal(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def test_the_device_counts_what_a_gpu_waits_for_and_mixes_nothing(far):
    X = torch.ones(3).to("meta")
    for waits, act in (
        (0, lambda: (X + 1).sum() > 0),
        (0, lambda: torch.arange(3, device=X.device) * X),
        (0, lambda: torch.ones(3).sum().item()),
        (1, lambda: X.cpu()),
        (1, lambda: X.tolist()),
        (1, lambda: bool((X > 0).all())),
        (1, lambda: torch.equal(X, X)),
        (1, lambda: X[X > 0]),
        (2, lambda: [x.item() for x in X[:2]]),
    ):
        assert far.count(act)[0] == waits
    with pytest.raises(AssertionError, match="two devices"):
        X + torch.ones(3)


@pytest.mark.parametrize(("panels", "n"), [((1, 1), 3), ((2, 3), 30)])
def test_a_heatmap_is_one_transfer(panels, n, far):
    X = normal(*panels, n, n)
    waits, picture = far.count(lambda: show_heatmaps(X.to("meta"), "Keys", "Queries"))
    assert waits == 1
    assert picture.sentence == show_heatmaps(X, "Keys", "Queries").sentence


@pytest.mark.parametrize(("examples", "n", "blocks"), [(1, 3, 1), (1, 30, 1), (2, 30, 3)])
def test_a_large_map_waits_once_a_block(examples, n, blocks, far, monkeypatch):
    # A block whose smallest or largest number is not finite is looked at again, so both are waited
    # for. Then come the picture, and for each example its first rows, how many are 0, and whether
    # rows sum to 1.
    monkeypatch.setattr(maps, "BLOCK_SIZE", n * n // blocks)
    X, lens = normal(examples, n, 4), [n - 1] * examples
    waits, picture = far.count(
        lambda: show_attention(DotProductAttention(), *[X.to("meta")] * 2, lens)
    )
    assert waits == 1 + examples * (blocks + 3)
    assert picture.sentence == show_attention(DotProductAttention(), X, X, lens).sentence


@pytest.mark.parametrize(("n", "additive"), [(3, False), (30, False), (30, True), (100, True)])
def test_an_explorer_sends_one_transfer(n, additive, far):
    attention = (
        AdditiveAttention(2, query_size=4, key_size=4) if additive else DotProductAttention()
    )
    near = explore(attention, *[normal(2, n, 4)] * 3, [1, n], target=torch.full((2, n, n), 0.5))
    X = normal(2, n, 4).to("meta")
    waits, explorer = far.count(
        lambda: explore(attention.to("meta"), X, X, X, [1, n], target=torch.full((2, n, n), 0.5))
    )
    assert explorer.Q.device == explorer.W_q.device == explorer.weights.device == X.device
    assert waits == 1
    # What has changed is asked at once of all that may have; then all results go together.
    assert far.count(lambda: edit(explorer, ["Q", 0, 1.5]))[0] == 1 + 1
    edit(near, ["Q", 0, 1.5])
    assert far.count(lambda: setattr(explorer, "temperature", 0.5))[0] == 1 + 1
    near.temperature = 0.5
    # An input is compared with what it was, before anything is computed.
    assert far.count(lambda: setattr(explorer, "K", X + 1))[0] == 1 + 1 + 1
    near.K = near.V + 1
    # The lengths, the weights, and how far they are from the goal.
    assert far.count(lambda: repr(explorer)) == (3, repr(near))
    assert explorer.get_state()["_numbers"] == near.get_state()["_numbers"]
    # Each matrix that is drawn, how far the goal is, and, where cells can be struck out, the lengths.
    matrices = 11 if additive and n <= 64 else 6
    assert far.count(explorer._picture)[0] == matrices + 1 + (n <= 64)


@pytest.mark.parametrize("n", [3, 30])
def test_a_plane_sends_one_transfer(n, far):
    points = normal(n, 2)
    near = explore_plane(DistanceAttention(), points, points)
    # That queries, keys and values are finite, and how far the plane reaches; then all go together.
    waits, explorer = far.count(
        lambda: explore_plane(DistanceAttention(), *[points.to("meta")] * 2)
    )
    assert waits == 3 + 1 + 1
    # How far the plane reaches, and what has changed.
    assert far.count(lambda: edit(explorer, ["Q", 0, 1.5]))[0] == 1 + 1 + 1
    edit(near, ["Q", 0, 1.5])
    # The queries, the weights and the outputs.
    assert far.count(lambda: repr(explorer)) == (3, repr(near))
    assert explorer.get_state()["_numbers"] == near.get_state()["_numbers"]


@pytest.mark.parametrize(("panels", "n"), [((1, 1), 3), ((2, 3), 30), ((2, 3), 300)])
def test_a_frame_is_one_transfer(panels, n, far):
    X = normal(*panels, n, n).abs()
    live = LiveHeatmaps("Keys", "Queries")
    assert far.count(lambda: live.update(X.to("meta")))[0] == 1
    live._next = torch.inf
    assert far.count(lambda: live.update(X.to("meta")))[0] == 0, "a frame that is overtaken"
    assert far.count(lambda: repr(live))[0] == 1
    near = LiveHeatmaps("Keys", "Queries")
    near.update(X)
    assert live.get_state()["_numbers"] == near.get_state()["_numbers"]


@pytest.mark.parametrize("count", [3, 30])
def test_an_average_of_values_on_a_device_stays_there(count, far):
    values = normal(count, 2)
    near = Database((f"key {i}", value) for i, value in enumerate(values))
    there = Database((f"key {i}", value) for i, value in enumerate(values.to("meta")))
    waits, output = far.count(lambda: there.attend("key 2"))
    assert waits == 0 and output.device.type == "meta"
    torch.testing.assert_close(output.cpu(), near.attend("key 2"))
    waits, explorer = far.count(lambda: explore_database(there, "key 2"))
    assert waits == 1
    weights, output = far.count(lambda: (explorer.weights, explorer.output))[1]
    torch.testing.assert_close(output, weights @ values)
    assert far.count(lambda: repr(explorer))[0] == 0
