/**
 * Walsh-Hadamard transform in place, not scaled: values[start .. start + size) becomes H times itself, where H holds
 * +1 and -1 only and H / sqrt(size) is orthonormal. Additions and subtractions in one fixed order.
 * @param size a power of two.
 */
export function hadamard(values: Float64Array, start: number, size: number): void {
  const end = start + size;
  let half = 1;
  // Two levels at a time: half the loads and stores.
  for (; half * 4 <= size; half *= 4) {
    for (let block = start; block < end; block += half * 4) {
      for (let i = block; i < block + half; i++) {
        const a = values[i] as number;
        const b = values[i + half] as number;
        const c = values[i + 2 * half] as number;
        const d = values[i + 3 * half] as number;
        const ab = a + b;
        const cd = c + d;
        const amb = a - b;
        const cmd = c - d;
        values[i] = ab + cd;
        values[i + half] = amb + cmd;
        values[i + 2 * half] = ab - cd;
        values[i + 3 * half] = amb - cmd;
      }
    }
  }
  if (half === size) return;
  for (let i = start; i < start + half; i++) {
    const a = values[i] as number;
    const b = values[i + half] as number;
    values[i] = a + b;
    values[i + half] = a - b;
  }
}
