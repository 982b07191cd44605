/**
 * A fixed sequence of +1 and -1 from a 32-bit seed: xorshift32 (Marsaglia, "Xorshift RNGs", 2003), the sign taken from
 * its top bit. Integer arithmetic alone, so the sequence is the same on every machine.
 */
export function seededSigns(seed: number, length: number): Float64Array {
  const signs = new Float64Array(length);
  // The state must not be 0, and neighboring seeds must not start alike.
  let state = Math.imul(seed, 0x9e3779b1) ^ 0x7f4a7c15 || 1;
  for (let i = -WARM_UP; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    if (i >= 0) signs[i] = state < 0 ? -1 : 1;
  }
  return signs;
}

const WARM_UP = 16;
