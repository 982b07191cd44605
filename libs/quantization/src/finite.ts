import { InternalError, type Vectors } from '@sutra-embedder/engine';

/**
 * Refuses NaN and infinite values. A code cannot show that it was made of one, so they must stop here at the latest.
 * @throws InternalError when any value is not finite.
 */
export function requireFinite({ values }: Vectors): void {
  // 0 x finite is 0, and NaN for everything else; four sums keep the additions from waiting for each other.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = values.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += (values[i] as number) * 0;
    b += (values[i + 1] as number) * 0;
    c += (values[i + 2] as number) * 0;
    d += (values[i + 3] as number) * 0;
  }
  for (let i = whole; i < values.length; i++) a += (values[i] as number) * 0;
  if (Number.isNaN(a + b + c + d)) {
    throw new InternalError('A vector holds NaN or an infinite value; the model or its backend is at fault');
  }
}
