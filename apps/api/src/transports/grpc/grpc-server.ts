import { existsSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EmbeddingService, PluginError, StrategyRegistry, type EngineError } from '@sutra-embedder/engine';
import type { Configuration } from '../../config/configuration';
import { InjectConfiguration } from '../../config/configuration.token';
import { HealthService } from '../../health/health.service';
import { Readiness } from '../../health/readiness';
import { Callers } from '../../limits/callers';
import { Authenticator } from '../../security/authenticator';
import { Calls } from '../../telemetry/calls';
import { Certificates } from '../../security/tls/certificates';
import { ModelsController } from '../rest/models.controller';
import { requestValidation } from '../rest/validation';
import { OpenStreams } from '../streams/open-streams';
import type * as Runtime from './grpc-runtime';

/** The gRPC port. It is open from the start; what serves it is loaded with the first connection. */
@Injectable()
export class GrpcServer implements BeforeApplicationShutdown {
  private readonly logger = new Logger(GrpcServer.name);
  private readonly sockets = new Set<Socket>();
  private port: Server | undefined;
  private runtime: Runtime.GrpcRuntime | undefined;

  constructor(
    private readonly modules: ModuleRef,
    private readonly embeddings: EmbeddingService,
    private readonly streams: OpenStreams,
    private readonly health: HealthService,
    private readonly readiness: Readiness,
    private readonly authenticator: Authenticator,
    private readonly callers: Callers,
    private readonly registry: StrategyRegistry,
    private readonly certificates: Certificates,
    private readonly calls: Calls,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {}

  /** Connections that are open. */
  get connections(): number {
    return this.sockets.size;
  }

  /**
   * @throws PluginError for a plugin whose services have no .proto
   * @returns the port, which is another than the configured one where that is 0
   * @throws where the port is taken
   */
  async listen(): Promise<number> {
    for (const { strategy, plugin } of this.registry.list('grpc')) {
      if (!existsSync(strategy.proto)) {
        throw new PluginError(plugin, `the .proto of "${strategy.id}" is not there; ship it with the plugin`);
      }
    }
    const server = this.certificates.http2Port((socket) => this.accept(socket));
    server.maxConnections = this.configuration.connections.most;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.configuration.grpcPort, this.configuration.host, resolve);
    });
    this.port = server;
    return (server.address() as AddressInfo).port;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.port?.close();
    await this.streams.finish();
    await this.runtime?.close(this.configuration.shutdownGraceMs);
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    // A connection that breaks says so here; its calls end by themselves.
    socket.on('error', () => undefined);
    this.runtime ??= this.load();
    this.runtime.accept(socket);
  }

  private load(): Runtime.GrpcRuntime {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads grpc-js, which costs start-up and memory
    const { GrpcRuntime } = require('./grpc-runtime') as typeof Runtime;
    const runtime = new GrpcRuntime(
      {
        embeddings: this.embeddings,
        streams: this.streams,
        models: this.modules.get(ModelsController, { strict: false }),
        health: this.health,
        authenticator: this.authenticator,
        callers: this.callers,
        calls: this.calls,
        validation: requestValidation(),
        onError: (error, requestId) => this.log(error, requestId),
      },
      {
        receiveLimitBytes: this.configuration.bodyLimitBytes,
        idleMs: this.configuration.connections.idleMs,
        plugins: this.registry.list('grpc').map(({ strategy, plugin }) => ({
          plugin,
          proto: strategy.proto,
          services: strategy.services(),
        })),
        onPluginError: (error) => this.logger.error(error.message, (error.cause as Error | undefined)?.stack),
      },
    );
    runtime.setServing(this.readiness.ready);
    this.readiness.on('change', (ready) => runtime.setServing(ready));
    return runtime;
  }

  private log(error: EngineError, requestId: string): void {
    if (error.code !== 'INTERNAL') return;
    const cause = error.cause instanceof Error ? error.cause : error;
    this.logger.error({ requestId, message: `${error.message}: ${cause.message}` }, cause.stack);
  }
}
