import { createRequire } from 'node:module';
import type { FastifyServerOptions } from 'fastify';

type Options = NonNullable<FastifyServerOptions['schemaController']>;
type Factories = Required<NonNullable<Options['compilersFactory']>>;
/** Both packages export a function that makes the factory. */
type Selector = () => (...given: unknown[]) => never;

// Those that this Fastify came with.
const requireAsFastify = createRequire(require.resolve('fastify'));

const lazily =
  (name: string) =>
  (...given: unknown[]): never =>
    (requireAsFastify(name) as Selector)()(...given);

/**
 * Fastify's compilers of route schemas, loaded by the first route that has a schema. The server's own routes have none,
 * only a plugin's may, and the compilers are a tenth of what all modules take at start-up.
 */
export const schemaController: Options = {
  compilersFactory: {
    buildValidator: lazily('@fastify/ajv-compiler') satisfies Factories['buildValidator'],
    buildSerializer: lazily('@fastify/fast-json-stringify-compiler') satisfies Factories['buildSerializer'],
  },
};
