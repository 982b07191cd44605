import { ENGINE_VERSION, type Plan, type Precision } from '@sutra-embedder/engine';
import { MOST_INPUTS } from './inputs';

const DTYPES: Readonly<Record<Precision, string>> = { fp32: 'float32', fp16: 'float16', int8: 'int8' };
/** The largest number that the field holds: what waits is bounded in tokens here, not in requests. */
const NO_LIMIT = 2 ** 32 - 1;

/** What is served, as text-embeddings-inference tells it. */
export function infoOf({ model, artifact, options }: Plan) {
  return {
    model_id: model.id,
    model_sha: artifact.sha256,
    model_dtype: DTYPES[artifact.precision],
    served_model_name: model.id,
    model_type: { embedding: { pooling: model.pooling === 'last' ? 'last_token' : model.pooling } },
    max_concurrent_requests: NO_LIMIT,
    max_input_length: model.maxTokens,
    max_batch_tokens: options.tokenBudget ?? null,
    max_batch_requests: null,
    max_client_batch_size: MOST_INPUTS,
    auto_truncate: true,
    tokenization_workers: 1,
    version: ENGINE_VERSION,
    sha: null,
    docker_label: null,
  };
}
