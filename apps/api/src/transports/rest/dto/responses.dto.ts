import { Field } from './field';

/** The shapes that leave this service; see the specification's component schemas of the same names. */
export class ModelInfoDto {
  @Field({ type: 'string', example: 'all-MiniLM-L6-v2' }) model_id!: string;
  @Field({ type: 'string', example: 'All MiniLM L6 v2' }) name!: string;
  @Field({ type: 'integer', example: 384, description: 'Length of the vectors returned.' }) dimensions!: number;
  @Field({ type: 'integer', example: 384, description: 'Length of the vectors the model gives by itself.' })
  native_dimensions!: number;
  @Field({ type: 'number', example: 56.26, description: 'Average MTEB score; absent where no source is known.' })
  quality_score?: number;
  @Field({ type: 'number', example: 46.2 }) size_mb?: number;
}

const STATES = ['available', 'downloading', 'ready', 'loaded', 'failed'];

export class ListedModelDto extends ModelInfoDto {
  @Field({
    type: 'string',
    enum: STATES,
    description: 'available: can be downloaded; ready: loaded on first use; loaded: in memory; failed: see reason.',
  })
  state!: string;
  @Field({ type: 'string', example: 'Apache-2.0' }) license?: string;
  @Field({ type: 'integer', example: 256, description: 'Longest text in tokens.' }) max_tokens?: number;
  @Field({ type: 'string', enum: ['minimal', 'low', 'medium', 'high', 'extreme'] }) hardware_tier?: string;
}

export class ModelDetailDto extends ListedModelDto {
  @Field({ type: 'number', description: '0 to 1.' }) progress!: number;
  @Field({ type: 'integer', description: 'Absent while it cannot be told.' }) estimated_time_remaining_ms?: number;
  @Field({ type: 'string', description: 'Why it failed and what to do.' }) reason?: string;
}

export class ModelsResponseDto {
  @Field({ type: () => ListedModelDto, isArray: true }) models!: ListedModelDto[];
  @Field({ type: 'integer', example: 1 }) total_count!: number;
}

export class TimingsDto {
  @Field({ type: 'number' }) tokenize!: number;
  @Field({ type: 'number', description: 'Longest wait of a text for its batch.' }) queue!: number;
  @Field({ type: 'number', description: 'Longest batch.' }) infer!: number;
  @Field({ type: 'number' }) post_process!: number;
}

export class PerformanceMetricsDto {
  @Field({ type: 'number', example: 13.69 }) latency_ms!: number;
  @Field({ type: 'number', example: 73.04 }) throughput_emb_per_sec!: number;
  @Field({ type: 'number', description: '0 to 1; absent without a GPU.' }) gpu_utilization?: number;
  @Field({ type: 'number', description: 'Resident memory of the server process.' }) memory_usage_mb!: number;
  @Field({ type: () => TimingsDto }) timings_ms!: TimingsDto;
}

export class UsageDto {
  @Field({ type: 'integer', description: 'Tokens that were run, special tokens included.' }) tokens!: number;
}

export class QuantizationDto {
  @Field({ type: 'string', enum: ['none', 'int8', 'int4', 'binary'] }) scheme!: string;
  @Field({ type: 'integer' }) bytes_per_embedding!: number;
  @Field({
    type: 'array',
    items: { type: 'number' },
    description: 'With encoding_format packed, where the scheme has one: value = code x scale, one scale a vector.',
  })
  scales?: number[];
}

export class ResponseMetadataDto {
  @Field({ type: 'string', example: 'req_abc123' }) request_id!: string;
  @Field({ type: 'string', format: 'date-time' }) timestamp!: string;
  @Field({ type: 'string', description: 'The profile that was applied.' }) hardware_profile!: string;
  @Field({ type: 'string', example: 'onnx-cpu' }) backend!: string;
  @Field({ type: 'string', enum: ['fp32', 'fp16', 'int8'] }) precision!: string;
  @Field({ type: 'string', enum: ['native', 'reduced', 'expanded'] }) dimension_strategy!: string;
  @Field({ type: () => QuantizationDto }) quantization!: QuantizationDto;
  @Field({ type: 'string', enum: ['float', 'base64', 'packed'] }) encoding_format!: string;
  @Field({ type: () => UsageDto }) usage!: UsageDto;
  @Field({ type: 'array', items: { type: 'integer' }, description: 'Indexes of texts that lost tokens.' })
  truncated!: number[];
  @Field({ type: 'array', items: { type: 'string' }, description: 'What the caller should know.' }) notes!: string[];
}

export class EmbeddingResponseDto {
  @Field({
    type: 'array',
    items: {
      oneOf: [
        { type: 'array', items: { type: 'number', format: 'float' } },
        { type: 'string', format: 'byte' },
      ],
    },
    required: true,
    description: 'One vector a text, in the order of the texts: numbers, or a base64 string where one was asked for.',
  })
  embeddings!: unknown[];
  @Field({ type: () => ModelInfoDto, required: true }) model_info!: ModelInfoDto;
  @Field({ type: () => PerformanceMetricsDto, required: true }) performance!: PerformanceMetricsDto;
  @Field({ type: () => ResponseMetadataDto, required: true }) metadata!: ResponseMetadataDto;
}

export class StreamingMetadataDto {
  @Field({ type: 'number', example: 13.69, description: "From the text's turn to its vector." }) latency_ms!: number;
  @Field({ type: 'string', format: 'date-time' }) timestamp!: string;
  @Field({ type: 'string', example: 'all-MiniLM-L6-v2' }) model_used!: string;
  @Field({ type: 'integer', description: 'Tokens that were run, special tokens included.' }) tokens!: number;
  @Field({ type: 'boolean', description: 'Whether the text lost tokens.' }) truncated!: boolean;
  @Field({
    type: 'number',
    description: 'With encoding_format packed, where the scheme has one: value = code x scale.',
  })
  scale?: number;
}

export class StreamingResponseDto {
  @Field({ type: 'string', example: 'chunk_001' }) chunk_id!: string;
  @Field({ type: 'integer', example: 1, description: 'Place of the text in texts, from 0.' }) index!: number;
  @Field({
    oneOf: [
      { type: 'array', items: { type: 'number', format: 'float' } },
      { type: 'string', format: 'byte' },
    ],
  })
  embedding!: unknown;
  @Field({ type: () => StreamingMetadataDto }) metadata!: StreamingMetadataDto;
}

export class ServerSentEventDto {
  @Field({ type: 'string', enum: ['embedding', 'summary', 'error'] }) event!: string;
  @Field({ type: 'string', example: 'chunk_001', description: 'The chunk_id; with event embedding only.' }) id?: string;
  @Field({
    type: 'string',
    description:
      'JSON. embedding: a StreamingResponse. summary: {"summary": StreamSummary}. error: an ErrorResponse. Lines that begin with a colon are heartbeats.',
  })
  data!: string;
}

export class CodingDto {
  @Field({ type: 'string', enum: ['none', 'int8', 'int4', 'binary'] }) scheme!: string;
}

export class StreamSummaryDto {
  @Field({ type: 'string', example: 'req_abc123' }) request_id!: string;
  @Field({ type: 'integer', description: 'Texts that were answered.' }) chunks!: number;
  @Field({ type: () => UsageDto }) usage!: UsageDto;
  @Field({ type: 'string', example: 'all-MiniLM-L6-v2' }) model_used!: string;
  @Field({ type: 'integer', example: 384 }) dimensions!: number;
  @Field({ type: 'string' }) hardware_profile!: string;
  @Field({ type: 'string', example: 'onnx-cpu' }) backend!: string;
  @Field({ type: 'string', enum: ['fp32', 'fp16', 'int8'] }) precision!: string;
  @Field({ type: 'string', enum: ['native', 'reduced', 'expanded'] }) dimension_strategy!: string;
  @Field({ type: () => CodingDto }) quantization!: CodingDto;
  @Field({ type: 'array', items: { type: 'integer' }, description: 'Indexes of texts that lost tokens.' })
  truncated!: number[];
  @Field({ type: 'number' }) average_latency_ms!: number;
  @Field({ type: 'number' }) duration_ms!: number;
  @Field({ type: 'array', items: { type: 'string' }, description: 'What the caller should know.' }) notes!: string[];
}

export class ErrorDto {
  @Field({ type: 'string', required: true, example: 'INVALID_DIMENSIONS' }) code!: string;
  @Field({ type: 'string', required: true, example: 'Dimensions must be an integer between 64 and 4096' })
  message!: string;
  @Field({ type: 'object', additionalProperties: true }) details?: Record<string, unknown>;
  @Field({ type: 'string', example: 'req_abc123' }) request_id!: string;
}

export class ErrorResponseDto {
  @Field({ type: () => ErrorDto, required: true }) error!: ErrorDto;
}

export class HealthChecksDto {
  @Field({ type: 'boolean' }) models_available!: boolean;
  @Field({ type: 'boolean' }) gpu_accessible!: boolean;
  @Field({ type: 'boolean' }) model_cache_healthy!: boolean;
}

export class HealthPerformanceDto {
  @Field({ type: 'number' }) avg_latency_ms!: number;
  @Field({ type: 'number' }) requests_per_second!: number;
}

export class HealthResponseDto {
  @Field({ type: 'string', enum: ['healthy', 'degraded', 'unhealthy'], required: true }) status!: string;
  @Field({ type: 'string', format: 'date-time' }) timestamp!: string;
  @Field({ type: 'string', example: '1.0.0' }) version!: string;
  @Field({ type: () => HealthChecksDto }) checks!: HealthChecksDto;
  @Field({ type: () => HealthPerformanceDto }) performance!: HealthPerformanceDto;
}

export class DownloadResponseDto {
  @Field({ type: 'string', enum: STATES.filter((state) => state !== 'loaded'), example: 'downloading' })
  status!: string;
  @Field({ type: 'number', description: '0 to 1.' }) progress!: number;
  @Field({ type: 'integer', description: 'Absent while it cannot be told.' }) estimated_time_remaining_ms?: number;
  @Field({ type: 'string', description: 'Why it failed and what to do.' }) reason?: string;
}
