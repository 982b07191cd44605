import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { Service } from './service';

const ROOT = resolve(__dirname, '../..');
const DOCUMENT = readFileSync(resolve(ROOT, 'docs/streaming.md'), 'utf8');
const run = promisify(execFile);

/** The blocks of a language, as they are written. */
function blocks(language: string): string[] {
  return [...DOCUMENT.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code ?? '');
}

describe('docs/streaming.md runs as written', () => {
  let service: Service;
  let onThisServer: (code: string) => string;
  beforeAll(async () => {
    service = await Service.start({ SUTRA_GRPC_PORT: '0' });
    await service.app.listen(0, '127.0.0.1');
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const grpcPort = await service.app.get(GrpcServer).listen();
    onThisServer = (code) =>
      code.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`).replaceAll(':50051', `:${grpcPort}`);
  });
  afterAll(() => service.close());

  it('over NDJSON and server-sent events', async () => {
    const [ndjson, sse] = await Promise.all(
      blocks('sh').map(async (code) => (await run('sh', ['-c', onThisServer(code)], { cwd: ROOT })).stdout),
    );
    const lines = ndjson
      ?.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines?.map((line) => Object.keys(line)[0])).toEqual(['chunk_id', 'chunk_id', 'summary']);
    expect(sse?.match(/^event: \w+$/gm)).toEqual(['event: embedding', 'event: summary']);
  });

  it('over gRPC and WebSocket', async () => {
    const outputs = await Promise.all(
      blocks('js').map(async (code) => {
        const { stdout } = await run(process.execPath, ['-e', onThisServer(code)], { cwd: ROOT });
        return stdout.trimEnd().split('\n').sort();
      }),
    );
    expect(outputs).toEqual([
      ['a 64', 'b 64'],
      ['a 64', 'b 64', 'completed 2'],
    ]);
  });
});
