import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cosine } from '../golden/cosine';
import { Service } from './service';

/** Its probes were computed by model2vec. */
const manifest = JSON.parse(readFileSync(join(__dirname, '../../models/sutra-static-en/manifest.json'), 'utf8')) as {
  dimensions: number;
  max_tokens: number;
  probes: { text: string; vector: string }[];
};

describe('preset ultra-efficient', () => {
  let service: Service;
  beforeAll(async () => void (service = await Service.start({ SUTRA_PRELOAD: 'ultra-efficient' })));
  afterAll(() => service.close());

  const post = (body: object) => service.post('/v1/embeddings', body);

  it('runs the static model, int8 coded', async () => {
    const { status, body } = await post({ texts: ['a river in the north', 'hello'], model: 'ultra-efficient' });
    expect(status).toBe(200);
    expect(body.model_info).toMatchObject({ model_id: 'sutra-static-en', dimensions: manifest.dimensions });
    expect(body.metadata).toMatchObject({
      backend: 'static',
      precision: 'int8',
      quantization: { scheme: 'int8', bytes_per_embedding: manifest.dimensions },
    });
    expect(body.embeddings).toHaveLength(2);
  });

  it("gives model2vec's vectors under its id, uncoded", async () => {
    const vectors = await service.embed(
      manifest.probes.map(({ text }) => text),
      { model: 'sutra-static-en' },
    );
    manifest.probes.forEach(({ vector }, index) => {
      const reference = new Float32Array(new Uint8Array(Buffer.from(vector, 'base64')).buffer);
      expect(cosine(vectors[index] as Float32Array, reference)).toBeGreaterThanOrEqual(0.99999);
    });
  });

  it('counts the tokens that were run, and none that were not', async () => {
    const { body } = await post({ texts: ['hello world', ''], model: 'ultra-efficient' });
    expect(body.metadata.usage.tokens).toBe(2);
  });

  it('gives the zero vector, as model2vec does, where a text has no token', async () => {
    const [vector] = await service.embed([''], { model: 'ultra-efficient' });
    expect(vector).toEqual(new Float32Array(manifest.dimensions));
  });

  it('cuts a text that is too long and says so, or refuses it', async () => {
    const long = 'river '.repeat(manifest.max_tokens + 88);
    const { body } = await post({ texts: ['short', long], model: 'ultra-efficient' });
    expect(body.metadata.truncated).toEqual([1]);
    expect(body.metadata.usage.tokens).toBe(1 + manifest.max_tokens);
    const refused = await post({ texts: [long], model: 'ultra-efficient', truncate: 'none' });
    expect(refused.status).toBe(400);
  });

  it('takes 1,000 texts in one request, in order', async () => {
    const texts = Array.from({ length: 1000 }, (_, i) => `text number ${i % 10}`);
    const vectors = await service.embed(texts, { model: 'ultra-efficient' });
    const [first] = await service.embed(['text number 7'], { model: 'ultra-efficient' });
    vectors.forEach((vector, i) => i % 10 === 7 && expect(vector).toEqual(first));
  });

  it.each([64, 128, 256])('gives %i dimensions, normalized before they are coded', async (dimensions) => {
    const [vector] = await service.embed(['a river in the north'], {
      model: 'ultra-efficient',
      dimensions,
      config: { quantization: 'none' },
    });
    expect(vector).toHaveLength(dimensions);
    expect(Math.hypot(...(vector as Float32Array))).toBeCloseTo(1, 5);
  });

  it('is what custom stands for on the profile minimal, and not on others', async () => {
    const chosen = async (hardware_profile: string) => {
      const { body } = await post({ texts: ['x'], model: 'custom', config: { hardware_profile } });
      return body as { model_info: { model_id: string }; metadata: { notes: string[] } };
    };
    const minimal = await chosen('minimal');
    expect(minimal.model_info.model_id).toBe('sutra-static-en');
    expect(minimal.metadata.notes.join()).toContain('comes first on the profile minimal');
    expect((await chosen('server')).model_info.model_id).toBe('all-MiniLM-L6-v2');
  });
});
