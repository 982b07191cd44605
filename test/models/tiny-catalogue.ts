import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { CatalogueModel } from '../../libs/store/src/catalogue/catalogue';

export const FIXTURES = join(__dirname, '../fixtures/models');
export const GRAPH = 'onnx/model.onnx';

/** Files of a fixture by their path in its folder, as a repository has them. */
export function filesOf(name: string): Map<string, Buffer> {
  const folder = join(FIXTURES, name);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'expected.json')
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path))]));
}

/** A catalogue entry for the fixture bert-cls, as if it stood on a hub. */
export function tinyEntry(changes: Partial<CatalogueModel> = {}): CatalogueModel {
  const paths = [
    'config.json',
    'modules.json',
    '1_Pooling/config.json',
    'sentence_bert_config.json',
    'tokenizer_config.json',
    'tokenizer.json',
    GRAPH,
  ];
  return {
    id: 'tiny',
    name: 'Tiny',
    repository: 'test-owner/tiny-model',
    revision: null,
    family: 'bert',
    dimensions: 64,
    trained_dimensions: [],
    max_tokens: 48,
    pooling: 'cls',
    normalize: null,
    prompts: {},
    quality_score: null,
    quality_source: null,
    license: 'MIT',
    size_mb: null,
    hardware_tier: 'minimal',
    files: [
      ...paths.map((path) => ({ path, sha256: null, optional: false })),
      { path: 'config_sentence_transformers.json', sha256: null, optional: true },
      { path: 'not_there.json', sha256: null, optional: true },
    ],
    sources: ['test/fixtures/models'],
    ...changes,
  };
}

/** The entry with the hash of the graph given. */
export function pinned(sha256: string, changes: Partial<CatalogueModel> = {}): CatalogueModel {
  const entry = tinyEntry(changes);
  return { ...entry, files: entry.files.map((file) => (file.path === GRAPH ? { ...file, sha256 } : file)) };
}

export const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
