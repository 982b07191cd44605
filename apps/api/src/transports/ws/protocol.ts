import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, type EngineError } from '@sutra-embedder/engine';

/** The version of the message format; a client of another major version is refused. */
export const PROTOCOL_VERSION = '1.0';

/** Codes of closing, beside 1001 (shutting down) and 1009 (message too large), which mean what RFC 6455 says. */
export const CLOSE = { goingAway: 1001, strange: 4401, idle: 4408, takenOver: 4409 } as const;

const ID_LENGTH = 128;

/** A message of a client, its envelope checked and its payload not. */
export type ClientMessage =
  | {
      readonly id: string;
      readonly type: 'request';
      readonly action: string;
      readonly payload: Record<string, unknown>;
    }
  | { readonly id: string; readonly type: 'ping' | 'pong' };

/** What a message that could not be read is answered to: its id, where it has one. */
export class MessageError extends InvalidArgumentError {
  constructor(
    readonly messageId: string | undefined,
    message: string,
    field?: string,
  ) {
    super(message, field === undefined ? undefined : { field });
  }
}

/** @throws MessageError naming what is wrong */
export function readMessage(data: Buffer, binary: boolean): ClientMessage {
  if (binary) throw new MessageError(undefined, 'Binary frames are not part of this protocol; send JSON as text');
  let value: unknown;
  try {
    value = JSON.parse(data.toString('utf8'));
  } catch {
    throw new MessageError(undefined, 'The message is not valid JSON');
  }
  if (!isObject(value)) throw new MessageError(undefined, 'The message is not a JSON object');
  const { id, type, timestamp, payload } = value;
  if (typeof id !== 'string' || id.length === 0 || id.length > ID_LENGTH)
    throw new MessageError(undefined, `id must be a string of 1 to ${ID_LENGTH} characters`, 'id');
  if (timestamp !== undefined && typeof timestamp !== 'string')
    throw new MessageError(id, 'timestamp must be a string', 'timestamp');
  if (type === 'ping' || type === 'pong') return { id, type };
  if (type !== 'request') throw new MessageError(id, 'type must be one of request, ping, pong', 'type');
  if (!isObject(payload)) throw new MessageError(id, 'payload must be an object', 'payload');
  const { action, ...rest } = payload;
  if (typeof action !== 'string') throw new MessageError(id, 'payload.action must be a string', 'payload.action');
  return { id, type, action, payload: rest };
}

export function response(id: string, payload: object): string {
  return message(id, 'response', payload);
}

export function pong(pingId: string): string {
  return message(newId(), 'pong', { ping_id: pingId });
}

export function ping(): string {
  return message(newId(), 'ping', {});
}

/** @param id of the message that is answered; a new one where it had none */
export function errorMessage(error: EngineError, id: string | undefined, chunkId?: string): string {
  return message(id ?? newId(), 'error', {
    error_code: error.code,
    error_message: error.message,
    ...(chunkId !== undefined && { chunk_id: chunkId }),
    ...(error.retryAfterMs !== undefined && { retry_after_ms: Math.ceil(error.retryAfterMs) }),
    ...(error.details && { details: error.details }),
  });
}

/** What stands around an embedding in its message. */
export function aroundEmbedding(id: string, chunkId: string, metadata: object, now: Date): [string, string] {
  return [
    `{"id":${JSON.stringify(id)},"type":"response","timestamp":"${now.toISOString()}","payload":{"chunk_id":${JSON.stringify(chunkId)},"embedding":`,
    `,"metadata":${JSON.stringify(metadata)}}}`,
  ];
}

function message(id: string, type: string, payload: object): string {
  return JSON.stringify({ id, type, timestamp: new Date().toISOString(), payload });
}

function newId(): string {
  return `msg_${randomUUID()}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
