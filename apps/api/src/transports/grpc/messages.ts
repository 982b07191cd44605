/** The messages of embedder.proto as proto-loader reads them: absent scalars are undefined, enums are their names. */
export interface EmbeddingConfigMessage {
  readonly quantization?: string;
  readonly use_fp16?: boolean;
  readonly batch_size?: number;
  readonly binary_quantization?: boolean;
  readonly hardware_profile?: string;
}

export interface EmbeddingRequestMessage {
  readonly texts: readonly string[];
  readonly dimensions?: number;
  readonly model?: string;
  readonly config?: EmbeddingConfigMessage;
  readonly encoding_format?: string;
  readonly truncate?: string;
  readonly input_type?: string;
}

export interface StreamingConfigMessage {
  readonly dimensions?: number;
  readonly buffer_size?: number;
  readonly max_latency_ms?: number;
  readonly model?: string;
  readonly encoding_format?: string;
  readonly quantization?: string;
  readonly truncate?: string;
  readonly input_type?: string;
}

export interface StreamingRequestMessage {
  readonly config?: StreamingConfigMessage;
  readonly texts: readonly string[];
  readonly model?: string;
}

export interface EmbedChunkMessage {
  readonly config?: StreamingConfigMessage;
  readonly chunk_id?: string;
  readonly text?: string;
  readonly position?: number;
}

export interface ModelsQueryMessage {
  readonly dimensions?: number;
  readonly hardware_profile?: string;
}

/**
 * The JSON name of an enum's value: QUANTIZATION_TYPE_INT8 is int8, and the unspecified one is an absent field. A number
 * nobody has named stays one, and is refused by the validator.
 */
export function enumName(value: unknown, prefix: string): unknown {
  if (typeof value !== 'string' || !value.startsWith(prefix)) return value;
  const name = value.slice(prefix.length).toLowerCase();
  return name === 'unspecified' ? undefined : name;
}

export function enumValue(name: string, prefix: string): string {
  return prefix + name.toUpperCase();
}

/** The same fields that REST's body has. */
export function embeddingBody({ config, encoding_format, truncate, ...rest }: EmbeddingRequestMessage): object {
  return defined({
    ...rest,
    encoding_format: enumName(encoding_format, 'ENCODING_FORMAT_'),
    truncate: enumName(truncate, 'TRUNCATION_'),
    config: config && defined({ ...config, quantization: enumName(config.quantization, 'QUANTIZATION_TYPE_') }),
  });
}

export function streamingConfigBody({
  encoding_format,
  quantization,
  truncate,
  ...rest
}: StreamingConfigMessage): object {
  return defined({
    ...rest,
    encoding_format: enumName(encoding_format, 'ENCODING_FORMAT_'),
    quantization: enumName(quantization, 'QUANTIZATION_TYPE_'),
    truncate: enumName(truncate, 'TRUNCATION_'),
  });
}

export function streamingBody({ config = {}, ...rest }: StreamingRequestMessage): object {
  return { ...rest, config: streamingConfigBody(config) };
}

/** Without the fields that are undefined, of an object that is the caller's own. */
function defined(fields: Record<string, unknown>): object {
  for (const name in fields) if (fields[name] === undefined) delete fields[name];
  return fields;
}
