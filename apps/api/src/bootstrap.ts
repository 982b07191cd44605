import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ENGINE_VERSION } from '@sutra-embedder/engine';
import pino from 'pino';
import { AppModule } from './app.module';
import type { Configuration } from './config/configuration';
import { registerDocs } from './docs/docs.routes';
import { PinoLogger } from './logging/pino-logger';
import { loadPlugins } from './plugins/load-plugins';
import { RouteClaims } from './plugins/route-claims';
import { RawRoutes } from './security/raw-routes';
import { allowOrigins } from './transports/rest/cors';
import { registerJsonBody } from './transports/rest/json-body';
import { requestIdOf } from './transports/rest/request-id';
import { RouteTable } from './transports/rest/route-table';
import { requestValidation } from './transports/rest/validation';
import { WsServer } from './transports/ws/ws-server';

/** Builds the application, ready to listen. The service and the e2e tests both come through here. */
export async function createApplication(configuration: Configuration): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    genReqId: requestIdOf,
    requestIdHeader: false,
    bodyLimit: configuration.bodyLimitBytes,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
  });
  const plugins = loadPlugins(configuration.plugins, process.cwd());
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(configuration, plugins), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new PinoLogger(pino({ level: configuration.logLevel })),
  });
  const fastify = app.getHttpAdapter().getInstance();
  const routes = app.get(RouteTable);
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.add(one, url);
  });
  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // Clients compare it with their own, and say in words which side is too old.
    reply.header('x-sutra-version', ENGINE_VERSION);
  });
  app.get(RawRoutes).guard(fastify);
  app.get(RouteClaims).attach(fastify);
  allowOrigins(app, configuration.corsOrigins);
  registerJsonBody(fastify, configuration.bodyLimitBytes);
  registerDocs(app);
  app.get(WsServer).attach(app.getHttpServer());
  app.useGlobalPipes(requestValidation());
  app.enableShutdownHooks();
  return app;
}
