"""What attention is, in torch's double precision, from what a page has saved and its address says."""

import difflib
import math

import torch

SCORES = {
    "DotProductAttention": lambda q, k, w_v: q @ k.T / math.sqrt(q.shape[1]),
    "MultiplicativeAttention": lambda q, k, w_v: q @ k.T / math.sqrt(q.shape[1]),
    "DistanceAttention": lambda q, k, w_v: q @ k.T - k.square().sum(-1) / 2,
    "AdditiveAttention": lambda q, k, w_v: (q[:, None] + k[None]).tanh() @ w_v,
}
PROJECTED = ("MultiplicativeAttention", "AdditiveAttention")


def now(saved, changed):
    """Temperature, scoring, example, query: what is no number of a matrix."""
    return saved["now"] | {name: value for name, value in changed.items() if "." not in name}


def tensor(numbers):
    """A matrix as it is saved: None where nothing was predicted."""
    return torch.tensor([math.nan if x is None else x for x in numbers], dtype=torch.float64)


def inputs(saved, changed):
    """The matrices of the example that is shown, and the parameters."""
    X = {name: tensor(x) for name, x in saved["numbers"].items()}
    for name, value in changed.items():
        array, _, index = name.partition(".")
        if index:
            X[array][int(index)] = float(value)
    batch, sizes = saved["setup"]["batch"], saved["setup"]["sizes"]
    example = int(now(saved, changed)["batch"])
    for name, size in (("Q", sizes["dq"]), ("K", sizes["dk"]), ("V", sizes["v"])):
        X[name] = X[name].view(batch, -1, size)[example]
    X["valid_lens"] = X["valid_lens"].view(batch, -1)[example]
    return X


def attend(saved, X, scoring, temperature):
    """Scores and weights, (n, m) each, and the output, (n, v)."""
    q, k = X["Q"], X["K"]
    if scoring in PROJECTED:
        sizes = saved["setup"]["sizes"]
        q, k = (
            x @ X[name].view(sizes["h"], -1).T for x, name in ((X["Q"], "W_q"), (X["K"], "W_k"))
        )
    scores = SCORES[scoring](q, k, X["w_v"])
    masked = torch.arange(len(k)) >= X["valid_lens"][:, None]
    weights = (scores / float(temperature)).masked_fill(masked, -math.inf).softmax(-1)
    return {"scores": scores, "weights": weights.nan_to_num(), "output": weights @ X["V"]}


def similarity(a, b):
    return difflib.SequenceMatcher(None, a.lower(), b.lower(), autojunk=False).ratio()


def answers(saved, changed):
    """The similarity and the weight of each record, and the soft answer."""
    said = now(saved, changed)
    scores = [similarity(said["query"], key) for key in saved["setup"]["keys"]]
    scores = torch.tensor(scores, dtype=torch.float64)
    weights = (scores / float(said["temperature"])).softmax(-1)
    vectors = saved["setup"]["vectors"]
    return scores, weights, weights @ torch.tensor(vectors, dtype=torch.float64) if vectors else []
