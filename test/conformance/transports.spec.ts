import { GOLDEN } from '../golden/golden';
import { Service } from '../e2e/service';
import { Transports, type Question } from './transports';

const TEXTS = [...GOLDEN.slice(0, 24).map(({ text }) => text), 'river '.repeat(400), 'x', ''];

const QUESTIONS: readonly Question[] = [
  { texts: TEXTS, model: 'efficient' },
  { texts: TEXTS, model: 'all-MiniLM-L6-v2' },
  { texts: TEXTS, model: 'efficient', dimensions: 64, quantization: 'none' },
  { texts: TEXTS, model: 'efficient', dimensions: 1024, quantization: 'binary' },
  { texts: TEXTS, model: 'all-MiniLM-L6-v2', quantization: 'int4', truncate: 'start' },
];

describe('every transport gives the same bits', () => {
  let service: Service;
  let transports: Transports;
  beforeAll(async () => {
    service = await Service.start({ SUTRA_GRPC_PORT: '0' });
    await service.app.listen(0, '127.0.0.1');
    transports = await Transports.open(service);
  });
  afterAll(async () => {
    transports.close();
    await service.close();
  });

  it.each(QUESTIONS.map(({ texts, ...question }) => [JSON.stringify(question), { texts, ...question }] as const))(
    'for %s',
    async (_, question) => {
      const answers = new Map<string, string[]>();
      for (const [name, ask] of Object.entries(transports.all)) answers.set(name, (await ask(question)).map(bitsOf));
      const expected = answers.get('REST as numbers');
      expect(expected).toHaveLength(TEXTS.length);
      expect(answers.size).toBe(10);
      for (const [name, bits] of answers) expect([name, bits]).toEqual([name, expected]);
    },
  );
});

/** Hexadecimal, so that -0 and 0 are told apart and a difference is seen to the bit. */
function bitsOf({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
}
