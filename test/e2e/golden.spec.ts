import { readFileSync } from 'node:fs';
import { EmbeddingService } from '@sutra-embedder/engine';
import { cosine } from '../golden/cosine';
import { GOLDEN } from '../golden/golden';
import { Service } from './service';

/** Read here by other means than the server's own probe, so that a probe gone blind is found out. */
function hasExactInt8(): boolean {
  if (process.platform !== 'linux') return false;
  return /\b(avx512_vnni|avx_vnni|amx_int8|asimddp|i8mm)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

describe('vectors against sentence-transformers', () => {
  let service: Service;
  beforeAll(async () => void (service = await Service.start()));
  afterAll(() => service.close());

  const texts = GOLDEN.map(({ text }) => text);
  const cosines = (vectors: Float32Array[]) => vectors.map((vector, i) => cosine(vector, GOLDEN[i]?.embedding ?? []));

  it('has the token ids of all 73 golden texts', async () => {
    const { tokenizer, model } = await service.app.get(EmbeddingService).plan({ model: 'all-MiniLM-L6-v2' });
    const ids = texts.map((text) => [...tokenizer.encode(text, model.maxTokens, 'end').ids]);
    expect(ids).toEqual(GOLDEN.map((item) => item.token_ids));
  });

  it('has cosine >= 0.999999 with all of them in fp32', async () => {
    const found = cosines(await service.embed(texts, { model: 'all-MiniLM-L6-v2', config: { quantization: 'none' } }));
    expect(found).toHaveLength(73);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0.999999);
  });

  it('has cosine >= 0.98 with each and >= 0.995 on average for the preset efficient', async () => {
    const { body } = await service.post('/v1/embeddings', { texts, model: 'efficient' });
    const found = cosines((body.embeddings as number[][]).map((vector) => Float32Array.from(vector)));
    const exact = hasExactInt8();
    console.info(`efficient ran in ${body.metadata.precision}; exact 8-bit dot products here: ${exact}`);
    expect(body.metadata.precision).toBe(exact ? 'int8' : 'fp32');
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0.98);
    expect(found.reduce((sum, value) => sum + value, 0) / found.length).toBeGreaterThanOrEqual(0.995);
  });
});
