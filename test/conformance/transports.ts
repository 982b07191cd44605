import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { call, collect, connect, vectorOf, type AnyClient } from '../e2e/grpc-client';
import type { Service } from '../e2e/service';
import { WsClient } from '../e2e/ws-client';

/** What every transport can be asked. */
export interface Question {
  readonly texts: readonly string[];
  readonly model: string;
  readonly dimensions?: number;
  readonly quantization?: 'none' | 'int8' | 'int4' | 'binary';
  readonly truncate?: 'start' | 'end';
}

/** One way to ask it; answers with a vector a text, in the order of the texts. */
export type Ask = (question: Question) => Promise<Float32Array[]>;

/** Every transport of a service that listens, by its name. */
export class Transports {
  private constructor(
    private readonly service: Service,
    private readonly client: AnyClient,
  ) {}

  static async open(service: Service): Promise<Transports> {
    return new Transports(service, connect(await service.app.get(GrpcServer).listen()));
  }

  close(): void {
    this.client.close();
  }

  readonly all: Readonly<Record<string, Ask>> = {
    'REST as numbers': (question) => this.rest(question, 'float'),
    'REST as base64': (question) => this.rest(question, 'base64'),
    'REST, one request a text': async ({ texts, ...rest }) =>
      (await Promise.all(texts.map((text) => this.rest({ ...rest, texts: [text] }, 'float')))).flat(),
    NDJSON: async (question) =>
      inOrder(
        (await this.stream(question, 'application/x-ndjson'))
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as StreamRecord),
      ),
    SSE: async (question) =>
      inOrder(
        (await this.stream(question, 'text/event-stream'))
          .trimEnd()
          .split('\n\n')
          .filter((event) => event.startsWith('event: embedding'))
          .map((event) => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '') as StreamRecord),
      ),
    'gRPC as numbers': (question) => this.unary(question, 'ENCODING_FORMAT_FLOAT'),
    'gRPC as bytes': (question) => this.unary(question, 'ENCODING_FORMAT_BASE64'),
    'gRPC StreamEmbeddings': async ({ texts, ...question }) => {
      const { messages } = await collect(this.client['StreamEmbeddings']?.({ texts, config: messageOf(question) }));
      return ordered(messages);
    },
    'gRPC EmbedStream': async ({ texts, ...question }) => {
      const stream = this.client['EmbedStream']?.();
      const collected = collect(stream);
      stream.write({ config: messageOf(question) });
      for (const text of texts) stream.write({ text });
      stream.end();
      return ordered((await collected).messages);
    },
    WebSocket: async ({ texts, ...question }) => {
      const client = await WsClient.streaming(this.service, { ...question, buffer_size: 1000 });
      texts.forEach((text, i) =>
        client.send('add_chunk', { chunk_id: String(i), text, is_final: i === texts.length - 1 }),
      );
      await client.summary();
      await client.close();
      const chunks = client.received.filter(({ payload }) => payload.embedding);
      return inOrder(chunks.map(({ payload }) => ({ index: Number(payload.chunk_id), embedding: payload.embedding })));
    },
  };

  private async rest({ texts, quantization, ...rest }: Question, encoding_format: string): Promise<Float32Array[]> {
    const config = quantization === undefined ? {} : { config: { quantization } };
    const { status, body, text } = await this.service.post('/v1/embeddings', {
      texts,
      encoding_format,
      ...rest,
      ...config,
    });
    if (status !== 200) throw new Error(text);
    return (body.embeddings as (number[] | string)[]).map((vector) =>
      typeof vector === 'string' ? floatsOf(Buffer.from(vector, 'base64')) : Float32Array.from(vector),
    );
  }

  private async stream({ texts, ...config }: Question, accept: string): Promise<string> {
    const { status, text } = await this.service.post('/v1/embeddings/stream', { texts, config }, { accept });
    if (status !== 200) throw new Error(text);
    return text;
  }

  private async unary({ quantization, truncate, ...rest }: Question, encoding_format: string): Promise<Float32Array[]> {
    const config = { quantization: quantization && `QUANTIZATION_TYPE_${quantization.toUpperCase()}` };
    const { value } = await call(this.client, 'GenerateEmbeddings', {
      ...rest,
      encoding_format,
      config,
      truncate: truncate && `TRUNCATION_${truncate.toUpperCase()}`,
    });
    return value.embeddings.map(vectorOf);
  }
}

interface StreamRecord {
  readonly index?: number;
  readonly embedding?: number[];
}

function messageOf({ quantization, truncate, ...rest }: Omit<Question, 'texts'>): object {
  return {
    ...rest,
    quantization: quantization && `QUANTIZATION_TYPE_${quantization.toUpperCase()}`,
    truncate: truncate && `TRUNCATION_${truncate.toUpperCase()}`,
  };
}

function inOrder(records: readonly StreamRecord[]): Float32Array[] {
  const vectors: Float32Array[] = [];
  for (const { index, embedding } of records) {
    if (index !== undefined && embedding) vectors[index] = Float32Array.from(embedding);
  }
  return vectors;
}

function ordered(
  messages: readonly { index: number; embedding: { values: number[]; packed: Buffer } }[],
): Float32Array[] {
  const vectors: Float32Array[] = [];
  for (const { index, embedding } of messages) vectors[index] = vectorOf(embedding);
  return vectors;
}

function floatsOf(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}
