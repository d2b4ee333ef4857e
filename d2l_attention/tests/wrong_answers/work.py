import torch

from . import wrong


def pops(weights, counts):
    return weights @ torch.tensor([float(counts.pop(0)) for _ in range(len(counts))])


WRONG = [
    wrong("lens_of", "shape (), and should have (1,)", lambda x: (x != 0).sum()),
    wrong("lens_of", "row 0 is 2 and should be 3", lambda x: (x != 0).sum(dim=0)),
    wrong("lens_of", "row 0 is 3 and should be 1", lambda x: x.sum(dim=1)),
    wrong("lens_of", "row 0 is 2 and should be 1", lambda x: torch.full((len(x),), x.shape[1])),
    wrong("lens_of", "dtype torch.float32", lambda x: (x != 0).float().sum(dim=1)),
    wrong("weight_on", "0.25 of its weight there, and not 0.75", lambda w, c: w[:, -1]),
    wrong("weight_on", "1 of its weight there", lambda w, c: w.sum(dim=1)),
    wrong("weight_on", "0.375 of its weight there, and not 0.75", lambda w, c: w[:, c].mean(dim=1)),
    wrong(
        "weight_on", "argument counts, for weights = [[0.75, 0.25]], counts = [True, False]", pops
    ),
    wrong("weight_on", "nan of its weight there", lambda w, c: w[:, 0] * torch.nan),
]
