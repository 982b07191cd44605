import { Service } from '../e2e/service';

const MODEL = 'all-MiniLM-L6-v2';
const TEXTS = ['The cat sits on the mat', 'Vectors 漢字 🙂', 'x'];
const floats = (rows: number[][]) => rows.map((row) => Float32Array.from(row));

describe("Cohere's API", () => {
  let service: Service;
  let native: Float32Array[];
  beforeAll(async () => {
    service = await Service.start();
    native = await service.embed(TEXTS, { model: MODEL });
  });
  afterAll(() => service.close());

  const embed = (body: object) =>
    service.post('/v2/embed', { model: MODEL, input_type: 'search_document', texts: TEXTS, ...body });

  it('gives the native numbers, with the texts and their true token count', async () => {
    const { status, body } = await embed({});
    expect(status).toBe(200);
    expect(floats(body.embeddings.float as number[][])).toEqual(native);
    const { metadata } = (await service.post('/v1/embeddings', { texts: TEXTS, model: MODEL })).body;
    expect(body).toMatchObject({
      id: expect.any(String),
      texts: TEXTS,
      response_type: 'embeddings_by_type',
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: metadata.usage.tokens } },
    });
  });

  it('gives every type of the same vector, coded as sentence-transformers codes them', async () => {
    const types = ['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'];
    const { embeddings } = (await embed({ embedding_types: types })).body;
    expect(Object.keys(embeddings as object)).toEqual(types);
    native.forEach((vector, i) => {
      const bytes = Buffer.from(embeddings.base64[i] as string, 'base64');
      expect(Array.from(vector, (_, d) => bytes.readFloatLE(d * 4))).toEqual([...vector]);

      const bits = Array.from({ length: 48 }, (_, byte) =>
        vector.subarray(byte * 8, byte * 8 + 8).reduce((sum, value) => sum * 2 + (value > 0 ? 1 : 0), 0),
      );
      expect(embeddings.ubinary[i]).toEqual(bits);
      expect(embeddings.binary[i]).toEqual(bits.map((byte) => byte - 128));

      const largest = Math.max(...vector.map(Math.abs));
      (embeddings.int8[i] as number[]).forEach((code, d) => {
        expect(Math.abs((code * largest) / 127 - (vector[d] ?? 0))).toBeLessThanOrEqual(largest / 254 + 1e-7);
      });
      expect(embeddings.uint8[i]).toEqual((embeddings.int8[i] as number[]).map((code) => code + 128));
    });
    // A preset with a coding of its own does not code twice.
    const preset = (await embed({ model: 'efficient', embedding_types: types })).body.embeddings;
    expect(preset).toEqual(embeddings);
  });

  it('cuts vectors and texts as asked', async () => {
    const short = await embed({ output_dimension: 128 });
    expect(floats(short.body.embeddings.float)).toEqual(await service.embed(TEXTS, { model: MODEL, dimensions: 128 }));
    const long = `first ${'word '.repeat(400)}`;
    const start = await embed({ texts: [long], truncate: 'START' });
    expect(floats(start.body.embeddings.float)).toEqual(
      await service.embed([long], { model: MODEL, truncate: 'start' }),
    );
    expect(start.body.meta.billed_units).toEqual({ input_tokens: 256 });
    expect(await embed({ texts: [long], truncate: 'NONE' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('403 tokens') },
    });
    const few = await embed({ texts: [long], max_tokens: 3 });
    expect(floats(few.body.embeddings.float)).toEqual(await service.embed(['first'], { model: MODEL }));
    expect((await embed({ priority: 3 })).body.meta.warnings).toEqual([expect.stringContaining('priority')]);
  });

  it('takes inputs of several parts, as long as they are text', async () => {
    const inputs = [{ content: [{ type: 'text', text: TEXTS[0] }] }];
    expect(floats((await embed({ texts: undefined, inputs })).body.embeddings.float)).toEqual([native[0]]);
    const image = [{ content: [{ type: 'image_url', image_url: { url: 'data:' } }] }];
    expect(await embed({ texts: undefined, inputs: image })).toMatchObject({ status: 501 });
  });

  it('speaks version 1 too, whose vectors are a plain list unless types are asked for', async () => {
    const { body } = await service.post('/v1/embed', { texts: TEXTS, model: MODEL });
    expect(body.response_type).toBe('embeddings_floats');
    expect(floats(body.embeddings as number[][])).toEqual(native);
    const typed = await service.post('/v1/embed', { texts: TEXTS, model: MODEL, embedding_types: ['float'] });
    expect(floats(typed.body.embeddings.float as number[][])).toEqual(native);
  });

  it.each<[string, object, number, string]>([
    ['no texts', { texts: [] }, 400, 'at least one text'],
    ['too many texts', { texts: Array.from({ length: 97 }, () => 'x') }, 400, 'at most 96 texts; it holds 97'],
    ['an input type nobody has', { input_type: 'poem' }, 400, 'input_type'],
    ['a type nobody has', { embedding_types: ['int4'] }, 400, 'embedding_types'],
    ['dimensions out of range', { output_dimension: 3 }, 400, 'Dimensions'],
    ['images', { images: ['data:'] }, 501, 'texts only'],
    ['a model that is not here', { model: 'embed-v4.0' }, 404, 'SUTRA_ALIASES=embed-v4.0='],
  ])('refuses %s with a message', async (_name, body, status, message) => {
    const answer = await embed(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ id: expect.any(String), message: expect.stringContaining(message) });
  });
});
