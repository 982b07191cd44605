import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue, parseCatalogue, shippedCatalogue } from './catalogue';

describe('the catalogue', () => {
  const models = shippedCatalogue();

  it('names each model and each repository once', () => {
    for (const names of [models.map(({ id }) => id), models.map(({ repository }) => repository)]) {
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('gives the source of every score, and a score for every source', () => {
    for (const { quality_score: score, quality_source: source } of models) expect(score === null).toBe(source === null);
  });

  it('has a graph, a tokenizer and the modules of every model among its files', () => {
    for (const { files } of models) {
      expect(files.filter(({ optional }) => !optional).map(({ path }) => path)).toEqual(
        expect.arrayContaining(['config.json', 'modules.json', 'tokenizer.json', 'onnx/model.onnx']),
      );
    }
  });

  it.each([
    ['a path out of the folder', { files: [{ path: '../x', sha256: null, optional: false }] }, /path/],
    ['a repository that is a path', { repository: '../../etc' }, /repository/],
    ['an id with a slash', { id: 'a/b' }, /id/],
    ['a short hash', { files: [{ path: 'x', sha256: 'abc', optional: false }] }, /sha256/],
    ['a branch for a revision', { revision: 'main' }, /revision/],
    ['no source', { sources: [] }, /sources/],
  ])('refuses %s', (_name, changes, message) => {
    expect(() => parseCatalogue({ schema: 1, models: [{ ...models[0], ...changes }] })).toThrow(message);
  });

  it("puts an operator's own models before the shipped ones", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'catalogue-'));
    const path = join(folder, 'own.json');
    await writeFile(path, JSON.stringify({ schema: 1, models: [{ ...models[0], name: 'Mine' }] }));
    const both = await loadCatalogue(path);
    expect(both).toHaveLength(models.length);
    expect(both[0]?.name).toBe('Mine');
    await writeFile(path, '{');
    await expect(loadCatalogue(path)).rejects.toThrow(/SUTRA_CATALOGUE/);
    await rm(folder, { recursive: true });
  });
});
