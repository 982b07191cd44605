import type { EngineError, ErrorCode } from '@sutra-embedder/engine';

/** The one mapping from the engine's codes to gRPC's: google.rpc.Code of the HTTP status that REST sends. */
export const GRPC_STATUS: Readonly<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 3,
  INVALID_DIMENSIONS: 3,
  UNAUTHENTICATED: 16,
  PERMISSION_DENIED: 7,
  NOT_FOUND: 5,
  MODEL_NOT_FOUND: 5,
  METHOD_NOT_ALLOWED: 12,
  PAYLOAD_TOO_LARGE: 8,
  UNSUPPORTED_MEDIA_TYPE: 3,
  TEXT_REFUSED: 3,
  RATE_LIMITED: 8,
  OVERLOADED: 8,
  BUFFER_FULL: 8,
  CANCELLED: 1,
  INTERNAL: 13,
  UNIMPLEMENTED: 12,
  MODEL_NOT_AVAILABLE: 14,
  BACKEND_UNAVAILABLE: 14,
  DEADLINE_EXCEEDED: 4,
};

/** google.rpc.ErrorInfo's metadata holds strings only. */
export function infoOf({ details = {} }: EngineError): Record<string, string> {
  return Object.fromEntries(
    Object.entries(details)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
