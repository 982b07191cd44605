import { Service } from '../e2e/service';

const MODEL = 'all-MiniLM-L6-v2';
const TEXTS = ['The cat sits on the mat', 'Vectors 漢字 🙂', 'x'];

describe("OpenAI's API", () => {
  let service: Service;
  let native: Float32Array[];
  beforeAll(async () => {
    service = await Service.start({ SUTRA_ALIASES: 'text-embedding-3-small=efficient', SUTRA_BODY_LIMIT_MB: '1' });
    native = await service.embed(TEXTS, { model: MODEL });
  });
  afterAll(() => service.close());

  const embed = (body: object) => service.post('/v1/embeddings', { model: MODEL, ...body });
  const refusal = async (body: object | string) => {
    const { status, body: answer } = await service.post('/v1/embeddings', body);
    expect(Object.keys(answer.error as object).sort()).toEqual(['code', 'message', 'param', 'type']);
    return {
      status,
      ...(answer.error as { message: string; type: string; param: string | null; code: string | null }),
    };
  };

  it('gives the native numbers as arrays of numbers', async () => {
    const { status, body } = await embed({ input: TEXTS, user: 'somebody' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ object: 'list', model: MODEL });
    expect((body.data as { object: string; index: number }[]).map(({ object, index }) => [object, index])).toEqual([
      ['embedding', 0],
      ['embedding', 1],
      ['embedding', 2],
    ]);
    (body.data as { embedding: number[] }[]).forEach(({ embedding }, i) =>
      expect(Float32Array.from(embedding)).toEqual(native[i]),
    );
    const { metadata } = (await service.post('/v1/embeddings', { texts: TEXTS, model: MODEL })).body;
    expect(body.usage).toEqual({ prompt_tokens: metadata.usage.tokens, total_tokens: metadata.usage.tokens });
  });

  it('and as base64 of little-endian float32, of one string too', async () => {
    const { body } = await embed({ input: TEXTS[1], encoding_format: 'base64', dimensions: null });
    const bytes = Buffer.from(body.data[0].embedding as string, 'base64');
    expect(Array.from(native[1] ?? []).map((_, i) => bytes.readFloatLE(i * 4))).toEqual(Array.from(native[1] ?? []));
  });

  it('cuts to the dimensions asked for, as the native route does', async () => {
    const { body } = await embed({ input: TEXTS, dimensions: 128 });
    const short = await service.embed(TEXTS, { model: MODEL, dimensions: 128 });
    expect(Float32Array.from(body.data[2].embedding as number[])).toEqual(short[2]);
  });

  it("takes the model's own token ids, special tokens included", async () => {
    // What BERT's tokenizer gives for "hello world" and "hello 🙂", whose face is no word of its vocabulary.
    const ids = [
      [101, 7592, 2088, 102],
      [101, 7592, 100, 102],
    ];
    const { body } = await embed({ input: ids });
    const words = await service.embed(['hello world', 'hello 🙂'], { model: MODEL });
    expect((body.data as { embedding: number[] }[]).map(({ embedding }) => Float32Array.from(embedding))).toEqual(
      words,
    );
    expect(body.usage.prompt_tokens).toBe(8);
  });

  it.each([
    ['cl100k ids of "hello world"', [[15339, 1917]]],
    ['ids beyond the vocabulary', [101, 50000, 102]],
    ['ids that the tokenizer gives for no text', [101, 2361, 2361, 102]],
    ['ids that are padded', [[101, 7592, 2088, 102, 0, 0]]],
  ])('refuses %s with what to do in LangChain', async (_name, input) => {
    const error = await refusal({ model: MODEL, input });
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param: 'input' });
    expect(error.message).toContain('check_embedding_ctx_length=False');
  });

  it.each([
    ['an empty string', { input: '' }, 'input'],
    ['an empty string among others', { input: ['a', ''] }, 'input[1]'],
    ['no inputs', { input: [] }, 'input'],
    ['too many inputs', { input: Array.from({ length: 2049 }, () => 'x') }, 'input'],
    ['kinds that are mixed', { input: ['a', 1] }, 'input[1]'],
    ['a lone surrogate', { input: ['a', '\ud800'] }, 'input[1]'],
    ['a format nobody has', { input: 'a', encoding_format: 'hex' }, 'encoding_format'],
    ['a field nobody has', { input: 'a', temperature: 1 }, 'temperature'],
    ['dimensions out of range', { input: 'a', dimensions: 3 }, 'dimensions'],
  ])('refuses %s in its envelope', async (_name, body, param) => {
    expect(await refusal({ model: MODEL, ...body })).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param,
    });
  });

  it('says which inputs lost tokens, where any did', async () => {
    const long = 'word '.repeat(400);
    expect((await embed({ input: ['a', long] })).body).toMatchObject({ truncated: [1], usage: { prompt_tokens: 259 } });
    expect(await refusal({ model: MODEL, input: ['a', long], truncate: 'none' })).toMatchObject({ param: 'input[1]' });
  });

  it('refuses a model that is not here with the names of those that are, and serves it under an alias', async () => {
    const error = await refusal({ input: 'a', model: 'text-embedding-3-large' });
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(error.message).toContain(MODEL);
    expect(error.message).toContain('SUTRA_ALIASES=text-embedding-3-large=');
    expect((await embed({ input: 'a', model: 'text-embedding-3-small' })).body.model).toBe(MODEL);
    expect((await embed({ input: 'a', model: `sentence-transformers/${MODEL}` })).body.model).toBe(MODEL);
  });

  it('keeps its envelope where the body cannot be read', async () => {
    expect(await refusal('{"input":')).toMatchObject({ status: 400, type: 'invalid_request_error' });
    const path = '/openai/v1/embeddings';
    const large = await service.post(path, { input: 'x'.repeat(2 ** 20) });
    expect(large).toMatchObject({ status: 413, body: { error: { type: 'invalid_request_error' } } });
    const form = await service.post(path, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(form).toMatchObject({ status: 415, body: { error: { code: 'unsupported_content_type' } } });
  });

  it('lists in both shapes what may be asked for', async () => {
    const { body } = await service.get('/v1/models');
    expect(body).toMatchObject({ object: 'list', total_count: (body.models as unknown[]).length });
    const ids = (body.data as { id: string; object: string; owned_by: string }[]).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['efficient', MODEL, 'text-embedding-3-small']));
    expect(ids).not.toContain('high-quality');
    for (const model of ids) expect((await embed({ input: 'a', model })).status).toBe(200);
    for (const id of ['text-embedding-3-small', MODEL, `sentence-transformers/${MODEL}`]) {
      expect((await service.get(`/v1/models/${id}`)).body).toMatchObject({
        id,
        object: 'model',
        owned_by: 'sentence-transformers',
        model_id: MODEL,
      });
    }
    expect(await service.get('/v1/models/gpt-4')).toMatchObject({
      status: 404,
      body: { error: { code: 'MODEL_NOT_FOUND' } },
    });
  });

  it('leaves to the native API what has both fields, or neither', async () => {
    for (const body of [{ input: 'a', texts: ['a'] }, { model: MODEL }]) {
      const { status, body: answer } = await service.post('/v1/embeddings', body);
      expect(status).toBe(400);
      expect(answer.error.code).toBe('INVALID_ARGUMENT');
    }
  });
});

describe('SUTRA_COMPAT=off', () => {
  it('leaves the native API alone', async () => {
    const service = await Service.start({ SUTRA_COMPAT: 'off' });
    try {
      const { status, body } = await service.post('/v1/embeddings', { input: 'a' });
      expect(status).toBe(400);
      expect(body.error.code).toBe('INVALID_ARGUMENT');
      expect((await service.post('/openai/v1/embeddings', { input: 'a' })).status).toBe(404);
    } finally {
      await service.close();
    }
  });
});
