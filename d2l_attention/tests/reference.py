"""Attention written a second time, number by number in float64, to compare with."""

import math


def weights(scores: list[float], valid: list[bool]) -> list[float]:
    """Softmax over the valid scores; zeros elsewhere, and throughout where none is valid."""
    pairs = list(zip(scores, valid, strict=True))
    top = max((score for score, counts in pairs if counts), default=0.0)
    exps = [math.exp(score - top) if counts else 0.0 for score, counts in pairs]
    total = math.fsum(exps) or 1.0
    return [e / total for e in exps]


def dot(q: list[float], k: list[float]) -> float:
    return math.fsum(a * b for a, b in zip(q, k, strict=True))


def dot_product_score(q, k):
    return dot(q, k) / math.sqrt(len(q))


def distance_score(q, k):
    return -math.fsum((a - b) ** 2 for a, b in zip(q, k, strict=True)) / 2


def multiplicative_score(q, k, W_q, W_k):
    hidden_q, hidden_k = [dot(row, q) for row in W_q], [dot(row, k) for row in W_k]
    return dot(hidden_q, hidden_k) / math.sqrt(len(W_q))


def additive_score(q, k, W_q, W_k, w_v):
    hidden = [math.tanh(dot(a, q) + dot(b, k)) for a, b in zip(W_q, W_k, strict=True)]
    return dot(w_v, hidden)


def attend(score, queries, keys, values, valid, value_size):
    """Weights and outputs of nested lists, (batch, …); `valid` says which keys count."""
    all_weights, outputs = [], []
    for Q, K, V, marks in zip(queries, keys, values, valid, strict=True):
        rows = [weights([score(q, k) for k in K], row) for q, row in zip(Q, marks, strict=True)]
        all_weights.append(rows)
        columns = list(zip(*V, strict=True)) or [()] * value_size
        outputs.append([[dot(row, list(column)) for column in columns] for row in rows])
    return all_weights, outputs
