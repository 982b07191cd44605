import { Text, Whole } from '../rest/dto/field';

/** Longest chunk_id. */
export const CHUNK_ID_LENGTH = 128;

/** What a caller may say about one text of a stream it sends text by text. */
export class ChunkDto {
  @Text(CHUNK_ID_LENGTH, { description: 'Comes back with the vector.' })
  chunk_id?: string;

  @Text(Number.MAX_SAFE_INTEGER, { required: true, description: 'The text to embed.' })
  text!: string;

  @Whole(0, 2 ** 31 - 1, { description: 'Comes back as sequence_position. Default: the number of the text, from 0.' })
  position?: number;
}
