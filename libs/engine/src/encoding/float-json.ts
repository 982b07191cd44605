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
const MOST_DIGITS = 9;

/** 0.1, 0.01, ...: below the first of them a fraction has one zero behind its point, and so on. */
const TENTHS = Float64Array.from({ length: 8 }, (_, zeros) => Number(`1e-${zeros + 1}`));
/** Half the distance to the next float32, by the biased exponent. */
const HALF_GAPS = Float64Array.from({ length: 256 }, (_, exponent) => 2 ** (exponent - 127 - 24));
const MANTISSA = 0x7fffff;
/** 000 to 999 as text. */
const THREE_DIGITS = Uint8Array.from(
  Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0')).join(''),
  (digit) => ZERO + Number(digit),
);
/** A float32 and its bits. */
const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

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

/**
 * 1e-7 <= size < 1, as 0.ddd. Nearly every value of a vector takes eight or nine digits, so eight are tried first: if
 * they are enough fewer may be, else nine are. A decimal of more digits is never further off, except around powers of
 * two, where the next value below is nearer than the one above; those go the general way.
 */
function writeFraction(size: number, target: Uint8Array, offset: number): number {
  FLOAT[0] = size;
  const bits = BITS[0] as number;
  if ((bits & MANTISSA) === 0) return writeText(shortest(size), target, offset);
  const halfGap = HALF_GAPS[bits >>> 23] as number;
  let zeros = 0;
  while (size < (TENTHS[zeros] as number)) zeros++;

  let padding = 1; // brings the digits found to nine
  let scaled = digitsOf(size, zeros + 8, halfGap);
  if (scaled < 0) {
    scaled = (size * (POWERS[zeros + 9] as number) + 0.5) | 0;
  } else {
    padding = 10;
    for (let digits = 7; digits > 0; digits--) {
      const fewer = digitsOf(size, zeros + digits, halfGap);
      if (fewer < 0) break;
      scaled = fewer;
      padding *= 10;
    }
  }
  const nine = scaled * padding;
  // Rounded up to a digit more.
  if (nine > 999_999_999) return writeText(shortest(size), target, offset);
  return writePlaces(nine | 0, zeros, target, offset);
}

/** `size` to so many decimal places, as an integer; -1 where that would not be read back as `size`. */
function digitsOf(size: number, places: number, halfGap: number): number {
  const power = POWERS[places] as number;
  const exact = size * power;
  const scaled = (exact + 0.5) | 0;
  const off = Math.abs(scaled - exact);
  const most = halfGap * power;
  if (off < most * 0.999_999) return scaled;
  if (off > most * 1.000_001) return -1;
  // Too near the middle between two values for that arithmetic: both are exact in float64, so this division is rounded
  // as a reader rounds the decimal.
  return Math.fround(scaled / power) === size ? scaled : -1;
}

/** The decimal 0.(zeros)(nine digits), trailing zeros left out. */
function writePlaces(nine: number, zeros: number, target: Uint8Array, offset: number): number {
  target[offset] = ZERO;
  target[offset + 1] = DOT;
  let at = offset + 2;
  for (let zero = 0; zero < zeros; zero++) target[at++] = ZERO;
  const high = (nine / 1_000_000) | 0;
  const rest = nine - high * 1_000_000;
  const middle = (rest / 1_000) | 0;
  writeThree(high, target, at);
  writeThree(middle, target, at + 3);
  writeThree(rest - middle * 1_000, target, at + 6);
  at += 9;
  while (target[at - 1] === ZERO) at--;
  return at;
}

function writeThree(number: number, target: Uint8Array, offset: number): void {
  const from = number * 3;
  target[offset] = THREE_DIGITS[from] as number;
  target[offset + 1] = THREE_DIGITS[from + 1] as number;
  target[offset + 2] = THREE_DIGITS[from + 2] as number;
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
