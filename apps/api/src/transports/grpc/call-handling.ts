import {
  Metadata,
  status,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { allows, PermissionDeniedError, type Access, type EngineError, type Principal } from '@sutra-embedder/engine';
import type { Authenticator } from '../../security/authenticator';
import type { Callers } from '../../limits/callers';
import type { Calls } from '../../telemetry/calls';
import { toEngineError } from '../streams/to-engine-error';
import { frameOf, type CallFrame } from './call-frame';
import type { Protocol } from './protocol';

/** What every call needs, whatever it does. */
export interface HandlingServices {
  readonly authenticator: Authenticator;
  readonly calls: Calls;
  readonly callers: Callers;
  /** Told of every failure, before the caller is. */
  onError(error: EngineError, requestId: string): void;
}

export type StreamCall<Answer> = ServerWritableStream<unknown, Answer> | ServerDuplexStream<unknown, Answer>;

/** What stands around the methods of any service: who calls, until when, and what a failure looks like. */
export abstract class CallHandling<Services extends HandlingServices> {
  constructor(
    protected readonly services: Services,
    protected readonly protocol: Protocol,
  ) {}

  protected unary<Message>(
    method: string,
    access: Access,
    answer: (message: Message, frame: CallFrame, principal: Principal | undefined) => Promise<object>,
  ) {
    return (call: ServerUnaryCall<Message, object>, callback: (error: object | null, value?: object) => void): void => {
      const frame = frameOf(call, this.services, method);
      const answered = async () => {
        const principal = await this.callerOf(frame, access);
        return answer(call.request, frame, principal);
      };
      answered().then(
        (value) => {
          frame.answered();
          frame.call.end('OK');
          if (!call.cancelled) call.sendMetadata(requestIdMetadata(frame.requestId));
          callback(null, value);
        },
        (error: unknown) => {
          frame.answered();
          callback(this.statusOf(error, frame));
        },
      );
    };
  }

  protected streaming<Call extends StreamCall<unknown>>(
    method: string,
    answer: (call: Call, frame: CallFrame, principal: Principal | undefined) => Promise<void>,
  ) {
    return (call: Call): void => {
      const frame = frameOf(call, this.services, method);
      const answered = async () => {
        const principal = await this.callerOf(frame, 'embedding.read');
        await answer(call, frame, principal);
        frame.call.end('OK');
      };
      answered().catch((error: unknown) => {
        const answer = this.statusOf(error, frame);
        if (!call.cancelled) call.emit('error', answer);
      });
    };
  }

  /** @throws EngineError UNAUTHENTICATED, PERMISSION_DENIED or RATE_LIMITED */
  private async callerOf({ credentials, call, caller }: CallFrame, access: Access): Promise<Principal | undefined> {
    if (access === 'public') return undefined;
    const { rates } = this.services.callers;
    await rates.fromAddress(caller);
    const principal = await this.services.authenticator.authenticate(credentials);
    call.principal = principal;
    if (!allows(principal, access)) throw new PermissionDeniedError(access);
    await rates.fromPrincipal(caller, principal);
    return principal;
  }

  private statusOf(thrown: unknown, { requestId, call }: CallFrame): object {
    const error = toEngineError(thrown);
    this.services.onError(error, requestId);
    const answer = this.protocol.statusOf(error, requestId);
    call.failed(error);
    call.end(status[answer.code as number] ?? 'UNKNOWN');
    return answer;
  }
}

/** Resolves once the message is with the operating system or in the peer's window. */
export function written<Answer>(call: StreamCall<Answer>, message: Answer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // grpc-js never calls back for a call that was cancelled.
    const aborted = () => reject(signal.reason as Error);
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    call.write(message, (error?: Error | null) => {
      signal.removeEventListener('abort', aborted);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The id that the caller finds in the log. */
export function requestIdMetadata(requestId: string): Metadata {
  const metadata = new Metadata();
  metadata.set('x-request-id', requestId);
  return metadata;
}
