import { MAX_DIMENSIONS, MIN_DIMENSIONS, QUANTIZATION_SCHEMES } from '@sutra-embedder/engine';
import type { QuantizationScheme, Truncation } from '@sutra-embedder/engine';
import { ENCODING_FORMATS, type EncodingFormat } from './embedding-request.dto';
import { Nested, OneOf, Text, Texts, Whole } from './field';

export const DEFAULT_BUFFER_SIZE = 100;
export const DEFAULT_MAX_LATENCY_MS = 100;

const MODEL = 'A preset (efficient, high-quality, ultra-efficient, custom) or the id of a model.';

/** How a stream is served; the same over REST, gRPC and WebSocket. */
export class StreamingConfigDto {
  @Whole(MIN_DIMENSIONS, MAX_DIMENSIONS, {
    description: "Length of the vectors. Default: the model's own, 384 for efficient.",
    example: 384,
  })
  dimensions?: number;

  @Whole(1, 1000, {
    description: 'Most texts that are in work, or finished and unread.',
    default: DEFAULT_BUFFER_SIZE,
  })
  buffer_size?: number;

  @Whole(10, 5000, {
    description: 'A text that has waited this long for batch-mates goes next.',
    default: DEFAULT_MAX_LATENCY_MS,
  })
  max_latency_ms?: number;

  @Text(256, { description: MODEL, default: 'efficient' })
  model?: string;

  @OneOf(QUANTIZATION_SCHEMES, { description: 'How the finished vector is coded. Default: the scheme of the preset.' })
  quantization?: QuantizationScheme;

  @OneOf(ENCODING_FORMATS, { description: 'As in an EmbeddingRequest.', default: 'float' })
  encoding_format?: EncodingFormat;

  @OneOf(['start', 'end', 'none'], {
    description: 'Which end of a text that is too long loses tokens; none refuses it.',
    default: 'end',
  })
  truncate?: Truncation;

  @Text(64, { description: 'query, passage or another prompt name of the model.' })
  input_type?: string;
}

export class StreamingRequestDto {
  @Nested(() => StreamingConfigDto, { required: true, description: 'How the stream is served; may be empty.' })
  config!: StreamingConfigDto;

  @Texts(1, 1000, {
    required: true,
    description: 'Texts to embed, 1 to 1000.',
    example: ['Natural language processing', 'Machine learning'],
  })
  texts!: string[];

  @Text(256, { description: `${MODEL} Here or in config.`, default: 'efficient' })
  model?: string;
}
