import { credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { createApplication } from '../../apps/api/src/bootstrap';
import { loadConfiguration } from '../../apps/api/src/config/configuration';
import { EmbeddingProbe } from '../../apps/api/src/health/embedding-probe';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';

const SERVICES = ['', 'sutra.embedder.v1.EmbedderService'];

/** grpc.health.v1 as a load balancer speaks it. */
function healthClient(port: number) {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a client made from a .proto at run time has no types
  const { grpc } = loadPackageDefinition(loadSync(protoPath, { enums: String })) as any;
  const client = new grpc.health.v1.Health(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    check: (service: string) =>
      new Promise<string>((resolve, reject) =>
        client.Check({ service }, (error: ServiceError | null, answer: { status: string }) =>
          error ? reject(error) : resolve(answer.status),
        ),
      ),
    /** Every status from now on. */
    watch(service: string): string[] {
      const seen: string[] = [];
      client
        .Watch({ service })
        .on('data', ({ status }: { status: string }) => seen.push(status))
        .on('error', () => undefined);
      return seen;
    },
    close: () => client.close(),
  };
}

describe('health, from start to shutdown', () => {
  it('is alive at once, ready once it has embedded a text, and not ready as soon as it shuts down', async () => {
    const app = await createApplication(
      loadConfiguration({ SUTRA_LOG_LEVEL: 'silent', SUTRA_HTTP_PORT: '0', SUTRA_GRPC_PORT: '0' }),
    );
    await app.listen(0);
    const url = await app.getUrl();
    const status = async (path: string) => (await fetch(url + path)).status;
    const health = healthClient(await app.get(GrpcServer).listen());

    expect(app.get(EmbeddingProbe).last).toBeUndefined();
    expect(await status('/livez')).toBe(200);
    expect(await status('/readyz')).toBe(503);
    expect(await status('/v1/health')).toBe(503);
    for (const service of SERVICES) expect(await health.check(service)).toBe('NOT_SERVING');
    await expect(health.check('no.such.Service')).rejects.toMatchObject({ code: 5 });
    const watched = SERVICES.map((service) => health.watch(service));

    await app.get(EmbeddingProbe).warm;
    expect(await status('/readyz')).toBe(200);
    expect(await status('/v1/health')).toBe(200);
    for (const service of SERVICES) expect(await health.check(service)).toBe('SERVING');

    const closing = app.close();
    // While it drains it answers still, and says that it wants no more.
    const drained = await fetch(`${url}/readyz`);
    expect(drained.status).toBe(503);
    expect(await status('/livez')).toBe(200);
    await closing;
    for (const seen of watched) expect(seen).toEqual(['NOT_SERVING', 'SERVING', 'NOT_SERVING']);
    health.close();
  });
});
