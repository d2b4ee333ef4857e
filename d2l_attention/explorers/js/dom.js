// Makes, places and labels elements, and listens to pointer and keys.

// `kind` is a tag and its classes, "div.panel"; an attribute that is a function is a listener.
export function element(parent, kind, text = "", attributes = {}) {
  const [tag, ...classes] = kind.split(".");
  const made = document.createElement(tag);
  made.className = classes.join(" ");
  made.textContent = text; // Labels are the reader's: text, never HTML.
  // JupyterLab would take the keys for its own commands.
  made.dataset.lmSuppressShortcuts = "true";
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else made.setAttribute(name, value);
  }
  parent.append(made);
  return made;
}

// Sets what changes: whatever is set is styled and laid out anew.
export function set(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

export const setText = (node, text) => set(node, "textContent", text);

export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
export const times = (count, make) => Array.from({ length: count }, (_, at) => make(at));
export const sum = (X) => X.reduce((total, x) => total + x, 0);

// Places a node over cells of its matrix; the style sheet turns cells into pixels.
export function place(node, row, column, rows = 1, columns = 1) {
  const area = `--row: ${row}; --column: ${column}; --rows: ${rows}; --columns: ${columns}`;
  if (node.area !== area) node.style.cssText = node.area = area;
}

const steps = ({ shiftKey }) => (shiftKey ? 10 : 1);

// A listener for keys: key(event, steps) returns what to do, or nothing if the key is not its own.
export const keyListener = (key) => (event) => {
  const { ctrlKey, metaKey, altKey } = event;
  const act = !(ctrlKey || metaKey || altKey) && key(event, steps(event));
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
};

// Listeners for an element to drag and to move by keys: a pointer that holds it calls drag(event, steps),
// another hover(event).
export function dragListeners({ grab, drag, release, hover, key }) {
  return {
    pointerdown(event) {
      if (event.button) return;
      event.preventDefault();
      this.focus({ preventScroll: true });
      this.setPointerCapture(event.pointerId);
      grab?.(event);
    },
    pointermove(event) {
      if (this.hasPointerCapture(event.pointerId)) drag(event, steps(event));
      else hover?.(event);
    },
    lostpointercapture: () => release?.(),
    keydown: keyListener(key),
  };
}
