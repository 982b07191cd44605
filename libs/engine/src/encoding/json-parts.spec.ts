import { Base64, writeJson, writeJsonInTurns, type JsonPart } from './json-parts';

const values = Float32Array.from([0.25, -1.5, 1e-9]);

describe('writeJson', () => {
  it('writes text, vectors and bytes one after the other', () => {
    const text = writeJson([
      '{"é":"漢字 and more than forty-eight characters of it in one piece","a":',
      values,
      ',"b":',
      new Base64(values),
      '}',
    ]);
    const { a, b, é } = JSON.parse(text.toString('utf8')) as { a: number[]; b: string; é: string };
    expect(é).toMatch(/^漢字 and/);
    expect(Float32Array.from(a)).toEqual(values);
    const bytes = Buffer.from(b, 'base64');
    expect(new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))).toEqual(values);
  });

  it('writes only what a view shows of its buffer', () => {
    expect(writeJson([new Base64(Uint8Array.from([1, 2, 3, 4]).subarray(1, 3))]).toString()).toBe('"AgM="');
  });
});

describe('writeJsonInTurns', () => {
  it('gives the same bytes, and the event loop its turn in between', async () => {
    const vector = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i));
    const parts: JsonPart[] = ['['];
    for (let i = 0; i < 100; i++) parts.push(vector, i < 99 ? ',' : ']');
    let turns = 0;
    let running = true;
    const count = () => void (running && (turns++, setImmediate(count)));
    setImmediate(count);
    const bytes = await writeJsonInTurns(parts);
    running = false;
    expect(bytes.equals(writeJson(parts))).toBe(true);
    expect(turns).toBeGreaterThan(3);
  });

  it('gives nothing for nothing', async () => {
    expect(await writeJsonInTurns([])).toHaveLength(0);
  });
});
