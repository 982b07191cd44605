import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { CancelledError, DeadlineExceededError } from '@sutra-embedder/engine';
import { requestIdOf } from '../rest/request-id';
import type { Credentials } from '../../security/authenticator';
import type { RateCaller } from '../../limits/caller';
import type { Callers } from '../../limits/callers';
import type { Call } from '../../telemetry/call';
import type { Calls } from '../../telemetry/calls';
import { traceParentOf } from '../../telemetry/trace-parent';

/** What every kind of call has. */
export type AnyCall = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'getDeadline' | 'getPeer' | 'cancelled'> & {
  on(event: 'cancelled', listener: () => void): unknown;
  off(event: 'cancelled', listener: () => void): unknown;
};

/** What holds around one call. */
export interface CallFrame {
  readonly requestId: string;
  /** Aborts when the caller cancels, its connection breaks or its deadline passes. */
  readonly signal: AbortSignal;
  readonly credentials: Credentials;
  /** Who it is charged to. */
  readonly caller: RateCaller;
  /** What follows it. */
  readonly call: Call;
  /** The call is answered. grpc-js tells of a cancellation after every answer too: nobody is to act on that. */
  answered(): void;
}

export function frameOf(
  call: AnyCall,
  { calls, callers }: { readonly calls: Calls; readonly callers: Callers },
  method: string,
): CallFrame {
  const controller = new AbortController();
  const cancel = () => controller.abort(deadlinePassed(call) ? new DeadlineExceededError() : new CancelledError());
  if (call.cancelled) cancel();
  else call.on('cancelled', cancel);
  const requestId = requestIdOf({ headers: { 'x-request-id': first(call.metadata, 'x-request-id') } });
  const parent = traceParentOf({
    traceparent: first(call.metadata, 'traceparent'),
    tracestate: first(call.metadata, 'tracestate'),
  });
  return {
    requestId,
    call: calls.begin({ transport: 'grpc', route: method, requestId, parent }),
    signal: controller.signal,
    caller: callers.from(() => withoutPort(call.getPeer()), first(call.metadata, 'x-forwarded-for')),
    credentials: {
      apiKeys: all(call.metadata, 'x-api-key'),
      authorizations: all(call.metadata, 'authorization'),
    },
    answered: () => call.off('cancelled', cancel),
  };
}

/** `127.0.0.1:5000` and `[::1]:5000`, or `::1:5000` as grpc-js writes it. */
function withoutPort(peer: string): string {
  return peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function deadlinePassed(call: AnyCall): boolean {
  const deadline = call.getDeadline();
  return (deadline instanceof Date ? deadline.getTime() : deadline) <= Date.now();
}

function first(metadata: Metadata, name: string): string | undefined {
  return all(metadata, name)[0];
}

function all(metadata: Metadata, name: string): string[] {
  return metadata.get(name).filter((value) => typeof value === 'string');
}
