import { cosine } from '../golden/cosine';
import { Service } from '../e2e/service';

const MODEL = 'all-MiniLM-L6-v2';
const TEXTS = ['Berlin is the capital of Germany.', 'Its more than 3.8 million people make it the largest city.'];

describe("Jina's API", () => {
  let service: Service;
  let native: Float32Array[];
  beforeAll(async () => {
    service = await Service.start();
    native = await service.embed(TEXTS, { model: MODEL });
  });
  afterAll(() => service.close());

  const embed = async (body: object, path = '/v1/embeddings') => {
    const { status, body: answer, text } = await service.post(path, { model: MODEL, input: TEXTS, ...body });
    if (status !== 200) throw new Error(text);
    return answer as { model: string; object: string; usage: object; data: { index: number; embedding: never }[] };
  };
  const vectors = async (body: object) =>
    (await embed(body)).data.map(({ embedding }) => Float32Array.from(embedding as number[]));

  it('gives the native numbers, whichever field says that it is Jina who asks', async () => {
    for (const body of [
      { task: 'text-matching' },
      { embedding_type: 'float' },
      { encoding_type: ['float'] },
      { normalized: true },
      { late_chunking: false },
      { input: TEXTS.map((text) => ({ text })) },
    ]) {
      expect(await vectors(body)).toEqual(native);
    }
    const { data, usage, ...rest } = await embed({}, '/jina/v1/embeddings');
    expect(data.map(({ index }) => index)).toEqual([0, 1]);
    expect(rest).toEqual({ model: MODEL, object: 'list' });
    const { metadata } = (await service.post('/v1/embeddings', { texts: TEXTS, model: MODEL })).body;
    expect(usage).toEqual({ total_tokens: metadata.usage.tokens, prompt_tokens: metadata.usage.tokens });
  });

  it('cuts, and leaves vectors as long as the model makes them where that is asked for', async () => {
    expect(await vectors({ task: 'text-matching', dimensions: 128 })).toEqual(
      await service.embed(TEXTS, { model: MODEL, dimensions: 128 }),
    );
    const [raw] = await vectors({ normalized: false });
    const length = Math.hypot(...(raw ?? []));
    expect(Math.abs(length - 1)).toBeGreaterThan(0.01);
    expect(cosine(raw ?? new Float32Array(), native[0] ?? new Float32Array())).toBeCloseTo(1, 6);
  });

  it('codes as base64 and in bits', async () => {
    const [base64] = (await embed({ embedding_type: 'base64' })).data;
    const bytes = Buffer.from(base64?.embedding ?? '', 'base64');
    expect(Array.from(native[0] ?? [], (_, i) => bytes.readFloatLE(i * 4))).toEqual(Array.from(native[0] ?? []));
    const bits = Array.from({ length: 48 }, (_, byte) =>
      [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, bit) => sum * 2 + Number((native[0]?.[byte * 8 + bit] ?? 0) > 0), 0),
    );
    expect((await embed({ embedding_type: 'ubinary' })).data[0]?.embedding).toEqual(bits);
    expect((await embed({ embedding_type: ['binary'] })).data[0]?.embedding).toEqual(bits.map((byte) => byte - 128));
  });

  describe('late_chunking', () => {
    it('of a single text is its own vector', async () => {
      const [late] = await vectors({ late_chunking: true, input: TEXTS[0] });
      late?.forEach((value, i) => expect(value).toBeCloseTo(native[0]?.[i] ?? NaN, 6));
    });

    it('lets a text know of those before it', async () => {
      const [question] = await service.embed(['How many people live in Berlin?'], { model: MODEL });
      const late = await vectors({ late_chunking: true });
      expect(late).toHaveLength(2);
      const [alone, aware] = [native[1], late[1]].map((vector) =>
        cosine(question ?? new Float32Array(), vector ?? new Float32Array()),
      );
      expect(aware).toBeGreaterThan((alone ?? 1) + 0.1);
      expect(Math.hypot(...(late[1] ?? []))).toBeCloseTo(1, 5);
    });

    it('is cut and coded as any other vector', async () => {
      const late = await vectors({ late_chunking: true, dimensions: 64 });
      expect(late.map(({ length }) => length)).toEqual([64, 64]);
      const { data } = await embed({ late_chunking: true, embedding_type: 'binary', dimensions: 64 });
      expect(data.map(({ embedding }) => (embedding as number[]).length)).toEqual([8, 8]);
    });

    it('refuses more than the model takes at once', async () => {
      const { status, body } = await service.post('/v1/embeddings', {
        model: MODEL,
        late_chunking: true,
        input: ['word '.repeat(200), 'word '.repeat(200)],
      });
      expect(status).toBe(400);
      expect(body.detail).toMatch(/together they have 402 tokens where the model takes 256/);
    });
  });

  it.each([
    [400, 'an unknown task', { task: 'poetry' }],
    [400, 'an empty text', { task: 'separation', input: ['a', ''] }],
    [400, 'no texts', { task: 'separation', input: [] }],
    [400, 'too many texts', { task: 'separation', input: Array.from({ length: 2049 }, () => 'x') }],
    [
      400,
      'a text that is too long where truncate is false',
      { truncate: false, task: 'separation', input: 'word '.repeat(300) },
    ],
    [404, 'a model that is not here', { task: 'separation', model: 'jina-embeddings-v3' }],
    [501, 'pictures', { input: [{ image: 'https://example.com/a.png' }] }],
    [501, 'several vectors a text', { return_multivector: true }],
  ])('answers %i in its envelope for %s', async (expected, _name, body) => {
    const { status, body: answer } = await service.post('/v1/embeddings', { model: MODEL, input: TEXTS, ...body });
    expect(Object.keys(answer as object)).toEqual(['detail']);
    expect(status).toBe(expected);
  });
});
