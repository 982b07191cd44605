import type { EmbedRequest, Principal } from '@sutra-embedder/engine';
import type { EmbeddingRequestDto } from './dto/embedding-request.dto';

/** A REST body as the engine's request, with what must be said about how it was read. */
export function toEmbedRequest(
  body: EmbeddingRequestDto,
  principal: Principal | undefined,
): { request: EmbedRequest; notes: string[] } {
  const { config = {} } = body;
  const notes: string[] = [];
  const binary = config.binary_quantization === true;
  if (binary && config.quantization !== undefined && config.quantization !== 'binary') {
    notes.push(`binary_quantization took precedence over quantization "${config.quantization}"`);
  }
  return {
    notes,
    request: {
      texts: body.texts,
      model: body.model,
      dimensions: body.dimensions,
      truncate: body.truncate,
      inputType: body.input_type,
      quantization: binary ? 'binary' : config.quantization,
      useFp16: config.use_fp16,
      batchSize: config.batch_size,
      hardwareProfile: config.hardware_profile,
      principal,
    },
  };
}
