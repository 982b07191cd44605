import { HARDWARE_PROFILES, MAX_DIMENSIONS, MIN_DIMENSIONS, QUANTIZATION_SCHEMES } from '@sutra-embedder/engine';
import type { HardwareProfile, QuantizationScheme, Truncation } from '@sutra-embedder/engine';
import { Flag, Nested, OneOf, Text, Texts, Whole } from './field';

export const ENCODING_FORMATS = ['float', 'base64', 'packed'] as const;
export type EncodingFormat = (typeof ENCODING_FORMATS)[number];

export class EmbeddingConfigDto {
  @OneOf(QUANTIZATION_SCHEMES, { description: 'How the finished vector is coded. Default: the scheme of the preset.' })
  quantization?: QuantizationScheme;

  @Flag({ description: 'Compute in fp16 where the device does; noted in metadata.notes where it does not.' })
  use_fp16?: boolean;

  @Whole(1, 256, { description: 'Most texts in any batch that holds one of these.' })
  batch_size?: number;

  @Flag({ description: 'The same as quantization "binary".' })
  binary_quantization?: boolean;

  @OneOf(HARDWARE_PROFILES, { description: 'Which ranking of backends to use.', default: 'auto' })
  hardware_profile?: HardwareProfile;
}

export class EmbeddingRequestDto {
  @Texts(1, 1000, {
    required: true,
    description: 'Texts to embed, 1 to 1000.',
    example: ['Natural language processing', 'Machine learning'],
  })
  texts!: string[];

  @Whole(MIN_DIMENSIONS, MAX_DIMENSIONS, {
    description: "Length of the vectors. Default: the model's own, 384 for efficient.",
    example: 384,
  })
  dimensions?: number;

  @Text(256, {
    description: 'A preset (efficient, high-quality, ultra-efficient, custom) or the id of a model.',
    default: 'efficient',
    example: 'efficient',
  })
  model?: string;

  @Nested(() => EmbeddingConfigDto, { description: 'Advanced options.' })
  config?: EmbeddingConfigDto;

  @OneOf(ENCODING_FORMATS, {
    description:
      'float: arrays of numbers. base64: little-endian float32. packed: the codes of the quantized vectors, as base64.',
    default: 'float',
  })
  encoding_format?: EncodingFormat;

  @OneOf(['start', 'end', 'none'], {
    description: 'Which end of a text that is too long loses tokens; none refuses it.',
    default: 'end',
  })
  truncate?: Truncation;

  @Text(64, { description: 'query, passage or another prompt name of the model.' })
  input_type?: string;
}
