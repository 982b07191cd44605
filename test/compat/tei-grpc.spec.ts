import { join } from 'node:path';
import { credentials, loadPackageDefinition, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { call, collect, type AnyClient } from '../e2e/grpc-client';
import { Service } from '../e2e/service';

const PROTO = join(__dirname, '../../libs/compat/tei/proto/tei/v1/tei.proto');
const LONG = 'word '.repeat(400);

describe('tei.v1', () => {
  let service: Service;
  let clients: Record<'Embed' | 'Info' | 'Tokenize' | 'Rerank', AnyClient>;

  beforeAll(async () => {
    service = await Service.start({ SUTRA_GRPC_PORT: '0' });
    const port = await service.app.get(GrpcServer).listen();
    const options = { keepCase: true, longs: Number, enums: String, defaults: true };
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- clients made from a .proto at run time have no types
    const { v1 } = (loadPackageDefinition(loadSync(PROTO, options)) as any).tei;
    const of = (name: string) => new v1[name](`127.0.0.1:${port}`, credentials.createInsecure()) as AnyClient;
    clients = { Embed: of('Embed'), Info: of('Info'), Tokenize: of('Tokenize'), Rerank: of('Rerank') };
  });
  afterAll(async () => {
    Object.values(clients).forEach((client) => client.close());
    await service.close();
  });

  const embed = async (message: object) => {
    const { value } = await call(clients.Embed, 'Embed', message);
    return { vector: Float32Array.from(value.embeddings as number[]), metadata: value.metadata };
  };

  it('gives the native numbers, and what they cost', async () => {
    const [native] = await service.embed(['Vectors 漢字 🙂']);
    const { vector, metadata } = await embed({ inputs: 'Vectors 漢字 🙂' });
    expect(vector).toEqual(native);
    const { body } = await service.post('/v1/embeddings', { texts: ['Vectors 漢字 🙂'] });
    expect(metadata).toMatchObject({ compute_chars: 12, compute_tokens: body.metadata.usage.tokens });
    expect(metadata.total_time_ns).toBeGreaterThan(1000);
    expect((await embed({ inputs: 'x', dimensions: 128 })).vector).toEqual(
      (await service.embed(['x'], { dimensions: 128 }))[0],
    );
  });

  it('refuses a text that is too long unless truncate is set', async () => {
    await expect(embed({ inputs: LONG })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('402 tokens'),
    });
    expect((await embed({ inputs: LONG, truncate: true })).vector).toEqual((await service.embed([LONG]))[0]);
    const left = await embed({
      inputs: `first ${LONG}`,
      truncate: true,
      truncation_direction: 'TRUNCATION_DIRECTION_LEFT',
    });
    expect(left.vector).toEqual((await service.embed([`first ${LONG}`], { truncate: 'start' }))[0]);
    await expect(embed({ inputs: '' })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('streams in the order of the texts', async () => {
    const stream = clients.Embed['EmbedStream']?.();
    const texts = ['one', 'two', 'three'];
    for (const inputs of texts) stream.write({ inputs });
    stream.end();
    const { messages } = await collect(stream);
    expect(messages.map(({ embeddings }: { embeddings: number[] }) => Float32Array.from(embeddings))).toEqual(
      await service.embed(texts),
    );
  });

  it('gives the vectors of all tokens as /embed_all does', async () => {
    const { value } = await call(clients.Embed, 'EmbedAll', { inputs: 'hello world' });
    const { body } = await service.post('/embed_all', { inputs: 'hello world' });
    expect(
      (value.token_embeddings as { embeddings: number[] }[]).map(({ embeddings }) => Float32Array.from(embeddings)),
    ).toEqual((body[0] as number[][]).map((vector) => Float32Array.from(vector)));
  });

  it('shows tokens, turns ids into text, and says what it serves', async () => {
    const { value } = await call(clients.Tokenize, 'Tokenize', { inputs: 'Café', add_special_tokens: true });
    expect(value.tokens).toMatchObject([
      { id: 101, text: '[CLS]', special: true },
      { id: 7668, text: 'Café', special: false, start: 0, stop: 5 },
      { id: 102, text: '[SEP]', special: true },
    ]);
    const decoded = await call(clients.Tokenize, 'Decode', { ids: [101, 7592, 102], skip_special_tokens: true });
    expect(decoded.value).toEqual({ text: 'hello' });
    expect((await call(clients.Info, 'Info', {})).value).toMatchObject({
      model_id: 'all-MiniLM-L6-v2',
      model_type: 'MODEL_TYPE_EMBEDDING',
      max_input_length: 256,
    });
    await expect(call(clients.Rerank, 'Rerank', {})).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
      details: 'This server does not rerank texts',
    });
  });
});
