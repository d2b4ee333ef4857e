import torch

from d2l_attention import AdditiveAttention, explore

from . import wrong


def figure(scoring="AdditiveAttention", **assigned):
    """The live figure of the exercise, after these assignments."""
    Q, K = torch.tensor([[1.0, 1.0], [-1.0, 1.0]]), torch.tensor([[1.0], [-1.0]])
    attention = AdditiveAttention(2, query_size=2, key_size=1)
    for weight in attention.parameters():
        torch.nn.init.zeros_(weight)
    explorer = explore(attention, Q, K, K, target=torch.eye(2))
    for name, value in assigned.items():
        setattr(explorer, name, value)
    explorer.scoring = scoring
    return explorer


SOLVED = {
    "W_q": torch.tensor([[2.0, -2.0], [-2.0, -2.0]]),
    "W_k": torch.tensor([[2.0], [-2.0]]),
    "w_v": torch.tensor([[2.0, 2.0]]),
}
ONE_UNIT = torch.tensor([[2.0, 0.0]])
PRODUCT = {"W_q": torch.tensor([[9.0, 0.0], [0.0, 0.0]]), "W_k": torch.tensor([[1.0], [0.0]])}


def naive(queries, keys, W_q, W_k, w_v):
    return torch.tanh((queries @ W_q.T)[:, None] + keys @ W_k.T) @ w_v[0]


def without_tanh(queries, keys, W_q, W_k, w_v):
    return queries @ W_q.T @ w_v.T + (keys @ W_k.T @ w_v.T).T


def tanh_of_all(queries, keys, W_q, W_k, w_v):
    return torch.tanh(without_tanh(queries, keys, W_q, W_k, w_v))


def tanh_apart(queries, keys, W_q, W_k, w_v):
    return torch.tanh(queries @ W_q.T) @ w_v.T + (torch.tanh(keys @ W_k.T) @ w_v.T).T


WRONG = [
    wrong("lean_scores", "a tensor of 36 numbers, where 12 are enough", naive),
    wrong("lean_scores", "the score of query 0 and key 0 is 3 and should be 2.285", without_tanh),
    wrong("lean_scores", "is 0.9951 and should be 2.285", tanh_of_all),
    wrong("lean_scores", "is 2.773 and should be 2.285", tanh_apart),
    wrong("lean_scores", "shape (3, 2), and should have (2, 3)", lambda *x: naive(*x).T),
    wrong("lean_scores", "shape (1, 1, 1), and should have (1, 1)", lambda *x: naive(*x)[None]),
    wrong("lean_scores", "not solved yet", lambda *x: None),
    wrong("like_with_like", "off by 0.50", figure()),
    wrong("like_with_like", "off by 0.52", figure(**SOLVED | {"w_v": ONE_UNIT})),
    wrong("like_with_like", "and K was too", figure(**SOLVED, K=torch.tensor([[2.0], [-1.0]]))),
    wrong(
        "like_with_like",
        "only W_q, W_k, w_v should be changed, and scoring was too",
        figure("MultiplicativeAttention", **PRODUCT),
    ),
    wrong("like_with_like", "a live figure is needed, not NoneType", None),
]
