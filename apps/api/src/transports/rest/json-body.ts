import { isUtf8 } from 'node:buffer';
import { InvalidArgumentError } from '@sutra-embedder/engine';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** A body that could not be read: what is wrong with it, and its text for those who must tell whose it is. */
export interface UnreadableBody {
  readonly error: InvalidArgumentError;
  readonly text: string;
}

/** Decoding, parsing and validating more than this take the event loop some milliseconds each: others get their turn. */
const LARGE_BYTES = 256 * 1024;
const atOnce = (act: () => void): void => act();

const UNREADABLE = Symbol('unreadable body');

/** What could not be read of a request's body, or undefined. Whoever routes the request must throw the error. */
export function unreadableBody(request: FastifyRequest): UnreadableBody | undefined {
  return (request as { [UNREADABLE]?: UnreadableBody })[UNREADABLE];
}

/**
 * Reads JSON bodies, and says what is wrong with one that cannot be read. Bytes that are not UTF-8 are refused: read
 * leniently they would become other characters, and the vector that of another text. The error is thrown only once it is
 * known whose request it is, since a plugin that claims it answers in its own envelope.
 */
export function registerJsonBody(fastify: FastifyInstance, limitBytes: number): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  const refuse = (request: FastifyRequest, message: string, text: string) => {
    const unreadable: UnreadableBody = { error: new InvalidArgumentError(message), text };
    (request as { [UNREADABLE]?: UnreadableBody })[UNREADABLE] = unreadable;
  };
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer', bodyLimit: limitBytes },
    (request, body, done) => {
      const text = body.toString('utf8');
      // Some clients name a content type beside nothing at all: whoever needs a body says that there is none.
      if (body.length === 0) return done(null, undefined);
      if (!isUtf8(body)) refuse(request, 'The request body is not valid UTF-8', text);
      if (unreadableBody(request)) return done(null, undefined);
      const next = body.length > LARGE_BYTES ? setImmediate : atOnce;
      next(() =>
        parse(request, text, (error, value) => {
          if (error) refuse(request, `The request body is not valid JSON: ${reasonOf(error)}`, text);
          next(() => done(null, error ? undefined : value));
        }),
      );
    },
  );
}

/** V8 quotes the body in its message; logs and answers must not. */
function reasonOf(error: Error): string {
  const position = /position (\d+)/.exec(error.message)?.[1];
  if (error.message.includes('forbidden prototype property')) return 'it names a prototype property';
  return position === undefined
    ? 'it ends too early or holds an unexpected character'
    : `unexpected character at position ${position}`;
}
