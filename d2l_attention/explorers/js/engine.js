// The arithmetic of attention: score, softmax over the valid keys, weighted sum.
// Matrices are flat Float32Arrays in row-major order; sums are kept in double precision.

export function matrix(rows, columns, entry) {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[i * columns + j] = entry(i, j);
  }
  return out;
}

// A view of row i, not a copy.
export const rowOf = (X, i, size) => X.subarray(i * size, (i + 1) * size);

// The query and the key that a score compares, from a result for n queries.
export function comparedRows({ q, k }, n, i, j) {
  const size = q.length / n;
  return [[...rowOf(q, i, size)], [...rowOf(k, j, size)]];
}

// A Bᵀ for A (rows × size) and B (columns × size).
const productT = (A, B, rows, columns, size, divisor = 1) =>
  matrix(rows, columns, (i, j) => {
    let sum = 0;
    for (let c = 0; c < size; c++) sum += A[i * size + c] * B[j * size + c];
    return sum / divisor;
  });

const scaledProduct = (q, k, { n, m, size }) => productT(q, k, n, m, size, Math.sqrt(size));

// Scores (n × m) of q (n × size) and k (m × size), projected where a score has parameters.
export const SCORES = {
  dot: scaledProduct,
  multiplicative: scaledProduct,
  distance(q, k, { n, m, size }) {
    const square = (X) => X.reduce((sum, x) => sum + x * x, 0);
    const half = matrix(m, 1, (j) => square(rowOf(k, j, size)) / 2);
    return productT(q, k, n, m, size).map((x, at) => x - half[at % m]);
  },
  additive: (q, k, { n, m, size, w_v }) =>
    matrix(n, m, (i, j) => {
      let sum = 0;
      for (let c = 0; c < size; c++) sum += w_v[c] * Math.tanh(q[i * size + c] + k[j * size + c]);
      return sum;
    }),
};

export const hasParameters = (kind) => kind === "multiplicative" || kind === "additive";

// 1 (n × m) past a query's length and where the mask, if there is one, is 0; else 0.
export const maskedOf = ({ n, m, lens, mask }) =>
  matrix(n, m, (i, j) => j >= lens[i] || mask?.[i * m + j] === 0);

// Weights (n × m): exactly 0 where masked, and in the whole row where nothing else is.
export function maskedSoftmax(scores, masked, n, m, temperature = 1) {
  const weights = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    const [from, to] = [i * m, (i + 1) * m];
    let max = -Infinity;
    let total = 0;
    for (let at = from; at < to; at++)
      if (!masked[at]) max = Math.max(max, scores[at] / temperature);
    for (let at = from; at < to; at++)
      if (!masked[at]) total += weights[at] = Math.exp(scores[at] / temperature - max);
    for (let at = from; at < to; at++) if (!masked[at]) weights[at] /= total;
  }
  return weights;
}

// One example: Q (n × dq), K (m × dk), V (m × v), lens (n), maybe mask (n × m), W_q (h × dq),
// W_k (h × dk), w_v (h).
export function attend({ kind, n, m, dq, dk, h, v, temperature, ...X }) {
  const masked = maskedOf({ n, m, ...X });
  // Where no query looks a NaN does no harm.
  const isSeen = (at) => at < n * m && (!masked[at] || isSeen(at + m));
  const V = X.V.map((x, at) => (isSeen(Math.floor(at / v)) ? x : 1));
  const projected = hasParameters(kind);
  const size = projected ? h : dq;
  const q = projected ? productT(X.Q, X.W_q, n, h, dq) : X.Q; // (n × size)
  const k = projected ? productT(X.K, X.W_k, m, h, dk) : X.K; // (m × size)
  const scores = SCORES[kind](q, k, { n, m, size, w_v: X.w_v });
  const weights = maskedSoftmax(scores, masked, n, m, temperature);
  const output = matrix(n, v, (i, c) => {
    let sum = 0;
    for (let j = 0; j < m; j++) sum += weights[i * m + j] * V[j * v + c];
    return sum;
  });
  return { q, k, scores, masked, weights, output };
}

// The largest difference, relative where the numbers are above 1; NaN if only one of two is.
export const difference = (A, B) =>
  A.reduce((largest, a, at) => {
    const b = B[at];
    const off = Object.is(a, b) ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b));
    return Math.max(largest, off);
  }, 0);
