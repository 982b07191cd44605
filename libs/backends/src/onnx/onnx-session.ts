import { basename } from 'node:path';
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
  /** Token id that fills up shorter rows; default 0. */
  readonly padTokenId?: number | undefined;
  /** Position of a row's first token, for graphs with a position_ids input; default 0. */
  readonly positionOffset?: number | undefined;
  /** Execution providers in ONNX Runtime's own terms, first one first. */
  readonly executionProviders: readonly Ort.InferenceSession.ExecutionProviderConfig[];
}

/** Runs in a session host. The runtime is loaded here, so that a server without ONNX sessions never pays for it. */
export async function openSession(options: unknown): Promise<ModelSession> {
  const { path, threads, executionProviders } = options as OnnxSessionOptions;
  const ort = await import('onnxruntime-node');
  const session = await ort.InferenceSession.create(path, {
    executionProviders: [...executionProviders],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    // The runtime names the file it read; a caller must not learn where that is.
    throw new Error(String((error as Error).message).replaceAll(path, basename(path)));
  });
  try {
    return new OnnxSession(ort, session, options as OnnxSessionOptions);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Inputs that can be filled from token ids alone. */
const KNOWN_INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'] as const;
type KnownInput = (typeof KNOWN_INPUTS)[number];

/** Names that exporters give to one vector a token, best first. */
const TOKEN_OUTPUTS = ['last_hidden_state', 'token_embeddings'];

class OnnxSession implements ModelSession {
  private readonly inputs: ReadonlySet<string>;
  private readonly output: string;
  private readonly pooling: Pooling;
  private readonly padTokenId: number;
  private readonly positionOffset: number;

  /** @throws Error when the graph wants an input that token ids do not give */
  constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    { pooling, padTokenId = 0, positionOffset = 0 }: OnnxSessionOptions,
  ) {
    this.inputs = new Set(session.inputNames);
    this.pooling = pooling;
    this.padTokenId = padTokenId;
    this.positionOffset = positionOffset;
    const unknown = session.inputNames.filter((name) => !KNOWN_INPUTS.includes(name as KnownInput));
    if (unknown.length > 0) {
      throw new Error(
        `The graph wants the input ${unknown.join(', ')}; only ${KNOWN_INPUTS.join(', ')} can be given. Export it for feature extraction, without a cache of past keys`,
      );
    }
    this.output = TOKEN_OUTPUTS.find((name) => session.outputNames.includes(name)) ?? session.outputNames[0] ?? '';
  }

  async run({ ids, lengths, output, normalize }: Batch): Promise<SessionOutput> {
    const startedAt = performance.now();
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    const results = await this.session.run(this.feeds(ids, lengths, longest));
    const hidden = results[this.output];
    if (!hidden) throw new Error(`The graph gave no output named ${this.output}`);
    if (hidden.dims.length !== 3 || hidden.type !== 'float32') {
      throw new Error(
        `The graph's output ${this.output} is ${hidden.type} with ${hidden.dims.length} axes where float32 vectors of every token (rows x tokens x dimensions) are needed`,
      );
    }
    const dimensions = hidden.dims[2] ?? 0;
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
    const size = lengths.length * longest;
    const feeds: Record<string, Ort.Tensor> = {};
    const feed = (name: KnownInput): Int32Array | undefined => {
      if (!this.inputs.has(name)) return undefined;
      const values = new BigInt64Array(size);
      feeds[name] = new this.ort.Tensor('int64', values, shape);
      // All values are small: writing the low word of each little-endian int64 avoids a BigInt for every token.
      return new Int32Array(values.buffer);
    };
    const idWords = feed('input_ids');
    const maskWords = feed('attention_mask');
    const positionWords = feed('position_ids');
    feed('token_type_ids');
    let next = 0;
    lengths.forEach((length, row) => {
      for (let token = 0, word = row * longest * 2; token < longest; token++, word += 2) {
        const real = token < length;
        if (idWords) idWords[word] = real ? (ids[next++] as number) : this.padTokenId;
        if (maskWords) maskWords[word] = real ? 1 : 0;
        // Padding repeats the last position: it is masked, and must not reach past the model's position table.
        if (positionWords) positionWords[word] = this.positionOffset + (real ? token : Math.max(0, length - 1));
      }
    });
    return feeds;
  }
}
