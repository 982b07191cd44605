import fc from 'fast-check';
import { floatsByteLength, writeFloats } from './float-json';

function write(values: readonly number[]): string {
  const bytes = Buffer.alloc(floatsByteLength(values.length));
  return bytes.toString('latin1', 0, writeFloats(Float32Array.from(values), bytes, 0));
}

describe('writeFloats', () => {
  it.each([
    [[], '[]'],
    [[0, -0, 1, -1], '[0,-0,1,-1]'],
    [[0.1, -0.25, 0.125], '[0.1,-0.25,0.125]'],
    [[0.05, 0.009999999776482582], '[0.05,0.01]'],
  ])('writes %p as %s', (values, expected) => {
    expect(write(values)).toBe(expected);
  });

  it('reads back as the same float32 for any finite value', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 64 }), (values) => {
        expect(Float32Array.from(JSON.parse(write(values)) as number[])).toEqual(Float32Array.from(values));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back as the same float32, in at most nine digits, over the range of normalized vectors', () => {
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    // Every 997th float32 from 1e-8 to 1: all exponents, all kinds of mantissa.
    for (bits[0] = 0x322bcc77; bits[0] < 0x3f800001; bits[0] += 997) {
      const text = write([value[0] as number]).slice(1, -1);
      if (Math.fround(Number(text)) !== value[0]) throw new Error(`${value[0]} was written as ${text}`);
      const digits = text
        .replace(/e.*$/, '')
        .replace(/^0\.0*/, '')
        .replace('.', '');
      if (digits.length > 9) throw new Error(`${text} has more than nine digits`);
    }
  });

  it('keeps to the room it asks for', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 64 }), (values) => {
        expect(write(values).length).toBeLessThanOrEqual(floatsByteLength(values.length));
      }),
    );
  });
});
