import type { VectorOf } from '../decode-vector.ts';
import type { EncodingFormat, StreamingMetadata } from '../wire.ts';

export interface StreamedChunk<F extends EncodingFormat> {
  /** Place of the text in what was given. */
  readonly index: number;
  readonly chunkId: string;
  readonly text: string;
  readonly embedding: VectorOf<F>;
  readonly metadata: StreamingMetadata;
}

/** Where vectors wait for the loop that reads them. Bounded by the session's buffer: each occupies it until taken. */
export class ChunkRun<F extends EncodingFormat> {
  private readonly arrived: StreamedChunk<F>[] = [];
  private failure: { readonly error: unknown } | undefined;
  private wake: () => void = () => undefined;
  private owed = 0;
  private complete = false;
  private sourceFailure: { readonly error: unknown } | undefined;

  /** A chunk was added whose vector is to come. */
  expect(): void {
    this.owed++;
  }

  /** No more chunks will be added. */
  end(): void {
    this.complete = true;
    this.wake();
  }

  /** The source has failed: that is thrown once what it gave was taken. */
  endFailed(error: unknown): void {
    this.sourceFailure = { error };
    this.end();
  }

  arrive(chunk: StreamedChunk<F>): void {
    this.arrived.push(chunk);
    this.wake();
  }

  fail(error: unknown): void {
    this.failure ??= { error };
    this.wake();
  }

  /** The next vector; undefined when all have been taken. What arrived before a failure is given before it. */
  async take(): Promise<StreamedChunk<F> | undefined> {
    for (;;) {
      const next = this.arrived.shift();
      if (next) {
        this.owed--;
        return next;
      }
      if (this.failure) throw this.failure.error;
      if (this.complete && this.owed === 0) {
        if (this.sourceFailure) throw this.sourceFailure.error;
        return undefined;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
