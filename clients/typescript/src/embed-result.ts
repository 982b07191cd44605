import { bodyBytes } from './body-bytes.ts';
import { decodeVectors, type VectorOf } from './decode-vector.ts';
import { splitEncodedBody, type WireVectors } from './encoded-body.ts';
import { UnexpectedResponseError } from './errors.ts';
import type { EmbedParams, EncodingFormat, ModelInfo, PerformanceMetrics, ResponseMetadata } from './wire.ts';

/** What one request gave. */
export interface EmbedResult<F extends EncodingFormat = 'base64'> {
  /**
   * One vector a text, in the order of the texts. Those of one request share a buffer: `slice()` one before you transfer
   * it, or keep it alone.
   */
  readonly embeddings: readonly VectorOf<F>[];
  readonly model_info: ModelInfo;
  readonly performance: PerformanceMetrics;
  readonly metadata: ResponseMetadata;
}

/** The request's body. Only what was set is sent, so that the server's own defaults hold. */
export function embedBody(texts: readonly string[], params: EmbedParams): string {
  return JSON.stringify({ ...params, texts, encoding_format: params.encoding_format ?? 'base64' });
}

/** @throws UnexpectedResponseError where the answer is not what was asked for */
export async function readEmbedResult<F extends EncodingFormat>(
  response: Response,
  texts: number,
  params: EmbedParams<F>,
): Promise<EmbedResult<F>> {
  const format: EncodingFormat = params.encoding_format ?? 'base64';
  const { embeddings, model_info, performance, metadata } = parseBody(await bodyBytes(response));
  if (embeddings?.length !== texts || typeof embeddings.at !== 'function' || !model_info || !performance || !metadata) {
    throw new UnexpectedResponseError(
      `The answer does not hold one vector for each of ${texts} texts. Is a Sutra-Embedder at this address?`,
    );
  }
  const coding = { format, scheme: metadata.quantization.scheme, dimensions: model_info.dimensions };
  // Which class a vector is of follows from the format, as VectorOf says.
  return { embeddings: decodeVectors(embeddings, coding) as VectorOf<F>[], model_info, performance, metadata };
}

type Body = Partial<Omit<EmbedResult, 'embeddings'>> & { readonly embeddings?: WireVectors };

function parseBody(bytes: Uint8Array): Body {
  const split = splitEncodedBody(bytes);
  if (split) return { ...parse<Body>(split.rest), embeddings: split.vectors };
  return parse<Body>(new TextDecoder().decode(bytes));
}

/** @throws UnexpectedResponseError where the text is not JSON */
export function parse<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new UnexpectedResponseError('The answer is not JSON. Is a Sutra-Embedder at this address?', { cause });
  }
}
