"""What the package refuses, and the words it refuses with: an argument, what it had, what it needed."""

from numbers import Integral, Real

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter, is_lazy

from .language import gettext as _
from .plain import DTYPES, check_kind, structure_of


def check_tensor(name: str, X: Tensor, axes: tuple[str, ...]) -> None:
    """Refuse what is not a floating-point tensor with the named axes."""
    if not isinstance(X, Tensor):
        words = _("{name} must be a torch tensor of shape ({axes}), not {type}")
        raise TypeError(words.format(name=name, axes=", ".join(axes), type=type(X).__name__))
    check_kind(name, structure_of(X))
    if X.ndim != len(axes):
        words = _(
            "{name} has shape {shape}: {ndim} dimensions, where {needed} are needed, ({axes})"
        )
        sizes = {"shape": tuple(X.shape), "ndim": X.ndim, "needed": len(axes)}
        raise ValueError(words.format(name=name, axes=", ".join(axes), **sizes))
    if X.dtype not in DTYPES:
        words = _("{name} has dtype {dtype}, where a floating-point dtype is needed")
        raise ValueError(words.format(name=name, dtype=X.dtype))


def check_together(mixed: bool = False, /, **tensors: Tensor) -> None:
    """Refuse tensors that differ in batch size, device or (outside autocast) dtype.

    If mixed, half precision goes with float32.
    """
    (first_name, first), *others = tensors.items()
    for name, X in others:
        if X.shape[0] != first.shape[0]:
            words = _(
                "{name} has shape {shape}, a batch of {batch}, but {other} has shape {needed}: a "
                "batch of {needed[0]} is needed"
            )
            shapes = {"shape": tuple(X.shape), "batch": X.shape[0], "needed": tuple(first.shape)}
            raise ValueError(words.format(name=name, other=first_name, **shapes))
        if X.device != first.device:
            words = _("{name} is on {device}, but {other} is on {needed}: move both to one device")
            devices = {"device": X.device, "needed": first.device}
            raise ValueError(words.format(name=name, other=first_name, **devices))
        fit = X.dtype == first.dtype or (mixed and torch.float64 not in (X.dtype, first.dtype))
        if not fit and not torch.is_autocast_enabled(first.device.type):
            words = _("{name} has dtype {dtype}, but {other} has {needed}")
            dtypes = {"dtype": X.dtype, "needed": first.dtype}
            raise ValueError(words.format(name=name, other=first_name, **dtypes))


def check_inputs(queries: Tensor, keys: Tensor, values: Tensor) -> None:
    """Refuse queries, keys and values that do not make one batch of attention."""
    check_tensor("queries", queries, ("batch", "num_queries", "query_size"))
    check_tensor("keys", keys, ("batch", "num_keys", "key_size"))
    check_tensor("values", values, ("batch", "num_keys", "value_size"))
    check_together(queries=queries, keys=keys, values=values)
    check_rows("keys", keys.shape[1], values)
    for name, X in (("queries", queries), ("keys", keys)):
        if X.shape[2] == 0:
            words = _("{name} has shape {shape}: at least one feature is needed")
            raise ValueError(words.format(name=name, shape=tuple(X.shape)))


def check_rows(name: str, num_keys: int, values: Tensor) -> None:
    """Refuse values that are not one for each key."""
    if values.shape[1] != num_keys:
        words = _(
            "values has shape {shape}, {shape[1]} rows, but {name} has {num_keys} keys: a row of "
            "values is needed for each key, ({shape[0]}, {num_keys}, value_size)"
        )
        raise ValueError(words.format(name=name, shape=tuple(values.shape), num_keys=num_keys))


def check_same_size(queries: Tensor, keys: Tensor) -> None:
    """Refuse queries and keys that cannot be compared feature by feature."""
    if queries.shape[-1] != keys.shape[-1]:
        words = _(
            "keys has shape {keys} and queries {queries}: this score needs keys of the queries' "
            "size, {query_size}, not {key_size}; MultiplicativeAttention and AdditiveAttention take "
            "sizes that differ"
        )
        shapes = {"keys": tuple(keys.shape), "queries": tuple(queries.shape)}
        sizes = {"query_size": queries.shape[-1], "key_size": keys.shape[-1]}
        raise ValueError(words.format(**shapes, **sizes))


def check_scores(attention: str, scores: Tensor, queries: Tensor, keys: Tensor) -> None:
    """Refuse what a `score` method returned, unless it is a score for each query and key."""
    batch, num_queries, num_keys = *queries.shape[:2], keys.shape[1]
    kind = structure_of(scores) if isinstance(scores, Tensor) else type(scores).__name__
    if kind or scores.shape != (batch, num_queries, num_keys):
        came = kind or tuple(scores.shape)
        words = _(
            "{attention}.score returned {came} for queries {queries} and keys {keys}, but must "
            "return (batch, num_queries, num_keys) = {needed}"
        )
        shapes = {"queries": tuple(queries.shape), "keys": tuple(keys.shape)}
        needed = (batch, num_queries, num_keys)
        raise ValueError(words.format(attention=attention, came=came, needed=needed, **shapes))
    if scores.dtype not in DTYPES or scores.device != queries.device:
        words = _(
            "{attention}.score returned {scores.dtype} on {scores.device} for queries of "
            "{queries.dtype} on {queries.device}: floating-point scores are needed, on their device"
        )
        raise ValueError(words.format(attention=attention, scores=scores, queries=queries))


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
        words = _(
            "{name} has shape {shape}, a size of {size}, but {layer} was made for {name} of size "
            "{needed}"
        )
        sizes = {"shape": tuple(X.shape), "size": X.shape[-1], "needed": weight.shape[1]}
        raise ValueError(words.format(name=name, layer=layer_name, **sizes))
    if X.device != weight.device:
        words = _("{name} is on {device}, but {layer} is on {needed}")
        devices = {"device": X.device, "needed": weight.device}
        raise ValueError(words.format(name=name, layer=layer_name, **devices))
    if X.dtype != weight.dtype and not torch.is_autocast_enabled(X.device.type):
        words = _("{name} has dtype {dtype}, but {other} has {needed}")
        dtypes = {"dtype": X.dtype, "needed": weight.dtype}
        raise ValueError(words.format(name=name, other=layer_name, **dtypes))


def made_weight(**layers: nn.Module) -> Tensor:
    """Return the weight of a layer, given by the name of its size; refuse one not yet made."""
    ((size, layer),) = layers.items()
    weight = getattr(layer, "weight", None)
    if isinstance(weight, Tensor):
        if is_lazy(weight):
            words = _("M has no shape yet: give {size}, or call the module once")
            raise ValueError(words.format(size=size))
        return weight
    words = _("M is made of two weight matrices, and {type} has none")
    raise ValueError(words.format(type=type(layer).__name__))


def check_shows_its_weights(attention: nn.Module, base: type) -> None:
    """Refuse to draw a module that may not use the weights that come of its score.

    Args:
        attention: a module of class `base` or of a subclass, which may override `score` only.
    """
    for method in ("forward", "weights", "weights_in_blocks", "pool", "_pool"):
        if method in vars(attention) or getattr(type(attention), method) is not getattr(
            base, method
        ):
            words = _(
                "{type} has its own {method}, so what it computes may not be what its weights "
                "would show: override score only (a mask goes in as mask=)"
            )
            raise TypeError(words.format(type=type(attention).__name__, method=method))


def check_count(name: str, count: int) -> None:
    """Refuse a size that is not a positive whole number."""
    if not isinstance(count, Integral) or isinstance(count, bool):
        words = _("{name} must be a whole number, not {type}")
        raise TypeError(words.format(name=name, type=type(count).__name__))
    if count < 1:
        words = _("{name} is {count}, but must be at least 1")
        raise ValueError(words.format(name=name, count=count))


def check_dropout(dropout: float) -> None:
    """Refuse a share of weights to drop that is not a number in [0, 1)."""
    if not isinstance(dropout, Real):
        words = _("dropout must be a number in [0, 1), not {type}")
        raise TypeError(words.format(type=type(dropout).__name__))
    if not 0 <= dropout < 1:
        raise ValueError(_("dropout is {dropout}, but must be in [0, 1)").format(dropout=dropout))
