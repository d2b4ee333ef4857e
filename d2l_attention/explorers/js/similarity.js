// How alike two texts are: the share of letters that match in order, capitals or not, as Python's
// SequenceMatcher counts them (without its shortcut for long texts).

const lower = (letters) => [...letters].flatMap((c) => [...c.toLowerCase()]);

// Letter by letter, so that a final sigma is a sigma; ß is ss by way of its capitals, which would
// put a dot on the dotless ı.
export const folded = (text) =>
	[...text].flatMap((c) => (c === "ı" ? c : lower(lower(c).join("").toUpperCase())));

// 2 × matching letters / all letters, of two folded texts.
export function ratio(a, b) {
	return a.length + b.length ? (2 * matching(a, b)) / (a.length + b.length) : 1;
}

// The longest run that both share (the first in a, then in b), and the same on either side of it.
function matching(a, b) {
	let [size, i, j] = [0, 0, 0];
	let above = []; // above[t]: how long the run is that ends at the letter before a[s] and at b[t]
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
