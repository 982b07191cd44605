import { decodeFloat16 } from './float16';

describe('decodeFloat16', () => {
  it('gives the float32 of the same value for each of the 65,536 halves', () => {
    const halves = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
    const decoded = new Float32Array(halves.length);
    decodeFloat16(halves, decoded);
    const bitsOf = new Uint32Array(decoded.buffer);
    halves.forEach((half, index) => {
      const sign = ((half & 0x8000) << 16) >>> 0;
      const exponent = (half >> 10) & 31;
      const fraction = half & 1023;
      if (exponent === 31 && fraction > 0) {
        expect(decoded[index]).toBeNaN();
      } else if (exponent === 0) {
        // Subnormal: the fraction counts steps of 2^-24.
        if (Math.abs(decoded[index] as number) !== fraction / 2 ** 24) throw new Error(`half ${half}`);
        if ((bitsOf[index] as number) >>> 31 !== sign >>> 31) throw new Error(`sign of half ${half}`);
      } else {
        // Normal or infinite: float32 has the same fields, wider, and its exponents begin 112 earlier.
        const wider = exponent === 31 ? 255 : exponent + 112;
        if (bitsOf[index] !== (sign | (wider << 23) | (fraction << 13)) >>> 0) throw new Error(`half ${half}`);
      }
    });
  });
});
