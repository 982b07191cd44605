import type { Batch, ModelSession, SessionOutput } from '@sutra-embedder/engine/session';
import { RowPool } from './row-pool';
import { loadStaticModel, type StaticMatrix, type StaticModelFiles } from './static-matrix';

/**
 * @param options StaticModelFiles
 * @param shared the StaticMatrix, where the host lives in the process that read it; otherwise it is read here
 */
export async function openSession(options: unknown, shared?: unknown): Promise<ModelSession> {
  const matrix = (shared as StaticMatrix | undefined) ?? (await loadStaticModel(options as StaticModelFiles));
  return new StaticSession(matrix);
}

class StaticSession implements ModelSession {
  private readonly pool: RowPool;

  constructor(private readonly matrix: StaticMatrix) {
    this.pool = new RowPool(matrix);
  }

  async run({ ids, lengths, output, normalize }: Batch): Promise<SessionOutput> {
    const startedAt = performance.now();
    const { dimensions } = this.matrix;
    // A token's own vector is the mean over that token alone.
    const single = output === 'tokens';
    const rows = single ? ids.length : lengths.length;
    const vectors = new Float32Array(rows * dimensions);
    for (let row = 0, from = 0; row < rows; row++) {
      const to = from + (single ? 1 : (lengths[row] as number));
      this.pool.mean(ids, from, to, normalize, vectors, row * dimensions);
      from = to;
    }
    return { vectors, dimensions, inferMs: performance.now() - startedAt };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
