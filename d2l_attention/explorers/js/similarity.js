// The similarity of two texts: the share of letters that match in order, as Python's SequenceMatcher
// counts them, without regard to case.

export const folded = (text) => [...text.toLowerCase()];

export function ratio(a, b) {
  return a.length + b.length ? (2 * matching(a, b)) / (a.length + b.length) : 1;
}

// Counts matching letters: the longest common run (the first in a, then in b), and those on either
// side of it.
function matching(a, b) {
  let [size, i, j] = [0, 0, 0];
  let above = []; // above[t]: the length of the run that ends at b[t] and just before a[s]
  a.forEach((letter, s) => {
    above = b.map((other, t) => (other === letter ? (above[t - 1] ?? 0) + 1 : 0));
    above.forEach((run, t) => {
      if (run > size) [size, i, j] = [run, s - run + 1, t - run + 1];
    });
  });
  if (!size) return 0;
  const after = matching(a.slice(i + size), b.slice(j + size));
  return matching(a.slice(0, i), b.slice(0, j)) + size + after;
}
