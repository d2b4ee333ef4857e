import torch

from d2l_attention import DotProductAttention, explore

from . import wrong


def goal(Q=None, K=None, target=(0.0, 1.0), **controls):
    explorer = explore(
        DotProductAttention(),
        torch.tensor([[1.0, 1.0]]),
        torch.tensor([[1.0, 0.0], [2.0, 1.0]]),
        torch.zeros(2, 1),
        target=target and torch.tensor([target]),
    )
    explorer.Q = explorer.Q if Q is None else torch.tensor(Q)
    explorer.K = explorer.K if K is None else torch.tensor(K)
    for name, value in controls.items():
        setattr(explorer, name, value)
    return explorer


WRONG = [
    wrong("distance_scores", "query 0 gives key 0 the weight 0.5", lambda q, k: q @ k.T),
    wrong("distance_scores", "by distance it has", lambda q, k: torch.cdist(q, k) ** 2 / 2),
    wrong("distance_scores", "by distance it has", lambda q, k: q @ k.T - (k**2).sum(dim=1)),
    wrong("distance_scores", "by distance it has", lambda q, k: (q @ k.T).long()),
    wrong("distance_scores", "it raised", lambda q, k: q @ k - 0.5 * (k**2).sum(dim=1)),
    wrong("distance_scores", "it measures distances", lambda q, k: -0.5 * torch.cdist(q, k) ** 2),
    wrong(
        "distance_scores",
        "each score of query 0 also holds −‖q‖²/2 = -0.5",
        lambda q, k: -0.5 * ((q[:, None] - k) ** 2).sum(dim=2),
    ),
    wrong("only_key_3", "off by 0.", goal()),
    wrong(
        "only_key_3", "only Q should be changed, and K was too", goal(K=[[1.0, 0.0], [9.0, 9.0]])
    ),
    wrong("only_key_3", "and temperature was too", goal(temperature=0.01)),
    wrong("only_key_3", "and scoring was too", goal(Q=[[9.0, 9.0]], scoring="DistanceAttention")),
    wrong("only_key_3", "off by NaN", goal(Q=[[float("nan"), 1.0]])),
    wrong("only_key_3", "has no goal", goal(target=None)),
    wrong("only_key_3", "a live figure is needed, not Tensor", torch.ones(1)),
    wrong("matrix_between", "(0, 0) is", lambda W_q, W_k: W_q.T @ W_k),
    wrong("matrix_between", "should have (2, 1)", lambda W_q, W_k: W_k.T @ W_q / len(W_q) ** 0.5),
    wrong("matrix_between", "(0, 0) is", lambda W_q, W_k: W_q.T @ W_k / len(W_q)),
]
