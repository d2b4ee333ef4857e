// Brings the figures of a page to life: each saved picture becomes the live figure, from its inputs.
// Where this fails, the picture stays.

(async () => {
  const { style, scorings, words, panels, modules, arithmetic } = globalThis.d2lFigures;
  const ATTRIBUTE = "data-d2l-attention";
  const PAUSE = 300; // ms after the last change, before the address and the sentence follow

  const imported = {};
  const load = (text) => {
    const source = () => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    return (imported[text] ??= import(source()));
  };

  const number = (x) => (x === null ? NaN : Number(x));
  const share = (x) => (Math.round(100 * x) / 100).toFixed(2);
  const fill = (text, names) => text.replace(/\{(\w+)\}/g, (_, name) => names[name]);

  // Normal numbers with two decimals, the same for the same seed (Lehmer, then Box and Muller).
  function normal(seed) {
    let state = seed + 1e6;
    const uniform = () => (state = (48_271 * state) % (2 ** 31 - 1)) / (2 ** 31 - 1);
    const radius = () => Math.sqrt(-2 * Math.log(uniform()));
    return () => Math.round(100 * radius() * Math.cos(2 * Math.PI * uniform())) / 100;
  }

  // Stands where the kernel stood: it keeps the inputs and answers, but computes nothing.
  class Model {
    constructor({ kind, setup, now, numbers }, changed) {
      this.kind = kind;
      this.words = words[kind];
      this.setup = { ...setup, words: this.words, panels: panels[setup.show] };
      if (setup.kinds) {
        const choice = (name) => ({
          value: name,
          words: name,
          reason: name in setup.kinds ? null : this.words.oneSize,
        });
        this.setup.choices = scorings.map(choice);
      }
      const arrays = Object.entries(numbers).map(([name, X]) => [name, X.map(number)]);
      this.first = { now, arrays: Object.fromEntries(arrays) };
      [this.changed, this.listeners, this.epoch, this.shuffles] = [changed, [], 0, 0];
      this.restart();
    }

    restart() {
      this.now = { ...this.first.now };
      this.X = structuredClone(this.first.arrays);
      this.changes = new Map();
    }

    get(name) {
      const [now, numbers] = this.state();
      return { _setup: this.setup, _now: now, _numbers: numbers }[name];
    }

    state() {
      this.grow();
      const { now, X, epoch } = this;
      const arrays = Object.entries(X).map(([name, x]) => [name, x.length]);
      return [{ ...now, epoch, arrays, error: null }, Float32Array.from(Object.values(X).flat())];
    }

    on(event, listener) {
      if (event === "msg:custom") this.listeners.push(listener);
    }

    off(event, listener) {
      this.listeners = this.listeners.filter((other) => other !== listener);
    }

    // After the call, as from a kernel.
    post(message, numbers) {
      queueMicrotask(() => this.listeners.forEach((listen) => listen(message, [numbers])));
    }

    send({ kind, edits, controls, sequence, id }) {
      if (kind === "edit") {
        for (const [name, index, value] of edits) this.change(`${name}.${index}`, value);
        for (const [name, value] of Object.entries(controls)) this.change(name, value);
        this.grow();
        const { reach = [] } = this.X;
        const arrays = [["reach", reach.length]].filter(([, length]) => length);
        const reply = { kind: "result", sequence, id, stale: false, ...this.now, arrays };
        this.post(reply, Float32Array.from(reach));
      } else {
        if (kind === "reset") this.restart();
        if (kind === "shuffle") this.shuffle();
        this.epoch += kind !== "hello";
        const [now, numbers] = this.state();
        this.post({ kind: "state", ...now }, numbers);
      }
      this.changed();
    }

    shuffle() {
      this.shuffles += 1;
      ["Q", "K", "V"].forEach((name, at) => {
        const from = this.setup.tied && name === "V" ? "K" : name;
        const draw = normal(3 * this.shuffles + (from === name ? at : 1));
        this.X[name].forEach((_, index) => this.change(`${name}.${index}`, draw()));
      });
    }

    change(name, value) {
      const [array, index] = name.split(".");
      if (index === undefined) this.now[array] = value;
      else this.X[array][index] = value;
      this.changes.set(name, value);
    }

    // The plane grows with its points as in Python: to 1.2 times the largest, rounded up to a digit.
    grow() {
      const { Q, K, V, reach } = this.X;
      if (!reach) return;
      const largest = Math.max(...[...Q, ...K, ...V].map(Math.abs));
      const power = 10 ** Math.floor(Math.log10(1.2 * largest));
      if (largest > reach[0]) reach[0] = Math.ceil((1.2 * largest) / power) * power;
    }

    // From the address, which may hold anything.
    restore(name, text) {
      const [array, index] = name.split(".");
      const { kinds, batch, keys } = this.setup;
      const value = Number(text);
      if (Object.hasOwn(this.X, array)) {
        const fits = text.trim() && Number.isFinite(value) && Object.hasOwn(this.X[array], index);
        if (fits && /^\d+$/.test(index)) this.change(name, value);
      } else if (Object.hasOwn(this.now, name)) {
        if (name === "temperature" && value > 0 && value < Infinity) this.change(name, value);
        if (name === "batch" && value >= 0 && value < batch && Number.isInteger(value)) {
          this.change(name, value);
        }
        if (name === "scoring" && kinds[text] && Object.hasOwn(kinds, text))
          this.change(name, text);
        if (name === "query") this.change(name, text);
        if (name === "deleted") {
          const places = text.split(" ").map((at) => keys[at]);
          this.change(
            name,
            keys.filter((key) => places.includes(key)),
          );
        }
      }
    }

    // [name, text] of each change; deleted records by their places.
    *told() {
      for (const [name, value] of this.changes) {
        const place = (key) => this.setup.keys.indexOf(key);
        yield [name, name === "deleted" ? value.map(place).join(" ") : String(value)];
      }
    }

    async sentence() {
      return this.kind === "DatabaseExplorer" ? this.shares() : this.largest();
    }

    async shares() {
      const { maskedSoftmax } = await load(arithmetic.engine);
      const { folded, ratio } = await load(arithmetic.similarity);
      const { query, temperature, deleted } = this.now;
      const keys = this.setup.keys.filter((key) => !deleted.includes(key));
      const scores = keys.map((key) => ratio(folded(query), folded(key)));
      const row = maskedSoftmax(scores, [keys.length], 1, keys.length, temperature);
      const weights = keys.map((key, j) => `${key} ${share(row[j])}`).join(", ");
      return fill(this.words.shares, { weights });
    }

    async largest() {
      const { attend } = await load(arithmetic.engine);
      const { sizes, kinds, batch, queryLabels, keyLabels } = this.setup;
      const { scoring, temperature, batch: example } = this.now;
      const shown = (name) => {
        const X = Float32Array.from(this.X[name]);
        const size = X.length / batch;
        return /^(W_|w_)/.test(name) ? X : X.subarray(example * size, (example + 1) * size);
      };
      const X = Object.fromEntries(Object.keys(this.X).map((name) => [name, shown(name)]));
      const lens = X.valid_lens;
      const { weights } = attend({ ...X, ...sizes, kind: kinds[scoring], temperature, lens });
      const sentences = [...queryLabels].map((query, i) => {
        const row = [...weights.subarray(i * sizes.m, (i + 1) * sizes.m)];
        const most = Math.max(...row);
        const { nowhere, most: attends } = this.words;
        const names = { i: query, j: keyLabels[row.indexOf(most)], share: share(most) };
        return fill(most > 0 ? attends : nowhere, names);
      });
      return sentences.join(" ");
    }
  }

  const figures = [];

  // #figure=1&Q.3=0.5&temperature=0.2&figure=2&…
  function address() {
    const told = figures.flatMap(({ model }, at) => {
      const changes = [...model.told()];
      return changes.length ? [["figure", at + 1], ...changes] : [];
    });
    return told.length ? `#${new URLSearchParams(told)}` : "";
  }

  function restore() {
    let model;
    let first;
    for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
      if (name === "figure") {
        ({ model } = figures[text - 1] ?? {});
        first ??= figures[text - 1];
      } else {
        model?.restore(name, text);
      }
    }
    return first;
  }

  let written = location.hash;

  function follow() {
    const hash = address();
    // A link to a heading stays until a figure is changed.
    if (hash || written.startsWith("#figure=")) {
      written = hash;
      history.replaceState(null, "", hash || location.pathname + location.search);
    }
    for (const { link } of figures) if (link) link.href = hash || "#";
    for (const link of document.querySelectorAll(".book-languages a")) link.hash = hash;
  }

  async function enliven(figure) {
    const { root, model } = figure;
    const live = document.createElement("div");
    live.className = "d2l-live";
    const part = (tag, name) => {
      const node = document.createElement(tag);
      node.className = name;
      live.append(node);
      return node;
    };
    const el = part("div", "d2l-figure");
    const sentence = part("p", "d2l-sentence");
    // The plane says as much where it stands.
    if (model.kind !== "PlaneExplorer") sentence.setAttribute("aria-live", "polite");
    const module = (await load(modules[model.kind])).default;
    const widget = typeof module === "function" ? await module() : module;
    figure.say = async () => {
      const text = await model.sentence();
      if (sentence.textContent !== text) sentence.textContent = text;
    };
    await figure.say();
    figure.link = part("a", "d2l-link");
    figure.link.textContent = model.words.link;
    widget.initialize({ model });
    root.replaceChildren(live);
    widget.render({ model, el });
  }

  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  for (const root of document.querySelectorAll(`figure[${ATTRIBUTE}]`)) {
    const figure = { root };
    const changed = () => {
      clearTimeout(figure.timer);
      figure.timer = setTimeout(() => {
        follow();
        figure.say?.();
      }, PAUSE);
    };
    figure.model = new Model(JSON.parse(root.getAttribute(ATTRIBUTE)), changed);
    figures.push(figure);
  }
  const first = restore();
  await Promise.all(figures.map(enliven));
  first?.root.scrollIntoView({ block: "center" });
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#figure=") && location.hash !== written) location.reload();
  });
})();
