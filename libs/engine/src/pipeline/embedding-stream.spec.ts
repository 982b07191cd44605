import { BufferFullError, CancelledError, InvalidArgumentError } from '../errors';
import type { Plan } from '../plan/plan';
import type { EmbedRequest, EmbedResult } from './embed-request';
import { EmbeddingStream } from './embedding-stream';

const PLAN = {} as Plan;

/** An engine under the test's control: each text waits until it is answered by name. */
function setUp(bufferSize: number) {
  const waiting = new Map<string, { answer(): Promise<void>; fail(error: Error): Promise<void> }>();
  const requests: EmbedRequest[] = [];
  const embed = (request: EmbedRequest, signal: AbortSignal) =>
    new Promise<EmbedResult>((resolve, reject) => {
      requests.push(request);
      const text = request.texts[0] as string;
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      const item = { index: 0, values: new Float32Array(1), tokens: 3, truncated: text === 'long', latencyMs: 40 };
      waiting.set(text, {
        answer: async () => {
          resolve({ items: [item], plan: PLAN } as unknown as EmbedResult);
          await settled();
        },
        fail: async (error) => {
          reject(error);
          await settled();
        },
      });
    });
  const stream = new EmbeddingStream(embed, { model: 'm' }, PLAN, bufferSize);
  return { stream, requests, answer: (text: string) => waiting.get(text)?.answer(), waiting };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('EmbeddingStream', () => {
  it('hands out vectors in order of completion, each with the index of its text', async () => {
    const { stream, answer } = setUp(10);
    expect([stream.add('a'), stream.add('b'), stream.add('c')]).toEqual([0, 1, 2]);
    stream.end();
    for (const text of ['c', 'a', 'b']) await answer(text);
    expect([(await stream.next())?.index, (await stream.next())?.index, (await stream.next())?.index]).toEqual([
      2, 0, 1,
    ]);
    expect(await stream.next()).toBeUndefined();
  });

  it('sends every text as its own request of one flow', () => {
    const { stream, requests } = setUp(10);
    stream.add('a');
    stream.add('b');
    expect(requests.map(({ texts, model, flow }) => [texts, model, flow === stream])).toEqual([
      [['a'], 'm', true],
      [['b'], 'm', true],
    ]);
  });

  it.each([
    [true, Uint8Array.of(7, 8)],
    [false, undefined],
  ])('holds a vector alone, not the batch it came with; its codes only where wanted: %p', async (wantsCodes, bytes) => {
    const values = Float32Array.of(1, 2, 3, 4).subarray(2);
    const codes = { scheme: 'int8', bytesPerVector: 2, bytes: Buffer.from([5, 6, 7, 8]).subarray(2) };
    const result = { items: [{ index: 0, values, codes, tokens: 3, truncated: false, latencyMs: 1 }], plan: PLAN };
    const embed = () => Promise.resolve(result as unknown as EmbedResult);
    const stream = new EmbeddingStream(embed, { model: 'm', wantsCodes }, PLAN, 1);
    stream.add('a');
    const item = (await stream.next())?.item;
    expect(item?.values).toEqual(values);
    expect(item?.values.buffer.byteLength).toBe(8);
    expect(item?.codes?.bytes).toEqual(bytes);
    expect(item?.codes?.bytes.buffer.byteLength).toBe(bytes?.byteLength);
  });

  it('counts a text as unread until it is released', async () => {
    const { stream, answer } = setUp(2);
    stream.add('a');
    stream.add('b');
    expect(() => stream.add('c')).toThrow(BufferFullError);
    await answer('a');
    expect(() => stream.add('c')).toThrow(BufferFullError);
    await stream.next();
    expect(() => stream.add('c')).toThrow(BufferFullError);
    stream.release();
    expect(stream.add('c')).toBe(2);
  });

  it('says when to come back, by the latency it has measured', async () => {
    const { stream, answer } = setUp(1);
    stream.add('a');
    expect(() => stream.add('b')).toThrow(expect.objectContaining({ code: 'BUFFER_FULL', retryAfterMs: 100 }));
    await answer('a');
    expect(() => stream.add('b')).toThrow(expect.objectContaining({ retryAfterMs: 40 }));
  });

  it('feeds no more than the buffer holds while nobody reads', async () => {
    const { stream, requests, answer } = setUp(3);
    const texts = ['a', 'b', 'c', 'd', 'e'];
    const fed = stream.feed(texts);
    for (const text of texts) await answer(text);
    expect(requests).toHaveLength(3);
    await stream.next();
    stream.release();
    await settled();
    expect(requests).toHaveLength(4);
    for (const text of ['', 'd', 'e', '']) {
      await answer(text);
      await stream.next();
      stream.release();
      await settled();
    }
    await fed;
    expect(requests).toHaveLength(5);
  });

  it('goes on when one text fails', async () => {
    const { stream, waiting, answer } = setUp(2);
    stream.add('a');
    stream.add('b');
    stream.end();
    await waiting.get('a')?.fail(new InvalidArgumentError('too long'));
    await answer('b');
    expect((await stream.next())?.error).toBeInstanceOf(InvalidArgumentError);
    expect((await stream.next())?.item?.index).toBe(1);
    expect(await stream.next()).toBeUndefined();
    expect(stream.summary()).toMatchObject({ chunks: 2, failed: 1, tokens: 3, averageLatencyMs: 40 });
  });

  it('reports which texts lost tokens', async () => {
    const { stream, answer } = setUp(2);
    stream.add('short');
    stream.add('long');
    await answer('short');
    await answer('long');
    expect(stream.summary().truncated).toEqual([1]);
  });

  it('when cancelled, aborts what is in work and wakes reader and producer', async () => {
    const { stream, requests } = setUp(1);
    const fed = stream.feed(['a', 'b']);
    const read = stream.next();
    await settled();
    stream.cancel();
    await expect(read).rejects.toBeInstanceOf(CancelledError);
    await expect(fed).rejects.toBeInstanceOf(CancelledError);
    await settled();
    expect(requests).toHaveLength(1);
    expect(stream.unread).toBe(0);
  });

  it('takes no texts after its end', () => {
    const { stream } = setUp(1);
    stream.end();
    expect(() => stream.add('a')).toThrow(InvalidArgumentError);
  });
});
