import { resolve } from 'node:path';
import { Metadata } from '@grpc/grpc-js';
import { bundleIsCurrent } from '../../apps/api/src/bundle';
import { Callers } from './callers';
import { until } from './counters';
import { call, connect } from './grpc-client';
import { RedisServer } from './redis';
import { Service, type Answer } from './service';
import { ServiceProcess } from './service-process';

const BUNDLE = resolve(__dirname, '../../apps/api/dist/bundle');

// Everything that a server loads only when its settings or a caller ask for it is in the bundle, too.
describe('a server that was started from its bundle', () => {
  const callers = new Callers();
  let redis: RedisServer;
  let bundled: ServiceProcess;
  let modules: Service;
  let token: string;

  beforeAll(async () => {
    redis = await RedisServer.start();
    const settings = {
      ...callers.environment,
      SUTRA_REDIS_URL: redis.url,
      SUTRA_RATE_ADDRESS_REQUESTS_PER_MINUTE: '1000',
    };
    bundled = await ServiceProcess.start(settings);
    modules = await Service.start(settings);
    token = `Bearer ${await callers.token()}`;
  });

  afterAll(async () => {
    await bundled.stop();
    await modules.close();
    await redis.stop();
    callers.dispose();
  });

  it('is there to be started: npm run build makes it', () => {
    expect(bundleIsCurrent(BUNDLE)).toBe(true);
  });

  const both = (ask: (service: ServiceProcess | Service) => Promise<Answer>) =>
    Promise.all([ask(bundled), ask(modules)]);
  const embed = (body: object) => both((service) => service.post('/v1/embeddings', body, { authorization: token }));

  it('gives the same bits to the bearer of a token', async () => {
    const [one, other] = await embed({ texts: ['a text', 'eine Frage', '漢字'], encoding_format: 'base64' });
    expect(one.status).toBe(200);
    expect(one.body.embeddings).toHaveLength(3);
    expect(one.body.embeddings).toEqual(other.body.embeddings);
  });

  it('refuses in the same words', async () => {
    const [one, other] = await embed({ texts: [1], model: 7 });
    expect(one.status).toBe(400);
    expect(one.body.error.details).toEqual(other.body.error.details);
  });

  it('describes the same routes and the same bodies', async () => {
    const described = async (service: ServiceProcess | Service) => {
      const path = '/docs-json';
      const { status, body } = await ('send' in service ? service.send('GET', path) : service.get(path));
      expect(status).toBe(200);
      return body as { paths: object; components: { schemas: object } };
    };
    const [one, other] = await Promise.all([described(bundled), described(modules)]);
    expect(Object.keys(one.components.schemas).length).toBeGreaterThan(10);
    expect(one).toEqual(other);
  });

  it('shares its rate limits through Redis', async () => {
    const metrics = () => bundled.send('GET', '/v1/metrics', { 'x-api-key': callers.admin });
    await until(async () => /^sutra_rate_store_up 1$/m.test((await metrics()).text));
  });

  it('serves gRPC', async () => {
    const client = connect(bundled.grpcPort);
    const metadata = new Metadata();
    metadata.set('authorization', token);
    const { value } = await call(client, 'GenerateEmbeddings', { texts: ['a text'] }, {}, metadata);
    client.close();
    expect(value.embeddings).toHaveLength(1);
  });
});
