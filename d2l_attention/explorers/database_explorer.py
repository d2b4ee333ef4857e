"""The database explorer: type a query, and see which records answer, exactly, nearly and softly."""

import threading

import anywidget
import torch
from torch import Tensor
from traitlets import Bytes, Dict, Tuple, Unicode, observe, validate

from ..database import Database
from ..language import gettext as _
from ..pictures import figure_html, plain_style
from . import saved
from .inputs import Temperature
from .modules import linked, style
from .still import numbers_text
from .words import database_words

CONTROLS = ("query", "temperature", "deleted")


class DatabaseExplorer(anywidget.AnyWidget):
    """The live figure that `explore_database` makes; see there.

    query, temperature and deleted can be assigned and observed; weights, answer and output are
    what follows from them.
    """

    _esm = linked("database.js")
    _css = style()

    # What the browser starts from; kept small until state is asked for.
    _setup = Dict().tag(sync=True)
    _now = Dict().tag(sync=True)
    _numbers = Bytes().tag(sync=True)

    query = Unicode()
    temperature = Temperature(0.2)
    deleted = Tuple()

    def __init__(self, database: Database, query: str = "", temperature: float = 0.2):
        if not isinstance(database, Database):
            raise TypeError(f"database must be a Database, not {type(database).__name__}")
        if not isinstance(query, str):
            raise TypeError(f"query must be text, not {query!r}")
        self._lock = threading.RLock()
        self._epoch = 0
        self._said_by_browser: dict = {}
        self._records = tuple(database.records)
        self._vectors = _vectors(database)
        self._first = {"query": query, "temperature": temperature, "deleted": ()}
        super().__init__(**self._first)

    @property
    def database(self) -> Database:
        """The records that are not deleted."""
        return Database(record for record in self._records if record[0] not in self.deleted)

    @property
    def weights(self) -> Tensor:
        """The weight of each record, (num_records,): exactly 0 where it is deleted."""
        kept = [key not in self.deleted for key, _value in self._records]
        weights = torch.zeros(len(kept))
        weights[torch.tensor(kept, dtype=torch.bool)] = self.database.weights(
            self.query, self.temperature
        )[0]
        return weights

    @property
    def answer(self):
        """The value of the nearest record; None where all are deleted."""
        database = self.database
        return database.nearest(self.query)[1] if len(database) else None

    @property
    def output(self) -> Tensor | None:
        """The soft answer, (value_size,): Σ_j weights[j] value_j; None where values are no numbers."""
        return None if self._vectors is None else self.weights @ self._vectors

    def reset(self) -> None:
        """Go back to what the explorer was made with."""
        with self._lock:
            for name, value in self._first.items():
                self.set_trait(name, value)
            self._tell()

    @validate("deleted")
    def _check_deleted(self, proposal) -> tuple:
        keys = [key for key, _value in self._records]
        for key in proposal.value:
            if key not in keys:
                raise ValueError(f"deleted has {key!r}, but must be keys of the database")
        return tuple(dict.fromkeys(key for key in keys if key in proposal.value))

    @observe(*CONTROLS)
    def _on_control(self, change) -> None:
        # What the browser said, it knows.
        said = self._said_by_browser.get(change.name)
        if change.new != (tuple(said) if isinstance(said, list) else said):
            self._tell()

    # The browser.

    def _tell(self) -> None:
        """Tell the browser, whose edits on their way are void from now on."""
        with self._lock:
            if self.comm is not None:
                self._epoch += 1
                self._post("state")

    def _post(self, kind: str, **more) -> None:
        now, numbers = self._pack()
        self.send({"kind": kind, **now, **more}, [numbers])

    def _pack(self) -> tuple[dict, bytes]:
        similarities = Database(self._records).similarities(self.query).flatten()
        output = torch.zeros(0) if self.output is None else self.output
        arrays = {"scores": similarities, "weights": self.weights, "output": output}
        now = {name: getattr(self, name) for name in CONTROLS} | {
            "epoch": self._epoch,
            "device": "cpu",
            "arrays": [[name, len(x)] for name, x in arrays.items()],
        }
        return now, torch.cat(list(arrays.values())).numpy().tobytes()

    def get_state(self, key=None, drop_defaults=False):
        """Pack the numbers, which nothing keeps packed."""
        state = super().get_state(key, drop_defaults)
        if "_numbers" in state:
            with self._lock:
                state["_setup"] = {
                    "keys": [key for key, _value in self._records],
                    "values": self._value_texts(),
                    "vectors": None if self._vectors is None else self._vectors.tolist(),
                    "words": database_words(),
                }
                state["_now"], state["_numbers"] = self._pack()
        return state

    def _value_texts(self) -> list[str]:
        if self._vectors is None:
            return [str(value) for _key, value in self._records]
        return [numbers_text(vector) for vector in self._vectors]

    def _handle_custom_msg(self, content, buffers) -> None:
        # Messages arrive on another thread while a cell runs.
        with self._lock:
            if content["kind"] == "hello":
                self._post("state")
            elif content["kind"] == "reset":
                self.reset()
            elif content["kind"] == "edit":
                stale = content["epoch"] != self._epoch
                self._said_by_browser = {} if stale else content["controls"]
                for name, value in self._said_by_browser.items():
                    self.set_trait(name, value)
                self._said_by_browser = {}
                self._post("result", sequence=content["sequence"], id=content["id"], stale=stale)

    # What stays when there is no browser.

    def __repr__(self) -> str:
        parts = [
            _("Query {query!r} at temperature {temperature:g}.").format(
                query=self.query, temperature=self.temperature
            )
        ]
        if self.deleted:
            parts.append(_("Deleted: {keys}.").format(keys=", ".join(self.deleted)))
        if len(self.database):
            try:
                exact = _("Exact match: {value}.").format(value=self.database.exact(self.query))
            except KeyError:
                exact = _("No such key.")
            parts.append(exact)
            if self.query:  # to no text, every key is equally far
                key, value = self.database.nearest(self.query)
                parts.append(_("Nearest: {key} → {value}.").format(key=key, value=value))
        weights = ", ".join(
            f"{key} {round(weight, 5):.2f}"
            for (key, _value), weight in zip(self._records, self.weights.tolist(), strict=True)
            if key not in self.deleted
        )
        parts.append(_("Weights: {weights}.").format(weights=weights or _("none")))
        if self.output is not None:
            parts.append(_("Soft answer: {output}.").format(output=numbers_text(self.output)))
        return " ".join(parts)

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        words = repr(self)
        data["text/plain"] = words
        with plain_style():
            data["text/html"] = figure_html(_picture(self), words, saved.inputs(self))
        return data, metadata


def _vectors(database: Database) -> Tensor | None:
    """Read the values as numbers, (num_records, value_size); None where they are not."""
    try:
        database.attend("")
    except (TypeError, ValueError):
        return None
    return torch.cat([Database([record]).attend("") for record in database.records]).cpu()


def _picture(explorer: DatabaseExplorer):
    """Draw the weights of the records as bars."""
    from matplotlib.figure import Figure

    from ..scales import SEQUENTIAL

    count = len(explorer._records)
    figure = Figure(figsize=(5, 0.8 + 0.28 * count), layout="constrained")
    ax = figure.subplots()
    weights = explorer.weights.tolist()
    bars = ax.barh(range(count), weights, color=SEQUENTIAL[3])
    ax.bar_label(bars, [f"{round(weight, 5):.2f}" for weight in weights], padding=3, fontsize=8)
    texts = explorer._value_texts()
    labels = [
        f"{key} → {text}" + (f" ({_('deleted')})" if key in explorer.deleted else "")
        for (key, _value), text in zip(explorer._records, texts, strict=True)
    ]
    ax.set_yticks(range(count), labels, fontsize=8, parse_math=False)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.12)
    title = _("weights for {query!r} at temperature {temperature:g}")
    ax.set_title(
        title.format(query=explorer.query, temperature=explorer.temperature),
        fontsize=9, loc="left", parse_math=False,
    )  # fmt: skip
    ax.spines[["top", "right"]].set_visible(False)
    return figure


def explore_database(
    database: Database, query: str = "", temperature: float = 0.2
) -> DatabaseExplorer:
    r"""Show a database as a figure to put queries to: exact match, the nearest, and soft lookup.

    weights[j] = softmax_j(similarity(query, key_j) / temperature), over the records that are kept

    The browser answers at every letter, and Python confirms. The database itself is never
    touched: a record is deleted in the figure only, by its key.

    Args:
        database: the records.
        query: what is asked at first.
        temperature: from almost the nearest record (towards 0) to the average of all.

    Raises:
        TypeError: database is not a Database, or query is not text.
        ValueError: temperature is not above 0 and finite; later, `deleted` names no key.

    Source: Dive into Deep Learning, section "Queries, Keys, and Values".

    >>> database = Database([("Lipton", "Zachary"), ("Li", "Mu"), ("Hu", "Rachel")])
    >>> explorer = explore_database(database, "Li")
    >>> explorer.answer
    'Mu'
    >>> explorer.deleted = ["Li"]
    >>> explorer.answer
    'Zachary'
    >>> explorer.weights
    tensor([0.9241, 0.0000, 0.0759])
    """
    return DatabaseExplorer(database, query, temperature)
