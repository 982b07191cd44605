import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fit } from '../src/fit';
import { symmetricEigen } from '../src/symmetric-eigen';
import { readWhitening, writeWhitening } from '../src/whitening';
import { dependentVectors, sequence } from './sequence';

describe('symmetricEigen', () => {
  it('takes a matrix apart into axes at right angles that put it together again', () => {
    const n = 17;
    const next = sequence(5);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = next() - 0.5;
    const { values, axes } = symmetricEigen(matrix, n);
    assert.deepEqual(
      [...values],
      [...values].sort((a, b) => b - a),
    );
    const axis = (i: number) => axes.subarray(i * n, (i + 1) * n);
    for (let i = 0; i < n; i++) {
      // The matrix only stretches an axis, by its eigenvalue.
      for (let j = 0; j < n; j++) {
        near(dot(axis(i), axis(j)), Number(i === j), 1e-12);
        near(dot(matrix.subarray(j * n, (j + 1) * n), axis(i)), (values[i] as number) * (axis(i)[j] as number), 1e-12);
      }
    }
  });
});

describe('fit', () => {
  const vectors = dependentVectors(500, 24);

  it('makes what it was fitted on centered, uncorrelated and of variance 1 along every axis', () => {
    const { mean, matrix, axes } = fit('a-model', vectors);
    assert.equal(axes, 24);
    const along = (axis: number) => {
      const row = matrix.subarray(axis * 24, (axis + 1) * 24);
      return vectors.map((vector) => dot(vector, row) - dot(mean, row));
    };
    for (let a = 0; a < axes; a++) {
      for (let b = 0; b < axes; b++) near(dot(along(a), along(b)) / vectors.length, Number(a === b), 1e-3);
    }
  });

  it('keeps only axes along which there is something', () => {
    const flat = vectors.map((vector) => Float32Array.from([...vector, ...vector.slice(0, 3)]));
    assert.equal(fit('a-model', flat).axes, 24);
  });

  it('asks for more texts than dimensions', () => {
    assert.throws(() => fit('a-model', vectors.slice(0, 24)), /24 texts are too few for 24 dimensions/);
    assert.throws(() => fit('a-model', []), /too few/);
  });

  it('comes back from a file to the bit', () => {
    const whitening = fit('a-model', vectors);
    assert.deepEqual(readWhitening(writeWhitening(whitening)), whitening);
  });

  for (const [what, change, message] of [
    ['without a model', { model: '' }, /names no model/],
    ['with more axes than dimensions', { axes: 25 }, /no sizes/],
    ['with a short mean', { mean: 'AAAA' }, /mean holds .* instead of 24/],
    ['with NaN', { mean: Buffer.alloc(96, 0xff).toString('base64') }, /mean holds something/],
  ] as const) {
    it(`refuses a file ${what}`, () => {
      const file = { ...(JSON.parse(writeWhitening(fit('a-model', vectors))) as object), ...change };
      assert.throws(() => readWhitening(JSON.stringify(file)), message);
    });
  }
});

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} instead of ${expected}`);
}
