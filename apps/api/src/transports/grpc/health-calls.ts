import type { Server, ServerWritableStream } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

type Watch = ServerWritableStream<unknown, unknown>;

/** grpc.health.v1. Watching never ends by itself, so whoever shuts down has to end it: it would wait for it. */
export class HealthCalls {
  private readonly health = new HealthImplementation();
  private readonly watching = new Set<Watch>();

  constructor(private readonly services: readonly string[]) {}

  addTo(server: Server): void {
    const adding: Pick<Server, 'addService'> = {
      addService: (service, implementation) => {
        const watch = implementation['watch'] as (call: Watch) => void;
        server.addService(service, {
          ...implementation,
          watch: (call: Watch) => {
            this.watching.add(call);
            call.on('cancelled', () => this.watching.delete(call));
            watch(call);
          },
        });
      },
    };
    this.health.addToServer(adding as Server);
  }

  setServing(serving: boolean): void {
    for (const service of this.services) this.health.setStatus(service, serving ? 'SERVING' : 'NOT_SERVING');
  }

  /** Ends what watches; who wants to know more asks another server. */
  finish(): void {
    for (const call of this.watching) call.end();
    this.watching.clear();
  }
}
