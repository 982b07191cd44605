import { Service } from '../e2e/service';

const MODEL = 'all-MiniLM-L6-v2';
const TEXTS = ['The cat sits on the mat', 'Vectors 漢字 🙂', 'x'];
const floats = (rows: number[][]) => rows.map((row) => Float32Array.from(row));

describe("Ollama's API", () => {
  let service: Service;
  let native: Float32Array[];
  beforeAll(async () => {
    service = await Service.start({ SUTRA_ALIASES: 'mxbai-embed-large:335m=efficient' });
    native = await service.embed(TEXTS, { model: MODEL });
  });
  afterAll(() => service.close());

  const embed = (body: object) => service.post('/api/embed', { model: 'all-minilm', ...body });

  it.each(['all-minilm', 'all-minilm:latest', MODEL, `${MODEL}:latest`, `sentence-transformers/${MODEL}`])(
    'gives the native numbers under the name %s',
    async (model) => {
      const { status, body } = await embed({ model, input: TEXTS });
      expect(status).toBe(200);
      expect(floats(body.embeddings as number[][])).toEqual(native);
      expect(body.model).toBe(model);
      const { metadata } = (await service.post('/v1/embeddings', { texts: TEXTS, model: MODEL })).body;
      expect(body.prompt_eval_count).toBe(metadata.usage.tokens);
    },
  );

  it('takes one text, the older route, an alias with a tag, and curl without a content type', async () => {
    expect(floats((await embed({ input: TEXTS[1] })).body.embeddings)).toEqual([native[1]]);
    const { body } = await service.post('/api/embeddings', { model: 'all-minilm', prompt: TEXTS[1] });
    expect(floats([body.embedding as number[]])).toEqual([native[1]]);
    expect((await embed({ model: 'mxbai-embed-large:335m', input: 'x' })).status).toBe(200);
    const text = JSON.stringify({ model: 'all-minilm', input: TEXTS[1] });
    const curl = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(floats((await service.post('/api/embed', text, curl)).body.embeddings)).toEqual([native[1]]);
    // A page that a browser has not asked for may not.
    const page = { ...curl, origin: 'https://elsewhere.example' };
    expect((await service.post('/api/embed', text, page)).status).toBe(415);
  });

  it('answers no text with no vector, once the model is there', async () => {
    expect((await embed({ input: '' })).body).toEqual({ model: 'all-minilm', embeddings: [] });
    expect((await embed({ input: [] })).body).toEqual({ model: 'all-minilm', embeddings: [] });
    expect((await service.post('/api/embeddings', { model: 'all-minilm' })).body).toEqual({ embedding: [] });
    expect((await embed({ model: 'nowhere', input: [] })).status).toBe(404);
  });

  it('cuts vectors and texts as asked, and notes what has no effect', async () => {
    const short = await embed({ input: TEXTS, dimensions: 128 });
    expect(floats(short.body.embeddings)).toEqual(await service.embed(TEXTS, { model: MODEL, dimensions: 128 }));
    const long = `first ${'word '.repeat(400)}`;
    expect((await embed({ input: long })).body.prompt_eval_count).toBe(256);
    expect(await embed({ input: long, truncate: false })).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^input\[0\] has 403 tokens/) },
    });
    const few = await embed({ input: long, options: { num_ctx: 3, temperature: 0 }, keep_alive: '5m' });
    expect(floats(few.body.embeddings)).toEqual(await service.embed(['first'], { model: MODEL }));
    expect(few.body.notes).toEqual([
      expect.stringContaining('SUTRA_MODEL_MEMORY_MB'),
      expect.stringContaining('temperature'),
    ]);
  });

  it('lists and shows what is here', async () => {
    const { models } = (await service.get('/api/tags')).body as { models: { name: string }[] };
    expect(models.map(({ name }) => name)).toEqual(
      expect.arrayContaining([`${MODEL}:latest`, 'efficient:latest', 'mxbai-embed-large:335m']),
    );
    expect(models.find(({ name }) => name === `${MODEL}:latest`)).toMatchObject({
      size: expect.any(Number),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      modified_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/),
      details: { format: 'onnx', family: 'bert', quantization_level: 'F32', embedding_length: 384 },
    });
    expect((await service.post('/api/show', { model: 'all-minilm:latest' })).body).toMatchObject({
      capabilities: ['embedding'],
      model_info: { 'general.architecture': 'bert', 'bert.embedding_length': 384, 'bert.context_length': 256 },
    });
    expect(await service.get('/api/version')).toMatchObject({ status: 200, body: { version: '1.0.0' } });
    expect(await service.get('/')).toMatchObject({ status: 200, text: 'Ollama is running' });
  });

  it('pulls what is here at once, in lines or in one word', async () => {
    const { text, headers } = await service.post('/api/pull', { model: 'all-minilm' });
    expect(headers['content-type']).toBe('application/x-ndjson');
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual([
      'pulling manifest',
      'verifying sha256 digest',
      'writing manifest',
      'success',
    ]);
    expect((await service.post('/api/pull', { name: MODEL, stream: false })).body).toEqual({ status: 'success' });
  });

  it.each<[string, string, object, number, string]>([
    ['no model', '/api/embed', { input: 'x' }, 400, 'model is required'],
    ['a model that is not here', '/api/embed', { model: 'nowhere', input: 'x' }, 404, 'not known here'],
    ['a model nobody can fetch', '/api/pull', { model: 'nowhere' }, 404, 'not known here'],
    ['a text that is none', '/api/embed', { model: 'all-minilm', input: [1] }, 400, 'input'],
    ['dimensions out of range', '/api/embed', { model: 'all-minilm', input: 'x', dimensions: 3 }, 400, 'Dimensions'],
    ['no length of time', '/api/embed', { model: 'all-minilm', input: 'x', keep_alive: 'long' }, 400, 'keep_alive'],
    ['chatting', '/api/chat', { model: 'all-minilm' }, 501, 'POST /api/embed'],
  ])('refuses %s with a sentence', async (_name, path, request, status, sentence) => {
    const { status: actual, body } = await service.post(path, request);
    expect({ actual, ...(body as object) }).toEqual({ actual: status, error: expect.stringContaining(sentence) });
  });
});
