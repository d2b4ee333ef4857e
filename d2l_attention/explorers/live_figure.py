"""A figure that lives in the browser: its state, the messages about it, and what is saved of it."""

import threading
from collections.abc import Iterable
from typing import Any, TypeAlias

import anywidget
import torch
from torch import Tensor
from traitlets import Bytes, Dict, TraitError, TraitType

from ..language import current_language, speaking
from ..language import gettext as _
from ..pictures import Png, figure_html
from . import saved
from .notifications import Notifier, ObservedTensor, differing

Edit: TypeAlias = tuple[str, int, float | None]
"""What the browser changed: the name of a tensor, an index, row by row, and the new number.

None is the NaN of a prediction, which JSON has not.
"""


class StateTrait(TraitType[Any, Any]):
    """A part of a figure's state, or of its result: read as a copy, computed when it is assigned."""

    def get(self, obj: Any, cls: type | None = None) -> Any:
        """Copy the part that the figure shows now."""
        return copied(obj.view(self.name))

    def set(self, obj: Any, value: Any) -> None:
        """Move the figure to the state that has this part; a result is left to the computation."""
        if not self.read_only:
            obj.assign(**{str(self.name): value})
        elif differing({"": obj.view(self.name)}, {"": value}):
            raise TraitError(_('The "{name}" trait is read-only.').format(name=self.name))


def copied(x: Any) -> Any:
    """Copy a tensor; anything else cannot be changed from outside."""
    return x.clone() if isinstance(x, Tensor) else x


class LiveFigure(anywidget.AnyWidget):
    """What every live figure is: a state, the result computed from it, and the line to the browser.

    A state is a frozen dataclass whose tensors are never changed in place. Every change, from
    Python or from the browser, goes the same way: a new state is read and checked, its result is
    computed, both are published in one assignment, and then, under no lock, observers are told.

    A subclass says how a state is read (`_read`), computed (`_compute`), described to the browser
    (`_describe`, `_pack`) and drawn where there is no browser (`_sentence`, `_picture`). Where it
    differs from other figures it also says how edits are taken (`_edited`), what follows from a
    state (`_settled`), which traits that changes (`_has_changed`), what a reset goes back to
    (`_reset_state`), how a part is seen (`view`), and what a page of the site starts from
    (`_saved_inputs`: None where it shows the picture only).
    """

    # What the browser starts from; kept empty until it is asked for (see `get_state`).
    _setup = Dict().tag(sync=True)
    _now = Dict().tag(sync=True)
    _numbers = Bytes().tag(sync=True)

    def __init__(self, state: Any):
        self._language = current_language()
        self._lock = threading.RLock()
        self._is_computing = False
        # Counts what Python changed: an edit that was made before it is void.
        self._epoch = 0
        self._notifier = Notifier(self._notify_trait)
        self._first = self._settled(state)
        self._shown = (self._first, self._compute(self._first, None))
        traits = [(name, t) for name, t in self.traits().items() if isinstance(t, StateTrait)]
        # Observers hear of a cause before its effects.
        self._state_names = [n for n, _t in sorted(traits, key=lambda trait: trait[1].read_only)]
        super().__init__()

    @property
    def state(self) -> Any:
        """What the reader can change."""
        return self._shown[0]

    @property
    def result(self) -> Any:
        """What was computed from the state."""
        return self._shown[1]

    # What a subclass says of its state.

    def _read(self, state: Any, values: dict[str, Any]) -> Any:
        """Return the state with other values, read and checked."""
        raise NotImplementedError

    def _edited(self, state: Any, edits: list[Edit], controls: dict[str, Any]) -> Any:
        """Return the state with the browser's controls; numbers can be edited where a subclass says."""
        if edits:
            words = _("{name} cannot be edited in a {type}")
            raise ValueError(words.format(name=edits[0][0], type=type(self).__name__))
        return self._read(state, controls)

    def _settled(self, state: Any) -> Any:
        """Return the state with what follows from the rest of it."""
        return state

    def _reset_state(self) -> Any:
        """Return the state that a reset goes back to."""
        return self._first

    def _compute(self, state: Any, previous: Any) -> Any:
        """Compute the result of a state; `previous` is the last result, None at first."""
        raise NotImplementedError

    def view(self, name: str, shown: tuple[Any, Any] | None = None) -> Any:
        """Find a part of the state or of the result, not copied, in the shape that readers know.

        Args:
            shown: the state and result that it is part of; those of now if left out.
        """
        state, result = shown or self._shown
        return getattr(state, name) if hasattr(state, name) else getattr(result, name)

    def _describe(self) -> dict[str, Any]:
        """Describe what never changes, for the browser.

        A figure whose browser computes gives its `words`, what it asks the reader to `predict`, or
        None, and the `tolerance` within which the browser's numbers agree with torch's.
        """
        raise NotImplementedError

    def _pack(self, everything: bool) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Give the controls and the arrays of the browser: all, or what an edit can change.

        The controls of a figure whose browser computes hold torch's `device` too.
        """
        raise NotImplementedError

    # Changes.

    def assign(self, **values: Any) -> None:
        """Assign several parts of the state together: they are checked and computed once.

        Raises:
            TypeError, ValueError: a value that does not fit; nothing has changed then.
        """
        try:
            with self._lock:
                state = self._settled(self._read(self.state, values))
                if differing(vars(self.state), vars(state)):
                    self._move_to(state)
                    self._send_news()
        finally:
            self._notifier.run()

    def reset(self) -> None:
        """Go back to what the figure was made with; the example that is shown stays."""
        try:
            with self._lock:
                self._move_to(self._reset_state())
                self._send_news()
        finally:
            self._notifier.run()

    def _move_to(self, state: Any) -> None:
        """Compute a state, publish it with its result, and note what observers are to hear."""
        if self._is_computing:
            raise RuntimeError(_("a score cannot change the figure that computes it"))
        old_state, old_result = self._shown
        self._is_computing = True  # the lock keeps other threads out, but not the score itself
        try:
            result = self._compute(state, old_result)
        finally:
            self._is_computing = False
        changed = differing(vars(old_state) | vars(old_result), vars(state) | vars(result))
        names = [name for name in self._state_names if self._has_changed(name, changed)]
        old = {name: copied(self.view(name)) for name in names}
        self._shown = (state, result)  # at once: a cell may be reading meanwhile
        for name in names:
            new = copied(self.view(name))
            told = new.as_subclass(ObservedTensor) if type(new) is Tensor else new
            self._notifier.add(name, old[name], told)

    def _has_changed(self, name: str, changed: list[str]) -> bool:
        """Say whether a trait has another value, given the names of the parts that differ."""
        return name in changed

    # The browser. Every request carries its link's `id` and a `sequence` that grows, and gets exactly
    # one answer, which carries them too: {kind: "state"} with everything, or {kind: "result"} with
    # what an edit changed. A state without them goes unasked, when Python changed something; its
    # `epoch` is then larger, and edits that were made before it are void. Requests are
    # {kind: "hello"}, which asks for everything, {kind: "reset"} and {kind: "edit", epoch,
    # edits: [[name, index, value], ...], controls: {name: value}}; a value is null for NaN.

    def _send_news(self) -> None:
        """Tell the browser what Python changed; its edits on their way are void from now on."""
        self._epoch += 1
        if self.comm is not None:
            self._post("state")

    def _post(self, kind: str, **more: Any) -> None:
        now, numbers = self._packed(everything=kind == "state")
        self.send({"kind": kind, **now, **more}, [numbers])

    def _packed(self, everything: bool) -> tuple[dict[str, Any], bytes]:
        now, arrays = self._pack(everything)
        sizes = [[name, X.numel()] for name, X in arrays.items()]
        return now | {"epoch": self._epoch, "arrays": sizes}, float32_bytes(arrays)

    def _handle_custom_msg(self, content: dict[str, Any], buffers: list[Any]) -> None:
        # Messages arrive on another thread while a cell runs.
        failure = None
        with self._lock:
            try:
                kind = self._obey(content)
            except Exception as error:  # noqa: BLE001 (the browser is told of any)
                # What it shows is not what Python has: it is told everything again.
                kind, failure = "state", error
        try:
            self._notifier.run()
        except Exception as error:  # noqa: BLE001 (an observer's)
            failure = failure or error
        said = None if failure is None else f"{type(failure).__name__}: {failure}"
        answer = {"id": content["id"], "sequence": content["sequence"], "failure": said}
        with self._lock:
            self._post(kind, **answer)

    def _obey(self, content: dict[str, Any]) -> str:
        """Do what the browser asks, and return the kind of answer: everything, or a result."""
        if content["kind"] == "edit":
            # One made before Python's last change is void; the answer's epoch says so.
            if content["epoch"] == self._epoch:
                state = self._edited(self.state, content["edits"], content["controls"])
                self._move_to(self._settled(state))
            return "result"
        if content["kind"] == "reset":
            self._move_to(self._reset_state())
        return "state"

    def get_state(
        self, key: str | Iterable[str] | None = None, drop_defaults: bool = False
    ) -> dict[str, Any]:
        """Pack the numbers when they are asked for; nothing keeps them packed."""
        state = super().get_state(key, drop_defaults)
        if "_numbers" in state:
            with self._lock, speaking(self._language):
                state["_setup"] = self._describe()
                state["_now"], state["_numbers"] = self._packed(everything=True)
        return state

    # What stays in a saved notebook, where there is no browser.

    def _sentence(self) -> str:
        """Say what the figure shows."""
        raise NotImplementedError

    def _picture(self) -> Png | None:
        """Draw what the browser would show; None where there is nothing yet."""
        raise NotImplementedError

    def _saved_inputs(self) -> str | None:
        """Write what a page without a kernel can compute the figure from."""
        return saved.inputs(self)

    def __repr__(self) -> str:
        with speaking(self._language):
            return self._sentence()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data = data or {}
        data["text/plain"] = words = repr(self)
        with speaking(self._language):
            picture = self._picture()
        if picture is not None:
            data["text/html"] = figure_html(picture, words, self._saved_inputs())
        return data, metadata


def float32_bytes(arrays: dict[str, Tensor]) -> bytes:
    """Serialise arrays to one float32 buffer, joined where they are: they leave the device together."""
    if not arrays:
        return b""
    device = next(iter(arrays.values())).device
    flat = [X.detach().reshape(-1).to(device, torch.float32) for X in arrays.values()]
    return torch.cat(flat).cpu().numpy().tobytes()
