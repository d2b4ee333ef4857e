import torch

from d2l_attention import MultiplicativeAttention, explore

from ..right_answers import RIGHT
from . import wrong

split, join, lens_of_heads = (RIGHT[name] for name in ("split_heads", "join_heads", "head_lens"))


def as_if_contiguous(answer):
    """The answer to what lies in memory, read as if it lay there row by row."""
    return lambda X, num_heads: answer(
        X.as_strided(X.shape, torch.empty(X.shape).stride()), num_heads
    )


def by_view(answer):
    return lambda X, num_heads: answer(X.view(-1).view(X.shape), num_heads)


def split_heads_major(X, num_heads):
    return torch.cat(X.chunk(num_heads, dim=2))


def split_alternating(X, num_heads):
    return X.unflatten(2, (-1, num_heads)).permute(0, 3, 1, 2).flatten(0, 1)


def join_heads_major(X, num_heads):
    return torch.cat(X.chunk(num_heads), dim=2)


def join_alternating(X, num_heads):
    return X.unflatten(0, (-1, num_heads)).permute(0, 2, 3, 1).flatten(2)


def join_by_reshape(X, num_heads):
    return X.reshape(len(X) // num_heads, X.shape[1], -1)


def changes_its_argument(X, num_heads):
    return split(X.mul_(2), num_heads) / 2


SPLIT = [
    wrong(
        "split_heads",
        "result[0] is [[1, 2], [3, 4]], and should be head 0 of example 0, [[1, 2], [11, 12]]: a "
        "reshape alone does not move the axis of the heads before that of the tokens, for X = "
        "[[[1, 2, 3, 4], [11, 12, 13, 14]]], num_heads = 2.",
        lambda X, num_heads: X.reshape(len(X) * num_heads, X.shape[1], -1),
    ),
    wrong(
        "split_heads",
        "result[1] is [[101], [111]], and should be head 1 of example 0, [[2], [12]]: head 0 of "
        "every example comes first",
        split_heads_major,
    ),
    wrong(
        "split_heads",
        "[[1, 3], [11, 13]], and should be head 0 of example 0, [[1, 2], [11, 12]]: the features of "
        "a head stand 2 apart",
        split_alternating,
    ),
    wrong(
        "split_heads",
        "shape (2, 2, 1), and should have (1, 2, 2), for X = [[[1, 2], [11, 12]]], num_heads = 1",
        lambda X, num_heads: split(X, 2),
    ),
    wrong("split_heads", "num_heads = 3", lambda X, num_heads: split(X, min(num_heads, 2))),
    wrong(
        "split_heads",
        "it raised RuntimeError: view size is not compatible with input tensor's size and stride",
        by_view(split),
    ),
    wrong("split_heads", "This X is transposed, and its rows do not lie", by_view(split)),
    wrong("split_heads", "This X is transposed, and its rows do not lie", as_if_contiguous(split)),
    wrong(
        "split_heads",
        "result[0] is [[2, 1], [12, 11]], and should be head 0 of example 0, [[1, 2], [11, 12]], for",
        lambda X, num_heads: split(X, num_heads).flip(2),
    ),
    wrong("split_heads", "shape (1, 2, 4), and should have (2, 2, 2)", lambda X, num_heads: X),
    wrong("split_heads", "it changes its argument X", changes_its_argument),
    wrong("split_heads", "returns a list", lambda X, num_heads: split(X, num_heads).tolist()),
    wrong("split_heads", "it raised KeyError: 'heads'", lambda X, num_heads: {}["heads"]),
    wrong("split_heads", "not solved yet", lambda X, num_heads: None),
]

JOIN = [
    wrong(
        "join_heads",
        "token 0 of example 0 is [1, 2, 11, 12], and should be [1, 2, 3, 4]: a reshape alone does "
        "not move the axis of the heads back behind that of the tokens, for X = "
        "[[[1, 2], [11, 12]], [[3, 4], [13, 14]]], num_heads = 2.",
        join_by_reshape,
    ),
    wrong(
        "join_heads",
        "token 0 of example 0 is [1, 101], and should be [1, 2]: it takes head 0 of every example",
        join_heads_major,
    ),
    wrong(
        "join_heads",
        "token 0 of example 0 is [1, 3, 2, 4], and should be [1, 2, 3, 4]: the features of the heads "
        "alternate",
        join_alternating,
    ),
    wrong("join_heads", "num_heads = 1", lambda X, num_heads: join(X, max(num_heads, 2))),
    wrong("join_heads", "num_heads = 3", lambda X, num_heads: join(X, min(num_heads, 2))),
    wrong("join_heads", "view size is not compatible", by_view(join)),
    wrong("join_heads", "This X is transposed, and its rows do not lie", by_view(join)),
    wrong("join_heads", "This X is transposed, and its rows do not lie", as_if_contiguous(join)),
    wrong(
        "join_heads",
        "token 0 of example 0 is [11, 12, 13, 14], and should be [1, 2, 3, 4], for",
        lambda X, num_heads: join(X, num_heads).flip(1),
    ),
    wrong("join_heads", "shape (2, 2, 2), and should have (1, 2, 4)", lambda X, num_heads: X),
    wrong("join_heads", "not solved yet", lambda X, num_heads: None),
]


def repeated(lens, num_tokens, num_heads):
    return RIGHT["causal_lens"](lens.repeat(num_heads), num_tokens)


def unmasked(lens, num_tokens, num_heads):
    return lens.repeat_interleave(num_heads)[:, None].expand(-1, num_tokens)


def causal_alone(lens, num_tokens, num_heads):
    return torch.arange(1, num_tokens + 1).expand(len(lens) * num_heads, -1)


def shifted(by, after=0):
    """A causal mask that is off by so many keys, before or after the end of the sentence counts."""
    return lambda lens, num_tokens, num_heads: (
        torch.minimum(
            lens.repeat_interleave(num_heads)[:, None], torch.arange(1, num_tokens + 1) + by
        )
        + after
    )


LENS = [
    wrong(
        "head_lens",
        "row 1, head 1 of example 0, is [1, 2, 3], and should be [1, 1, 1]: lengths that differ tell "
        "the orders apart: repeat puts all examples one after another; split_heads keeps the heads "
        "of an example together, as repeat_interleave does, for valid_lens = [1, 3], "
        "num_tokens = 3, num_heads = 2.",
        repeated,
    ),
    wrong(
        "head_lens",
        "row 0, head 0 of example 0, is [3, 3, 3, 3], and should be [1, 2, 3, 3]: each token sees "
        "the whole sentence",
        unmasked,
    ),
    wrong("head_lens", "[1, 2, 3, 4], and should be [1, 2, 3, 3]: the tokens at the end see padding",
          causal_alone),
    wrong("head_lens", "[0, 1, 2, 3], and should be [1, 2, 3, 3]: a token does not see itself",
          shifted(-1)),
    wrong("head_lens", "[0, 1, 2, 2], and should be [1, 2, 3, 3]: a token does not see itself",
          shifted(0, -1)),
    wrong("head_lens", "[2, 3, 3, 3], and should be [1, 2, 3, 3]: a token sees the next one",
          shifted(1)),
    wrong("head_lens", "[2, 3, 4, 4], and should be [1, 2, 3, 3]: a token sees the next one",
          shifted(0, 1)),
    wrong("head_lens", "[1, 2, 3, 3.5], and should be [1, 2, 3, 3], for",
          lambda *x: lens_of_heads(*x) + torch.tensor([0, 0, 0, 0.5])[: x[1]]),
    wrong("head_lens", "shape (1, 3), and should have (2, 3), for valid_lens = [2]",
          lambda lens, n, h: RIGHT["causal_lens"](lens, n)),
    wrong("head_lens", "shape (1, 1, 4), and should have (1, 4)",
          lambda lens, n, h: lens_of_heads(lens, n, h).unflatten(0, (-1, h))),
    wrong("head_lens", "not solved yet", lambda *x: None),
]  # fmt: skip


def diagonal(step, first=0):
    return lambda weights: weights.diagonal(step, 1, 2)[:, first:].mean(dim=1)


PREVIOUS = [
    wrong(
        "previous_token",
        "head 0 gets 0.125, and should get 0.25: that divides by 2, and token 0, which has none "
        "before it, must not count, for weights = [[[1, 0], [0.25, 0.75]]].",
        lambda weights: weights.diagonal(-1, 1, 2).sum(dim=1) / weights.shape[1],
    ),
    wrong("previous_token", "0.875, and should get 0.25: that is the diagonal, the", diagonal(0)),
    wrong("previous_token", "0.75, and should get 0.25: that is the diagonal, the", diagonal(0, 1)),
    wrong("previous_token", "0, and should get 0.25: that is the diagonal above", diagonal(1)),
    wrong(
        "previous_token",
        "head 0 gets 0.75, and should get 0.625, for weights = [[[1, 0, 0], [0.75, 0.25, 0]",
        lambda weights: weights[:, 1, 0],
    ),
    wrong(
        "previous_token",
        "head 0 gets 1.25, and should get 0.625: that is the sum, not the mean",
        lambda weights: weights.diagonal(-1, 1, 2).sum(dim=1),
    ),
    wrong("previous_token", "shape (), and should have (1,)", lambda w: diagonal(-1)(w).mean()),
    wrong("previous_token", "gets nan", lambda weights: diagonal(-1)(weights) * torch.nan),
    wrong("previous_token", "not solved yet", lambda weights: None),
]

TEXT = torch.tensor(
    [
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 1.0, 0.0],
        [-1.0, -1.0, 0.0, 1.0],
        [1.0, 0.0, -1.0, -1.0],
        [0.0, 1.0, 1.0, 0.0],
    ]
)
CAUSAL = torch.arange(1, 6)


def figure(read=None, lens=None, **assigned):
    """The live figure of the exercise: W_k reads these two columns, the first two at first."""
    W = torch.eye(2, 4)
    attention = MultiplicativeAttention(num_hiddens=2, query_size=4, key_size=4)
    attention.load_state_dict({"W_q.weight": 8 * W, "W_k.weight": W})
    target = torch.full((5, 5), torch.nan)
    target[3], target[4] = torch.eye(5)[1], torch.eye(5)[2]
    explorer = explore(attention, TEXT, TEXT, TEXT[:, :2], torch.full((5,), 5), target=target)
    if read is not None:
        assigned["W_k"] = torch.tensor(read)
    if lens is not None:
        assigned["valid_lens"] = lens
    explorer.assign(**assigned)
    return explorer


BEFORE = [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
# A looks for a B, and B for a C, whatever stood before: it is what follows them in this text.
BY_HEART = [[-1.0, 1.0, 0.0, 0.0], [-1.0, -1.0, 0.0, 0.0]]

COPY = [
    wrong("copy_from_before", "the goal is not reached: the worst weight is off by 1.00", figure()),
    wrong("copy_from_before", "off by 0.5", figure(BEFORE)),
    wrong("copy_from_before", "off by 1", figure(lens=CAUSAL)),
    wrong(
        "copy_from_before",
        "query 0 gives key 1 a weight of",
        figure(BEFORE, torch.tensor([5, 5, 5, 4, 5])),
    ),
    wrong(
        "copy_from_before",
        "it is reached in A B C A B, but with the same matrices the second A of A C B A C puts only "
        "0.00 of its weight on the C that followed the first: a key should say which token stood "
        "before",
        figure(BY_HEART, CAUSAL),
    ),
    wrong(
        "copy_from_before",
        "only W_k, valid_lens should be changed, and Q was too",
        figure(BEFORE, CAUSAL, Q=2 * TEXT),
    ),
    wrong("copy_from_before", "and W_q was too", figure(BEFORE, CAUSAL, W_q=9 * torch.eye(2, 4))),
    wrong("copy_from_before", "and temperature was too", figure(BEFORE, CAUSAL, temperature=2.0)),
    wrong("copy_from_before", "a live figure is needed, not NoneType", None),
]

WRONG = [*SPLIT, *JOIN, *LENS, *PREVIOUS, *COPY]
