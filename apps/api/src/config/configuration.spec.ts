import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigurationError, loadConfiguration, VARIABLES } from './configuration';

const JWT = { SUTRA_JWT_ISSUER: 'https://issuer.example', SUTRA_JWT_AUDIENCE: 'embedder' };

const problems = (environment: Record<string, string>): readonly string[] => {
  try {
    loadConfiguration(environment);
    return [];
  } catch (error) {
    return (error as ConfigurationError).problems;
  }
};

describe('loadConfiguration', () => {
  it('has a default for everything', () => {
    expect(loadConfiguration({ PATH: '/bin' })).toMatchObject({
      host: '127.0.0.1',
      httpPort: 8080,
      grpcPort: 50051,
      preload: ['efficient'],
    });
  });

  it('takes what is set', () => {
    expect(loadConfiguration({ SUTRA_HTTP_PORT: '0', SUTRA_PRELOAD: 'a, b' })).toMatchObject({
      httpPort: 0,
      preload: ['a', 'b'],
    });
  });

  it('takes an empty variable as one that is not set', () => {
    expect(loadConfiguration({ SUTRA_HTTP_PORT: '' }).httpPort).toBe(8080);
  });

  it('leaves alone what the clients read', () => {
    expect(problems({ SUTRA_BASE_URL: 'http://127.0.0.1:8080/v1', SUTRA_API_KEY: 'x' })).toEqual([]);
  });

  it('reads the variables of the hub and of proxies', () => {
    const { hub } = loadConfiguration({
      HF_ENDPOINT: 'https://mirror.example',
      HF_TOKEN: 'secret',
      HF_HUB_OFFLINE: '1',
      HF_HOME: '/data/hf',
      SUTRA_MODEL_STORE: '/data/store',
      https_proxy: 'http://lower.example',
      HTTPS_PROXY: 'http://upper.example',
      NO_PROXY: 'localhost',
    });
    expect(hub).toEqual({
      endpoint: 'https://mirror.example',
      token: 'secret',
      offline: true,
      cacheFolder: '/data/hf/hub',
      storeFolder: '/data/store',
      proxies: { http: undefined, https: 'http://lower.example', none: 'localhost' },
    });
  });

  it('names a hub variable that cannot be used', () => {
    expect(problems({ HF_ENDPOINT: 'mirror.example' })).toEqual([expect.stringContaining('HF_ENDPOINT')]);
    expect(problems({ HTTPS_PROXY: 'file:///x' })).toEqual([expect.stringContaining('HTTPS_PROXY')]);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(loadConfiguration({}))).toBe(true);
  });

  it('lists every problem at once', () => {
    const found = problems({
      SUTRA_HTTP_PORT: '99999',
      SUTRA_LOG_LEVEL: 'loud',
      SUTRA_HOTS: 'x',
      SUTRA_HOST: '0.0.0.0',
    });
    expect(found).toHaveLength(4);
    for (const name of ['SUTRA_HTTP_PORT', 'SUTRA_LOG_LEVEL', 'SUTRA_HOTS', 'SUTRA_HOST'])
      expect(found.join('\n')).toContain(name);
  });

  it.each([['0.0.0.0'], ['192.168.1.5'], ['example.org'], ['::']])('refuses to listen on %s without keys', (host) => {
    expect(problems({ SUTRA_HOST: host }).join()).toContain('SUTRA_AUTH=off');
    expect(problems({ SUTRA_HOST: host, SUTRA_AUTH: 'off' })).toEqual([]);
    expect(problems({ SUTRA_HOST: host, SUTRA_KEYS_FILE: 'keys.json' })).toEqual([]);
    expect(problems({ SUTRA_HOST: host, ...JWT, SUTRA_JWT_SECRET: 'x' })).toEqual([]);
  });

  it.each([['127.0.0.1'], ['::1'], ['localhost']])('listens on %s as it is', (host) => {
    expect(problems({ SUTRA_HOST: host })).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['off beside keys', { SUTRA_AUTH: 'off', SUTRA_KEYS_FILE: 'x' }, 'take one of them out'],
    ['guarded metrics without keys', { SUTRA_METRICS_AUTH: 'on' }, 'SUTRA_METRICS_AUTH'],
    ['tokens without issuer', { SUTRA_JWT_SECRET: 'x', SUTRA_JWT_AUDIENCE: 'x' }, 'SUTRA_JWT_ISSUER'],
    ['tokens without audience', { SUTRA_JWT_SECRET: 'x', SUTRA_JWT_ISSUER: 'x' }, 'SUTRA_JWT_AUDIENCE'],
    ['an issuer without key', JWT, 'SUTRA_JWT_PUBLIC_KEY_FILE'],
    ['two keys', { ...JWT, SUTRA_JWT_SECRET: 'x', SUTRA_JWT_JWKS_URL: 'https://x.example' }, 'Only one'],
    ['keys from an open URL', { ...JWT, SUTRA_JWT_JWKS_URL: 'http://x.example' }, 'https'],
    ['keys from no URL', { ...JWT, SUTRA_JWT_JWKS_URL: 'x.example/jwks' }, 'https'],
    ['half of TLS', { SUTRA_TLS_CERT: 'x' }, 'SUTRA_TLS_KEY'],
    ['client certificates without TLS', { SUTRA_TLS_CLIENT_CA: 'x' }, 'SUTRA_TLS_CERT'],
  ])('refuses %s', (_name, environment, message) => {
    const found = problems(environment);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it('never says a secret', () => {
    expect(problems({ ...JWT, SUTRA_JWT_SECRET: 'hush', SUTRA_JWT_SECRET_FILE: 'x' }).join()).not.toContain('hush');
  });

  it('reads exactly the variables that docs/configuration.md describes', () => {
    const page = readFileSync(join(__dirname, '../../../../docs/configuration.md'), 'utf8');
    const described = [...page.matchAll(/^\| `(SUTRA_\w+)`/gm)].map(([, name]) => name);
    expect(described.sort()).toEqual([...VARIABLES].sort());
  });
});
