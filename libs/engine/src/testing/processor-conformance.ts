import assert from 'node:assert/strict';
import { AVAILABLE, type ProcessorTask, type VectorProcessor, type Vectors, type VectorStep } from '../contracts';
import { EngineError } from '../errors';
import { globalRunner, type TestRunner } from './test-runner';

/** Rows enough for whole blocks and a remainder, whatever block size a processor works in. */
const ROWS = 13;

export interface ProcessorConformanceOptions {
  /** Tasks that the processor must refuse. */
  readonly refused?: readonly ProcessorTask[];
  /** `describe` and `it`, where they are not global (node:test, vitest without globals). */
  readonly runner?: TestRunner;
}

/**
 * Registers the tests that every `VectorProcessor` must pass.
 * @param name how the tests call the processor.
 * @param make gives a fresh processor; called once a test.
 * @param tasks tasks that the processor must take, at least one; lengths that are no round number find most faults.
 */
export function processorConformance(
  name: string,
  make: () => VectorProcessor | Promise<VectorProcessor>,
  tasks: readonly [ProcessorTask, ...ProcessorTask[]],
  { refused = [], runner = globalRunner() }: ProcessorConformanceOptions = {},
): void {
  const { describe, it } = runner;
  describe(`${name} keeps the contract of VectorProcessor`, () => {
    it('has an id and a known stage', async () => {
      const processor = await make();
      assert.match(processor.id, /\S/);
      assert.ok(['reduce', 'expand', 'quantize'].includes(processor.stage), `unknown stage ${processor.stage}`);
    });

    for (const task of refused) {
      it(`refuses ${label(task)} with a reason, and does not prepare it`, async () => {
        const processor = await make();
        const answer = processor.accepts(task);
        assert.ok(!answer.available);
        assert.match(answer.reason, /\S/);
        await assert.rejects(async () => processor.prepare(task));
        assert.deepEqual(processor.accepts(task), answer, 'accepts() must not change its mind');
      });
    }

    for (const task of tasks) {
      describe(label(task), () => {
        const run = (title: string, test: (step: VectorStep, stage: VectorProcessor['stage']) => void) =>
          it(title, async () => {
            const processor = await make();
            test(await processor.prepare(task), processor.stage);
          });

        it('is accepted and prepared', async () => {
          const processor = await make();
          assert.deepEqual(processor.accepts(task), AVAILABLE);
          assert.match((await processor.prepare(task)).method, /\S/);
          assert.deepEqual(processor.accepts(task), AVAILABLE, 'accepts() must not change its mind');
        });

        run('gives as many rows as it got, of the length asked for, all finite', (step, stage) => {
          const out = step.apply(sample(ROWS, task));
          assert.equal(out.rows, ROWS);
          assert.equal(out.dimensions, task.to);
          assert.equal(out.values.length, ROWS * task.to);
          assert.ok(out.values.every(Number.isFinite));
          assert.equal(out.codes !== undefined, stage === 'quantize', 'only the quantize stage makes codes');
          if (out.codes) {
            assert.equal(out.codes.scheme, task.scheme);
            assert.equal(out.codes.bytes.length, ROWS * out.codes.bytesPerVector);
            if (out.codes.scales) assert.equal(out.codes.scales.length, ROWS);
          }
        });

        run('takes no rows and gives none', (step) => {
          const out = step.apply(sample(0, task));
          assert.equal(out.rows, 0);
          assert.equal(out.values.length, 0);
        });

        run('gives each row the same bits alone and among others', (step) => {
          const vectors = sample(ROWS, task);
          const together = step.apply(vectors);
          for (let row = 0; row < ROWS; row++) assertSameBits(step.apply(rowOf(vectors, row)), rowOf(together, row));
        });

        run('gives the same bits again', (step) => {
          assertSameBits(step.apply(sample(ROWS, task)), step.apply(sample(ROWS, task)));
        });

        run('leaves its input as it was and shares no memory with earlier results', (step) => {
          const vectors = sample(ROWS, task);
          const first = step.apply(vectors);
          assert.deepEqual(bits(vectors.values), bits(sample(ROWS, task).values), 'the input was changed');
          const before = copy(first);
          step.apply(sample(ROWS, task, 2));
          assertSameBits(first, before);
        });

        run('works in place in a larger buffer', (step) => {
          const vectors = sample(ROWS, task);
          const larger = new Float32Array(vectors.values.length + 8).fill(7);
          larger.set(vectors.values, 4);
          const view = { ...vectors, values: larger.subarray(4, 4 + vectors.values.length) };
          assertSameBits(step.apply(view), step.apply(vectors));
        });

        run('takes zero vectors', (step) => {
          const values = new Float32Array(2 * task.from);
          assert.ok(step.apply({ rows: 2, dimensions: task.from, values }).values.every(Number.isFinite));
        });

        if (task.normalize && task.scheme === 'none') {
          run('keeps vectors at length 1', (step) => {
            const out = step.apply(sample(ROWS, task));
            for (let row = 0; row < ROWS; row++) {
              let squares = 0;
              for (const value of rowOf(out, row).values) squares += value * value;
              assert.ok(Math.abs(squares - 1) < 1e-5, `row ${row} has squared length ${squares}`);
            }
          });
        }

        for (const bad of [NaN, Infinity, -Infinity]) {
          run(`does not hide ${bad}: it fails as INTERNAL, or the row shows it`, (step) => {
            for (const at of [0, task.from - 1]) {
              const vectors = sample(3, task);
              vectors.values[task.from + at] = bad;
              let out: Vectors;
              try {
                out = step.apply(vectors);
              } catch (error) {
                assert.ok(EngineError.is(error) && error.code === 'INTERNAL', String(error));
                continue;
              }
              assert.ok(!rowOf(out, 1).values.every(Number.isFinite), `${bad} at ${at} became a plausible vector`);
            }
          });
        }
      });
    }
  });
}

function label(task: ProcessorTask): string {
  return `${task.from} to ${task.to}, ${task.scheme}${task.normalize ? ', normalized' : ''}`;
}

/** Rows of length 1 from a fixed sequence of integers: the same on every machine. */
function sample(rows: number, task: ProcessorTask, seed = 1): Vectors {
  const values = new Float32Array(rows * task.from);
  let state = seed;
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    const start = row * task.from;
    for (let i = start; i < start + task.from; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      const value = state / 2 ** 31;
      values[i] = value;
      squares += value * value;
    }
    const length = Math.sqrt(squares);
    for (let i = start; i < start + task.from; i++) values[i] = (values[i] as number) / length;
  }
  return { rows, dimensions: task.from, values };
}

function rowOf(vectors: Vectors, row: number): Vectors {
  const { dimensions, codes } = vectors;
  const values = vectors.values.slice(row * dimensions, (row + 1) * dimensions);
  if (!codes) return { rows: 1, dimensions, values };
  const { scheme, bytesPerVector } = codes;
  const bytes = codes.bytes.slice(row * bytesPerVector, (row + 1) * bytesPerVector);
  const scales = codes.scales?.slice(row, row + 1);
  return { rows: 1, dimensions, values, codes: { scheme, bytesPerVector, bytes, ...(scales && { scales }) } };
}

function copy(vectors: Vectors): Vectors {
  const { codes } = vectors;
  const scales = codes?.scales?.slice();
  return {
    ...vectors,
    values: vectors.values.slice(),
    ...(codes && { codes: { ...codes, bytes: codes.bytes.slice(), ...(scales && { scales }) } }),
  };
}

function assertSameBits(actual: Vectors, expected: Vectors): void {
  assert.deepEqual(bits(actual.values), bits(expected.values));
  assert.equal(actual.codes === undefined, expected.codes === undefined);
  if (!actual.codes || !expected.codes) return;
  assert.deepEqual(Buffer.from(actual.codes.bytes), Buffer.from(expected.codes.bytes));
  assert.deepEqual(
    actual.codes.scales && bits(actual.codes.scales),
    expected.codes.scales && bits(expected.codes.scales),
  );
}

/** Bytes rather than numbers: 0 and -0 differ. */
function bits(values: Float32Array): Buffer {
  return Buffer.from(values.slice().buffer);
}
