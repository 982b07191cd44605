import { InvalidArgumentError, type StreamRequest } from '@sutra-embedder/engine';
import { nothingToPack } from '../rest/embedding-response';
import type { EncodingFormat } from '../rest/dto/embedding-request.dto';
import {
  DEFAULT_BUFFER_SIZE,
  DEFAULT_MAX_LATENCY_MS,
  type StreamingConfigDto,
} from '../rest/dto/streaming-request.dto';

/** A StreamingConfig as the engine takes it, and what the transport keeps for itself. */
export interface StreamSettings {
  readonly request: StreamRequest;
  /** As it was asked for. */
  readonly bufferSize: number | undefined;
  readonly format: EncodingFormat;
}

/** On whose behalf a stream is opened, who is charged for it, and who follows it. */
export type StreamOwner = Pick<StreamRequest, 'principal' | 'gate' | 'observer'>;

/**
 * @param model the one beside the config, where a transport has such a place
 * @throws InvalidArgumentError where two different models are named
 */
export function toStreamSettings(
  config: StreamingConfigDto,
  model: string | undefined,
  owner: StreamOwner,
): StreamSettings {
  if (model !== undefined && config.model !== undefined && model !== config.model) {
    throw new InvalidArgumentError(
      `model is "${model}" and config.model is "${config.model}"; name one of them, or the same in both`,
      { field: 'model' },
    );
  }
  const format = config.encoding_format ?? 'float';
  return {
    bufferSize: config.buffer_size,
    format,
    request: {
      wantsCodes: format === 'packed',
      model: model ?? config.model,
      dimensions: config.dimensions,
      quantization: config.quantization,
      truncate: config.truncate,
      inputType: config.input_type,
      maxLatencyMs: config.max_latency_ms ?? DEFAULT_MAX_LATENCY_MS,
      ...owner,
    },
  };
}

/** @throws InvalidArgumentError where this server grants less than was asked for */
export function grantedBuffer(asked: number | undefined, most: number): number {
  if (asked !== undefined && asked > most)
    throw new InvalidArgumentError(`buffer_size is ${asked}; this server takes at most ${most} (SUTRA_STREAM_BUFFER)`, {
      field: 'config.buffer_size',
      max_buffer_size: most,
    });
  return asked ?? Math.min(DEFAULT_BUFFER_SIZE, most);
}

/** @throws InvalidArgumentError where the codes are asked for and nothing is coded */
export function checkFormat(format: EncodingFormat, quantization: string): void {
  if (format === 'packed' && quantization === 'none') throw nothingToPack();
}
