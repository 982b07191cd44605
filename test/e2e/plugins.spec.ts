import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Service } from './service';

const FIXTURES = join(__dirname, '../fixtures/plugins');
const file = (name: string) => join(FIXTURES, `${name}.js`);

async function withPlugins(names: string[], use: (service: Service) => Promise<void>): Promise<void> {
  const service = await Service.start({ SUTRA_PLUGINS: names.map(file).join(',') });
  try {
    await use(service);
  } finally {
    await service.close();
  }
}

const ran = async (service: Service, body: object) => {
  const answer = await service.post('/v1/embeddings', { texts: ['x'], ...body });
  expect(answer.status).toBe(200);
  return answer.body.metadata as { backend: string; precision: string; notes: string[] };
};
const presetOf = async (service: Service, name: string) => {
  const { body } = await service.get('/v1/system');
  return (
    body.presets as { preset: string; running?: { backend: string }; rejected: { id: string; reason: string }[] }[]
  ).find(({ preset }) => preset === name);
};

describe('a plugin', () => {
  it('takes over with a backend of higher priority, for the profile it names; without it the next ranks in', async () => {
    await withPlugins(['takeover'], async (service) => {
      expect((await ran(service, { config: { hardware_profile: 'server' } })).backend).toBe('takeover');
      expect((await ran(service, {})).backend).toBe('onnx-cpu');
      const { body } = await service.get('/v1/system');
      expect(body.strategies.backend[0]).toEqual({ id: 'takeover', plugin: 'takeover-plugin', priority: 90 });
      expect((body.plugins as { name: string }[]).map(({ name }) => name)).toContain('takeover-plugin');
    });
    await withPlugins([], async (service) => {
      expect((await ran(service, { config: { hardware_profile: 'server' } })).backend).toBe('onnx-cpu');
    });
  });

  it.each([
    ['wrong-numbers', /self-check failed: cosine/],
    ['not-here', /the card is not plugged in/],
  ])('whose backend is %s is passed over with the reason, and the next in rank serves', async (name, reason) => {
    await withPlugins([name], async (service) => {
      const { backend } = await ran(service, {});
      expect(backend).toBe('onnx-cpu');
      const preset = await presetOf(service, 'efficient');
      expect(preset?.running?.backend).toBe(backend);
      expect(preset?.rejected.find(({ id }) => id.startsWith(name))?.reason).toMatch(reason);
    });
  });

  it('brings a terminus indicator, a prom-client metric and a controller', async () => {
    await withPlugins(['observed'], async (service) => {
      const health = async () => (await service.get('/v1/health')).body.status as string;
      const metrics = async () => (await service.get('/v1/metrics')).text;
      expect((await service.get('/v1/system')).body.strategies.indicator).toEqual([
        { id: 'lamp', plugin: 'observed-plugin', priority: 0 },
      ]);
      expect(await health()).toBe('healthy');
      expect(await metrics()).toContain('lamp_switched_total 0');
      expect((await service.get('/lamp/off')).body).toEqual({ dimensions: 384 });
      expect(await health()).toBe('degraded');
      expect(await metrics()).toContain('lamp_switched_total 1');
      // An indicator that throws is down; the server's own health still answers.
      await service.get('/lamp/off');
      expect(await service.get('/v1/health')).toMatchObject({ status: 200, body: { status: 'degraded' } });
    });
  });

  describe('may claim part of a route', () => {
    let service: Service;
    beforeAll(async () => void (service = await Service.start({ SUTRA_PLUGINS: file('other-api') })));
    afterAll(() => service.close());

    it('and answers for it', async () => {
      const { status, body } = await service.post('/v1/embeddings', { poem: 'a rose', model: 'efficient' });
      expect(status).toBe(200);
      expect(Float32Array.from(body.verse as number[])).toEqual((await service.embed(['a rose']))[0]);
    });

    it.each([
      ['a model nobody knows', '{"poem":"x","model":"nobody"}', 'MODEL_NOT_FOUND'],
      ['broken JSON', '{"poem":"x"', 'INVALID_ARGUMENT'],
    ])('in its own envelope for %s', async (_name, payload, complaint) => {
      const { status, body } = await service.post('/v1/embeddings', payload);
      expect(status).toBe(418);
      expect(body).toEqual({ complaint });
    });

    it('while the others keep theirs', async () => {
      expect((await service.post('/v1/embeddings', { texts: ['x'] })).status).toBe(200);
      expect((await service.post('/v1/embeddings', '{"texts":')).body.error.code).toBe('INVALID_ARGUMENT');
      expect((await service.post('/v1/embeddings', { texts: [] })).body.error.code).toBe('INVALID_ARGUMENT');
    });
  });
});

describe('a plugin that breaks its contract stops the boot of a real server', () => {
  const boot = (plugin: string) =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = spawn(process.execPath, [join(__dirname, '../../apps/api/dist/main.js')], {
        env: {
          PATH: process.env['PATH'],
          SUTRA_PLUGINS: plugin,
          SUTRA_HTTP_PORT: '0',
          SUTRA_GRPC_PORT: '0',
          SUTRA_LOG_LEVEL: 'silent',
        },
      });
      let output = '';
      child.stderr.on('data', (data: Buffer) => (output += data.toString()));
      child.on('close', (code) => resolve({ code, output }));
    });

  it.each([
    [
      'probe-throws',
      /Plugin "probe-throws-plugin": the probe "throws" threw: cannot open .* fix the plugin, or take it out/,
    ],
    ['init-fails', /Plugin "init-fails-plugin": init\(\) of "init-fails" failed: no licence file/],
    ['init-hangs', /Plugin "init-hangs-plugin": init\(\) of "init-hangs" failed: did not finish within 10000 ms/],
    ['wrong-version', /Plugin "wrong-version-plugin": it needs @sutra-embedder\/engine \^7\.0\.0, this is 1\./],
    ['lacks-method', /Plugin "lacks-method-plugin": the processor "half" \(Half\) lacks prepare\(\)/],
    [
      'taken-id',
      /Plugin "taken-id-plugin": the backend id "onnx-cpu" is already taken by plugin "@sutra-embedder\/backends"/,
    ],
    ['no-proto', /Plugin "no-proto-plugin": the .proto of "lost" is not there; ship it with the plugin/],
    ['extends-nothing', /Plugin "extends-nothing-plugin": it extends GET \/v1\/nowhere, which is no route/],
    ['no-plugin', /it exports no class with @EmbedderPlugin\(\)/],
    ['gone', /it was not found: there is no such file/],
  ])('%s', async (name, message) => {
    const { code, output } = await boot(file(name));
    expect(output).toMatch(message);
    expect(output).not.toMatch(/ {4}at /);
    expect(output).not.toContain('listens on');
    expect(code).toBe(1);
  });

  it('a package that is not installed', async () => {
    const { code, output } = await boot('@acme/not-installed');
    expect(output).toContain('npm install @acme/not-installed');
    expect(code).toBe(1);
  });
});
