import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ENGINE_VERSION } from '@sutra-embedder/engine';
import { AppModule } from './app.module';
import type { Configuration } from './config/configuration';
import { registerDocs } from './docs/docs.routes';
import { TrustedProxies } from './security/trusted-proxies';
import { Callers } from './limits/callers';
import { PinoLogger } from './logging/pino-logger';
import { ServiceLog } from './logging/service-log';
import { configuredPlugins } from './plugins/configured-plugins';
import { RouteClaims } from './plugins/route-claims';
import { RouteExtensions } from './plugins/route-extensions';
import { LargeBodies } from './security/large-bodies';
import { RawRoutes } from './security/raw-routes';
import { connectionOptions } from './transports/rest/connection-options';
import { Certificates, tlsOptions } from './security/tls/certificates';
import { allowOrigins } from './transports/rest/cors';
import { registerJsonBody } from './transports/rest/json-body';
import { requestIdOf } from './transports/rest/request-id';
import { RouteTable } from './transports/rest/route-table';
import { schemaController } from './transports/rest/schema-compilers';
import { requestValidation } from './transports/rest/validation';
import { STOP_SIGNALS } from './shutdown';
import { Calls } from './telemetry/calls';
import { followRestCalls } from './telemetry/rest-calls';
import { registerUpgradeHint } from './transports/ws/upgrade-hint';
import { WsServer } from './transports/ws/ws-server';

/** Builds the application, ready to listen. The service and the e2e tests both come through here. */
export async function createApplication(
  configuration: Configuration,
  { logger } = new ServiceLog(configuration.logLevel),
): Promise<NestFastifyApplication> {
  const { tls } = configuration.security;
  const { http, ...connections } = connectionOptions(configuration.connections);
  const adapter = new FastifyAdapter({
    ...(tls ? { https: { ...http, ...tlsOptions(tls) } } : { http }),
    genReqId: requestIdOf,
    requestIdHeader: false,
    bodyLimit: configuration.bodyLimitBytes,
    forceCloseConnections: 'idle',
    // The limit of headers bounds a path; an id that is longer than any is answered as one that is not there.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2 ** 20 },
    trustProxy: new TrustedProxies(configuration.trustedProxies).trusts,
    ...connections,
    schemaController,
  });
  const plugins = await configuredPlugins(configuration);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(configuration, logger, plugins),
    adapter,
    {
      bodyParser: false,
      abortOnError: false,
      logger: new PinoLogger(logger),
    },
  );
  const fastify = app.getHttpAdapter().getInstance();
  const routes = app.get(RouteTable);
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.add(one, url);
  });
  followRestCalls(fastify, app.get(Calls));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    // Clients compare it with their own, and say in words which side is too old.
    reply.header('x-sutra-version', ENGINE_VERSION);
    done();
  });
  app.get(RawRoutes).guard(fastify);
  app.get(LargeBodies).attach(fastify);
  app.get(Callers).attach(fastify);
  app.get(RouteClaims).attach(fastify);
  app.get(RouteExtensions).attach(fastify);
  allowOrigins(app, configuration.corsOrigins);
  registerJsonBody(fastify, configuration.bodyLimitBytes);
  registerDocs(app);
  app.getHttpServer().maxConnections = configuration.connections.most;
  app.get(Certificates).serve(app.getHttpServer());
  app.get(WsServer).attach(app.getHttpServer());
  registerUpgradeHint(fastify);
  app.useGlobalPipes(requestValidation());
  // By exit(0), so that the log can write what waits; Nest would end itself by the signal.
  app.enableShutdownHooks([...STOP_SIGNALS], { useProcessExit: true });
  return app;
}
