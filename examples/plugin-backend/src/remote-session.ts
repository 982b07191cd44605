import {
  BackendUnavailableError,
  UnimplementedError,
  type Batch,
  type ModelSession,
  type SessionOutput,
} from '@sutra-embedder/engine';
import type { RemoteServer } from './remote-server';

/** Sends each batch as token ids, so that both sides run exactly the same tokens. */
export class RemoteSession implements ModelSession {
  private readonly closing = new AbortController();

  constructor(
    private readonly server: RemoteServer,
    private readonly dimensions: number,
  ) {}

  async run({ ids, lengths, output, normalize }: Batch): Promise<SessionOutput> {
    if (output === 'tokens') throw new UnimplementedError('The remote backend gives one vector a text, none a token');
    const startedAt = performance.now();
    const rows: number[][] = [];
    let start = 0;
    for (const length of lengths) rows.push([...ids.subarray(start, (start += length))]);
    const answer = await this.server.embed(rows, normalize, this.closing.signal);
    return {
      vectors: this.read(answer, rows.length),
      dimensions: this.dimensions,
      inferMs: performance.now() - startedAt,
    };
  }

  close(): Promise<void> {
    this.closing.abort();
    return Promise.resolve();
  }

  /** Another program made it: nothing of its shape is taken for granted. */
  private read(answer: unknown, rows: number): Float32Array {
    if (!Array.isArray(answer) || answer.length !== rows) {
      throw new BackendUnavailableError(`The remote embedding server did not answer with ${rows} vectors`);
    }
    const vectors = new Float32Array(rows * this.dimensions);
    answer.forEach((vector: unknown, row) => {
      if (!Array.isArray(vector) || vector.length !== this.dimensions || !vector.every(Number.isFinite)) {
        throw new BackendUnavailableError(
          `The remote embedding server answered with something else than ${this.dimensions} numbers a vector`,
        );
      }
      vectors.set(vector as number[], row * this.dimensions);
    });
    return vectors;
  }
}
