// A view, built once and then updated, in a shadow root that keeps the page's styles out.

import { css } from "./style.css";
import { element, setText } from "./dom.js";
import { followTheme } from "./theme.js";

function sheetOf(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}

const WORDS = 50; // ms from a picture to its words
const HELD = "canvas, .point, [type=range]";

export class Figure {
  constructor(store, parent) {
    this.store = store;
    this.host = element(parent, "div.d2l-attention");
    const shadow = this.host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = this.styles.map(sheetOf);
    const name = { role: "group", "aria-label": store.words.figure };
    this.root = element(shadow, "div.figure", "", name);
    this.root.addEventListener("pointerdown", ({ target }) => store.hold(target.matches(HELD)));
    for (const end of ["pointerup", "pointercancel"])
      this.root.addEventListener(end, () => store.hold(false));
    this.build(store.words);
    this.error = element(this.root, "pre.error", "", { role: "alert" });
    this.status = element(this.root, "div.status");
    store.views.add(this);
    this.theme = followTheme(this.root, this.host);
    this.resizes = new ResizeObserver(() => {
      this.theme.follow(); // It may be built before it stands in its page.
      store.requestPaint(); // Later: it may change the size.
    });
    this.resizes.observe(this.root);
  }

  get styles() {
    return [css];
  }

  paint() {
    this.width = this.root.clientWidth; // Once a frame: after a change, reading it lays all out anew.
    if (!this.width) return; // Hidden: there is nothing to lay out in.
    this.update();
    // To lay out text takes as long as a picture: in a drag it waits.
    if (!this.store.isHeld) this.paintWords();
    else this.wordsTimer ??= setTimeout(() => this.paintWords(), WORDS);
  }

  paintWords() {
    clearTimeout(this.wordsTimer);
    this.wordsTimer = null;
    setText(this.error, this.store.problem);
    setText(this.status, this.store.status);
  }

  close() {
    this.theme.stop();
    this.resizes.disconnect();
    this.store.views.delete(this);
    this.host.remove();
  }
}
