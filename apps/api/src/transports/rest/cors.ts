import type { INestApplication } from '@nestjs/common';

/** What a page may read beside the body: why it was refused, for how long, what it may still send, and by which version. */
const EXPOSED = [
  'x-request-id',
  'x-sutra-version',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'date',
  'www-authenticate',
];
const PREFLIGHT_SECONDS = 600;

/** Lets pages of these origins call REST. Without any, browsers keep every other page away, as they do by default. */
export function allowOrigins(app: INestApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'POST', 'DELETE'],
    // Which headers a page sends is its own affair: those it asks for are allowed.
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  });
}
