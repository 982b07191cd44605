import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ACCESS_METADATA } from '@sutra-embedder/engine';
import type { OpenAPIObject } from '@nestjs/swagger';
import type * as OpenApi from './open-api';
import { asset, page } from './page';

/**
 * The page runs its own scripts and nobody else's, and nobody may put it into a frame. Swagger sets styles on elements,
 * and draws its icons from data: addresses.
 */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** GET /docs and /docs-json. What draws them is loaded when somebody first asks: most servers are never asked. */
export function registerDocs(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const open = { config: { [ACCESS_METADATA]: 'public' } };
  let document: OpenAPIObject | undefined;

  fastify.get('/docs-json', open, async () => (document ??= loadOpenApi().createDocument(app)));
  fastify.get('/docs', open, async (_request, reply) => {
    return reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(page());
  });
  fastify.get<{ Params: { file: string } }>('/docs/:file', open, async (request, reply) => {
    const found = asset(request.params.file);
    if (!found) return reply.callNotFound();
    return reply.headers(PAGE_HEADERS).type(found.type).send(found.stream);
  });
}

function loadOpenApi(): typeof OpenApi {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads Swagger, which costs start-up and memory
  return require('./open-api') as typeof OpenApi;
}
