import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = resolve(__dirname, '../../..');
const PROGRAM = `
import { SutraEmbedder, SutraEmbedderWebSocket, type EmbedResult } from '@sutra-embedder/client';
const client = new SutraEmbedder({ baseUrl: 'http://127.0.0.1:1' });
export async function use(): Promise<number> {
  const result: EmbedResult = await client.embed(['a'], { dimensions: 64, config: { quantization: 'int8' } });
  const vector: Float32Array | undefined = result.embeddings[0];
  const { embeddings: [codes] } = await client.embed('a', { encoding_format: 'packed' });
  const packed: Int8Array | Uint8Array | undefined = codes;
  for await (const { index, embedding } of client.embedMany(['a'], { encoding_format: 'float' })) {
    const one: Float32Array = embedding;
    if (one.length > index) return one.length;
  }
  const session = new SutraEmbedderWebSocket('ws://127.0.0.1:1', { onClose: ({ code }) => void (code satisfies number) });
  // @ts-expect-error: there is no such model setting
  await client.embed('a', { modle: 'efficient' });
  return (vector?.length ?? 0) + (packed?.length ?? 0) + session.buffer.queued;
}
`;

describe('the package', () => {
  let folder: string;
  beforeAll(() => {
    const cache = join(ROOT, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, 'client-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const node = (file: string) => execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim();

  it('loads as an ES module and as CommonJS', () => {
    const use = 'console.log(typeof SutraEmbedder, hamming(Uint8Array.of(7), Uint8Array.of(0)))';
    const names = '{ SutraEmbedder, hamming }';
    expect(node(write('a.mjs', `import ${names} from '@sutra-embedder/client'; ${use}`))).toBe('function 3');
    expect(node(write('a.cjs', `const ${names} = require('@sutra-embedder/client'); ${use}`))).toBe('function 3');
  });

  it.each([
    ['an ES module in Node', 'a.mts', 'nodenext', 'nodenext', 'ES2022', 'node'],
    ['CommonJS in Node', 'b.cts', 'nodenext', 'nodenext', 'ES2022', 'node'],
    ['a bundled page', 'c.ts', 'esnext', 'bundler', 'ES2022,DOM', ''],
  ])('has types for %s, whole ones, not skipped', (_name, file, module, moduleResolution, lib, types) => {
    write(file, PROGRAM);
    const compilerOptions = {
      ...{ module, moduleResolution, lib: lib.split(','), types: types === '' ? [] : [types] },
      ...{ target: 'ES2022', strict: true, noEmit: true, skipLibCheck: types !== '' },
    };
    const config = write(`${file}.json`, JSON.stringify({ compilerOptions, files: [file] }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = run([tsc, '-p', config]);
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('leaves out of a bundle what is not used', () => {
    const bundle = (names: string) =>
      buildSync({
        stdin: { contents: `export { ${names} } from '@sutra-embedder/client'`, resolveDir: folder },
        bundle: true,
        minify: true,
        write: false,
        format: 'esm',
        platform: 'browser',
      }).outputFiles[0]?.text ?? '';
    expect(bundle('hamming').length).toBeLessThan(1000);
    expect(bundle('SutraEmbedder')).toContain('/embeddings');
    expect(bundle('SutraEmbedder')).not.toContain('add_chunk');
    expect(bundle('SutraEmbedderWebSocket')).not.toContain('text/event-stream');
  });

  it('has no dependencies', () => {
    const manifest = JSON.parse(
      execFileSync('node', ['-p', 'JSON.stringify(require("@sutra-embedder/client/package.json"))'], {
        cwd: folder,
        encoding: 'utf8',
      }),
    ) as Record<string, unknown>;
    expect(manifest['dependencies']).toBeUndefined();
    expect(manifest['peerDependencies']).toBeUndefined();
  });

  function run(args: string[]): { status: number; stdout: string } {
    try {
      return { status: 0, stdout: execFileSync(process.execPath, args, { encoding: 'utf8' }) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { status, stdout };
    }
  }
});
