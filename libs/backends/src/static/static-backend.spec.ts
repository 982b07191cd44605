import { join } from 'node:path';
import { ModelNotAvailableError, type Artifact } from '@sutra-embedder/engine';
import { sampleModel } from '@sutra-embedder/engine/testing';
import { StaticBackend } from './static-backend';
import type { StaticMatrix } from './static-matrix';

const folder = join(__dirname, '../../../../test/fixtures/static/int8');
const model = sampleModel({ tokenizerPath: join(folder, 'tokenizer.json') });
const artifact: Artifact = {
  modelId: 'sample',
  id: 'int8',
  format: 'model2vec',
  precision: 'int8',
  path: join(folder, 'model.safetensors'),
  sha256: 'a'.repeat(64),
  requires: [],
  probeCosine: 0.999,
};

describe('StaticBackend', () => {
  it('accepts model2vec artifacts and says why it does not accept others', () => {
    const backend = new StaticBackend();
    expect(backend.accepts(artifact)).toEqual({ available: true });
    expect(backend.accepts({ ...artifact, format: 'onnx' })).toEqual({
      available: false,
      reason: 'it runs model2vec artifacts, not onnx',
    });
  });

  it('reads a matrix once for all sessions, and lets it go with the last of them', async () => {
    const backend = new StaticBackend();
    const [first, second] = await Promise.all([backend.open(model, artifact), backend.open(model, artifact)]);
    expect(first.shared).toBe(second.shared);
    expect((first.shared as StaticMatrix).values).toBeInstanceOf(SharedArrayBuffer);
    first.release?.();
    expect(backend.loaded).toBe(1);
    // A replacement for the first one.
    const third = await backend.open(model, artifact);
    expect(third.shared).toBe(second.shared);
    second.release?.();
    third.release?.();
    expect(backend.loaded).toBe(0);
  });

  it('tries a model again that could not be read', async () => {
    const backend = new StaticBackend();
    await expect(backend.open(model, { ...artifact, path: '/nowhere' })).rejects.toThrow(ModelNotAvailableError);
    expect(backend.loaded).toBe(0);
    await expect(backend.open(model, artifact)).resolves.toMatchObject({ options: { path: artifact.path } });
  });
});
