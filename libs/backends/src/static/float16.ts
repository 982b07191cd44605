/**
 * Decodes IEEE 754 binary16. Every half is a float32, so nothing is rounded.
 * @param halves bit patterns
 * @param target as long as `halves`
 */
export function decodeFloat16(halves: Uint16Array, target: Float32Array): void {
  for (let i = 0; i < halves.length; i++) target[i] = fromHalf(halves[i] as number);
}

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
