// Brings the figures of a page to life: each saved picture becomes the live figure, from its inputs.
// The address says what was changed. Where this fails, the picture stays.

(async () => {
  const { scorings, words, panels, modules } = globalThis.d2lFigures;
  const ATTRIBUTE = "data-d2l-attention";
  const PAUSE = 300; // ms after the last change of any figure, before the address and the sentences follow

  const imported = {};
  const load = (text) => {
    const source = () => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    return (imported[text] ??= import(source()));
  };

  // What was saved, and what follows from the page: its words, panels and scoring functions. In JSON
  // a number that is none is null.
  function read({ kind, setup, now, numbers }) {
    const said = words[kind];
    const toFloats = (X) => Float32Array.from(X, (x) => (x === null ? NaN : x));
    const choice = (name) => ({
      value: name,
      words: name,
      reason: name in setup.kinds ? null : said.oneSize,
    });
    return {
      setup: {
        ...setup,
        words: said,
        panels: panels[setup.show],
        choices: setup.kinds && scorings.map(choice),
      },
      now,
      arrays: Object.fromEntries(Object.entries(numbers).map(([name, X]) => [name, toFloats(X)])),
    };
  }

  // The address: #figure=1&Q.3=0.5&temperature=0.2&figure=2&…

  // A float32 without the digits that it cannot hold; none for NaN, an empty row of a prediction.
  const shortest = (x) => (Number.isNaN(x) ? "" : String(Number(x.toPrecision(7))));

  // [name, text] of what differs from what was saved; deleted records by their places.
  function* changes({ first, inputs, now, setup }) {
    for (const [name, X] of Object.entries(first.inputs)) {
      if (name === "reach" || name === "target") continue;
      for (const [at, x] of X.entries()) {
        if (!Object.is(inputs[name][at], x)) yield [`${name}.${at}`, shortest(inputs[name][at])];
      }
    }
    for (const [name, value] of Object.entries(first.now)) {
      if (String(now[name]) === String(value)) continue;
      const isDeleted = name === "deleted";
      const places = () => now.deleted.map((key) => setup.keys.indexOf(key)).join(" ");
      yield [name, isDeleted ? places() : String(now[name])];
    }
  }

  // A control that an address may set, or undefined: it may hold anything.
  function readControl({ setup, now }, name, text) {
    if (!Object.hasOwn(now, name)) return undefined;
    const value = Number(text);
    const readers = {
      temperature: () => (value > 0 && value < Infinity ? value : undefined),
      batch: () =>
        Number.isInteger(value) && value >= 0 && value < setup.batch ? value : undefined,
      scoring: () => (Object.hasOwn(setup.kinds, text) && setup.kinds[text] ? text : undefined),
      query: () => text,
      shown: () => (setup.predict ? text === "true" : undefined),
      deleted: () => setup.keys.filter((_, at) => text.split(" ").includes(String(at))),
    };
    return Object.hasOwn(readers, name) ? readers[name]() : undefined;
  }

  function restoreChange(store, name, text) {
    const [array, index] = name.split(".");
    if (Object.hasOwn(store.inputs, array)) {
      const fits = /^\d+$/.test(index) && index < store.inputs[array].length;
      const value = text.trim() ? Number(text) : NaN;
      const isEmptied = array === "prediction" && !text;
      if (fits && (isEmptied || Number.isFinite(value))) store.write(array, Number(index), value);
      store.inputsChanged();
    } else {
      const value = readControl(store, name, text);
      if (value !== undefined) store.control(name, value);
    }
  }

  const figures = [];

  function address() {
    const told = figures.flatMap(({ store }, at) => {
      const changed = [...changes(store)];
      return changed.length ? [["figure", at + 1], ...changed] : [];
    });
    return told.length ? `#${new URLSearchParams(told)}` : "";
  }

  const WHOLE = 1e-3; // as far as the shares of a row may be from a sum of 1, as in Python

  // Empties the rows of a prediction that no edit could have made.
  function dropBrokenRows({ inputs: { prediction }, predictedColumns, predictsShares }) {
    for (let from = 0; from < prediction.length; from += predictedColumns) {
      const row = prediction.subarray(from, from + predictedColumns);
      const sum = row.reduce((total, x) => total + x, 0);
      const areShares = row.every((x) => x >= 0) && Math.abs(sum - 1) <= WHOLE;
      if (!(predictsShares ? areShares : row.every(Number.isFinite))) row.fill(NaN);
    }
  }

  // Returns the first figure that the address names.
  function restore() {
    let figure;
    let first;
    for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
      if (name === "figure") {
        figure = figures[text - 1];
        first ??= figure;
      } else if (figure) {
        restoreChange(figure.store, name, text);
      }
    }
    for (const { store } of figures) if (store.setup.predict) dropBrokenRows(store);
    return first;
  }

  let written = location.hash;

  function writeAddress() {
    const hash = address();
    // A link to a heading stays until a figure is changed.
    if (hash || written.startsWith("#figure=")) {
      written = hash;
      history.replaceState(null, "", hash || location.pathname + location.search);
    }
    for (const { link } of figures) link.href = hash || "#";
    for (const link of document.querySelectorAll(".book-languages a")) link.hash = hash;
  }

  // The sentence: what the weights say.

  const share = (x) => (Math.round(100 * x) / 100).toFixed(2);
  const fill = (text, names) => text.replace(/\{(\w+)\}/g, (_, name) => names[name]);

  const LISTED = 30; // records, those of the largest weights

  // Of each record that is kept.
  function weightsOfRecords({ setup: { keys }, now, result: { weights: row }, words: said }) {
    const order = keys.map((_, j) => j).sort((i, j) => row[j] - row[i]);
    const rest = order.splice(LISTED);
    const kept = order.sort((i, j) => i - j).filter((j) => !now.deleted.includes(keys[j]));
    const parts = kept.map((j) => `${keys[j]} ${share(row[j])}`);
    const sum = rest.reduce((total, j) => total + row[j], 0);
    if (rest.length) parts.push(fill(said.more, { count: rest.length, share: share(sum) }));
    return fill(said.shares, { weights: parts.join(", ") });
  }

  const NAMED = 3; // keys that share the largest weight

  // Of each query the largest. Rounding may tell weights apart that are alike.
  function largestWeights({ setup, result, words: said }) {
    const { sizes, queryLabels, keyLabels } = setup;
    const sentences = [...queryLabels].map((query, i) => {
      const row = [...result.weights.subarray(i * sizes.m, (i + 1) * sizes.m)];
      const most = Math.max(...row);
      const first = [...keyLabels].filter((_, j) => most - row[j] < 1e-6);
      const j = first.slice(0, NAMED).join("/") + (first.length > NAMED ? "/…" : "");
      const names = { i: query, j, share: share(most) };
      if (!(most > 0)) return fill(said.nowhere, names);
      const areAlike = first.length === row.length && row.length > 1;
      return fill(areAlike ? said.alike : said.most, names);
    });
    return sentences.join(" ");
  }

  // The page.

  async function enliven(root) {
    const saved = JSON.parse(root.getAttribute(ATTRIBUTE));
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
    if (saved.kind !== "PlaneExplorer") sentence.setAttribute("aria-live", "polite");
    const link = part("a", "d2l-link");
    link.textContent = words[saved.kind].link;
    const widget = (await load(modules[saved.kind])).default();
    const store = widget.mount(read(saved), el);
    const describe = saved.kind === "DatabaseExplorer" ? weightsOfRecords : largestWeights;
    const currentText = () => (store.isCovered("weights") ? store.words.awaits : describe(store));
    // The sentence follows when the numbers rest; until then it would contradict them.
    const hideIfOld = () => {
      sentence.style.visibility = sentence.textContent === currentText() ? "" : "hidden";
    };
    const say = () => {
      const text = currentText();
      if (sentence.textContent !== text) sentence.textContent = text;
      hideIfOld();
    };
    return { root, live, link, store, say, hideIfOld };
  }

  const roots = [...document.querySelectorAll(`figure[${ATTRIBUTE}]`)];
  figures.push(...(await Promise.all(roots.map(enliven))));
  const first = restore();
  let timer;
  const follow = () => {
    writeAddress();
    for (const { say } of figures) say();
  };
  for (const { root, live, store, say, hideIfOld } of figures) {
    store.beforePaint();
    say();
    root.replaceChildren(live);
    const paint = () => {
      hideIfOld();
      clearTimeout(timer);
      timer = setTimeout(follow, PAUSE);
    };
    store.views.add({ paint });
  }
  first?.root.scrollIntoView({ block: "center" });
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#figure=") && location.hash !== written) location.reload();
  });
})();
