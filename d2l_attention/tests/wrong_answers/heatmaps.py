import torch

from . import wrong


def changes_its_argument(weights):
    weights[weights == 0] = 1
    return (-weights * weights.log()).sum(dim=-1).exp()


def raises(n):
    return torch.ones(2, 3) @ torch.ones(2, 3)


WRONG = [
    wrong("look_back", "query 0 has nothing before it", torch.eye),
    wrong("look_back", "query 1 does not look at key 0", lambda n: torch.zeros(n, n)),
    wrong("look_back", "shape (2, 2), and should have (1, 1)", lambda n: torch.ones(n + 1, n + 1)),
    wrong("look_back", "query 2 also looks at key 0", lambda n: torch.ones(n, n).tril(-1)),
    wrong("look_back", "it raised RuntimeError", raises),
    wrong("look_back", "not solved yet", lambda n: None),
    wrong("look_back", "returns a list", lambda n: [[0.0]]),
    wrong(
        "spread",
        "for query 0 it gives 2 keys, and should give 1.384, for weights",
        lambda w: (w > 0).sum(-1).float(),
    ),
    wrong(
        "spread",
        "for query 0 it gives nan keys, and should give 2",
        lambda w: (-w * w.log()).sum(-1).exp(),
    ),
    wrong("spread", "argument weights, for weights = [[0.5, 0.5, 0]]", changes_its_argument),
]
