"""The words of the live figures, in the language that was chosen, for the browser to say."""

from ..language import gettext as _


def prediction_words() -> dict[str, str]:
    """Gather the words of a figure that asks the reader for a prediction."""
    return {
        "predict weights": _(
            "Your prediction: drag the shares. Each row sums to 1 (shown rounded)."
        ),
        "predict output": _("Your prediction: drag the numbers of the output."),
        "compared": _("The truth, and below it your prediction:"),
        "your weights": _("your weights"),
        "your output": _("your output"),
        "your prediction": _("your prediction"),
        "asked": _("not predicted yet"),
        "covered": _("covered"),
        "show": _("Show"),
        "again": _("Again"),
        "wrongShare": _("{share} of the attention was in the wrong place"),
        "percent": _("{n}%"),
        "largestRight": _("the largest is right"),
        "largestWrong": _("the largest is {key}"),
        "allMasked": _("every key is masked"),
        "off": _("{distance} away from the output"),
        "nothingPredicted": _("Nothing was predicted."),
        "predictFirst": _("predict first"),
        "measure": _("In the wrong place: the sum of all that you gave in excess."),
    }


def attention_words() -> dict[str, str]:
    """Gather the words of the attention explorer."""
    return prediction_words() | {
        "figure": _("Attention, live"),
        "hint": _(
            "Drag a number, or choose one and type: ← → move, ↑ ↓ change it (Shift: more), "
            "Enter opens it."
        ),
        "openHint": _("Click a weight, or press Enter on it, to see its arithmetic."),
        "dragMe": _("↕ drag me"),
        "mask": _("mask"),
        "swipe": _("more to the right →"),
        "title Q": _("queries Q"),
        "title K": _("keys Kᵀ"),
        "title V": _("values V"),
        "title W_q": "W_qᵀ",
        "title W_k": "W_k",
        "title w_v": "w_v",
        "title q": "Q W_qᵀ",
        "title k": "W_k Kᵀ",
        "title scores": _("scores"),
        "formula dot": " Q Kᵀ / √d",
        "formula multiplicative": " (Q W_qᵀ)(W_k Kᵀ) / √h",
        "formula distance": " qᵀk − ½‖k‖²",
        "formula additive": " w_vᵀ tanh(…)",
        "formula own": " score(Q, K)",
        "title weights": _("weights"),
        "title output": _("output"),
        "query": _("query {n}"),
        "key": _("key {n}"),
        "component": _("component {n}"),
        "masked": _("masked"),
        "scoring": _("score"),
        "temperature": _("temperature"),
        "example": _("example"),
        "shuffle": _("Shuffle"),
        "reset": _("Reset"),
        "validLength": _("valid length"),
        "score": _("score"),
        "sum": _("sum"),
        "weight": _("weight"),
        "featureHeading": _("component"),
        "keyName": _("key"),
        "close": _("Close (Esc)"),
        "ArrowLeft": _("Previous key"),
        "ArrowRight": _("Next key"),
        "ArrowUp": _("Previous query"),
        "ArrowDown": _("Next query"),
        "ownScore": _("computed by your score method"),
        "maskedWeight": _(
            "This key is masked: its score never reaches the softmax, and its weight is exactly 0."
        ),
        "goal": _("goal:"),
        "distance": _("Distance from the goal:"),
        "reached": _("Goal reached."),
        "agrees": _("computes the same numbers, to within"),
        "differs": _("the browser's numbers differ by"),
        "browser": _("computed in your browser · torch will check it"),
        "browserAlone": _("computed in your browser · no kernel answers"),
        "waiting": _("waiting for torch"),
        "noKernel": _("no kernel answers, and only torch can compute this: run the cell again"),
        "lost": _("the kernel of this figure is gone: run the cell again to connect it"),
        "large": _(
            "Too large for cells: each pixel is the largest of a block of numbers, and torch "
            "computes."
        ),
    }


STATUS = ("agrees", "differs", "browser", "browserAlone", "waiting", "noKernel", "lost")

PREDICTION = (
    "compared", "your prediction", "asked", "covered", "show", "again", "wrongShare", "percent",
    "largestRight", "largestWrong", "allMasked", "nothingPredicted", "predictFirst", "measure",
)  # fmt: skip


def database_words() -> dict[str, str]:
    """Gather the words of the database explorer."""
    shared = attention_words()
    return {
        name: shared[name] for name in (*STATUS, *PREDICTION, "temperature", "reset", "weight")
    } | {
        "predict weights": _("Your prediction: drag the bars. They sum to 1 (shown rounded)."),
        "figure": _("Database, live"),
        "query": _("query"),
        "key": _("key"),
        "value": _("value"),
        "similarity": _("similarity"),
        "exact": _("exact: the same key"),
        "noKey": _("no such key"),
        "nearest": _("nearest: most similar key"),
        "similarMore": _("{key}, then {others}"),
        "soft": _("soft: every value, by its weight"),
        "rest": _("the rest"),
        "nearestEnd": _("nearest"),
        "averageEnd": _("average of all"),
        "hint": _(
            "Underlined: the letters that match the query, in order. Similarity: their share of both "
            "words. Weight: softmax of similarity ÷ temperature."
        ),
        "delete": _("Delete"),
        "restore": _("Restore"),
        "deleted": _("deleted"),
    }


def page_words() -> dict[str, str]:
    """Gather the words of a live figure in a page that no kernel stands behind."""
    return {
        "browserAlone": _("computed in this page"),
        "oneSize": _("needs queries and keys of one size"),
        "most": _("Query {i} attends most to key {j} ({share})."),
        "alike": _("Query {i} attends to all keys alike ({share})."),
        "nowhere": _("Query {i} attends to nothing."),
        "shares": _("Weights: {weights}."),
        "more": _("{count} more together {share}"),
        "awaits": _("This figure awaits your prediction: the weights are covered."),
        "link": _("Link to this state of the figure"),
        "reference": _("The package, name by name"),
        "raises": _("Raises"),
        "search": _("Search the book"),
        "unfold": _("Show"),
        "fold": _("Hide"),
    }


def plane_words() -> dict[str, str]:
    """Gather the words of the plane explorer that the attention explorer has not."""
    return {
        "figure": _("Attention in the plane, live"),
        "coordinates": _("x; y"),
        "dragMe": _("drag me"),
        "hint": _(
            "Drag a point, or choose one with Tab: the arrow keys move it (Shift: more), Enter takes "
            "coordinates."
        ),
        "mark Q": _("query"),
        "mark K": _("key"),
        "mark KV": _("key, and its value"),
        "mark V": _("value"),
        "mark out": _("output"),
        "predict output": _(
            "Your prediction: put each p where you expect the output of its query."
        ),
        "compared": _("The truth, tied to your prediction:"),
        "strip": _("a value in an output: the thicker, the greater its weight"),
        "hull": _("outline of the values"),
        "wins": _("The key that a query would attend to most, there:"),
        "sharply": _("White: with a weight of 0. Full colour: with a weight of 1."),
    }
