import { GOLDEN } from '../golden/golden';
import { Service } from './service';

/** 200 texts of 1 to 256 tokens, in no order of length. */
const MIXED = Array.from({ length: 200 }, (_, i) => {
  const words = 'the quick brown fox jumps over a lazy dog while seven wizards box and sing of old rivers'.split(' ');
  return Array.from({ length: 1 + ((i * 67) % 250) }, (_, k) => words[(i * 7 + k * 3) % words.length]).join(' ');
});

describe('the same text gives the same bits', () => {
  let service: Service;
  beforeAll(async () => void (service = await Service.start()));
  afterAll(() => service.close());

  const probes = GOLDEN.slice(0, 12).map(({ text }) => text);

  describe.each(['all-MiniLM-L6-v2', 'efficient', 'ultra-efficient'])('%s', (model) => {
    let alone: Float32Array[];
    beforeAll(async () => {
      alone = [];
      for (const text of probes) alone.push(...(await service.embed([text], { model })));
    });

    it('in a batch of 200 mixed lengths', async () => {
      const texts = [...MIXED];
      const places = probes.map((_, i) => 5 + i * 16);
      places.forEach((place, i) => (texts[place] = probes[i] as string));
      const vectors = await service.embed(texts, { model });
      expect(places.map((place) => vectors[place])).toEqual(alone);
    });

    it('under 32 concurrent requests', async () => {
      const requests = Array.from({ length: 32 }, (_, i) =>
        service.embed([MIXED[i] as string, probes[i % 12] as string], { model }),
      );
      (await Promise.all(requests)).forEach((vectors, i) => expect(vectors[1]).toEqual(alone[i % 12]));
    });

    it('with any batch size', async () => {
      for (const batch_size of [1, 3]) {
        expect(await service.embed(probes, { model, config: { batch_size } })).toEqual(alone);
      }
    });

    it('as numbers and as base64', async () => {
      const { body } = await service.post('/v1/embeddings', { texts: probes, model, encoding_format: 'base64' });
      const decoded = (body.embeddings as string[]).map((text) => {
        const bytes = Buffer.from(text, 'base64');
        return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
      });
      expect(decoded).toEqual(alone);
    });
  });
});
