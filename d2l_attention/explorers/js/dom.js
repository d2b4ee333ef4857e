// Elements of the page, and what makes them something to take hold of.

// A new element at the end of its parent; `kind` is a tag and its classes, "div.panel".
export function element(parent, kind, text = "", attributes = {}) {
  const [tag, ...classes] = kind.split(".");
  const made = document.createElement(tag);
  made.className = classes.join(" ");
  made.textContent = text; // Labels are the reader's: text, never HTML.
  // JupyterLab would take the keys for its own commands.
  made.dataset.lmSuppressShortcuts = "true";
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));

// Puts a node over some cells of its matrix; the style sheet knows how large a cell is.
export function place(node, row, column, rows = 1, columns = 1) {
  const area = `--row: ${row}; --column: ${column}; --rows: ${rows}; --columns: ${columns}`;
  if (node.area !== area) node.style.cssText = node.area = area;
}

// A node to take hold of. Pointer: grab once, drag, release; hover is without holding it.
// Keyboard: key(event) returns what is to be done, or nothing if the key is none of its own.
// Both are told how many times the usual step to go: ten with Shift.
export function hold(node, { grab, drag, release, hover, key }) {
  const times = ({ shiftKey }) => (shiftKey ? 10 : 1);
  const held = ({ pointerId }) => node.hasPointerCapture(pointerId);
  node.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    node.focus({ preventScroll: true });
    node.setPointerCapture(event.pointerId);
    grab?.(event);
  });
  node.addEventListener("pointermove", (event) => {
    if (held(event)) drag(event, times(event));
    else hover?.(event);
  });
  node.addEventListener("lostpointercapture", () => release?.());
  node.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? null : key(event, times(event));
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}
