// Handles for the valid length on a panel, one for all queries or one for each.

import { element, place, times } from "./dom.js";

// Returns a function that updates them.
export function addLengths(store, { box }) {
  const { words, now, setup } = store;
  const { n, m } = setup.sizes;
  const each = now.lens === "query";
  const handles = times(each ? n : 1, (row) => {
    const rows = each ? [row] : times(n, (at) => at);
    const query = each ? `, ${words.query.replace("{n}", row)}` : "";
    const input = () => rows.forEach((at) => store.edit("valid_lens", at, Number(handle.value)));
    const handle = element(box, "input.handle", "", {
      type: "range",
      min: 0,
      max: m,
      "aria-label": words.validLength + query,
      input,
    });
    place(handle, row, 0, rows.length, m);
    return handle;
  });
  element(box, "small.lengths", `↔ ${words.validLength}`, { "aria-hidden": true });
  return () => handles.forEach((handle, row) => (handle.value = store.example("valid_lens")[row]));
}
