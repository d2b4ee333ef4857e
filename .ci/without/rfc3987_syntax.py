"""In the place of a module that takes a second to import, and that no test needs.

jsonschema imports it where it is there, in every process of pytest, to check addresses with letters
beyond ASCII. `make test` and `make check` put this folder first on the path.
"""

raise ImportError(__doc__)
