// How alike two texts are: the share of letters that match in order, as Python's SequenceMatcher
// counts them (difflib, without its shortcut for long texts), capitals or not.

// A text as a list of letters; letter by letter, so that a final sigma is a sigma. Capitals come
// between, since ß has none of its own; the dotless ı would come back from them with a dot.
export const folded = (text) =>
  [...text].flatMap((c) => (c === "ı" ? c : [...c.toLowerCase().toUpperCase()].flatMap(lower)));
const lower = (c) => [...c.toLowerCase()];

// 2 × matching letters / all letters, of two folded texts.
export function ratio(a, b) {
  return a.length + b.length ? (2 * matching(a, b)) / (a.length + b.length) : 1;
}

// The longest run that both share, and then the same to the left and to the right of it.
function matching(a, b) {
  const { size, i, j } = longest(a, b);
  if (!size) return 0;
  const left = matching(a.slice(0, i), b.slice(0, j));
  return left + size + matching(a.slice(i + size), b.slice(j + size));
}

// Of runs that are equally long, the first in a, and of those the first in b.
function longest(a, b) {
  let best = { size: 0 };
  let above = []; // above[j]: how long the run is that ends at a[i - 1] and b[j]
  for (let i = 0; i < a.length; i++) {
    const row = [];
    for (let j = 0; j < b.length; j++) {
      if (a[i] !== b[j]) continue;
      const size = (above[j - 1] ?? 0) + 1;
      row[j] = size;
      if (size > best.size) best = { size, i: i - size + 1, j: j - size + 1 };
    }
    above = row;
  }
  return best;
}
