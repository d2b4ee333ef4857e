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
def batches(draw, smallest=0, dtypes=DTYPES, same_size=True):
    """Queries, keys, values and valid_lens that go together; sizes down to `smallest`."""
    batch, num_queries, num_keys, value_size = (
        draw(st.integers(smallest, most)) for most in (3, 4, 6, 3)
    )
    query_size = draw(st.integers(1, 5))
    key_size = query_size if same_size else draw(st.integers(1, 5))
    dtype = draw(st.sampled_from(dtypes))
    return (
        draw(tensors((batch, num_queries, query_size), dtype)),
        draw(tensors((batch, num_keys, key_size), dtype)),
        draw(tensors((batch, num_keys, value_size), dtype)),
        draw(valid_lens(batch, num_queries, num_keys)),
    )


def lens_per_query(lens, batch, num_queries, num_keys) -> list[list[int]]:
    """Lengths written out, one for each query."""
    if lens is None:
        return [[num_keys] * num_queries] * batch
    lens = lens.tolist() if isinstance(lens, torch.Tensor) else lens
    return [row if isinstance(row, list) else [row] * num_queries for row in lens]
