"""The model of notebook 9 stays on its device: torch's meta device stands in for a GPU."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from tools.files import Book, read

from d2l_attention.tests.test_meta import OnlyOnMeta

BOOK = Book(Path(__file__).resolve().parents[2])
NOTEBOOK = read(BOOK.folder("en") / "9-heads-that-look.ipynb")
SOURCES = {cell.id: cell.source for cell in NOTEBOOK.cells}


@pytest.fixture(scope="module")
def taught():
    """What the cells with the model define."""
    names = {"torch": torch, "F": F}
    exec("from d2l_attention import DotProductAttention", names)  # noqa: S102
    for cell in ("layer", "attention-only"):
        exec(SOURCES[cell], names)  # noqa: S102
    return names


@pytest.mark.parametrize("choices", [{}, {"num_layers": 1}, {"positions": False}], ids=str)
def test_a_step_makes_nothing_on_the_cpu_and_reads_nothing(taught, choices):
    with torch.device("meta"):
        model = taught["AttentionOnly"](**choices)
        texts = torch.empty(3, 25, dtype=torch.int64)
    with OnlyOnMeta() as there:
        tokens, wanted = texts[:, :-1], texts[:, 1:]
        logits = model(tokens, taught["causal"](tokens))
        loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten())
        loss.backward()
    assert logits.shape == (3, 24, 16) and there.read_in == 0
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.is_meta, name
    for layer in model.layers:
        assert layer.attention.attention_weights.is_meta
