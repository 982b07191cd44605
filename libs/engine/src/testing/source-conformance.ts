import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import type { ModelSource } from '../contracts';
import { EngineError } from '../errors';
import { globalRunner, type TestRunner } from './test-runner';

export interface SourceConformanceOptions {
  /** Ids that the source lists and has ready. */
  readonly ready: readonly string[];
  /** `describe` and `it`, where they are not global (node:test, vitest without globals). */
  readonly runner?: TestRunner;
}

/** Ids that lead somewhere else when they are used as paths. */
const TRICKS = ['..', '../..', '/etc', 'a/../../b', '..%2f..', 'x\0y', '.', ''];

/**
 * Registers the tests that every `ModelSource` must pass.
 * @param name how the tests call the source.
 * @param make gives a fresh source; called once a test.
 */
export function sourceConformance(
  name: string,
  make: () => ModelSource | Promise<ModelSource>,
  { ready, runner = globalRunner() }: SourceConformanceOptions,
): void {
  const { describe, it } = runner;
  const started = async () => {
    const source = await make();
    await source.init?.();
    return source;
  };

  describe(`${name} keeps the contract of ModelSource`, () => {
    it('lists each model once, ready ones among them', async () => {
      const ids = (await (await started()).list()).map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      for (const id of ready) assert.ok(ids.includes(id), `${id} is not listed`);
    });

    for (const id of ready) {
      it(`gives out ${id} whole`, async () => {
        const model = await (await started()).locate(id);
        assert.ok(model);
        assert.equal(model.id, id);
        assert.ok(model.artifacts.length > 0, 'a model needs an artifact');
        for (const path of [model.tokenizerPath, ...model.artifacts.map((artifact) => artifact.path)]) {
          assert.ok(isAbsolute(path), `${path} is not absolute`);
        }
        for (const { vector } of model.probes) assert.equal(vector.length, model.dimensions);
        assert.ok(Object.isFrozen(model), 'a model is frozen: everybody shares it');
      });
    }

    it('gives out the same model when asked twice at once', async () => {
      const source = await started();
      for (const id of ready) {
        const [first, second] = await Promise.all([source.locate(id), source.locate(id)]);
        assert.deepEqual(first, second);
      }
    });

    for (const id of ['nobody-has-this', ...TRICKS]) {
      it(`does not have ${JSON.stringify(id)}`, async () => {
        const source = await started();
        const found = await source.locate(id).catch((error: unknown) => {
          if (EngineError.is(error)) return undefined;
          throw error;
        });
        assert.equal(found, undefined);
      });
    }
  });
}
