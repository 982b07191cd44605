import { isUtf8 } from 'node:buffer';
import { InvalidArgumentError } from '@sutra-embedder/engine';
import type { FastifyInstance } from 'fastify';

/**
 * Reads JSON bodies, and says what is wrong with one that cannot be read. Bytes that are not UTF-8 are refused: read
 * leniently they would become other characters, and the vector that of another text.
 */
export function registerJsonBody(fastify: FastifyInstance, limitBytes: number): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer', bodyLimit: limitBytes },
    (request, body, done) => {
      if (body.length === 0)
        return done(new InvalidArgumentError('The request has no body; send a JSON object'), undefined);
      if (!isUtf8(body)) return done(new InvalidArgumentError('The request body is not valid UTF-8'), undefined);
      parse(request, body.toString('utf8'), (error, value) =>
        error
          ? done(new InvalidArgumentError(`The request body is not valid JSON: ${reasonOf(error)}`), undefined)
          : done(null, value),
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
