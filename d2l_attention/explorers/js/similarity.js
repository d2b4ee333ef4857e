// The similarity of two texts: the share of letters that lie in common runs, as Python's
// SequenceMatcher counts them, without regard to case and to the accents of vowels.

const ACCENTED_VOWEL = /([aeiouy])[\u0300-\u036f]+/g; // in decomposed text

// Whether both are the same letters, whether a letter and its accent are one character or two.
export const isSame = (key, query) => key.normalize() === query.normalize();

export function folded(text) {
  const letters = text.toLowerCase().normalize("NFD").replace(ACCENTED_VOWEL, "$1");
  return [...letters.normalize()];
}

export function ratio(a, b, blocks = matchingBlocks(a, b)) {
  const matching = blocks.reduce((sum, [, , size]) => sum + size, 0);
  return a.length + b.length ? (2 * matching) / (a.length + b.length) : 1;
}

// The runs of letters that match, [start in a, start in b, size], in order: the longest common run
// (the first in a, then in b), and those on either side of it.
export function matchingBlocks(a, b) {
  let [size, i, j] = [0, 0, 0];
  let above = []; // above[t]: the length of the run that ends at b[t] and just before a[s]
  a.forEach((letter, s) => {
    above = b.map((other, t) => (other === letter ? (above[t - 1] ?? 0) + 1 : 0));
    above.forEach((run, t) => {
      if (run > size) [size, i, j] = [run, s - run + 1, t - run + 1];
    });
  });
  if (!size) return [];
  const after = matchingBlocks(a.slice(i + size), b.slice(j + size));
  return [
    ...matchingBlocks(a.slice(0, i), b.slice(0, j)),
    [i, j, size],
    ...after.map(([x, y, run]) => [x + i + size, y + j + size, run]),
  ];
}

// The text in parts, [letters, whether they match], where `blocks` match its folded letters. A letter
// that is folded into several matches if one of them does.
export function matchingParts(text, blocks) {
  const matches = new Set();
  for (const [, start, size] of blocks) {
    for (let at = start; at < start + size; at++) matches.add(at);
  }
  const parts = [];
  let at = 0;
  for (const { segment: letter } of new Intl.Segmenter().segment(text)) {
    const end = at + folded(letter).length;
    let isMatch = false;
    for (; at < end; at++) isMatch ||= matches.has(at);
    if (parts.at(-1)?.[1] === isMatch) parts.at(-1)[0] += letter;
    else parts.push([letter, isMatch]);
  }
  return parts;
}
