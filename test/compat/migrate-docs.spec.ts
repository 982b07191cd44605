import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Service } from '../e2e/service';

const DOCUMENT = readFileSync(resolve(__dirname, '../../docs/migrate.md'), 'utf8');
const SNIPPETS = [...DOCUMENT.matchAll(/```sh\n(.*?)```/gs)].map(([, code]) => code ?? '');

/** Snippets in Python and JavaScript need the clients' packages: test/compat/python and test/compat/node run those. */
describe('the commands of docs/migrate.md run as written', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
    await service.app.listen(0, '127.0.0.1');
  });
  afterAll(() => service.close());

  it('are there', () => expect(SNIPPETS.length).toBeGreaterThan(0));

  it.each(SNIPPETS)('%s', async (code) => {
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const command = code
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
      .replaceAll('curl ', 'curl --fail-with-body ');
    const { stdout } = await promisify(execFile)('sh', ['-e', '-c', command]);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  });
});
