"""Heatmaps that follow a model while it trains."""

import time

import anywidget
import torch
from torch import Tensor
from traitlets import Bytes, Dict

from ..descriptions import Labels, describe
from ..heatmaps import draw_panels
from ..language import gettext as _
from ..pictures import figure_html
from ..scales import colour_limits
from .modules import linked, style
from .packing import small_each

MOST_FRAMES = 240
PANEL_INCHES = 3.5  # of what is saved: its labels have no second chance to be read
# Training is not slowed by more than 2 %: a frame is shown when 100 times its cost has passed, and 20
# a second at most, because what is sent goes on costing in other threads.
SHARE = 1 / 100
FRAME_SECONDS = 1 / 20


class LiveHeatmaps(anywidget.AnyWidget):
    """The figure of `show_heatmaps`, updated in place, with a scrubber back through the training.

    live.update(weights), as often as you like: at most 20 frames a second are drawn, what is
    overtaken is dropped, and drawing never takes more than 2% of the time.

    Args:
        xlabel, ylabel, titles, key_labels, query_labels, row_titles: as in `show_heatmaps`.

    Source: the figures of `show_heatmaps`, in motion.

    >>> live = LiveHeatmaps(xlabel="Keys", ylabel="Queries")
    >>> live.update(torch.eye(2))
    >>> live
    Step 1. Heatmap of 2 × 2 (Queries × Keys), from 0.00 to 1.00. Each row sums to 1. \
Largest in each row: 0 → 0 (1.00), 1 → 1 (1.00). Exactly 0: 2 of 4.
    """

    _esm = linked("heatmaps.js")
    _css = style()
    _setup = Dict().tag(sync=True)
    _now = Dict().tag(sync=True)
    _frames = Bytes().tag(sync=True)

    def __init__(
        self, xlabel: str, ylabel: str, titles=None, *, key_labels=None, query_labels=None,
        row_titles=None,
    ):  # fmt: skip
        self._labels = Labels(xlabel, ylabel, titles, row_titles, key_labels, query_labels)
        self._film: list[tuple[int, Tensor]] = []
        self._latest: Tensor | None = None
        self._steps = 0
        self._next = 0.0
        super().__init__()

    def update(self, matrices: Tensor) -> None:
        """Show matrices as soon as it costs nothing; the latest counts.

        Args:
            matrices: (rows, columns, num_queries, num_keys), or with fewer axes, as in
                `show_heatmaps`; of the same shape each time.

        Raises:
            ValueError: another shape than before, or labels that do not fit it.
        """
        if not 2 <= matrices.ndim <= 4 or not matrices.numel():
            raise ValueError(f"matrices has shape {tuple(matrices.shape)}, but 2 to 4 axes")
        matrices = matrices.detach()[(None,) * (4 - matrices.ndim)]
        if self._latest is None:
            self._labels.check(matrices.shape)
        elif matrices.shape != self._latest.shape:
            before = tuple(self._latest.shape)
            raise ValueError(f"matrices has shape {tuple(matrices.shape)}, but had {before}")
        self._latest = matrices
        self._steps += 1
        if time.perf_counter() >= self._next:
            self.flush()

    def flush(self) -> None:
        """Show the latest matrices now: after the last update, when training is over."""
        if self._latest is None or (self._film and self._film[-1][0] == self._steps):
            return
        start = time.perf_counter()
        pooled = small_each(self._latest.flatten(0, 1)).unflatten(0, self._latest.shape[:2])
        self._film.append((self._steps, pooled))
        if len(self._film) > MOST_FRAMES:
            self._film = self._film[::2]
        message = {"kind": "frame", "step": self._steps, "most": MOST_FRAMES}
        self.send(message | {"shape": list(pooled.shape)}, [pooled.numpy().tobytes()])
        now = time.perf_counter()
        self._next = now + max(FRAME_SECONDS, (now - start) / SHARE)

    def get_state(self, key=None, drop_defaults=False):
        """Pack the frames, which nothing keeps packed."""
        state = super().get_state(key, drop_defaults)
        if "_frames" in state:
            labels, words = self._labels, {"figure": _("Heatmaps, live"), "step": _("step")}
            state["_setup"] = {
                "xlabel": labels.xlabel, "ylabel": labels.ylabel, "titles": labels.titles,
                "rowTitles": labels.row_titles, "keyLabels": labels.key_labels,
                "queryLabels": labels.query_labels, "words": words,
            }  # fmt: skip
            shape = list(self._film[0][1].shape) if self._film else []
            state["_now"] = {"shape": shape, "steps": [step for step, _X in self._film]}
            state["_frames"] = b"".join(X.numpy().tobytes() for _step, X in self._film)
        return state

    def __repr__(self) -> str:
        if self._latest is None:
            return _("Nothing to show yet.")
        panels = self._latest.to("cpu", torch.float32)
        step = _("Step {step}.").format(step=self._steps)
        return f"{step} {describe(panels, self._labels)}"

    def _repr_mimebundle_(self, **kwargs):
        self.flush()
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = repr(self)
        if self._latest is not None:
            panels = self._latest.to("cpu", torch.float32)
            size = PANEL_INCHES * panels.shape[1], PANEL_INCHES * panels.shape[0]
            limits = colour_limits(panels)
            figure, _sentence = draw_panels(panels, self._labels, limits, size)
            data["text/html"] = figure_html(figure, repr(self))
        return data, metadata
