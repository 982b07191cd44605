import {
  AVAILABLE,
  Backend,
  unavailable,
  type Artifact,
  type Availability,
  type EmbeddingBackend,
  type Model,
  type SessionOptions,
  type SessionRecipe,
} from '@sutra-embedder/engine';
import type { OnnxSessionOptions } from './onnx-session';

/** ONNX Runtime's own CPU kernels. */
@Backend()
export class OnnxCpuBackend implements EmbeddingBackend {
  readonly id = 'onnx-cpu';
  readonly device = 'cpu';
  readonly priority = 10;

  accepts(artifact: Artifact): Availability {
    return artifact.format === 'onnx' ? AVAILABLE : unavailable(`it runs onnx artifacts, not ${artifact.format}`);
  }

  probe(): Availability {
    return AVAILABLE;
  }

  open(model: Model, artifact: Artifact, { threads }: SessionOptions): Promise<SessionRecipe> {
    const options: OnnxSessionOptions = {
      path: artifact.path,
      pooling: model.pooling,
      threads,
      executionProviders: ['cpu'],
    };
    return Promise.resolve({ module: require.resolve('./onnx-session'), options });
  }
}
