import { resolve } from 'node:path';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import { type status as grpcStatus, Metadata, type ServiceDefinition, type StatusObject } from '@grpc/grpc-js';
import type { EngineError } from '@sutra-embedder/engine';
import { GRPC_STATUS, infoOf } from './status';
import { embeddingField, type WireVector } from './vector-bytes';

/** Where the .proto files are, from the sources and from the build alike. */
const PROTO_FOLDER = resolve(__dirname, '../../../../../proto');
const SERVICE = 'sutra.embedder.v1.EmbedderService';
/** Who states the reasons in ErrorInfo. */
const ERROR_DOMAIN = 'sutra-embedder';

/** Fields of the specification's messages keep the names they have in JSON. */
const OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: false, arrays: true, oneofs: false };

/** Any .proto files, in this server's way of reading messages. */
export function loadProto(files: readonly string[], folders: readonly string[]): PackageDefinition {
  return loadSync([...files], { ...OPTIONS, includeDirs: [...folders] });
}

type Codec = MessageTypeDefinition<object, object>;

/** A message whose vectors are written as memory, beside the rest that protobufjs writes. */
export interface WithVectors {
  readonly vectors: readonly WireVector[];
  readonly rest: object;
}

/** The .proto files as grpc-js takes them. Loaded when the first connection comes. */
export class Protocol {
  readonly packages: PackageDefinition = loadProto(
    ['sutra/embedder/v1/embedder.proto', 'google/rpc/status.proto', 'google/rpc/error_details.proto'],
    [PROTO_FOLDER],
  );
  readonly serviceName = SERVICE;
  readonly service = this.withVectors(this.packages[SERVICE] as ServiceDefinition);

  /** The status of an error, its reason and details in grpc-status-details-bin. */
  statusOf(error: EngineError, requestId: string): Partial<StatusObject> {
    const code = GRPC_STATUS[error.code] as grpcStatus;
    const metadata = new Metadata();
    const info = { reason: error.code, domain: ERROR_DOMAIN, metadata: { ...infoOf(error), request_id: requestId } };
    const details = [this.any('google.rpc.ErrorInfo', info)];
    if (error.retryAfterMs !== undefined) {
      const seconds = Math.floor(error.retryAfterMs / 1000);
      const nanos = Math.round((error.retryAfterMs % 1000) * 1e6);
      details.push(this.any('google.rpc.RetryInfo', { retry_delay: { seconds, nanos } }));
    }
    const status = this.codec('google.rpc.Status').serialize({ code, message: error.message, details });
    metadata.set('grpc-status-details-bin', status);
    metadata.set('x-request-id', requestId);
    return { code, details: error.message, metadata };
  }

  /** The bytes of a message, for trailing metadata. */
  encode(message: string, value: object): Buffer {
    return this.codec(message).serialize(value);
  }

  private any(message: string, value: object): object {
    return { type_url: `type.googleapis.com/${message}`, value: this.codec(message).serialize(value) };
  }

  private codec(message: string): Codec {
    return this.packages[message] as Codec;
  }

  /** protobufjs would copy every float three times over; the fields of a message may come in any order. */
  private withVectors(service: ServiceDefinition): ServiceDefinition {
    const repeated = { GenerateEmbeddings: 1, StreamEmbeddings: 2, EmbedStream: 2 };
    const replaced = Object.entries(repeated).map(([method, field]) => {
      const definition = service[method] as ServiceDefinition[string];
      const responseSerialize = ({ vectors, rest }: WithVectors) =>
        Buffer.concat([
          ...vectors.flatMap((vector) => embeddingField(field, vector)),
          definition.responseSerialize(rest),
        ]);
      return [method, { ...definition, responseSerialize }];
    });
    return { ...service, ...(Object.fromEntries(replaced) as ServiceDefinition) };
  }
}
