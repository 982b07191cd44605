import { InvalidArgumentError, type EmbeddingStream } from '@sutra-embedder/engine';
import { chunkIdOf } from '../rest/stream-records';
import type { ChunkDto } from '../streams/chunk.dto';
import { shuttingDown } from '../streams/open-streams';
import type { EmbedChunkMessage } from './messages';

/** A text's own name and place, until its vector is out. */
export interface ChunkLabel {
  readonly chunkId: string;
  readonly position: number;
}

/** Takes the texts of a caller who sends them one by one into a stream. */
export class ChunkIntake {
  private readonly labels = new Map<number, ChunkLabel>();
  private stopped = false;
  private complete = false;

  constructor(private readonly validate: (chunk: object) => Promise<ChunkDto>) {}

  /**
   * Reads no further while the stream is full: HTTP/2's flow control then stops the sender.
   * @throws what is wrong with a chunk
   */
  async take(
    first: EmbedChunkMessage,
    rest: AsyncIterableIterator<EmbedChunkMessage>,
    stream: EmbeddingStream,
  ): Promise<void> {
    if (first.text !== undefined) await this.add(first, stream);
    for await (const chunk of rest) {
      if (chunk.config)
        throw new InvalidArgumentError('config is set in a later chunk; it belongs in the first', { field: 'config' });
      await this.add(chunk, stream);
    }
    this.complete = true;
    stream.end();
  }

  /** Takes no more: what was taken is finished. */
  stop(): void {
    this.stopped = true;
  }

  /** Hands out a text's label, once. */
  labelOf(index: number): ChunkLabel {
    const label = this.labels.get(index) ?? { chunkId: chunkIdOf(index), position: index };
    this.labels.delete(index);
    return label;
  }

  /** @throws BackendUnavailableError where the caller had more to send than was taken */
  checkComplete(): void {
    if (!this.complete) throw shuttingDown();
  }

  private async add({ config: _config, ...message }: EmbedChunkMessage, stream: EmbeddingStream): Promise<void> {
    const { chunk_id, text, position } = await this.validate(message);
    await stream.room();
    if (this.stopped) return;
    const index = stream.added;
    this.labels.set(index, { chunkId: chunk_id ?? chunkIdOf(index), position: position ?? index });
    // A text that fails ends the whole stream: the first one decides whether there is room for it.
    stream.add(text, index > 0);
  }
}
