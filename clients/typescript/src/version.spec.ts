import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VersionMismatchError } from './errors.ts';
import { checkServerVersion, CLIENT_VERSION, isOlder } from './version.ts';

describe('checkServerVersion', () => {
  it('is the version of the package', () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as { version: string };
    expect(CLIENT_VERSION).toBe(manifest.version);
  });

  it.each([['1.0.0'], ['1.9.3'], ['v1.2.0-rc.1'], [null], [undefined], ['unknown']])('goes with %p', (server) =>
    expect(() => checkServerVersion(server, '1.2.0')).not.toThrow(),
  );

  it('says that the client is too old, and what to install', () => {
    expect(() => checkServerVersion('2.1.0', '1.2.0')).toThrow(VersionMismatchError);
    expect(() => checkServerVersion('2.1.0', '1.2.0')).toThrow(/client is too old; install @sutra-embedder\/client@2$/);
  });

  it('says that the client is too new, and what to do', () => {
    expect(() => checkServerVersion('1.9.0', '2.0.0')).toThrow(
      /client is too new; update the server to 2\.x, or install @sutra-embedder\/client@1$/,
    );
  });

  it('knows a server that may lack a field', () => {
    expect(isOlder('1.1.0', '1.2.0')).toBe(true);
    expect(isOlder('1.2.0', '1.2.0')).toBe(false);
    expect(isOlder('0.9.0', '1.2.0')).toBe(false);
  });
});
