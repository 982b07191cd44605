import { MAX_DIMENSIONS, MIN_DIMENSIONS } from '@sutra-embedder/engine';
import { ArrayMaxSize, IsArray, IsInt, Max, Min } from 'class-validator';
import { Field, Flag, Nested, Text, Texts, Whole } from '../rest/dto/field';
import { StreamingConfigDto } from '../rest/dto/streaming-request.dto';
import { CHUNK_ID_LENGTH, type ChunkDto } from '../streams/chunk.dto';

/** What a client says about itself. */
export class ClientCapabilitiesDto {
  @Flag({ description: 'Whether it would take compressed messages; what was agreed on is in the answer.' })
  supports_compression?: boolean;

  @Whole(1, Number.MAX_SAFE_INTEGER, { description: 'Longest text of a chunk that it will send.' })
  max_chunk_size?: number;

  @Field(
    { type: 'array', items: { type: 'integer' }, description: 'Lengths it would like; the answer has those possible.' },
    IsArray({ message: '$property must be an array of integers' }),
    ArrayMaxSize(32),
    IsInt({ each: true, message: 'each value in $property must be an integer' }),
    Min(1, { each: true }),
    Max(Number.MAX_SAFE_INTEGER, { each: true }),
  )
  preferred_dimensions?: number[];
}

export class HandshakeDto {
  @Text(16, { required: true }) protocol_version!: string;
  @Text(128, { description: 'Names a session to resume, or the new one.' }) session_id?: string;
  @Text(8192, { description: 'API key or token, for clients that cannot set headers.' }) api_key?: string;
  @Nested(() => ClientCapabilitiesDto) client_capabilities?: ClientCapabilitiesDto;
}

export class StreamMetadataDto {
  @Text(128, { description: 'The id of this session.' }) session_id?: string;
  @Text(256, { description: 'Comes back in the summary.' }) user_id?: string;
}

export class StreamEmbedDto {
  @Nested(() => StreamingConfigDto, { required: true }) config!: StreamingConfigDto;
  @Nested(() => StreamMetadataDto) metadata?: StreamMetadataDto;
}

export class AddChunkDto implements ChunkDto {
  @Text(CHUNK_ID_LENGTH, { required: true, description: 'Comes back with the vector; new within its stream.' })
  chunk_id!: string;

  @Text(Number.MAX_SAFE_INTEGER, { required: true, description: 'The text to embed.' })
  text!: string;

  @Whole(0, 2 ** 31 - 1, { description: 'Comes back as sequence_position. Default: the number of the text, from 0.' })
  position?: number;

  @Flag({ description: 'The stream ends with this text.' })
  is_final?: boolean;
}

export class AckDto {
  @Texts(1, 1000, { required: true, description: 'Chunks whose vectors have arrived.' }) chunk_ids!: string[];
}

export function possibleDimensions(wanted: readonly number[]): number[] {
  return wanted.filter((dimensions) => dimensions >= MIN_DIMENSIONS && dimensions <= MAX_DIMENSIONS);
}
