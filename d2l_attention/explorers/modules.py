"""How the ES modules of a live figure reach the browser: as they are, linked there, no bundler.

A style sheet is imported like a module, of which `css` is its text.
"""

import json
import re
from importlib.resources import files
from importlib.resources.abc import Traversable

FOLDER = files(__package__) / "js"

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

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([^"]+)";$', re.MULTILINE)
ANY_IMPORT = re.compile(r"^import\b", re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


def linked(entry: str, folder: Traversable = FOLDER) -> str:
    """Join a module with all that it imports; its default export is that of the text.

    Raises:
        ImportError: a file that is not there, a name that it does not export, or modules that
            import each other. All are found where the package is imported, not in a browser.
    """
    sources: dict[str, str] = {}
    _add(entry, folder, sources, importers=[])
    # The last line tells debuggers under which name to show it.
    named = [
        [name, f"{source}//# sourceURL=d2l_attention/{name}\n"] for name, source in sources.items()
    ]
    return LINKER % (json.dumps(named), entry)


def _add(name: str, folder: Traversable, sources: dict[str, str], importers: list[str]) -> None:
    """Read a module after those that it imports, as their addresses must be known to it."""
    if name in importers:
        raise ImportError(f"modules import each other: {' → '.join([*importers, name])}")
    if name in sources:
        return
    try:
        source = (folder / name).read_text("utf-8")
    except FileNotFoundError as error:
        importer = importers[-1] if importers else "linked"
        raise ImportError(f"{importer} imports {name}, which is not there") from error
    if name.endswith(".css"):
        source = f"export const css = {json.dumps(source)};\n"
    imports = IMPORT.findall(source)
    if len(imports) != len(ANY_IMPORT.findall(source)):
        raise ImportError(f'{name} has an import that is not of the form import {{…}} from "./…"')
    for names, imported in imports:
        _add(imported, folder, sources, [*importers, name])
        for wanted in re.findall(r"(\w+)(?: as \w+)?", names):
            if wanted not in EXPORT.findall(sources[imported]):
                raise ImportError(f"{name} imports {wanted}, which {imported} does not export")
    sources[name] = source
