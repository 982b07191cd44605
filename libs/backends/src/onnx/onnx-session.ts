import { basename } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import {
  normalizeRows,
  type Batch,
  type ModelSession,
  type Pooling,
  type SessionOutput,
} from '@sutra-embedder/engine/session';
import { isRagged, padded, PADDED_INPUTS, ragged, RAGGED_INPUTS, type Input } from './inputs';
import { joinRows, poolRows } from './pooling';

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

/** Names that exporters give to one vector a token, best first. */
const TOKEN_OUTPUTS = ['last_hidden_state', 'token_embeddings'];

class OnnxSession implements ModelSession {
  private readonly ragged: boolean;
  private readonly output: string;
  private readonly pooling: Pooling;
  private readonly inputOptions: { padTokenId: number; positionOffset: number };

  /** @throws Error when the graph wants an input that token ids do not give */
  constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    { pooling, padTokenId = 0, positionOffset = 0 }: OnnxSessionOptions,
  ) {
    this.pooling = pooling;
    this.inputOptions = { padTokenId, positionOffset };
    this.ragged = isRagged(session.inputNames);
    const known: readonly string[] = this.ragged ? RAGGED_INPUTS : PADDED_INPUTS;
    const unknown = session.inputNames.filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      throw new Error(
        `The graph wants the input ${unknown.join(', ')}; only ${known.join(', ')} can be given. Export it for feature extraction, without a cache of past keys`,
      );
    }
    this.output = TOKEN_OUTPUTS.find((name) => session.outputNames.includes(name)) ?? session.outputNames[0] ?? '';
  }

  async run({ ids, lengths, output, normalize }: Batch): Promise<SessionOutput> {
    const startedAt = performance.now();
    const { inputs, starts } = (this.ragged ? ragged : padded)(ids, lengths, this.inputOptions);
    const results = await this.session.run(this.feeds(inputs));
    const hidden = results[this.output];
    if (!hidden) throw new Error(`The graph gave no output named ${this.output}`);
    if (hidden.dims.length !== (this.ragged ? 2 : 3) || hidden.type !== 'float32') {
      throw new Error(
        `The graph's output ${this.output} is ${hidden.type} with ${hidden.dims.length} axes where float32 vectors of every token (${this.ragged ? 'tokens' : 'rows x tokens'} x dimensions) are needed`,
      );
    }
    const dimensions = hidden.dims.at(-1) ?? 0;
    const values = hidden.data as Float32Array;
    const vectors =
      output === 'tokens'
        ? joinRows(values, lengths, starts, dimensions)
        : poolRows(values, lengths, starts, dimensions, this.pooling);
    if (normalize) normalizeRows(vectors, dimensions);
    return { vectors, dimensions, inferMs: performance.now() - startedAt };
  }

  close(): Promise<void> {
    return this.session.release();
  }

  private feeds(inputs: Readonly<Record<string, Input>>): Record<string, Ort.Tensor> {
    return Object.fromEntries(
      this.session.inputNames.map((name) => {
        const { words, shape } = inputs[name] as Input;
        return [name, new this.ort.Tensor('int64', new BigInt64Array(words.buffer), shape)];
      }),
    );
  }
}
