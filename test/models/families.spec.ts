import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Service } from '../e2e/service';
import { cosine } from '../golden/cosine';

const FOLDER = join(__dirname, '../fixtures/models');
const LEAST_COSINE = 0.99999;

interface Expected {
  readonly texts: string[];
  readonly vectors: Record<string, string[]>;
}

const families = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const expectedOf = (family: string) =>
  JSON.parse(readFileSync(join(FOLDER, family, 'expected.json'), 'utf8')) as Expected;

const decode = (base64: string) => new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);

/** Folders in sentence-transformers layout, against the vectors that sentence-transformers itself gives for them. */
describe('sentence-transformers folders', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ SUTRA_MODELS_DIR: FOLDER, SUTRA_PRELOAD: families[0] ?? '' });
  });
  afterAll(() => service.close());

  it('has every family that is promised', () => {
    expect(families).toEqual([
      'bert-cls',
      'distilbert-mean',
      'modernbert-cls',
      'mpnet-mean',
      'nomic-bert-mean',
      'qwen3-last',
      'xlm-roberta-mean',
    ]);
  });

  describe.each(families)('%s', (family) => {
    const { texts, vectors } = expectedOf(family);

    it.each(Object.keys(vectors))('gives the reference vectors with prompt "%s"', async (prompt) => {
      const found = await service.embed(texts, { model: family, ...(prompt !== '' && { input_type: prompt }) });
      const cosines = (vectors[prompt] ?? []).map((reference, row) => cosine(decode(reference), found[row] ?? []));
      expect(cosines).toHaveLength(texts.length);
      expect(Math.min(...cosines)).toBeGreaterThanOrEqual(LEAST_COSINE);
    });

    it('gives the same vector alone as in a batch', async () => {
      const together = await service.embed(texts, { model: family });
      for (const [row, text] of texts.entries()) {
        const [alone] = await service.embed([text], { model: family });
        expect(cosine(alone ?? [], together[row] ?? [])).toBeGreaterThan(0.9999999);
      }
    });

    it('says that it was only checked for soundness', async () => {
      const { body } = await service.post('/v1/embeddings', { texts: ['x'], model: family });
      expect(body.metadata.notes).toContainEqual(expect.stringContaining('no reference vectors'));
    });
  });

  it('tells different prompts apart, so that a prompt left out would not pass', async () => {
    const [plain] = await service.embed(['x'], { model: 'xlm-roberta-mean' });
    const [query] = await service.embed(['x'], { model: 'xlm-roberta-mean', input_type: 'query' });
    expect(cosine(plain ?? [], query ?? [])).toBeLessThan(0.999);
  });

  it('refuses a prompt that the model does not have', async () => {
    const { status, body } = await service.post('/v1/embeddings', {
      texts: ['x'],
      model: 'xlm-roberta-mean',
      input_type: 'clustering',
    });
    expect([status, body.error.code]).toEqual([400, 'INVALID_ARGUMENT']);
  });
});
