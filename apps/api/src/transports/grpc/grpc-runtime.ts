import type { Socket } from 'node:net';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import type { PluginError } from '@sutra-embedder/engine';
import { EmbedderCalls, type CallServices } from './embedder-calls';
import { HealthCalls } from './health-calls';
import { PluginCalls, type PluginServices } from './plugin-calls';
import { Protocol } from './protocol';
import { tolerant } from './tolerant';

export interface RuntimeOptions {
  readonly receiveLimitBytes: number;
  /** A connection without a call is closed after so long. */
  readonly idleMs: number;
  readonly plugins: readonly PluginServices[];
  /** Told of a plugin whose services could not be added: the others serve without them. */
  onPluginError(error: PluginError): void;
}

/** The largest answer that a request within its limits can ask for: 1000 vectors of 4096 float32, and some room. */
const SEND_LIMIT_BYTES = 20 * 2 ** 20;
const STREAMS_PER_CONNECTION = 1000;
/** Finds out about peers that vanished without closing their connection. */
const KEEPALIVE_MS = { every: 60_000, timeout: 20_000 };

/** Everything of gRPC that costs memory and start-up time, in one module that is loaded with the first connection. */
export class GrpcRuntime {
  private readonly server: Server;
  private readonly health: HealthCalls;
  private readonly connections: ReturnType<Server['createConnectionInjector']>;

  constructor(services: CallServices, { receiveLimitBytes, idleMs, plugins, onPluginError }: RuntimeOptions) {
    const protocol = new Protocol();
    this.server = new Server({
      'grpc.max_receive_message_length': receiveLimitBytes,
      'grpc.max_send_message_length': SEND_LIMIT_BYTES,
      'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION,
      'grpc.max_connection_idle_ms': idleMs,
      'grpc.keepalive_time_ms': KEEPALIVE_MS.every,
      'grpc.keepalive_timeout_ms': KEEPALIVE_MS.timeout,
      'grpc.enable_channelz': 0,
    });
    const calls: object = new EmbedderCalls(services, protocol);
    this.server.addService(tolerant(protocol.service), calls as UntypedServiceImplementation);
    let packages = protocol.packages;
    const names = [protocol.serviceName];
    const pluginCalls = new PluginCalls(services, protocol);
    for (const plugin of plugins) {
      try {
        packages = { ...packages, ...pluginCalls.addTo(this.server, plugin) };
        names.push(...Object.keys(plugin.services));
      } catch (error) {
        onPluginError(error as PluginError);
      }
    }
    this.health = new HealthCalls(['', ...names]);
    this.health.addTo(this.server);
    new ReflectionService(packages, { services: names }).addToServer(this.server);
    this.connections = this.server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  accept(socket: Socket): void {
    this.connections.injectConnection(socket);
  }

  /** What grpc.health.v1 answers. */
  setServing(serving: boolean): void {
    this.health.setServing(serving);
  }

  /** Takes no more calls and resolves once those that run are answered, or cancelled after the grace. */
  async close(graceMs: number): Promise<void> {
    this.health.finish();
    const timer = setTimeout(() => this.server.forceShutdown(), graceMs);
    await new Promise<void>((resolve) => this.server.tryShutdown(() => resolve()));
    clearTimeout(timer);
  }
}
