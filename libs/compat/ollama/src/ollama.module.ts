import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { OllamaEmbedController } from './embed.controller';
import { OllamaModelsController } from './models.controller';
import { OllamaServiceController } from './service.controller';
import { readsAsJson, type Headed } from './reads-as-json';

/** Of Fastify, what is used here. */
interface Hooks {
  addHook(name: 'onRequest', hook: (request: Headed, reply: unknown, done: () => void) => void): unknown;
}

/** The parts of Ollama's API that are about embeddings, so that its clients need no more than another host. */
@EmbedderPlugin({ name: '@sutra-embedder/compat-ollama', version: '1.0.0', engine: '^1.0.0' })
@Module({ controllers: [OllamaEmbedController, OllamaModelsController, OllamaServiceController] })
export class OllamaModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    // An application context, as of a command, serves nothing.
    const adapter = this.host.httpAdapter as typeof this.host.httpAdapter | undefined;
    adapter?.getInstance<Hooks>().addHook('onRequest', (request, _reply, done) => {
      readsAsJson(request);
      done();
    });
  }
}
