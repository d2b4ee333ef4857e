"""Heatmaps that follow a model while it trains."""

import time
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..descriptions import Labels, describe, titles_of_examples
from ..heatmaps import draw_panels, read_matrices
from ..language import gettext as _
from ..pictures import Png, png_of
from ..scales import colour_limits
from .live_figure import LiveFigure
from .modules import linked
from .packing import pooled_on_cpu

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MOST_FRAMES = 240
PANEL_INCHES = 3.5  # of what is saved: its labels have no second chance to be read
# Training is not slowed by more than 2 %: a frame is shown when 100 times its cost has passed, and 20
# a second at most, because what is sent goes on costing in other threads.
SHARE = 1 / 100
FRAME_SECONDS = 1 / 20


@dataclass(frozen=True)
class Film:
    """The frames that are kept: the step of each, and its panels, pooled and on the CPU."""

    frames: tuple[tuple[int, Tensor], ...] = ()  # Tensor: (rows, columns, num_queries, num_keys)

    def with_frame(self, step: int, panels: Tensor) -> "Film":
        """Add a frame; past the most that are kept, every second one goes."""
        frames = (*self.frames, (step, panels))
        return Film(frames[::2] if len(frames) > MOST_FRAMES else frames)


class LiveHeatmaps(LiveFigure):
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

    def __init__(
        self, xlabel: str, ylabel: str, titles: list[str] | None = None, *,
        key_labels: list[str] | None = None, query_labels: list[str] | None = None,
        row_titles: list[str] | None = None,
    ):  # fmt: skip
        self._labels = Labels(xlabel, ylabel, titles, row_titles, key_labels, query_labels)
        self._latest: Tensor | None = None
        self._step = 0
        self._next = 0.0
        super().__init__(Film())

    def update(self, matrices: "ArrayLike", step: int | None = None) -> None:
        """Show matrices as soon as it costs nothing; the latest counts.

        Args:
            matrices: (rows, columns, num_queries, num_keys), or with fewer axes, as in
                `show_heatmaps`; of the same shape each time. They are copied: what happens to
                them afterwards changes no frame.
            step: the number of the step that made them, such as 0 before training; if left out,
                one more than before, from 1.

        Raises:
            ValueError: another shape than before, labels that do not fit it, or a step that is
                not after the one before.
            TypeError: a step that is no whole number.
        """
        latest = read_matrices(matrices)
        if self._latest is None:
            if self._labels.titles is None and len(latest) == 1:
                self._labels.titles = titles_of_examples(latest.shape[1])
            self._labels.check(latest.shape)
        elif latest.shape != self._latest.shape:
            words = _("matrices has shape {shape}, but had {before}")
            shapes = {"shape": tuple(latest.shape), "before": tuple(self._latest.shape)}
            raise ValueError(words.format(**shapes))
        self._step = self._read_step(step)
        self._latest = latest.clone()
        if time.perf_counter() >= self._next:
            self.flush()

    def _read_step(self, step: int | None) -> int:
        if step is None:
            return self._step + 1
        if not isinstance(step, Integral):
            raise TypeError(_("step is {step!r}, but must be a whole number").format(step=step))
        if self._latest is not None and step <= self._step:
            words = _("step is {step}, but must be greater than {before}, the step before")
            raise ValueError(words.format(step=step, before=self._step))
        return int(step)

    def flush(self) -> None:
        """Show the latest matrices now: after the last update, when training is over."""
        start = time.perf_counter()
        with self._lock:
            frames = self.state.frames
            if self._latest is None or (frames and frames[-1][0] == self._step):
                return
            panels = self._latest.flatten(0, 1)  # (rows * columns, num_queries, num_keys)
            pooled = pooled_on_cpu(panels).unflatten(0, self._latest.shape[:2])
            self._shown = (self.state.with_frame(self._step, pooled), None)
            message = {"kind": "frame", "step": self._step, "most": MOST_FRAMES}
            self.send(message | {"shape": list(pooled.shape)}, [pooled.numpy().tobytes()])
        now = time.perf_counter()
        self._next = now + max(FRAME_SECONDS, (now - start) / SHARE)

    def assign(self, **values: Any) -> None:
        """Refuse: what is shown is said by `update`."""
        raise TypeError(_("a film has nothing to assign: show matrices with update"))

    def reset(self) -> None:
        """Refuse: a film goes on, and begins anew as another LiveHeatmaps."""
        raise TypeError(_("a film cannot be reset: make another LiveHeatmaps"))

    def _compute(self, state: Film, previous: None) -> None:
        """Nothing follows from a film."""

    # The browser.

    def _describe(self) -> dict[str, Any]:
        labels = self._labels
        words = {
            "figure": _("Heatmaps, live"), "step": _("step"), "swipe": _("more to the right →")
        }  # fmt: skip
        return {
            "xlabel": labels.xlabel, "ylabel": labels.ylabel, "titles": labels.titles,
            "rowTitles": labels.row_titles, "keyLabels": labels.key_labels,
            "queryLabels": labels.query_labels, "words": words,
        }  # fmt: skip

    def _pack(self, everything: bool) -> tuple[dict[str, Any], dict[str, Tensor]]:
        frames = self.state.frames
        shape = list(frames[0][1].shape) if frames else []
        now = {"shape": shape, "steps": [step for step, _panels in frames]}
        return now, {str(step): panels for step, panels in frames}

    # What stays when there is no browser.

    def _sentence(self) -> str:
        if self._latest is None:
            return _("No frame yet: this film is seen while its cell runs.")
        panels = self._latest.to("cpu", torch.float32)
        step = _("Step {step}.").format(step=self._step)
        return f"{step} {describe(panels, self._labels)}"

    def _saved_inputs(self) -> None:
        """A page without a kernel has no film to go back through."""

    def _picture(self) -> Png | None:
        if self._latest is None:
            return None
        panels = self._latest.to("cpu", torch.float32)
        size = PANEL_INCHES * panels.shape[1], PANEL_INCHES * panels.shape[0]
        figure, _sentence = draw_panels(panels, self._labels, colour_limits(panels), size)
        return png_of(figure)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        self.flush()
        return super()._repr_mimebundle_(**kwargs)
