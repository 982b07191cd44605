import type { ServiceDefinition } from '@grpc/grpc-js';
import { InvalidArgumentError } from '@sutra-embedder/engine';

/** A message that could not be read: whoever looks into it throws what its caller is told. */
const UNREADABLE = new Proxy(
  {},
  {
    // Handing it over asynchronously looks for a promise first, and that must not end the stream it comes from.
    get: (_target, name) => (name === 'then' ? undefined : refuse()),
    has: refuse,
    ownKeys: refuse,
  },
);

function refuse(): never {
  throw new InvalidArgumentError('The message is not what the .proto says');
}

/** grpc-js calls bytes that are no message INTERNAL, and ends the call past its handler: here they are its caller's. */
export function tolerant(service: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(service).map(([name, definition]) => {
    const requestDeserialize = (bytes: Buffer): unknown => {
      try {
        return definition.requestDeserialize(bytes);
      } catch {
        return UNREADABLE;
      }
    };
    return [name, { ...definition, requestDeserialize }];
  });
  return Object.fromEntries(methods) as ServiceDefinition;
}
