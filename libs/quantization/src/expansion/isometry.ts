import { hadamard } from './hadamard';
import { seededSigns } from './seeded-signs';

/**
 * A fixed map from vectors of length `from` to vectors of length `to`, equal or greater, that keeps every dot product.
 *
 * The output consists of blocks. Each block holds the whole input, turned by an orthonormal map of its own and scaled by
 * sqrt(block / to), so that the squares of the scales add up to 1. A block as long as a power of two is turned by random
 * signs and a Walsh-Hadamard transform. A block of another length is turned by two such transforms, at its start and at
 * its end, and by one rotation of 45 degrees for each pair of a value in the first half with one in the second.
 * Everything is computed in float64 and rounded to float32 once, and only by +, -, x, / and sqrt, which IEEE 754 defines
 * to the bit; the signs come from integers. Hence the same bits on every machine. The constants must never change:
 * vectors that users have stored depend on them.
 */
export class Isometry {
  private readonly blocks: readonly Block[];
  private readonly work: Float64Array;

  /** @throws RangeError unless 1 <= from <= to. */
  constructor(
    private readonly from: number,
    private readonly to: number,
  ) {
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 1 || from > to) {
      throw new RangeError(
        `An isometry leads from a length of at least 1 to one no shorter, not from ${from} to ${to}`,
      );
    }
    this.blocks = blockSizes(from, to).map((size, index) => makeBlock(size, index, to));
    this.work = new Float64Array(Math.max(...this.blocks.map((block) => block.size)));
  }

  /** Maps `from` values at `start` of `input` to `to` values at `target` of `output`. */
  apply(input: Float32Array, start: number, output: Float32Array, target: number): void {
    let at = target;
    for (const block of this.blocks) {
      this.fill(block, input, start);
      for (const turn of block.turns) this.turn(turn);
      if (block.turns.length > 1) this.mixHalves(block.size);
      for (let i = 0; i < block.size; i++) output[at + i] = this.work[i] as number;
      at += block.size;
    }
  }

  private fill(block: Block, input: Float32Array, start: number): void {
    for (let i = 0; i < this.from; i++) this.work[i] = (input[start + i] as number) * block.scale;
    this.work.fill(0, this.from, block.size);
  }

  private turn({ start, factors }: Turn): void {
    for (let i = 0; i < factors.length; i++) {
      this.work[start + i] = (this.work[start + i] as number) * (factors[i] as number);
    }
    hadamard(this.work, start, factors.length);
  }

  private mixHalves(size: number): void {
    const half = (size + 1) >> 1;
    for (let i = 0, j = half; j < size; i++, j++) {
      const a = this.work[i] as number;
      const b = this.work[j] as number;
      this.work[i] = (a + b) * ROOT_HALF;
      this.work[j] = (a - b) * ROOT_HALF;
    }
  }
}

/** A transform of part of a block: signs over sqrt(length), then Walsh-Hadamard. */
interface Turn {
  readonly start: number;
  readonly factors: Float64Array;
}

interface Block {
  readonly size: number;
  readonly scale: number;
  readonly turns: readonly Turn[];
}

const ROOT_HALF = Math.sqrt(0.5);
/**
 * Any seed keeps cosines alike, but sign bits of the result are a sample of the input, and one sample fits a given data
 * set better than another: over 100 seeds nDCG@10 of 2048 bits had a standard deviation of 1.1 % of the float vector's.
 * This one is better than most on neighbors among dictionary glosses, and not below the mean on STS-B and Cranfield.
 */
const FIRST_SEED = 63 * 256 + 1;
/** Shorter blocks would repeat a short vector without mixing it. */
const SHORTEST_BLOCK = 64;

/** Blocks of the next power of two that holds the input; the last takes what is left over. */
function blockSizes(from: number, to: number): number[] {
  const unit = Math.max(SHORTEST_BLOCK, smallestPowerHolding(from));
  const whole = Math.max(1, Math.floor(to / unit));
  return Array.from({ length: whole }, (_, index) => (index < whole - 1 ? unit : to - unit * (whole - 1)));
}

function makeBlock(size: number, index: number, to: number): Block {
  const power = largestPowerWithin(size);
  const starts = power === size ? [0] : [0, size - power];
  const turns = starts.map((start, pass) => {
    const scale = 1 / Math.sqrt(power);
    const seed = FIRST_SEED + 2 * index + pass;
    return { start, factors: seededSigns(seed, power).map((sign) => sign * scale) };
  });
  return { size, scale: Math.sqrt(size / to), turns };
}

function smallestPowerHolding(size: number): number {
  let power = 1;
  while (power < size) power *= 2;
  return power;
}

function largestPowerWithin(size: number): number {
  let power = 1;
  while (power * 2 <= size) power *= 2;
  return power;
}
