"""The plane explorer: queries and keys as points, over a map of where each key wins."""

import math

import torch
from torch import Tensor
from traitlets import Float

from ..attention import Attention
from ..language import gettext as _
from ..language import ngettext
from ..softmax import masked_softmax
from . import packing
from .attention_explorer import AttentionExplorer
from .modules import linked
from .still import numbers_text
from .words import plane_words

ROWS = 256  # of the map: as many queries each way
# Okabe and Ito's colours, which can be told apart with any colour vision.
COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999"]


class PlaneExplorer(AttentionExplorer):
    """The live figure that `explore_plane` makes; see there.

    Q, K, V, temperature and scoring can be assigned; weights and output are what follows from
    them. All can be read and observed.
    """

    _esm = linked("plane.js")

    reach = Float()  # The plane is drawn from −reach to reach.

    def __init__(
        self, attention: Attention, queries: Tensor, keys: Tensor, values: Tensor | None = None
    ):
        points = {"queries": queries, "keys": keys}
        points["values"] = keys if values is None else values
        for name, X in points.items():
            _check_points(name, X)
        self._tied = values is None
        super().__init__(attention, **points)

    def reset(self) -> None:
        """Go back to what the explorer was made with."""
        self.reach = 0.0
        super().reset()

    def _write(self, name: str, value) -> None:
        if name == "valid_lens":
            raise ValueError("valid_lens cannot be set: the plane shows every key")
        if name == "V" and self._tied:
            raise ValueError(
                "V cannot be set: without values of their own, the keys are the values"
            )
        super()._write(name, value)

    def _compute(self) -> None:
        if self._tied and not torch.equal(self._X["V"], self._X["K"]):
            old, self._X["V"] = self.V, self._X["K"].clone()
            self._notify_trait("V", old, self.V)
        largest = torch.stack([self._X[name].abs().max() for name in "QKV"]).max().item()
        if largest > self.reach:
            self.reach = _round_up(1.2 * largest)
        super()._compute()

    def _besides(self) -> dict[str, Tensor]:
        # The bytes of the map travel as if they were floats.
        chart = self._map().flatten().view(torch.float32)[None]
        return {"map": chart, "reach": torch.tensor([[self.reach]])}

    @torch.no_grad()
    def _map(self) -> Tensor:
        """Find which key each query of the plane attends to most, and its weight from 0 to 255.

        Queries go row by row from the top left: (2, ROWS * ROWS), uint8.
        """
        K = self._X["K"]
        x = self.reach * ((2 * torch.arange(ROWS, device=K.device).to(K) + 1) / ROWS - 1)
        y, x = torch.meshgrid(-x, x, indexing="ij")
        queries = torch.stack([x, y], dim=-1).reshape(1, -1, 2)  # (1, ROWS², 2)
        scores = self.attention.score(queries, K)  # (1, ROWS², num_keys)
        shares, keys = masked_softmax(scores / self.temperature)[0].max(dim=-1)
        return torch.stack([keys.byte(), (255 * shares).round().byte()])

    # The browser.

    def get_state(self, key=None, drop_defaults=False):
        """Add what only the plane needs."""
        state = super().get_state(key, drop_defaults)
        if "_numbers" in state:
            words = state["_setup"]["words"] | plane_words()
            state["_setup"] |= {"words": words, "tied": self._tied, "colours": COLOURS}
        return state

    # What stays when there is no browser.

    def __repr__(self) -> str:
        n, m = len(self.Q), len(self.K)
        sizes = ngettext("{n} query", "{n} queries", n).format(n=n)
        sizes += ", " + ngettext("{m} key", "{m} keys", m).format(m=m)
        words = _("Plane: {sizes}; {scoring} at temperature {temperature:g}.")
        parts = [words.format(sizes=sizes, scoring=self.scoring, temperature=self.temperature)]
        if self._error:
            parts.append(_("The score failed: {error}.").format(error=self._error))
        words = _("Query {i} at {query} attends most to key {j} ({share:.2f}); output {output}.")
        if self._result:
            queries, weights, outputs = (X.cpu() for X in (self.Q, self.weights, self.output))
            for i, (q, row, o) in enumerate(zip(queries, weights, outputs, strict=True)):
                share, j = row.max(dim=0)
                share = round(share.item(), 5)
                query, output = (f"({numbers_text(X)})" for X in (q, o))
                parts.append(words.format(i=i, query=query, j=j.item(), share=share, output=output))
        return " ".join(parts)

    def _picture(self):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(4.4, 4.4), layout="constrained")
        ax = figure.subplots()
        reach = self.reach
        if self._result:
            keys, shares = self._result["map"].cpu().view(torch.uint8).view(2, -1)
            colours = torch.tensor([[int(c[at : at + 2], 16) for at in (1, 3, 5)] for c in COLOURS])
            colours = colours[keys.long() % len(COLOURS)]
            image = 255 + (colours - 255) * shares[:, None] / 255
            image = image.round().byte().view(ROWS, ROWS, 3).numpy()
            ax.imshow(image, extent=(-reach, reach, -reach, reach))
        marks = {"q": (self.Q, "o"), "k": (self.K, "s")}
        if not self._tied:
            marks["v"] = (self.V, "^")
        if self._result:
            marks["o"] = (self.output, "D")
        for name, (X, marker) in marks.items():
            X = X.float().cpu()
            ax.scatter(X[:, 0], X[:, 1], c="white", edgecolors="black", marker=marker, s=30)
            for i, (x, y) in enumerate(X.tolist()):
                ax.annotate(f"{name}{i}", (x, y), (4, 4), textcoords="offset points", fontsize=8)
        return figure


def _check_points(name: str, X) -> None:
    if not isinstance(X, Tensor) or X.ndim != 2 or X.shape[1] != 2 or not len(X):
        came = f"shape {tuple(X.shape)}" if isinstance(X, Tensor) else f"type {type(X).__name__}"
        raise ValueError(f"{name} has {came}, but must be points in the plane, (number, 2)")
    if not X.isfinite().all():
        raise ValueError(f"{name} has entries that are not finite, and cannot be drawn")
    if len(X) > packing.CELLS:
        raise ValueError(f"{name} has {len(X)} points, but there can be {packing.CELLS} at most")


def _round_up(x: float) -> float:
    """Round up to one digit: 0.034 to 0.04."""
    power = 10.0 ** math.floor(math.log10(x))
    return math.ceil(x / power) * power


def explore_plane(
    attention: Attention, queries: Tensor, keys: Tensor, values: Tensor | None = None
) -> PlaneExplorer:
    r"""Show queries and keys as points in the plane, over a map of which key would win where.

    map(q) = argmax_j α(q, k_j), as sharp as max_j α(q, k_j), for every query q of the plane

    The output of each query, Σ_j α(q, k_j) v_j, lies inside the convex hull of the values. As in
    `explore`, the module is copied, and the real one computes on its device, else the queries'.

    Args:
        attention: any `Attention` that takes queries and keys of size 2.
        queries: (num_queries, 2), floating.
        keys: (num_keys, 2), likewise.
        values: (num_keys, 2), likewise; the keys themselves if left out.

    Raises:
        TypeError, ValueError: an argument whose type, shape, dtype or number does not fit.

    Source: Dive into Deep Learning, sections "Queries, Keys, and Values" and "Attention Scoring
    Functions".

    >>> from d2l_attention import DistanceAttention
    >>> keys = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])
    >>> explore_plane(DistanceAttention(), queries=torch.zeros(1, 2), keys=keys).output
    tensor([[0., 0.]])
    """
    return PlaneExplorer(attention, queries, keys, values)
