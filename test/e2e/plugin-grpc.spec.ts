import { join } from 'node:path';
import { credentials, loadPackageDefinition, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { call, collect, type AnyClient } from './grpc-client';
import { Service } from './service';

const FIXTURES = join(__dirname, '../fixtures/plugins');

describe("a plugin's gRPC service", () => {
  let service: Service;
  let client: AnyClient;

  beforeAll(async () => {
    service = await Service.start({ SUTRA_PLUGINS: join(FIXTURES, 'grpc.js'), SUTRA_GRPC_PORT: '0' });
    const port = await service.app.get(GrpcServer).listen();
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a client made from a .proto at run time has no types
    const loaded = loadPackageDefinition(loadSync(join(FIXTURES, 'poems.proto'))) as any;
    client = new loaded.poems.v1.Poems(`127.0.0.1:${port}`, credentials.createInsecure());
  });

  afterAll(async () => {
    client.close();
    await service.close();
  });

  it('answers on the same port with the same vectors, and knows who calls', async () => {
    const [expected] = await service.embed(['a rose']);
    const { value, headers } = await call(client, 'Read', { text: 'a rose' });
    expect(Float32Array.from(value.values as number[])).toEqual(expected);
    expect(value.reader).toBe('local');
    expect(headers.get('x-request-id')).toHaveLength(1);
  });

  it('streams, and may send what it has encoded itself', async () => {
    const expected = await service.embed(['one', 'two']);
    const stream = client['ReadAll']?.();
    stream.write({ text: 'one' });
    stream.write({ text: 'two' });
    stream.end();
    const { messages } = await collect(stream);
    expect(messages.map(({ values }: { values: number[] }) => Float32Array.from(values))).toEqual(expected);
  });

  it("leaves in the engine's statuses what goes wrong, and answers UNIMPLEMENTED for what it leaves out", async () => {
    await expect(call(client, 'Read', { text: 'word '.repeat(600) })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('tokens where the model takes 256'),
    });
    const stream = client['ReadAll']?.();
    stream.write({ text: 'word '.repeat(600) });
    await expect(collect(stream)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(call(client, 'Forget', {})).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('is listed among the strategies', async () => {
    const { body } = await service.get('/v1/system');
    expect(body.strategies.grpc).toContainEqual({ id: 'poems', plugin: 'poems-plugin', priority: 0 });
  });
});
