import torch

from . import wrong

WRONG = [
    wrong(
        "nearest_share",
        "record 1 has no weight, and one with a lower score has",
        lambda s, k: torch.zeros(len(s)).index_fill(0, s.abs().topk(k).indices, 1 / k),
    ),
    wrong("nearest_share", "2 records have a weight, and not 1", lambda s, k: s.softmax(0)),
    wrong("nearest_share", "row 0 sums to 2", lambda s, k: (s >= s.topk(k).values[-1]) * 1.0),
    wrong(
        "nearest_share",
        "one with a lower score has",
        lambda s, k: (-s).topk(k).indices.bincount(minlength=len(s)) / k,
    ),
    wrong("half_temperature", "at 0.2 the weight of Li is 0.", 0.2),
    wrong("half_temperature", "a number above 0, not 'warm'", "warm"),
    wrong("half_temperature", "at 0.1 the weight of Li is 0.99", torch.tensor(0.1)),
    wrong("half_temperature", "at inf the weight of Li is 0.17", 10**400),
    wrong("half_temperature", "a number above 0, not tensor(0.5000+0.j)", torch.tensor(0.5 + 0j)),
    wrong("half_temperature", "a number above 0, not tensor([0.1000])", torch.tensor([0.1])),
    wrong("half_temperature", "a number above 0, not -1", -1),
    wrong("half_temperature", "a number above 0, not True", True),
    wrong("half_temperature", "not solved yet", None),
]
