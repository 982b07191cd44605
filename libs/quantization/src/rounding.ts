/**
 * Adding and taking away 1.5 x 2^52 leaves a float64 (below 2^51) rounded to the nearest integer, ties to even: the
 * same as numpy's `rint`, symmetric around 0, and without a branch.
 */
const ROUNDER = 1.5 * 2 ** 52;

/** Nearest integer, ties to even; |value| below 2^51. */
export function roundHalfEven(value: number): number {
  return value + ROUNDER - ROUNDER;
}

/**
 * Below this a float32 scale loses its own digits. Vectors whose largest value is so small (under 1.5e-36) are coded as
 * zero: scale 0, codes 0.
 */
export const SMALLEST_SCALE = 2 ** -126;
