import { resolve } from 'node:path';
import { credentials, loadPackageDefinition, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = resolve(__dirname, '../../proto');
const definition = loadSync(
  ['sutra/embedder/v1/embedder.proto', 'google/rpc/status.proto', 'google/rpc/error_details.proto'],
  {
    keepCase: true,
    longs: Number,
    enums: String,
    arrays: true,
    defaults: true,
    includeDirs: [PROTO],
  },
);

/* eslint-disable @typescript-eslint/no-explicit-any -- a client made from a .proto at run time has no types */
export type AnyClient = Client & Record<string, (...args: any[]) => any>;

/** A plain grpc-js client, as any Node program would make one. */
export function connect(port: number, options = {}, security = credentials.createInsecure()): AnyClient {
  const loaded = loadPackageDefinition(definition) as any;
  return new loaded.sutra.embedder.v1.EmbedderService(`127.0.0.1:${port}`, security, options);
}

export interface Reply {
  readonly value: any;
  readonly headers: Metadata;
}

export function call(
  client: AnyClient,
  method: string,
  message: object,
  options: object = {},
  metadata = new Metadata(),
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let headers = new Metadata();
    const running = client[method]?.(message, metadata, options, (error: ServiceError | null, value: unknown) =>
      error ? reject(error) : resolve({ value, headers }),
    );
    running.on('metadata', (received: Metadata) => (headers = received));
  });
}

/** All messages of a stream, and the summary in its trailers. */
export async function collect(stream: any): Promise<{ messages: any[]; summary: any }> {
  const messages: any[] = [];
  let trailers = new Metadata();
  stream.on('status', (status: { metadata: Metadata }) => (trailers = status.metadata));
  for await (const message of stream) messages.push(message);
  await new Promise(setImmediate);
  const [bytes] = trailers.get('sutra-summary-bin');
  return { messages, summary: bytes && decode('sutra.embedder.v1.StreamSummary', bytes as Buffer) };
}

/** google.rpc.Status of an error, its details decoded by their types. */
export function detailsOf(error: ServiceError): Record<string, any> {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const { details } = decode('google.rpc.Status', bytes as Buffer);
  return Object.fromEntries(
    details.map(({ type_url, value }: { type_url: string; value: Buffer }) => {
      const type = type_url.split('/').pop() as string;
      return [type, decode(type, value)];
    }),
  );
}

function decode(message: string, bytes: Buffer): any {
  return (definition[message] as any).deserialize(bytes);
}

/** The vector of an Embedding message, from whichever field holds it. */
export function vectorOf({ values, packed }: { values: number[]; packed: Buffer }): Float32Array {
  if (values.length > 0) return Float32Array.from(values);
  return Float32Array.from({ length: packed.length / 4 }, (_, i) => packed.readFloatLE(i * 4));
}
