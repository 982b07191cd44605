export { SutraEmbedder, type SutraEmbedderOptions } from './embedder.ts';
export type { DownloadOptions } from './download-model.ts';
export type { EmbedResult } from './embed-result.ts';
export {
  EmbedMany,
  type EmbeddedBatch,
  type EmbeddedText,
  type EmbedManyOptions,
  type EmbedManyProgress,
  type Texts,
} from './embed-many.ts';
export type { EmbedStreamOptions, StreamedEmbedding } from './embed-stream.ts';
export type { RequestOptions } from './http.ts';
export type { VectorOf } from './decode-vector.ts';
export { dequantize, unpackInt4, type Vector } from './codes.ts';
export { batchCosineSimilarity, cosineSimilarity, findMostSimilar, hamming, type Match } from './similarity.ts';
export {
  ApiError,
  BackendUnavailableError,
  BufferFullError,
  ConnectionError,
  DeadlineExceededError,
  DownloadFailedError,
  InternalError,
  InvalidArgumentError,
  InvalidDimensionsError,
  ModelNotAvailableError,
  ModelNotFoundError,
  NotFoundError,
  OverloadedError,
  PayloadTooLargeError,
  PermissionDeniedError,
  RateLimitedError,
  SutraEmbedderError,
  TextRefusedError,
  TimeoutError,
  UnauthenticatedError,
  UnexpectedResponseError,
  UnimplementedError,
  VersionMismatchError,
} from './errors.ts';
export { SutraEmbedderWebSocket, type BufferState, type WebSocketOptions } from './ws/sutra-embedder-web-socket.ts';
export type { StreamedChunk } from './ws/chunk-run.ts';
export type {
  ClosedEvent,
  ConnectionState,
  ErrorResponse,
  OpenEvent,
  StreamingEmbeddingResponse,
  WebSocketEventHandlers,
  WebSocketMessage,
} from './ws/messages.ts';
export { CLIENT_VERSION } from './version.ts';
export type * from './wire.ts';
