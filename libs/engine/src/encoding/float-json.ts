/*
 * Vectors as JSON numbers: the shortest decimals that give the same float32 when they are read back, at most nine
 * significant digits (Steele and White 1990). Written as bytes at once: JSON.stringify of 1,000 x 384 float32 values
 * takes six times as long and writes their seventeen-digit doubles.
 */

const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const MINUS = 45;
const ZERO = 48;
const DOT = 46;
const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;

/** Most bytes a float32 takes here, its comma included: integers below 1e21 are written in full, as JSON.stringify does. */
const MOST_BYTES = 24;
const FEWEST_DIGITS = 6;
const MOST_DIGITS = 9;

/** Most bytes that `writeFloats` needs for so many values. */
export function floatsByteLength(count: number): number {
  return 2 + count * MOST_BYTES;
}

/**
 * Writes values as a JSON array.
 * @param target has room for `floatsByteLength(values.length)` bytes at `offset`
 * @returns offset after the last byte written
 */
export function writeFloats(values: Float32Array, target: Uint8Array, offset: number): number {
  let at = offset;
  target[at++] = OPEN;
  for (let i = 0; i < values.length; i++) {
    if (i > 0) target[at++] = COMMA;
    at = writeFloat(values[i] as number, target, at);
  }
  target[at++] = CLOSE;
  return at;
}

function writeFloat(value: number, target: Uint8Array, offset: number): number {
  let at = offset;
  let size = value;
  if (size < 0) {
    target[at++] = MINUS;
    size = -size;
  }
  if (size === 0) {
    // -0 keeps its sign: JSON has it, and the bits are to be the same.
    if (Object.is(value, -0)) target[at++] = MINUS;
    target[at++] = ZERO;
    return at;
  }
  // Normalized vectors live here. Elsewhere the general way is fast enough.
  if (size >= 1e-7 && size < 1) return writeFraction(size, target, at);
  return writeText(shortest(size), target, at);
}

/** 1e-7 <= size < 1, as 0.ddd. */
function writeFraction(size: number, target: Uint8Array, offset: number): number {
  let zeros = 0;
  while (size * (POWERS[zeros + 1] as number) < 1) zeros++;
  for (let digits = FEWEST_DIGITS; digits <= MOST_DIGITS; digits++) {
    const places = zeros + digits;
    const power = POWERS[places] as number;
    const scaled = Math.round(size * power);
    // Both are exact in float64, so this division is rounded as a reader rounds the decimal.
    if (digits === MOST_DIGITS || Math.fround(scaled / power) === size) {
      if (scaled >= power || Math.fround(scaled / power) !== size) break;
      return writePlaces(scaled, places, target, offset);
    }
  }
  return writeText(shortest(size), target, offset);
}

/** The decimal 0.(places digits), trailing zeros left out. */
function writePlaces(scaled: number, places: number, target: Uint8Array, offset: number): number {
  let rest = scaled;
  let left = places;
  while (rest % 10 === 0) {
    rest /= 10;
    left--;
  }
  target[offset] = ZERO;
  target[offset + 1] = DOT;
  for (let place = offset + 1 + left; place > offset + 1; place--) {
    const tenth = Math.floor(rest / 10);
    target[place] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
  return offset + 2 + left;
}

function shortest(size: number): string {
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const text = size.toPrecision(digits);
    if (Math.fround(Number(text)) === size) return String(Number(text));
  }
  return String(Number(size.toPrecision(MOST_DIGITS)));
}

function writeText(text: string, target: Uint8Array, offset: number): number {
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
  return offset + text.length;
}
