import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { RemoteBackend } from './remote-backend';
import { RemoteServer } from './remote-server';

const settings = {
  provide: RemoteServer,
  useFactory: () =>
    new RemoteServer(process.env['REMOTE_EMBED_URL'], Number(process.env['REMOTE_EMBED_TIMEOUT_MS'] ?? 30_000)),
};

/** Load it with SUTRA_PLUGINS; REMOTE_EMBED_URL says which server to ask. */
@EmbedderPlugin({ name: '@sutra-embedder/example-plugin-backend', version: '1.0.0', engine: '^1.0.0' })
@Module({ providers: [settings, RemoteBackend] })
export class RemoteBackendPlugin {}
