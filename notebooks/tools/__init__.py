"""The tools that make the book: execute the notebooks, translate them, hold them to their rules."""
