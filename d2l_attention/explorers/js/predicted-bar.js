// The bar of a record that the reader predicts: dragged, moved by keys, or typed.

import { clamp, dragListeners, element } from "./dom.js";
import { numberText } from "./painting.js";

const KEY_STEP = 0.05;

export class PredictedBar {
  constructor(store, parent, j) {
    this.store = store;
    this.j = j;
    const { words, setup } = store;
    const name = `${words["your prediction"]}, ${setup.keys[j]}`;
    this.root = element(parent, "div.track.predicted");
    const share = ({ clientX }) => {
      const { left, width } = this.hand.getBoundingClientRect();
      return (clientX - left) / width;
    };
    this.hand = element(this.root, "div.hand", "", {
      role: "slider",
      tabindex: 0,
      "aria-label": name,
      "aria-valuemin": 0,
      "aria-valuemax": 1,
      ...dragListeners({
        grab: (event) => {
          // Shares that give way come back before the end of the drag.
          this.held = this.store.prediction.slice();
          this.predict(share(event));
        },
        drag: (event) => this.predict(share(event)),
        release: () => (this.held = null),
        key: (event, steps) => this.actionFor(event, steps),
      }),
    });
    this.bar = element(this.hand, "div.bar");
    this.unknown = element(this.hand, "span", "?", { "aria-hidden": true });
    this.number = element(this.root, "input.number", "", {
      inputmode: "decimal",
      "aria-label": name,
      change: () => this.type(),
      keydown: ({ key }) => key === "Enter" && this.type(),
    });
  }

  get share() {
    return this.store.prediction[this.j];
  }

  predict(share) {
    this.store.predictShare(this.j, share, this.held ?? undefined);
  }

  actionFor({ key }, steps) {
    const share = this.store.begunPrediction()[this.j];
    const by = (sign) => () => this.predict(share + sign * KEY_STEP * steps);
    const actions = {
      ArrowRight: by(1),
      ArrowUp: by(1),
      ArrowLeft: by(-1),
      ArrowDown: by(-1),
      Home: () => this.predict(0),
      End: () => this.predict(1),
      Enter: () => this.number.select(),
    };
    return actions[key];
  }

  type() {
    const text = this.number.value.trim().replace(",", ".");
    const share = text ? Number(text) : NaN;
    if (Number.isFinite(share)) this.predict(share);
    this.store.requestPaint(); // What was no number gives way to the one before.
    this.typed = true;
  }

  paint(isDeleted) {
    const { share, hand, number } = this;
    const { words } = this.store;
    this.root.hidden = isDeleted;
    const isEmpty = Number.isNaN(share);
    const said = isEmpty ? "" : numberText(share);
    this.root.classList.toggle("unknown", isEmpty);
    this.unknown.hidden = !isEmpty;
    this.bar.style.setProperty("--share", isEmpty ? 0 : clamp(share, 0, 1));
    hand.setAttribute("aria-valuenow", isEmpty ? 0 : share);
    hand.setAttribute("aria-valuetext", said || words.asked);
    number.placeholder = "?";
    // While one types, the text is the reader's.
    if (this.typed || number.getRootNode().activeElement !== number) number.value = said;
    this.typed = false;
  }
}
