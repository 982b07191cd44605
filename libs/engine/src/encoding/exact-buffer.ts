/** Kept from one answer to the next; what needs more gets memory of its own. */
const SCRATCH_BYTES = 4 << 20;
let scratch: Buffer | undefined;

/**
 * A buffer of just the bytes that were written. Numbers as text take between two and twenty-four bytes, and an answer
 * that kept room for the most would hold on to twice its size until it is collected: under load the collector would run
 * for that alone.
 * @param most an upper bound of the bytes that `write` needs
 * @param write fills the buffer from its beginning, at once, and returns how far
 */
export function writeExactly(most: number, write: (target: Buffer) => number): Buffer {
  if (most > SCRATCH_BYTES) {
    const own = Buffer.allocUnsafeSlow(most);
    return own.subarray(0, write(own));
  }
  scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  const size = write(scratch);
  const exact = Buffer.allocUnsafe(size);
  scratch.copy(exact, 0, 0, size);
  return exact;
}
