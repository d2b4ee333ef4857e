"""What the package refuses, and the words it refuses with: an argument, what it had, what it needed."""

from numbers import Integral, Real

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter, is_lazy

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def check_tensor(name: str, X: Tensor, axes: tuple[str, ...]) -> None:
    """Refuse what is not a floating-point tensor with the named axes."""
    if not isinstance(X, Tensor):
        raise TypeError(
            f"{name} must be a torch tensor of shape ({', '.join(axes)}), not {type(X).__name__}"
        )
    if X.ndim != len(axes):
        raise ValueError(
            f"{name} has shape {tuple(X.shape)}: {X.ndim} dimensions, where {len(axes)} are "
            f"needed, ({', '.join(axes)})"
        )
    if X.dtype not in DTYPES:
        raise ValueError(f"{name} has dtype {X.dtype}, where a floating-point dtype is needed")


def check_together(mixed: bool = False, /, **tensors: Tensor) -> None:
    """Refuse tensors that differ in batch size, device or (outside autocast) dtype.

    If mixed, half precision goes with float32.
    """
    (first_name, first), *others = tensors.items()
    for name, X in others:
        if X.shape[0] != first.shape[0]:
            raise ValueError(
                f"{name} has shape {tuple(X.shape)}, a batch of {X.shape[0]}, but {first_name} has "
                f"shape {tuple(first.shape)}: a batch of {first.shape[0]} is needed"
            )
        if X.device != first.device:
            raise ValueError(
                f"{name} is on {X.device}, but {first_name} is on {first.device}: "
                f"move both to one device"
            )
        fit = X.dtype == first.dtype or (mixed and torch.float64 not in (X.dtype, first.dtype))
        if not fit and not torch.is_autocast_enabled(first.device.type):
            raise ValueError(f"{name} has dtype {X.dtype}, but {first_name} has {first.dtype}")


def check_inputs(queries: Tensor, keys: Tensor, values: Tensor) -> None:
    """Refuse queries, keys and values that do not make one batch of attention."""
    check_tensor("queries", queries, ("batch", "num_queries", "query_size"))
    check_tensor("keys", keys, ("batch", "num_keys", "key_size"))
    check_tensor("values", values, ("batch", "num_keys", "value_size"))
    check_together(queries=queries, keys=keys, values=values)
    check_rows("keys", keys.shape[1], values)
    for name, X in (("queries", queries), ("keys", keys)):
        if X.shape[2] == 0:
            raise ValueError(f"{name} has shape {tuple(X.shape)}: at least one feature is needed")


def check_rows(name: str, num_keys: int, values: Tensor) -> None:
    """Refuse values that are not one for each key."""
    if values.shape[1] != num_keys:
        raise ValueError(
            f"values has shape {tuple(values.shape)}, {values.shape[1]} rows, but {name} has "
            f"{num_keys} keys: a row of values is needed for each key, "
            f"({values.shape[0]}, {num_keys}, value_size)"
        )


def check_same_size(queries: Tensor, keys: Tensor) -> None:
    """Refuse queries and keys that cannot be compared feature by feature."""
    if queries.shape[-1] != keys.shape[-1]:
        raise ValueError(
            f"keys has shape {tuple(keys.shape)} and queries {tuple(queries.shape)}: this score "
            f"needs keys of the queries' size, {queries.shape[-1]}, not {keys.shape[-1]}; "
            f"MultiplicativeAttention and AdditiveAttention take sizes that differ"
        )


def check_scores(attention: str, scores: Tensor, queries: Tensor, keys: Tensor) -> None:
    """Refuse what a `score` method returned, unless it is a score for each query and key."""
    batch, num_queries, num_keys = *queries.shape[:2], keys.shape[1]
    if not isinstance(scores, Tensor) or scores.shape != (batch, num_queries, num_keys):
        came = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
        raise ValueError(
            f"{attention}.score returned {came} for queries {tuple(queries.shape)} and keys "
            f"{tuple(keys.shape)}, but must return (batch, num_queries, num_keys) = "
            f"({batch}, {num_queries}, {num_keys})"
        )
    if scores.dtype not in DTYPES or scores.device != queries.device:
        raise ValueError(
            f"{attention}.score returned {scores.dtype} on {scores.device} for queries of "
            f"{queries.dtype} on {queries.device}: floating-point scores are needed, on their "
            f"device"
        )


def is_plain_linear(layer: nn.Module) -> bool:
    """Say whether a layer is W x and nothing more: what it does can be done with its weight."""
    if type(layer) is not nn.Linear or layer.bias is not None or "forward" in vars(layer):
        return False
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return not any(map(vars(layer).get, hooks))  # torch has no public name for its hooks


def check_projection(name: str, X: Tensor, layer_name: str, layer: nn.Module) -> None:
    """Refuse queries or keys that a Linear layer was not made for; other layers speak up."""
    if not isinstance(layer, nn.Linear) or not isinstance(layer.weight, Tensor):
        return
    weight = layer.weight
    if not isinstance(weight, UninitializedParameter) and X.shape[-1] != weight.shape[1]:
        raise ValueError(
            f"{name} has shape {tuple(X.shape)}, a size of {X.shape[-1]}, but {layer_name} was "
            f"made for {name} of size {weight.shape[1]}"
        )
    if X.device != weight.device:
        raise ValueError(f"{name} is on {X.device}, but {layer_name} is on {weight.device}")
    if X.dtype != weight.dtype and not torch.is_autocast_enabled(X.device.type):
        raise ValueError(f"{name} has dtype {X.dtype}, but {layer_name} has {weight.dtype}")


def made_weight(**layers: nn.Module) -> Tensor:
    """Return the weight of a layer, given by the name of its size; refuse one not yet made."""
    ((size, layer),) = layers.items()
    weight = getattr(layer, "weight", None)
    if isinstance(weight, Tensor):
        if is_lazy(weight):
            raise ValueError(f"M has no shape yet: give {size}, or call the module once")
        return weight
    raise ValueError(f"M is made of two weight matrices, and {type(layer).__name__} has none")


def check_shows_its_weights(attention: nn.Module, base: type) -> None:
    """Refuse to draw a module that may not use the weights that come of its score.

    Args:
        attention: a module of class `base` or of a subclass, which may override `score` only.
    """
    for method in ("forward", "weights", "weights_in_blocks", "pool", "_pool"):
        if method in vars(attention) or getattr(type(attention), method) is not getattr(
            base, method
        ):
            raise TypeError(
                f"{type(attention).__name__} has its own {method}, so what it computes may not be "
                f"what its weights would show: override score only (a mask, too, can be made there)"
            )


def check_count(name: str, count: int) -> None:
    """Refuse a size that is not a positive whole number."""
    if not isinstance(count, Integral) or isinstance(count, bool):
        raise TypeError(f"{name} must be a whole number, not {type(count).__name__}")
    if count < 1:
        raise ValueError(f"{name} is {count}, but must be at least 1")


def check_dropout(dropout: float) -> None:
    """Refuse a share of weights to drop that is not a number in [0, 1)."""
    if not isinstance(dropout, Real):
        raise TypeError(f"dropout must be a number in [0, 1), not {type(dropout).__name__}")
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout is {dropout}, but must be in [0, 1)")
