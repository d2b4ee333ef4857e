// A matrix that the reader predicts, and what stands for the matrices that follow from it. It can
// still be moved when the truth is shown: one sees what makes it better.

import { begun, withShare } from "./prediction.js";
import { Panel } from "./panel.js";

const SHARE_STEPS = { drag: 0.01, key: 0.05 };

class PredictionPanel extends Panel {
  // The row that an edit sets off from: during a drag the one that was grabbed, so shares that gave
  // way come back.
  get row() {
    return this.held?.row ?? begun(this.figure.store.predicted(this.at[0]), this.spec.isShares);
  }

  get start() {
    return this.row[this.at[1]];
  }

  // The first touch fills an empty row.
  grab(event) {
    super.grab(event);
    if (!this.spec.input) return;
    this.held.row = this.row;
    this.predict(this.held.row);
  }

  set(value) {
    const { row } = this;
    const j = this.at[1];
    this.predict(
      this.spec.isShares ? withShare(row, j, value) : row.map((x, c) => (c === j ? value : x)),
    );
  }

  predict(row) {
    const { figure, at } = this;
    figure.store.predict(at[0], row);
    figure.point(this, at);
  }
}

// Specs of panels as they are while a prediction is asked: it stands in place of its matrix, and below
// it once that is shown; nothing can be read of what is covered.
export function withPrediction(store, specs) {
  const { now, setup, words } = store;
  return specs.flatMap((spec) => {
    const { name, rows, columns, labels, get } = spec;
    const unknown = () => new Float32Array(rows * columns).fill(NaN);
    if (name !== setup.predict) {
      const covered = { ...spec, get: unknown, opens: false, unknown: "covered" };
      return [store.isCovered(name) ? covered : spec];
    }
    const isShares = name === "weights";
    const asked = {
      ...spec,
      Panel: PredictionPanel,
      name: "prediction",
      of: name,
      title: words[`your ${name}`],
      get: () => store.prediction,
      masked: undefined,
      opens: false,
      input: true,
      isShares,
      ...(isShares && { steps: SHARE_STEPS }),
      unknown: "asked",
    };
    if (!now.shown) return [asked];
    // One scale, so that equal colours are equal numbers.
    const compared = () => [...get(), ...store.prediction];
    const below = { title: words["your prediction"], labels: [labels[0]] };
    return [
      { ...spec, compared },
      { ...asked, ...below, compared, below: name },
    ];
  });
}
