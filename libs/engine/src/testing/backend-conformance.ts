import assert from 'node:assert/strict';
import type { Artifact, EmbeddingBackend, HardwareInventory, Model, SessionHost, SessionOptions } from '../contracts';
import { DEFAULT_HOSTING, ISOLATIONS, type Isolation } from '../host/hosting';
import { openHost } from '../host/open-host';
import { takeInventory } from '../hardware/take-inventory';
import { globalRunner, type TestRunner } from './test-runner';

export interface BackendSample {
  readonly model: Model;
  readonly artifact: Artifact;
  /** Token ids of a few texts of different lengths, special tokens included, at least two. */
  readonly texts: readonly (readonly number[])[];
}

export interface BackendConformanceOptions {
  /** An artifact that the backend must refuse, with a reason. */
  readonly refused?: Artifact;
  readonly inventory?: HardwareInventory;
  readonly options?: SessionOptions;
  /** `describe` and `it`, where they are not global (node:test, vitest without globals). */
  readonly runner?: TestRunner;
}

/**
 * Registers the tests that every `EmbeddingBackend` must pass on a machine where it is available.
 * @param name how the tests call the backend.
 * @param make gives a fresh backend; called once a test.
 * @param sample what to run on it.
 */
export function backendConformance(
  name: string,
  make: () => EmbeddingBackend | Promise<EmbeddingBackend>,
  sample: () => BackendSample | Promise<BackendSample>,
  {
    refused,
    inventory,
    options = { sessions: 1, threads: 1 },
    runner = globalRunner(),
  }: BackendConformanceOptions = {},
): void {
  const { describe, it } = runner;
  const machine = async () => inventory ?? (await takeInventory([]));

  const withHost = async (
    use: (host: SessionHost, sample: BackendSample) => Promise<void>,
    isolation: Isolation = 'thread',
  ) => {
    const backend = await make();
    await backend.init?.();
    const given = await sample();
    const host = await openHost(backend, given.model, given.artifact, options, { ...DEFAULT_HOSTING, isolation });
    try {
      await use(host, given);
    } finally {
      await host.close();
      await backend.destroy?.();
    }
  };

  describe(`${name} keeps the contract of EmbeddingBackend`, () => {
    it('has an id and a device', async () => {
      const { id, device } = await make();
      assert.match(id, /\S/);
      assert.match(device, /\S/);
    });

    it('accepts its artifact, and says so again', async () => {
      const [backend, { artifact }] = [await make(), await sample()];
      assert.deepEqual(backend.accepts(artifact), { available: true });
      assert.deepEqual(backend.accepts(artifact), { available: true });
    });

    it('refuses an artifact of a format nobody knows, with a reason', async () => {
      const [backend, { artifact }] = [await make(), await sample()];
      const answer = backend.accepts(refused ?? { ...artifact, format: 'a-format-nobody-knows' });
      assert.ok(!answer.available);
      assert.match(answer.reason, /\S/);
    });

    it('is available on this machine', async () => {
      const backend = await make();
      await backend.init?.();
      const { artifact } = await sample();
      assert.deepEqual(await backend.probe(await machine(), artifact), { available: true });
    });

    it('gives one finite vector of the native length a text', () =>
      withHost(async (host, { model, texts }) => {
        const { vectors, dimensions, inferMs } = await host.run(batchOf(texts));
        assert.equal(dimensions, model.dimensions);
        assert.equal(vectors.length, texts.length * dimensions);
        assert.ok(vectors.every(Number.isFinite));
        assert.ok(inferMs >= 0);
      }));

    it('normalizes where it is asked to', () =>
      withHost(async (host, { texts }) => {
        const { vectors, dimensions } = await host.run(batchOf(texts));
        for (let row = 0; row < texts.length; row++) {
          const squares = vectors.subarray(row * dimensions, (row + 1) * dimensions).reduce((sum, v) => sum + v * v, 0);
          assert.ok(Math.abs(squares - 1) < 1e-4, `row ${row} has squared length ${squares}`);
        }
      }));

    it('gives each text the same bits alone and among others', () =>
      withHost(async (host, { texts }) => {
        const together = await host.run(batchOf(texts));
        for (const [row, text] of texts.entries()) {
          const { vectors, dimensions } = await host.run(batchOf([text]));
          assert.deepEqual(vectors, together.vectors.slice(row * dimensions, (row + 1) * dimensions));
        }
      }));

    it('gives the same bits in a thread and in a child process', async () => {
      const outputs: Float32Array[] = [];
      for (const isolation of ISOLATIONS) {
        await withHost(async (host, { texts }) => {
          outputs.push((await host.run(batchOf(texts))).vectors);
        }, isolation);
      }
      assert.equal(outputs.length, ISOLATIONS.length);
      for (const output of outputs) assert.deepEqual(output, outputs[0]);
    });

    it('runs several batches handed over at once', () =>
      withHost(async (host, { texts }) => {
        const outputs = await Promise.all(texts.map((text) => host.run(batchOf([text]))));
        const again = await host.run(batchOf(texts));
        const { dimensions } = again;
        outputs.forEach(({ vectors }, row) =>
          assert.deepEqual(vectors, again.vectors.slice(row * dimensions, (row + 1) * dimensions)),
        );
      }));
  });
}

/** A fresh batch each time: its buffers move to the session. */
function batchOf(texts: readonly (readonly number[])[]) {
  return {
    ids: Int32Array.from(texts.flat()),
    lengths: Int32Array.from(texts, (text) => text.length),
    output: 'pooled',
    normalize: true,
  } as const;
}
