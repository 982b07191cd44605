import type * as Ort from 'onnxruntime-node';
import {
  normalizeRows,
  type Batch,
  type ModelSession,
  type Pooling,
  type SessionOutput,
} from '@sutra-embedder/engine/session';
import { poolRows, unpadRows } from './pooling';

/** What an ONNX session is opened with; crosses to its host as plain data. */
export interface OnnxSessionOptions {
  /** Absolute path of the graph. */
  readonly path: string;
  readonly pooling: Pooling;
  readonly threads: number;
  /** Execution providers in ONNX Runtime's own terms, first one first. */
  readonly executionProviders: readonly Ort.InferenceSession.ExecutionProviderConfig[];
}

/** Runs in a session host. The runtime is loaded here, so that a server without ONNX sessions never pays for it. */
export async function openSession(options: unknown): Promise<ModelSession> {
  const { path, pooling, threads, executionProviders } = options as OnnxSessionOptions;
  const ort = await import('onnxruntime-node');
  const session = await ort.InferenceSession.create(path, {
    executionProviders: [...executionProviders],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return new OnnxSession(ort, session, pooling);
}

class OnnxSession implements ModelSession {
  private readonly inputs: ReadonlySet<string>;
  private readonly output: string;

  constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    private readonly pooling: Pooling,
  ) {
    this.inputs = new Set(session.inputNames);
    this.output = session.outputNames.includes('last_hidden_state')
      ? 'last_hidden_state'
      : (session.outputNames[0] ?? '');
  }

  async run({ ids, lengths, output, normalize }: Batch): Promise<SessionOutput> {
    const startedAt = performance.now();
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    const results = await this.session.run(this.feeds(ids, lengths, longest));
    const hidden = results[this.output];
    if (!hidden) throw new Error(`The graph gave no output named ${this.output}`);
    const dimensions = hidden.dims.at(-1) ?? 0;
    const values = hidden.data as Float32Array;
    const vectors =
      output === 'tokens'
        ? unpadRows(values, lengths, longest, dimensions)
        : poolRows(values, lengths, longest, dimensions, this.pooling);
    if (normalize) normalizeRows(vectors, dimensions);
    return { vectors, dimensions, inferMs: performance.now() - startedAt };
  }

  close(): Promise<void> {
    return this.session.release();
  }

  private feeds(ids: Int32Array, lengths: Int32Array, longest: number): Record<string, Ort.Tensor> {
    const shape = [lengths.length, longest];
    const inputIds = new BigInt64Array(lengths.length * longest);
    const mask = new BigInt64Array(inputIds.length);
    // Ids are small: writing the low word of each little-endian int64 avoids a BigInt for every token.
    const idWords = new Int32Array(inputIds.buffer);
    const maskWords = new Int32Array(mask.buffer);
    let next = 0;
    lengths.forEach((length, row) => {
      for (let token = 0, word = row * longest * 2; token < length; token++, word += 2) {
        idWords[word] = ids[next++] as number;
        maskWords[word] = 1;
      }
    });
    const feeds: Record<string, Ort.Tensor> = {
      input_ids: new this.ort.Tensor('int64', inputIds, shape),
      attention_mask: new this.ort.Tensor('int64', mask, shape),
    };
    if (this.inputs.has('token_type_ids')) {
      feeds['token_type_ids'] = new this.ort.Tensor('int64', new BigInt64Array(inputIds.length), shape);
    }
    return feeds;
  }
}
