"""What hypothesis draws: batches of attention in every shape, dtype, layout and length."""

import torch
from hypothesis import strategies as st

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
# How far two roundings of one number may lie apart, by dtype.
TOLERANCE = {torch.float16: 1e-2, torch.bfloat16: 1e-1, torch.float32: 1e-4, torch.float64: 1e-9}


@st.composite
def tensors(draw, shape, dtype=torch.float32):
    """A seeded normal tensor: contiguous, transposed, strided, expanded, or a leaf that learns."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    layout = draw(st.sampled_from(["plain", "transposed", "strided", "expanded", "leaf"]))
    if layout == "transposed":
        swapped = (shape[0], shape[2], shape[1])
        return torch.randn(swapped, generator=generator).to(dtype).mT
    if layout == "strided":
        doubled = (*shape[:2], 2 * shape[2])
        return torch.randn(doubled, generator=generator).to(dtype)[..., ::2]
    if layout == "expanded":
        return torch.randn((1, *shape[1:]), generator=generator).to(dtype).expand(shape)
    X = torch.randn(shape, generator=generator).to(dtype)
    return X.requires_grad_(layout == "leaf")


@st.composite
def valid_lens(draw, batch, num_queries, num_keys):
    """None, (batch,) or (batch, num_queries): as a list or a tensor of any integer dtype."""
    length = st.integers(-2, num_keys + 2)
    form = draw(st.sampled_from(["none", "batch", "queries"]))
    if form == "none":
        return None
    if form == "batch":
        lens = draw(st.lists(length, min_size=batch, max_size=batch))
    else:
        row = st.lists(length, min_size=num_queries, max_size=num_queries)
        lens = draw(st.lists(row, min_size=batch, max_size=batch))
    dtype = draw(st.sampled_from([None, torch.int8, torch.int32, torch.int64]))
    shape = (batch,) if form == "batch" else (batch, num_queries)
    return (
        lens
        if dtype is None and batch
        else torch.tensor(lens, dtype=dtype or torch.int64).reshape(shape)
    )


@st.composite
def masks(draw, batch, num_queries, num_keys):
    """None, or what broadcasts to (batch, num_queries, num_keys): a tensor or lists of booleans."""
    if draw(st.booleans()):
        return None
    axes = draw(st.integers(0, 3))
    whole = (batch, num_queries, num_keys)[3 - axes :]
    shape = [draw(st.sampled_from([1, size])) for size in whole]
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    share = draw(st.sampled_from([0.0, 0.3, 0.7, 1.0]))
    mask = torch.rand(shape, generator=generator) < share
    if draw(st.booleans()):
        mask = mask.mT.contiguous().mT if axes > 1 else mask
        return mask.expand(whole) if draw(st.booleans()) else mask
    return mask.tolist() if mask.numel() else mask


@st.composite
def batches(draw, smallest=0, dtypes=DTYPES, same_size=True):
    """Queries, keys, values and what masks them, that go together; sizes down to `smallest`."""
    batch, num_queries, num_keys, value_size = (
        draw(st.integers(smallest, most)) for most in (3, 4, 6, 3)
    )
    query_size = draw(st.integers(1, 5))
    key_size = query_size if same_size else draw(st.integers(1, 5))
    dtype = draw(st.sampled_from(dtypes))
    sizes = (batch, num_queries, num_keys)
    return (
        draw(tensors((batch, num_queries, query_size), dtype)),
        draw(tensors((batch, num_keys, key_size), dtype)),
        draw(tensors((batch, num_keys, value_size), dtype)),
        {"valid_lens": draw(valid_lens(*sizes)), "mask": draw(masks(*sizes))},
    )


def counted(valid_lens, mask, batch, num_queries, num_keys) -> list[list[list[bool]]]:
    """Say of every query and key whether it counts, (batch, num_queries, num_keys)."""
    if valid_lens is None:
        valid_lens = [num_keys] * batch
    lens = valid_lens.tolist() if isinstance(valid_lens, torch.Tensor) else valid_lens
    rows = [row if isinstance(row, list) else [row] * num_queries for row in lens]
    marks = torch.ones(batch, num_queries, num_keys, dtype=torch.bool)
    marks = (marks if mask is None else marks & torch.as_tensor(mask)).tolist()
    return [
        [[j < n and row[j] for j in range(num_keys)] for n, row in zip(ns, example, strict=True)]
        for ns, example in zip(rows, marks, strict=True)
    ]
