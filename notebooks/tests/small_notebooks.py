"""Small notebooks to try the tools on."""

import base64
import io

import numpy as np
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)
from PIL import Image

SENTENCE = "A heatmap of 3 rows and 3 columns; the largest is 0.90."
MATRIX = [[0.1, 0.2, 0.9], [0.5, 0.4, 0.3], [0.6, 0.7, 0.8]]


def notebook(**cells):
    """A notebook of Markdown cells (text that begins with "#" or a capital) and code cells."""
    made = new_notebook()
    for name, source in cells.items():
        cell = (new_markdown_cell if source[:1] == "#" or source[:1].isupper() else new_code_cell)(
            source
        )
        cell.id = name
        made.cells.append(cell)
    return made


def ran(source, *outputs, count=1, tags=()):
    """A code cell as if it had been executed."""
    cell = new_code_cell(source, execution_count=count, outputs=list(outputs))
    cell.id = "cell"
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def png(matrix, cell_size=24):
    """A matrix as a picture from white to red, each number a square."""
    grey = 255 * (1 - np.kron(np.array(matrix), np.ones((cell_size, cell_size))))
    red = np.stack([np.full_like(grey, 255), grey, grey], axis=-1)
    file = io.BytesIO()
    Image.fromarray(red.round().astype("uint8")).save(file, format="PNG")
    return base64.b64encode(file.getvalue()).decode()


def figure(matrix=MATRIX, alt=SENTENCE):
    return f'<figure><img src="data:image/png;base64,{png(matrix)}" alt="{alt}"></figure>'


def picture(html=None, text=SENTENCE):
    data = {"text/html": figure() if html is None else html, "text/plain": text}
    return new_output("display_data", data)


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


SHOW = f"""
from IPython.display import display

def show():
    display({{"text/html": {figure()!r}, "text/plain": {SENTENCE!r}}}, raw=True)
"""
