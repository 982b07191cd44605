import { dirname } from 'node:path';
import type { PackageDefinition } from '@grpc/proto-loader';
import type {
  MethodDefinition,
  Server,
  ServerDuplexStream,
  ServerWritableStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { PluginError, type GrpcAnswer, type GrpcCall, type GrpcMethod, type Principal } from '@sutra-embedder/engine';
import type { CallFrame } from './call-frame';
import { CallHandling, requestIdMetadata, written, type HandlingServices } from './call-handling';
import { loadProto } from './protocol';
import { tolerant } from './tolerant';

/** Services of a plugin, as a server takes them. */
export interface PluginServices {
  readonly plugin: string;
  readonly proto: string;
  readonly services: Readonly<Record<string, Readonly<Record<string, GrpcMethod>>>>;
}

type Definition = MethodDefinition<object, GrpcAnswer>;
type StreamingCall = ServerWritableStream<object, GrpcAnswer> | ServerDuplexStream<object, GrpcAnswer>;

/** The methods of plugins' services, between the host's own authentication, log and statuses. */
export class PluginCalls extends CallHandling<HandlingServices> {
  /**
   * @returns what was read, for reflection
   * @throws PluginError when the file cannot be read, or has no such service or method
   */
  addTo(server: Server, { plugin, proto, services }: PluginServices): PackageDefinition {
    const packages = read(proto, plugin);
    for (const [name, methods] of Object.entries(services)) {
      const service = packages[name] as ServiceDefinition | undefined;
      if (!service || 'format' in service) throw new PluginError(plugin, `its .proto has no service ${name}`);
      const implementation: UntypedServiceImplementation = {};
      for (const [method, answer] of Object.entries(methods)) {
        const definition = service[method] as Definition | undefined;
        if (!definition) throw new PluginError(plugin, `its .proto has no method ${name}.${method}`);
        implementation[method] = this.method(`${name}/${method}`, definition, answer as AnyMethod);
      }
      server.addService(tolerant(encodable(service)), implementation);
    }
    return packages;
  }

  private method(route: string, { requestStream, responseStream }: Definition, answer: AnyMethod) {
    if (!responseStream) {
      return this.unary<object>(route, 'embedding.read', (message, frame, principal) =>
        this.services.callers.run(frame.caller, () =>
          Promise.resolve(answer(message, contextOf(frame, principal)) as Promise<GrpcAnswer>),
        ),
      );
    }
    return this.streaming<StreamingCall>(route, async (call, frame, principal) => {
      const input = requestStream
        ? (call as ServerDuplexStream<object, GrpcAnswer>).iterator({ destroyOnReturn: false })
        : (call as ServerWritableStream<object, GrpcAnswer>).request;
      const send = async () => {
        const answers = answer(input, contextOf(frame, principal)) as AsyncIterable<GrpcAnswer>;
        for await (const message of answers) await written(call, message, frame.signal);
      };
      try {
        call.sendMetadata(requestIdMetadata(frame.requestId));
        await this.services.callers.run(frame.caller, send);
        call.end(requestIdMetadata(frame.requestId));
      } finally {
        frame.answered();
      }
    });
  }
}

/** A GrpcMethod whose input the .proto vouches for. */
type AnyMethod = (input: object, call: GrpcCall) => Promise<GrpcAnswer> | AsyncIterable<GrpcAnswer>;

function contextOf({ requestId, signal, call }: CallFrame, principal: Principal | undefined): GrpcCall {
  return { requestId, signal, onBehalf: { principal, observer: call } };
}

function read(proto: string, plugin: string): PackageDefinition {
  try {
    return loadProto([proto], [dirname(proto)]);
  } catch (cause) {
    throw new PluginError(plugin, 'its .proto cannot be read', { cause });
  }
}

/** The same service, whose answers may be bytes already. */
function encodable(service: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(service).map(([name, definition]) => {
    const { responseSerialize } = definition as Definition;
    const serialize = (answer: GrpcAnswer) =>
      answer instanceof Uint8Array
        ? Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)
        : responseSerialize(answer);
    return [name, { ...definition, responseSerialize: serialize }];
  });
  return Object.fromEntries(methods) as ServiceDefinition;
}
