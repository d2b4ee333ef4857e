"""How the ES modules of a live figure reach the browser: as they are, linked there, no bundler."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "js"

# anywidget takes one text, in which relative imports have nowhere to point. So each module becomes
# a blob with an address of its own, after those that it imports.
LINKER = """
const addresses = {};
for (const [name, source] of %s) {
  const linked = source.replace(/from "(\\.\\/[^"]+)"/g, (_, path) => `from "${addresses[path]}"`);
  const blob = new Blob([linked], { type: "text/javascript" });
  addresses[`./${name}`] = URL.createObjectURL(blob);
}
export default (await import(addresses["./%s"])).default;
for (const address of Object.values(addresses)) URL.revokeObjectURL(address);
"""


def linked(*names: str) -> str:
    """Join modules of this folder, each after those it imports; the last one's default counts."""
    sources = [[name, (FOLDER / name).read_text("utf-8")] for name in names]
    return LINKER % (json.dumps(sources), names[-1])


def style() -> str:
    """Read the style sheet that all live figures share."""
    return (FOLDER / "style.css").read_text("utf-8")
