import type { EmbedRequest } from '../pipeline/embed-request';
import type { Strategy } from './strategy';

/** What holds around one call of a plugin's gRPC service. */
export interface GrpcCall {
  readonly requestId: string;
  /** Aborts when the caller cancels, its connection breaks or its deadline passes. */
  readonly signal: AbortSignal;
  /** Who calls and who follows the call, to be spread into what the engine is asked. */
  readonly onBehalf: Pick<EmbedRequest, 'principal' | 'observer'>;
}

/** A message by its fields' names in the .proto file, or one that is encoded already. */
export type GrpcAnswer = object | Uint8Array;

/**
 * Answers a call. Its input is the message, or the messages where the .proto says `stream`; absent fields are undefined,
 * enums are names, 64-bit integers are numbers. What it throws leaves as the status of an EngineError.
 */
export type GrpcMethod =
  | ((message: never, call: GrpcCall) => Promise<GrpcAnswer>)
  | ((input: never, call: GrpcCall) => AsyncIterable<GrpcAnswer>);

/**
 * Services that a plugin adds to the gRPC port. Who may call them, until when, the log and the metrics are the host's
 * affair: every method asks for the scope `embedding.read`.
 */
export interface GrpcServices extends Strategy {
  /** Absolute path of the .proto file. It is read when the first connection comes. */
  readonly proto: string;
  /** Methods by their names, by the full name of their service. What is left out is answered UNIMPLEMENTED. */
  services(): Readonly<Record<string, Readonly<Record<string, GrpcMethod>>>>;
}
