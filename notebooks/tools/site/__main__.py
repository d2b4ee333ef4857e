"""`make site`: the committed notebooks, not executed again, as one folder of pages."""

import argparse
import sys
from pathlib import Path

from ..files import Book, BookError
from .build import build


def main() -> None:
    book = Book(Path(__file__).resolve().parents[3])
    parser = argparse.ArgumentParser(description="Make the book a site.")
    parser.add_argument("target", nargs="?", type=Path, default=book.root / "build" / "book")
    target = parser.parse_args().target
    try:
        build(book, target)
    except BookError as error:
        sys.exit(str(error))
    print(f"Open {target / 'index.html'}")


if __name__ == "__main__":
    main()
