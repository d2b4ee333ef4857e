"""`make pictures`: every figure of the package in both themes, all languages and three widths."""

import argparse
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from d2l_attention.language import languages
from d2l_attention.tests.browser.lab import missing

from .camera import photograph
from .exhibits import exhibits
from .page import page

TARGET = Path(__file__).resolve().parents[3] / "build" / "pictures"


def main() -> None:
    parser = argparse.ArgumentParser(description="Photograph the figures of the package.")
    parser.add_argument("word", nargs="?", default="", help="only figures whose name holds it")
    word = parser.parse_args().word
    chosen = exhibits(word)
    if lacking := missing():
        sys.exit(lacking)
    if not chosen:
        names = ", ".join(exhibit.name for exhibit in exhibits())
        sys.exit(f"no figure's name holds {word!r}; there are {names}")
    start = time.monotonic()
    # Where few are chosen, the pictures of the others stay.
    for folder in [TARGET / exhibit.name for exhibit in chosen] if word else [TARGET]:
        shutil.rmtree(folder, ignore_errors=True)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "index.html").write_text(page(chosen, languages()), "utf-8")

    def say(words: str) -> None:
        print(f"{time.monotonic() - start:4.0f} s  {words}", flush=True)

    # A language takes a JupyterLab and a browser of its own: there are two cores at least.
    with ThreadPoolExecutor(2) as threads:
        tasks = [threads.submit(photograph, chosen, code, TARGET, say) for code in languages()]
    faults = [fault for task in tasks for fault in task.result()]
    print(f"Open {TARGET / 'index.html'}")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
