import {
  AVAILABLE,
  Backend,
  unavailable,
  type Artifact,
  type Availability,
  type BatchLimits,
  type EmbeddingBackend,
  type Model,
  type SessionRecipe,
} from '@sutra-embedder/engine';
import { loadStaticModel, type StaticMatrix, type StaticModelFiles } from './static-matrix';

/** A matrix and how many sessions were lent it. */
interface Lent {
  readonly matrix: Promise<StaticMatrix>;
  sessions: number;
}

/** Static models in model2vec's layout: a text's vector is the mean of its tokens' vectors, looked up in a matrix. */
@Backend()
export class StaticBackend implements EmbeddingBackend {
  readonly id = 'static';
  readonly device = 'cpu';
  readonly priority = 10;
  readonly specialTokens = false;
  readonly batching: BatchLimits = Object.freeze({
    padded: false,
    singleFlight: false,
    tokenBudget: 32_768,
    maxRows: 1024,
  });
  /**
   * Looking up takes a fraction of what the main thread does for a text, so a second session would only cost memory:
   * under full load over REST one of them is idle nine tenths of the time.
   */
  readonly mostSessions = 1;
  private readonly lent = new Map<string, Lent>();

  accepts(artifact: Artifact): Availability {
    return artifact.format === 'model2vec'
      ? AVAILABLE
      : unavailable(`it runs model2vec artifacts, not ${artifact.format}`);
  }

  probe(): Availability {
    return AVAILABLE;
  }

  /** @throws ModelNotAvailableError when a file of the model is broken or holds what is not supported */
  async open(model: Model, artifact: Artifact): Promise<SessionRecipe> {
    const options: StaticModelFiles = { path: artifact.path, tokenizerPath: model.tokenizerPath };
    const lent = this.borrow(artifact.sha256, options);
    try {
      const shared = await lent.matrix;
      return {
        module: require.resolve('./static-session'),
        options,
        shared,
        release: () => this.giveBack(artifact.sha256, lent),
      };
    } catch (error) {
      this.giveBack(artifact.sha256, lent);
      throw error;
    }
  }

  destroy(): void {
    this.lent.clear();
  }

  /** Number of matrices in memory. */
  get loaded(): number {
    return this.lent.size;
  }

  private borrow(key: string, files: StaticModelFiles): Lent {
    let lent = this.lent.get(key);
    if (!lent) {
      this.lent.set(key, (lent = { matrix: loadStaticModel(files), sessions: 0 }));
    }
    lent.sessions++;
    return lent;
  }

  private giveBack(key: string, lent: Lent): void {
    if (--lent.sessions === 0 && this.lent.get(key) === lent) this.lent.delete(key);
  }
}
