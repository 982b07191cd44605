import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { BackendsModule } from '@sutra-embedder/backends';
import { EmbeddingService, Engine, EngineModule } from '@sutra-embedder/engine';
import { Module } from '@nestjs/common';
import { AppModule, Settings } from '../src/app.module';

describe('a Nest application with the engine in it', () => {
  let app: NestFastifyApplication;
  before(async () => {
    app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
  });
  after(() => app.close());

  it('serves a route of its own on real vectors', async () => {
    const response = await fetch(`${await app.getUrl()}/answers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'Can I return what I bought?' }),
    });
    assert.equal(response.status, 200);
    const { answer, score } = (await response.json()) as { answer: string; score: number };
    assert.equal(answer, 'You can send goods back within thirty days.');
    assert.ok(score > 0.3 && score < 1);
  });

  it('has the hardware selector choose', async () => {
    const report = await app.get(Engine).report();
    assert.deepEqual(report.plugins.map(({ name }) => name).sort(), [
      '@sutra-embedder/backends',
      '@sutra-embedder/hardware',
      '@sutra-embedder/quantization',
    ]);
    const { backend, reason } = await app.get(EmbeddingService).plan({ model: 'efficient' });
    assert.equal(backend, 'onnx-cpu');
    assert.match(reason, /on the CPU/);
  });
});

describe('EngineModule.forRoot with backends alone', () => {
  @Module({ imports: [EngineModule.forRoot({ modelFolders: new Settings().modelFolders }), BackendsModule] })
  class SmallModule {}

  it('embeds, ranked by priority', async () => {
    const app = await NestFactory.createApplicationContext(SmallModule, { logger: false });
    try {
      const { items, plan } = await app.get(EmbeddingService).embed({ texts: ['hello'], model: 'all-MiniLM-L6-v2' });
      assert.equal(items[0]?.values.length, 384);
      assert.match(plan.reason, /priority alone/);
    } finally {
      await app.close();
    }
  });

  it('answers a model it does not have by name', async () => {
    @Module({ imports: [EngineModule.forRoot({ modelFolders: [join(__dirname, 'no-models-here')] }), BackendsModule] })
    class EmptyModule {}
    const app = await NestFactory.createApplicationContext(EmptyModule, { logger: false });
    try {
      await assert.rejects(app.get(EmbeddingService).embed({ texts: ['hello'] }), { code: 'MODEL_NOT_AVAILABLE' });
    } finally {
      await app.close();
    }
  });
});
