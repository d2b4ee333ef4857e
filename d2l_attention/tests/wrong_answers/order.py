import torch

from d2l_attention import MultiplicativeAttention, explore

from . import wrong


def figure(**assigned):
    """The live figure of the exercise, after these assignments."""
    circle = torch.tensor([[3.0, 0.0], [0.0, 3.0], [-3.0, 0.0], [0.0, -3.0]])
    attention = MultiplicativeAttention(2, query_size=2, key_size=2)
    for weight in attention.parameters():
        torch.nn.init.eye_(weight)
    lens, target = torch.tensor([1, 2, 3, 4]), torch.eye(4)[[0, 0, 1, 2]]
    explorer = explore(attention, circle, circle, circle, lens, target=target)
    for name, value in assigned.items():
        setattr(explorer, name, value)
    return explorer


BACK = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])


def positions(first=0, step=2, joined=False):
    """Sines and cosines whose places begin at `first`, whose exponents grow by `step`/size."""

    def sine_positions(num_positions, size):
        i = torch.arange(first, first + num_positions)[:, None]
        angles = i / 10000 ** (torch.arange(size // 2) * step / size)
        pairs = angles.sin(), angles.cos()
        return torch.cat(pairs, dim=1) if joined else torch.stack(pairs, dim=2).flatten(1)

    return sine_positions


WRONG = [
    wrong("sine_positions", "number 0 of position 0 is 0.8415 and should be 0", positions(first=1)),
    wrong(
        "sine_positions", "number 2 of position 1 is 0.09983 and should be 0.01", positions(step=1)
    ),
    wrong("sine_positions", "number 1 of position 0 is 0 and should be 1", positions(joined=True)),
    wrong(
        "sine_positions", "shape (2, 1), and should have (1, 2)", lambda n, d: positions()(n, d).T
    ),
    wrong("sine_positions", "not solved yet", lambda num_positions, size: None),
    wrong("one_place_back", "off by 1.00", figure()),
    wrong("one_place_back", "off by", figure(W_q=BACK.T)),
    wrong("one_place_back", "only W_q should be changed, and W_k was too", figure(W_k=BACK.T)),
    wrong("one_place_back", "a live figure is needed, not Tensor", BACK),
    wrong(
        "new_lens",
        "new query 0 sees 1 keys, and should see 2, for num_cached = 1, num_new = 1",
        lambda num_cached, num_new: torch.arange(1, num_new + 1)[None],
    ),
    wrong(
        "new_lens",
        "new query 0 sees 3 keys, and should see 1, for num_cached = 0, num_new = 3",
        lambda num_cached, num_new: torch.full((1, num_new), num_cached + num_new),
    ),
    wrong(
        "new_lens",
        "new query 0 sees 1 keys, and should see 2",
        lambda num_cached, num_new: num_cached + torch.arange(num_new)[None],
    ),
    wrong(
        "new_lens",
        "shape (1,), and should have (1, 1)",
        lambda num_cached, num_new: num_cached + torch.arange(1, num_new + 1),
    ),
    wrong("new_lens", "not solved yet", lambda num_cached, num_new: None),
]
