"""What an attention explorer is made of: what the reader can change, and what follows from it."""

from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from ..attention import Attention
from ..checks import check_scores
from ..masks import Valid, blank_masked, together, valid_mask
from ..rows import score_rows


@dataclass(frozen=True)
class AttentionState:
    """What can be changed, on one device. No tensor in it is ever changed in place."""

    Q: Tensor  # (batch, num_queries, query_size)
    K: Tensor  # (batch, num_keys, key_size)
    V: Tensor  # (batch, num_keys, value_size)
    valid_lens: Tensor | None  # (batch, num_queries)
    lens_by_query: bool  # each query has a length, and not each example
    W_q: Tensor  # (num_hiddens, query_size)
    W_k: Tensor  # (num_hiddens, key_size)
    w_v: Tensor  # (1, num_hiddens)
    scoring: str
    temperature: float = 1.0
    batch: int = 0  # the example that is drawn
    # (batch, num_queries, num_keys or value_size), on the CPU, NaN where nothing was predicted;
    # None where nothing is asked.
    prediction: Tensor | None = None
    shown: bool = True  # nothing is covered
    mask: Tensor | None = None  # boolean, (1 or batch, 1 or num_queries, num_keys); never changed

    @property
    def valid(self) -> Valid:
        """Which keys count for which queries."""
        return together(self.valid_lens, self.mask)


State = TypeVar("State", bound=AttentionState)


@dataclass(frozen=True)
class AttentionResult:
    """What follows: None until it was once computed; `error` where the reader's score failed."""

    scores: Tensor | None = None  # (batch, num_queries, num_keys)
    weights: Tensor | None = None
    output: Tensor | None = None  # (batch, num_queries, value_size)
    error: str | None = None


@dataclass(frozen=True)
class Presentation:
    """How much of a state is shown, and under which names; this never changes."""

    show: str  # one of STEPS in panels.py
    words: dict[str, str]
    query_labels: list[str] | None
    key_labels: list[str] | None
    target: Tensor | None  # of the weights, on the CPU; NaN where anything will do
    predict: str | None = None  # what the reader is to predict: "weights" or "output"


def compute(
    attention: Attention, state: AttentionState, name: str, copies: bool = False
) -> AttentionResult:
    """Compute a state: masked_softmax of score(Q, K) / temperature, then weights V.

    Args:
        attention: the module that scores and pools, with the state's parameters in it.
        name: what an error calls the module.
        copies: as in `score`.
    """
    # Masked keys are scored, too: the mask comes after. A reader's score may look at all keys at
    # once, and is handed what its module hands it.
    K = blank_masked(state.K, state.valid) if copies else state.K
    scores = score(attention, state.Q, K, name, copies)
    cooled = cool(scores, state.valid, state.temperature)
    output = attention.pool(cooled, state.V, state.valid_lens, mask=state.mask)
    return AttentionResult(scores, attention.attention_weights, output)


def score(attention: Attention, Q: Tensor, K: Tensor, name: str, copies: bool) -> Tensor:
    """Score each query and key, and check what comes.

    Args:
        name: what an error calls the module.
        copies: copy what the score is handed and what it returns: it is a reader's, which may
            work in place, or return a parameter or the same tensor each time.
    """
    inputs = (Q.clone(), K.clone()) if copies else (Q, K)
    scores = score_rows(attention, *inputs)
    check_scores(name, scores, Q, K)
    return scores.clone() if copies else scores


def cool(scores: Tensor, valid: Valid, temperature: float) -> Tensor:
    """Divide scores by the temperature, each row's largest valid score taken off before.

    Softmax gives the same without it, but a score divided by a small temperature may overflow.

    Args:
        scores: (batch, num_queries, num_keys).
        valid: which keys count, as `read_valid` returns it.
    """
    if temperature == 1:
        return scores
    marked = valid_mask(valid, scores.shape[2])
    counted = scores if marked is None else scores.masked_fill(~marked, -torch.inf)
    largest = counted.amax(dim=-1, keepdim=True)  # (batch, num_queries, 1)
    return (scores - largest.masked_fill(largest == -torch.inf, 0)) / temperature
