const MOST_SWEEPS = 60;

/**
 * Eigenvalues, largest first, and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan,
 * "Matrix Computations", 8.5): slow and exact.
 * @param matrix n x n, row-major
 * @returns axes: n x n, row-major, one eigenvector a row
 */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; axes: Float64Array } {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonal(a, n) > 1e-12 * diagonal(a, n); sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((x, y) => at(a, y * n + y) - at(a, x * n + x));
  return {
    values: Float64Array.from(order, (i) => at(a, i * n + i)),
    axes: Float64Array.from(order.flatMap((i) => [...v.subarray(i * n, (i + 1) * n)])),
  };
}

/** Makes a[p][q] zero; rows of v gather the eigenvectors. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = at(a, p * n + q);
  if (apq === 0) return;
  const theta = (at(a, q * n + q) - at(a, p * n + p)) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, c, s);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k, c, s);
  for (let k = 0; k < n; k++) turn(v, p * n + k, q * n + k, c, s);
}

function turn(m: Float64Array, i: number, j: number, c: number, s: number): void {
  const x = at(m, i);
  const y = at(m, j);
  m[i] = c * x - s * y;
  m[j] = s * x + c * y;
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) sum += at(a, i * n + j) ** 2;
  return Math.sqrt(sum);
}

function diagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += at(a, i * n + i) ** 2;
  return Math.sqrt(sum);
}

function at(m: Float64Array, i: number): number {
  return m[i] as number;
}
