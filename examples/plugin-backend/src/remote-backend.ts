import {
  AVAILABLE,
  Backend,
  unavailable,
  type Artifact,
  type Availability,
  type EmbeddingBackend,
  type HardwareInventory,
  type Model,
  type ModelSession,
  type SessionOptions,
} from '@sutra-embedder/engine';
import { RemoteServer } from './remote-server';
import { RemoteSession } from './remote-session';

/** What servers call a precision. */
const PRECISION_OF: Readonly<Record<string, string>> = { float32: 'fp32', float16: 'fp16' };

/** Has another server compute. It needs nothing of this machine, so it runs where it is: no session host. */
@Backend()
export class RemoteBackend implements EmbeddingBackend {
  readonly id = 'remote';
  readonly device = 'remote';
  /** Above onnx-cpu (10): whoever configures a remote server wants it used. */
  readonly priority = 30;
  readonly batching = { maxRows: 32 };

  constructor(private readonly server: RemoteServer) {}

  /** The remote has the weights; of ours only the name and the precision count. */
  accepts({ format, precision }: Artifact): Availability {
    if (format !== 'onnx') return unavailable(`it runs transformer models, not ${format}`);
    if (precision === 'int8') return unavailable('no int8 graph of a remote server is known to be this one');
    return AVAILABLE;
  }

  /** Asked again for each new plan: a server that has come back is used then. */
  async probe(_inventory: HardwareInventory, { modelId, precision }: Artifact): Promise<Availability> {
    if (this.server.url === undefined) {
      return unavailable('REMOTE_EMBED_URL is not set; set it to the address of an embedding server');
    }
    try {
      const { model_id, model_dtype } = await this.server.info();
      if (model_id.split('/').at(-1) !== modelId) {
        return unavailable(`the remote server serves ${model_id}, not ${modelId}`);
      }
      if (PRECISION_OF[model_dtype] !== precision) {
        return unavailable(`the remote server computes in ${model_dtype}, this artifact is ${precision}`);
      }
      return AVAILABLE;
    } catch (error) {
      return unavailable(error instanceof Error ? error.message : String(error));
    }
  }

  open({ dimensions }: Model, _artifact: Artifact, _options: SessionOptions): Promise<ModelSession> {
    return Promise.resolve(new RemoteSession(this.server, dimensions));
  }
}
