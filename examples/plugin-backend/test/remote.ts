import 'reflect-metadata';
import { join, resolve } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { BackendsModule } from '@sutra-embedder/backends';
import { EngineModule, FolderSource, loadTokenizer } from '@sutra-embedder/engine';
import { EmbedRoutesPlugin } from './embed-routes';

/** The models that ship with Sutra-Embedder, from dist/test of an example inside its repository. */
export const MODELS = resolve(process.env['SUTRA_EXAMPLE_MODELS'] ?? join(__dirname, '../../../../models'));

@Module({ imports: [EngineModule.forRoot({ modelFolders: [MODELS] }), BackendsModule, EmbedRoutesPlugin] })
class RemoteModule {}

/** A real server on a free port, on the real model. */
export async function startRemote(): Promise<{ url: string; close(): Promise<void> }> {
  const app = await NestFactory.create<NestFastifyApplication>(RemoteModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return { url: `${await app.getUrl()}/remote`, close: () => app.close() };
}

const samples = new Map<string, ReturnType<typeof loadSample>>();

/** What the conformance suite runs on a backend; loaded once for all tests. */
export function sample(artifactId: string): ReturnType<typeof loadSample> {
  let loading = samples.get(artifactId);
  if (!loading) samples.set(artifactId, (loading = loadSample(artifactId)));
  return loading;
}

async function loadSample(artifactId: string) {
  const model = await new FolderSource('shipped', [MODELS]).locate('all-MiniLM-L6-v2');
  const artifact = model?.artifacts.find(({ id }) => id === artifactId);
  if (!model || !artifact) throw new Error(`${MODELS} has no ${artifactId} artifact of all-MiniLM-L6-v2`);
  const tokenizer = await loadTokenizer(model.tokenizerPath);
  const texts = ['one', 'a sentence of medium length, with a comma', 'long '.repeat(60)];
  return { model, artifact, texts: texts.map((text) => [...tokenizer.encode(text, 256, 'end').ids]) };
}
