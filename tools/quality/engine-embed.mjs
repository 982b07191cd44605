import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const require = createRequire(import.meta.url);
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { BackendsModule } = require('@sutra-embedder/backends');
const { EmbeddingService, Engine, EngineModule } = require('@sutra-embedder/engine');
const { QuantizationModule } = require('@sutra-embedder/quantization');

/**
 * Opens a model in the engine, as a request for its id would be served: fp32, its own length, not coded.
 * @param {string} folder that the model's folder is in
 * @param {string} id
 */
export async function openEmbedder(folder, id) {
  class QualityModule {}
  Module({ imports: [EngineModule.forRoot({ modelFolders: [resolve(folder)] }), BackendsModule, QuantizationModule] })(
    QualityModule,
  );
  const application = await NestFactory.createApplicationContext(QualityModule, { logger: ['error', 'warn'] });
  const service = application.get(EmbeddingService);
  const request = { model: id, quantization: 'none' };
  const { dimensions } = await service.plan(request);
  return {
    model: await application.get(Engine).models.locate(id),
    async embed(texts) {
      const { items } = await service.embed({ ...request, texts });
      const values = new Float32Array(items.length * dimensions);
      items.forEach((item, row) => values.set(item.values, row * dimensions));
      return { rows: items.length, dimensions, values };
    },
    close: () => application.close(),
  };
}
