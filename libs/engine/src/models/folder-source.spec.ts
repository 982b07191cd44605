import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderSource } from './folder-source';

const FILES = { 'graph.onnx': 'graph', 'tokenizer.json': '{}' };

function manifest(changes: object = {}) {
  return {
    schema: 1,
    id: 'tiny',
    name: 'Tiny',
    family: 'bert',
    dimensions: 2,
    trained_dimensions: [],
    max_tokens: 8,
    pooling: 'mean',
    normalize: true,
    prompts: {},
    quality_score: null,
    quality_source: null,
    license: 'MIT',
    size_mb: 0.1,
    hardware_tier: 'minimal',
    tokenizer: 'tokenizer.json',
    rotation: null,
    artifacts: [
      {
        id: 'fp32',
        format: 'onnx',
        precision: 'fp32',
        graph: 'graph.onnx',
        files: ['graph.onnx'],
        requires: [],
        probe_cosine: 0.99,
      },
    ],
    files: Object.fromEntries(
      Object.entries(FILES).map(([name, text]) => [
        name,
        { bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') },
      ]),
    ),
    probes: [{ text: 'x', vector: Buffer.from(Float32Array.of(1, 0).buffer).toString('base64') }],
    ...changes,
  };
}

describe('FolderSource', () => {
  let root: string;
  beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'models-'))));
  afterEach(() => rm(root, { recursive: true }));

  async function place(name: string, content: object, files: Record<string, string> = FILES) {
    const folder = join(root, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(content));
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
    return folder;
  }

  it('lists and gives out a model whose files are whole', async () => {
    const folder = await place('tiny', manifest());
    const source = new FolderSource('test', [root]);
    expect(await source.list()).toMatchObject([{ id: 'tiny', state: 'ready', dimensions: 2 }]);
    expect(await source.locate('tiny')).toMatchObject({
      id: 'tiny',
      folder,
      artifacts: [{ path: join(folder, 'graph.onnx'), precision: 'fp32' }],
      probes: [{ vector: Float32Array.of(1, 0) }],
    });
  });

  it('knows nothing of other models, nor of folders that are not there', async () => {
    await place('tiny', manifest());
    expect(await new FolderSource('test', [root]).locate('other')).toBeUndefined();
    expect(await new FolderSource('test', [join(root, 'nowhere')]).list()).toEqual([]);
  });

  it.each([
    ['a file is missing', { 'tokenizer.json': '{}' }, /graph.onnx is missing/],
    ['a file is cut short', { ...FILES, 'graph.onnx': 'grap' }, /graph.onnx has 4 bytes where its manifest says 5/],
    ['a byte has changed', { ...FILES, 'graph.onnx': 'grapH' }, /graph.onnx has SHA-256/],
  ])('refuses a model when %s, and takes it once it is mended', async (_name, files, message) => {
    await place('tiny', manifest(), files);
    const source = new FolderSource('test', [root]);
    await expect(source.locate('tiny')).rejects.toMatchObject({
      code: 'MODEL_NOT_AVAILABLE',
      message: expect.stringMatching(message) as string,
    });
    await place('tiny', manifest());
    expect(await source.locate('tiny')).toMatchObject({ id: 'tiny' });
  });

  it.each([
    ['leads out of its folder', { tokenizer: '../tokenizer.json' }, /tokenizer: must be a relative path/],
    ['is absolute', { tokenizer: '/etc/passwd' }, /tokenizer: must be a relative path/],
    ['has no hash', { tokenizer: 'other.json' }, /no hash for other.json/],
    ['has a field of the wrong kind', { dimensions: '2' }, /dimensions/],
    ['has a field nobody knows', { colour: 'red' }, /colour/],
    ['has probes of the wrong length', { dimensions: 3 }, /3 float32 values/],
    ['is of another schema', { schema: 2 }, /schema/],
  ])('refuses a manifest that %s', async (_name, changes, message) => {
    await place('tiny', manifest(changes));
    await expect(new FolderSource('test', [root]).list()).rejects.toThrow(message);
  });
});
