/** Shapes of the API, named as on the wire: what the server's /docs says of them holds here. */

/** Presets, or the id of a model, e.g. `all-MiniLM-L6-v2`. */
export type ModelName = 'efficient' | 'high-quality' | 'ultra-efficient' | 'custom' | (string & {});
export type QuantizationScheme = 'none' | 'int8' | 'int4' | 'binary';
export type HardwareProfile = 'auto' | 'minimal' | 'desktop' | 'server' | 'h100';
/** float and base64 carry float32 values, packed the codes of a quantized vector. */
export type EncodingFormat = 'float' | 'base64' | 'packed';
export type Truncation = 'start' | 'end' | 'none';

export interface EmbeddingConfig {
  readonly quantization?: QuantizationScheme;
  readonly use_fp16?: boolean;
  /** 1 to 256. */
  readonly batch_size?: number;
  readonly binary_quantization?: boolean;
  readonly hardware_profile?: HardwareProfile;
}

export interface EmbedParams<F extends EncodingFormat = EncodingFormat> {
  /** Default: the server's, efficient. */
  readonly model?: ModelName;
  /** 64 to 4096. Default: the model's own length. */
  readonly dimensions?: number;
  readonly config?: EmbeddingConfig;
  /** How vectors travel, and what they become here. Default base64: Float32Array, the cheapest for both sides. */
  readonly encoding_format?: F;
  /** Which end of a text that is too long loses tokens; none refuses it. Default end. */
  readonly truncate?: Truncation;
  /** query, passage or another prompt of the model. */
  readonly input_type?: string;
}

export interface StreamingConfig<F extends EncodingFormat = EncodingFormat> {
  readonly model?: ModelName;
  readonly dimensions?: number;
  /** Most texts in work, or finished and unread, 1 to 1000. Default 100. */
  readonly buffer_size?: number;
  /** How long a text may wait for batch-mates, 10 to 5000. Default 100. */
  readonly max_latency_ms?: number;
  readonly quantization?: QuantizationScheme;
  readonly encoding_format?: F;
  readonly truncate?: Truncation;
  readonly input_type?: string;
}

export interface ModelInfo {
  readonly model_id: string;
  readonly name: string;
  /** Length of the vectors returned. */
  readonly dimensions: number;
  readonly native_dimensions: number;
  /** Average MTEB score; absent where no source is known. */
  readonly quality_score?: number;
  readonly size_mb?: number;
}

export interface ListedModel extends ModelInfo {
  /** ready serves at once. */
  readonly state: string;
  readonly license?: string;
  readonly max_tokens?: number;
  readonly hardware_tier?: string;
}

export interface ModelsParams {
  /** Only models that give vectors of this length, 64 to 4096. */
  readonly dimensions?: number;
  /** Only models that a machine of this tier carries. */
  readonly hardware_profile?: 'minimal' | 'low' | 'medium' | 'high' | 'extreme';
}

export interface PerformanceMetrics {
  readonly latency_ms: number;
  readonly throughput_emb_per_sec: number;
  readonly gpu_utilization?: number;
  readonly memory_usage_mb?: number;
  readonly timings_ms?: Readonly<Record<'tokenize' | 'queue' | 'infer' | 'post_process', number>>;
}

export interface ResponseMetadata {
  readonly request_id: string;
  readonly timestamp: string;
  readonly hardware_profile: string;
  readonly backend: string;
  readonly precision: string;
  readonly dimension_strategy: 'native' | 'reduced' | 'expanded';
  readonly quantization: {
    readonly scheme: QuantizationScheme;
    readonly bytes_per_embedding: number;
    /** With packed, one a vector where the scheme has one: value = float32(code x scale). */
    readonly scales?: readonly number[];
  };
  readonly encoding_format: EncodingFormat;
  readonly usage: { readonly tokens: number };
  /** Indexes of texts that lost tokens. */
  readonly truncated: readonly number[];
  readonly notes: readonly string[];
}

export interface StreamingMetadata {
  readonly latency_ms: number;
  readonly timestamp?: string;
  readonly model_used?: string;
  readonly tokens?: number;
  readonly truncated?: boolean;
  /** With packed, where the scheme has one. */
  readonly scale?: number;
  /** Over a WebSocket: the chunk's position. */
  readonly sequence_position?: number;
  readonly quality_score?: number;
}

export interface StreamSummary {
  readonly request_id: string;
  readonly chunks: number;
  readonly usage: { readonly tokens: number };
  readonly model_used: string;
  readonly dimensions: number;
  readonly backend: string;
  readonly precision: string;
  readonly hardware_profile: string;
  readonly dimension_strategy: string;
  readonly quantization: { readonly scheme: QuantizationScheme };
  readonly truncated: readonly number[];
  readonly average_latency_ms: number;
  readonly duration_ms: number;
  readonly notes: readonly string[];
}

/** What holds for a whole stream over a WebSocket. */
export interface WebSocketSummary {
  readonly chunks_processed: number;
  readonly chunks_failed: number;
  readonly tokens: number;
  readonly average_latency_ms: number;
  readonly duration_ms: number;
  readonly model_used: string;
  readonly dimensions: number;
  readonly backend: string;
  readonly precision: string;
  readonly notes: readonly string[];
}

export interface Health {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly timestamp: string;
  readonly version: string;
  readonly checks: {
    readonly models_available: boolean;
    readonly gpu_accessible: boolean;
    readonly model_cache_healthy: boolean;
  };
  readonly performance: { readonly avg_latency_ms: number; readonly requests_per_second: number };
}

export interface DownloadStatus {
  /** ready when the model serves; failed when it will not. */
  readonly status: string;
  /** 0 to 1. */
  readonly progress: number;
  /** Absent while nothing is known. */
  readonly estimated_time_remaining_ms?: number;
  /** Why it failed. */
  readonly reason?: string;
}
