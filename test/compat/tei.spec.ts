import { cosine } from '../golden/cosine';
import { Service } from '../e2e/service';

const MODEL = 'all-MiniLM-L6-v2';
const TEXTS = ['The cat sits on the mat', 'Vectors 漢字 🙂', 'x'];
const LONG = 'word '.repeat(400);
const floats = (rows: number[][]) => rows.map((row) => Float32Array.from(row));

describe("text-embeddings-inference's API", () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ SUTRA_BODY_LIMIT_MB: '1' });
  });
  afterAll(() => service.close());

  it.each(['/embed', '/'])('gives the native numbers at %s', async (path) => {
    const { status, body, headers } = await service.post(path, { inputs: TEXTS });
    expect(status).toBe(200);
    expect(floats(body as number[][])).toEqual(await service.embed(TEXTS));
    const { metadata } = (await service.post('/v1/embeddings', { texts: TEXTS })).body;
    expect(headers['x-compute-tokens']).toBe(String(metadata.usage.tokens));
    expect(headers['x-compute-characters']).toBe(String(23 + 12 + 1));
    const single = await service.post(`${path}?model=${MODEL}`, { inputs: TEXTS[1], normalize: null, truncate: null });
    expect(floats(single.body as number[][])).toEqual(await service.embed([TEXTS[1] as string], { model: MODEL }));
  });

  it('cuts to the dimensions asked for, and leaves vectors at the length the model gives them', async () => {
    const { body } = await service.post('/embed', { inputs: TEXTS, dimensions: 128, model: MODEL });
    expect(floats(body as number[][])).toEqual(await service.embed(TEXTS, { dimensions: 128, model: MODEL }));
    const raw = floats((await service.post('/embed', { inputs: TEXTS, normalize: false, model: MODEL })).body);
    const unit = await service.embed(TEXTS, { model: MODEL });
    raw.forEach((vector, i) => expect(cosine(vector, unit[i] as Float32Array)).toBeCloseTo(1, 6));
    expect(raw.some((vector) => Math.abs(Math.hypot(...vector) - 1) > 0.1)).toBe(true);
  });

  it('loses the right end of a long text by default, the left one or none where that is asked for', async () => {
    const end = await service.embed([LONG]);
    expect(floats((await service.post('/embed', { inputs: LONG })).body)).toEqual(end);
    const left = await service.post('/embed', { inputs: `first ${LONG}`, truncation_direction: 'Left' });
    expect(floats(left.body)).toEqual(await service.embed([`first ${LONG}`], { truncate: 'start' }));
    expect(await service.post('/embed', { inputs: LONG, truncate: false })).toMatchObject({
      status: 422,
      body: { error_type: 'Validation', error: expect.stringMatching(/^inputs\[0\] has 402 tokens/) },
    });
  });

  it('takes token ids, with the special tokens around them', async () => {
    const { body } = await service.post('/embed', { inputs: [[101, 7592, 2088, 102], 'hello world'] });
    expect(body[0]).toEqual(body[1]);
  });

  it('gives a vector for every token, whose mean is the vector of the text', async () => {
    const { body } = await service.post('/embed_all', { inputs: ['hello world'], model: MODEL });
    const tokens = floats(body[0] as number[][]);
    expect(tokens).toHaveLength(4);
    const mean = Float32Array.from({ length: 384 }, (_, d) => tokens.reduce((sum, token) => sum + (token[d] ?? 0), 0));
    const [pooled] = await service.embed(['hello world'], { model: MODEL });
    expect(cosine(mean, pooled as Float32Array)).toBeCloseTo(1, 6);
  });

  it('compares a sentence with others', async () => {
    const sentences = ['a kitten', 'a car', 'a cat'];
    const { body } = await service.post('/similarity', { inputs: { source_sentence: 'a cat', sentences } });
    const [source, ...others] = await service.embed(['a cat', ...sentences]);
    (body as number[]).forEach((similarity, i) =>
      expect(similarity).toBeCloseTo(cosine(source as Float32Array, others[i] as Float32Array), 6),
    );
    expect(body[2]).toBeCloseTo(1, 6);
  });

  it('shows tokens with their places in bytes, and turns ids into text', async () => {
    const { body } = await service.post('/tokenize', { inputs: ['Café 🙂!'] });
    expect(body).toEqual([
      [
        { id: 101, text: '[CLS]', special: true, start: null, stop: null },
        { id: 7668, text: 'Café', special: false, start: 0, stop: 5 },
        { id: 100, text: '🙂', special: false, start: 6, stop: 10 },
        { id: 999, text: '!', special: false, start: 10, stop: 11 },
        { id: 102, text: '[SEP]', special: true, start: null, stop: null },
      ],
    ]);
    const bare = await service.post('/tokenize', { inputs: 'Café 🙂!', add_special_tokens: false });
    expect((bare.body[0] as { id: number }[]).map(({ id }) => id)).toEqual([7668, 100, 999]);
    expect((await service.post('/decode', { ids: [101, 7592, 2088, 102] })).body).toEqual(['hello world']);
    const kept = await service.post('/decode', { ids: [[101, 7592, 102], [2088]], skip_special_tokens: false });
    expect(kept.body).toEqual(['[CLS] hello [SEP]', 'world']);
  });

  it('says what it serves and whether it does', async () => {
    expect((await service.get('/info')).body).toMatchObject({
      model_id: MODEL,
      model_type: { embedding: { pooling: 'mean' } },
      max_input_length: 256,
      max_client_batch_size: 1000,
      auto_truncate: true,
    });
    expect(await service.get('/health')).toMatchObject({ status: 200, text: '' });
    expect(await service.get('/metrics')).toMatchObject({ status: 308, headers: { location: '/v1/metrics' } });
  });

  it.each<[string, string, unknown, number, string]>([
    ['no inputs', '/embed', { inputs: [] }, 400, 'Empty'],
    ['an empty text', '/embed', { inputs: ['a', ''] }, 400, 'Empty'],
    ['nothing to compare with', '/similarity', { inputs: { source_sentence: 'a', sentences: [] } }, 400, 'Empty'],
    ['too many inputs', '/embed', { inputs: Array.from({ length: 1001 }, () => 'x') }, 413, 'Validation'],
    ['too large a body', '/embed', { inputs: 'x'.repeat(2 ** 20) }, 413, 'Validation'],
    ['a body without inputs', '/embed', {}, 422, 'Validation'],
    ['broken JSON', '/embed', '{"inputs":', 422, 'Validation'],
    ['a field nobody has', '/embed', { inputs: 'x', temperature: 1 }, 422, 'Validation'],
    ['a prompt nobody has', '/embed', { inputs: 'x', prompt_name: 'poem' }, 422, 'Validation'],
    ['dimensions out of range', '/embed', { inputs: 'x', dimensions: 3 }, 422, 'Validation'],
    ['a model that is not here', '/embed?model=nowhere', { inputs: 'x' }, 404, 'Validation'],
    ['ids that are none', '/decode', { ids: 'x' }, 422, 'Validation'],
    ['reranking', '/rerank', { query: 'a', texts: ['b'] }, 501, 'Backend'],
    ['classifying', '/predict', { inputs: 'a' }, 501, 'Backend'],
  ])('refuses %s in its envelope', async (_name, path, request, status, type) => {
    const { status: actual, body } = await service.post(path, request);
    expect({ actual, ...(body as object) }).toEqual({ actual: status, error_type: type, error: expect.any(String) });
  });
});
