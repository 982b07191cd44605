import 'reflect-metadata';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BackendsModule } from '@sutra-embedder/backends';
import {
  EmbeddingService,
  EngineModule,
  FolderSource,
  HARDWARE_SELECTOR,
  StrategyRegistry,
} from '@sutra-embedder/engine';
import * as hardware from '@sutra-embedder/hardware';
import { root } from '../project.mjs';

const REQUEST = Object.freeze({ model: 'efficient', quantization: 'none' });
const MODEL_FOLDERS = [join(root, 'models')];

/** The model that the golden set was made with; the preset stands for it. */
export async function goldenModel() {
  const model = await new FolderSource('shipped', MODEL_FOLDERS).locate('all-MiniLM-L6-v2');
  if (!model) throw new Error('models/ has no all-MiniLM-L6-v2; check the repository out whole');
  return model;
}

/** Backends that come with the product, by id. */
export async function knownBackends() {
  const app = await open([EngineModule.forRoot(), BackendsModule]);
  const backends = app.get(StrategyRegistry).list('backend');
  await app.close();
  return new Map(backends.map(({ strategy }) => [strategy.id, strategy]));
}

/** The whole engine, self-check and scheduler included, that has nothing to choose from but one artifact on one backend. */
export class OneBackend {
  constructor(app, request, plan) {
    this.app = app;
    this.request = request;
    this.plan = plan;
  }

  /**
   * @param {string} backend its id
   * @param {string} artifact its id
   * @param {string} profile one that the backend is ranked for
   * @throws BackendUnavailableError whose details list why not
   */
  static async open(backend, artifact, profile) {
    const app = await open([
      EngineModule.forRoot({ modelFolders: MODEL_FOLDERS }),
      BackendsModule,
      only(backend, artifact),
    ]);
    try {
      const request = { ...REQUEST, hardwareProfile: profile };
      return new OneBackend(app, request, await app.get(EmbeddingService).plan(request));
    } catch (error) {
      await app.close();
      throw error;
    }
  }

  /** @returns {Promise<Float32Array[]>} */
  async embed(texts) {
    const { items } = await this.app.get(EmbeddingService).embed({ ...this.request, texts });
    return items.map(({ values }) => values);
  }

  close() {
    return this.app.close();
  }
}

function open(imports) {
  class Root {}
  Module({ imports })(Root);
  return NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
}

/** The hardware module with a selector that ranks as ever, but sees one candidate. */
function only(backend, artifact) {
  class OnlyOne {}
  const selector = {
    rank: (inventory, profile, candidates, wishes) =>
      hardware.select(
        inventory,
        profile,
        candidates.filter((one) => one.backend === backend && one.artifact === artifact),
        wishes,
      ),
  };
  const { CpuProbe, MemoryProbe, NvidiaProbe, AmdProbe, AppleProbe } = hardware;
  return {
    module: OnlyOne,
    global: true,
    providers: [
      { provide: hardware.MachineAccess, useClass: hardware.LocalMachine },
      { provide: HARDWARE_SELECTOR, useValue: selector },
      ...[CpuProbe, MemoryProbe, NvidiaProbe, AmdProbe, AppleProbe],
    ],
    exports: [HARDWARE_SELECTOR],
  };
}
