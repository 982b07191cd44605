import type { AddressInfo } from 'node:net';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { call, connect, detailsOf, type AnyClient } from './grpc-client';
import { Service } from './service';
import { WsClient } from './ws-client';

/** No two alike, so that none is answered by another that is under way. */
let count = 0;
const long = () => `${'river '.repeat(200)} ${count++}`;

describe('more requests than there is time for', () => {
  let service: Service;
  let client: AnyClient;
  let url: string;
  beforeAll(async () => {
    service = await Service.start({ SUTRA_QUEUE_MS: '30', SUTRA_GRPC_PORT: '0' });
    await service.app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(service.app.getHttpServer().address() as AddressInfo).port}`;
    client = connect(await service.app.get(GrpcServer).listen());
    // Until something has run, nobody knows how fast the queue drains.
    await service.embed([long()]);
  });
  afterAll(async () => {
    client.close();
    await service.close();
  });

  /** Keeps the queue full while something is tried. */
  async function whileFull<T>(act: () => Promise<T>): Promise<T> {
    let over = false;
    const feeders = Array.from({ length: 12 }, async () => {
      while (!over) {
        const { status } = await post([long()]);
        if (status === 429) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    try {
      return await act();
    } finally {
      over = true;
      await Promise.all(feeders);
    }
  }

  async function post(texts: string[]): Promise<Response> {
    const response = await fetch(`${url}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ texts, encoding_format: 'base64' }),
    });
    if (response.status === 200) await response.arrayBuffer();
    return response;
  }

  /** Tries until it is refused: whether the queue has room at one moment is not this test's to decide. */
  async function refused<T>(attempt: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const refusal = await attempt();
      if (refusal !== undefined) return refusal;
    }
  }

  it('answers some with vectors and the rest with OVERLOADED, and with nothing else', async () => {
    const statuses = await Promise.all(Array.from({ length: 150 }, async () => (await post([long()])).status));
    expect([...new Set(statuses)].sort()).toEqual([200, 429]);
  });

  it('says over REST why, and when to come back', async () => {
    const response = await whileFull(() =>
      refused(async () => {
        const one = await post([long()]);
        return one.status === 429 ? one : undefined;
      }),
    );
    const { error } = (await response.json()) as { error: { code: string; details: object } };
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(error).toMatchObject({
      code: 'OVERLOADED',
      details: { queued_tokens: expect.any(Number), wait_ms: expect.any(Number), max_wait_ms: 30 },
    });
  });

  it('says so over gRPC, with RetryInfo', async () => {
    const error = await whileFull(() =>
      refused(() =>
        call(client, 'GenerateEmbeddings', { texts: [long()] }).then(
          () => undefined,
          (failure) => failure,
        ),
      ),
    );
    expect(error.code).toBe(8);
    const details = detailsOf(error);
    expect(details['google.rpc.ErrorInfo'].reason).toBe('OVERLOADED');
    const { seconds, nanos } = details['google.rpc.RetryInfo'].retry_delay;
    expect(seconds + nanos).toBeGreaterThan(0);
  });

  it('takes a refused chunk of a WebSocket again, the final one too, and then completes', async () => {
    const client = await WsClient.streaming(service);
    const refusals = () => client.received.filter(({ type }) => type === 'error');
    const answerTo = async (chunk_id: string, is_final: boolean) => {
      const text = long();
      for (;;) {
        const before = client.received.length;
        client.send('add_chunk', { chunk_id, text, is_final });
        const { type, payload } = await client.find((found) => found.payload.chunk_id === chunk_id, before);
        if (type === 'response') return;
        await new Promise((resolve) => setTimeout(resolve, payload.retry_after_ms));
      }
    };
    let sent = 0;
    await whileFull(async () => {
      while (refusals().length === 0) await answerTo(`c${sent++}`, false);
      await answerTo('last', true);
    });
    const { payload } = await client.summary();
    const answered = client.received.flatMap(({ payload: { embedding, chunk_id } }) => (embedding ? [chunk_id] : []));
    expect(answered).toEqual([...Array.from({ length: sent }, (_, i) => `c${i}`), 'last']);
    expect(new Set(refusals().map(({ payload: { error_code } }) => error_code))).toEqual(new Set(['OVERLOADED']));
    expect(payload.summary.chunks_failed).toBe(refusals().length);
    await client.close();
  });

  it('finishes a stream whose first text was admitted', async () => {
    const record = await whileFull(() =>
      refused(async () => {
        const response = await fetch(`${url}/v1/embeddings/stream`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ texts: Array.from({ length: 10 }, long), config: { buffer_size: 4 } }),
        });
        if (response.status === 429) return undefined;
        return (await response.text()).trimEnd().split('\n').at(-1);
      }),
    );
    expect(JSON.parse(record as string).summary).toMatchObject({ chunks: 10 });
  });

  it('answers at full speed again once there is time', async () => {
    expect((await post([long()])).status).toBe(200);
  });
});
