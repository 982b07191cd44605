// What it costs to look up the plan of a known request, on the whole service's engine with every strategy loaded.
// `node test/load/plan-resolver.mjs`; ends with code 1 where a lookup costs 20 microseconds or more.
import 'reflect-metadata';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BackendsModule } from '@sutra-embedder/backends';
import { Engine, EngineModule } from '@sutra-embedder/engine';
import { HardwareModule } from '@sutra-embedder/hardware';
import { QuantizationModule } from '@sutra-embedder/quantization';

const MOST_MICROSECONDS = 20;
const ROUNDS = 11;
const LOOKUPS = 200_000;
const MODELS = join(fileURLToPath(new URL('../..', import.meta.url)), 'models');

/** Every field that a plan depends on, absent and present. */
const REQUESTS = {
  'the default': {},
  'a preset': { model: 'efficient' },
  'every field': {
    model: 'efficient',
    dimensions: 256,
    quantization: 'binary',
    useFp16: false,
    hardwareProfile: 'server',
    normalize: true,
  },
};

class Root {}
Module({
  imports: [EngineModule.forRoot({ modelFolders: [MODELS] }), BackendsModule, HardwareModule, QuantizationModule],
})(Root);
const app = await NestFactory.createApplicationContext(Root, { logger: ['error'] });
const { plans } = app.get(Engine);
let slowest = 0;
try {
  for (const [name, request] of Object.entries(REQUESTS)) {
    const plan = await plans.resolve(request);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now();
      let same = 0;
      // A new object each time, as a transport makes one.
      for (let i = 0; i < LOOKUPS; i++) if (plans.resolve({ ...request }) === plan) same++;
      rounds.push(((performance.now() - startedAt) / LOOKUPS) * 1000);
      if (same !== LOOKUPS) throw new Error(`${name}: the plan was made anew`);
    }
    rounds.sort((a, b) => a - b);
    const median = rounds[Math.floor(ROUNDS / 2)];
    slowest = Math.max(slowest, median);
    console.log(
      `${name.padEnd(12)} ${median.toFixed(3)} microseconds a lookup (median of ${ROUNDS} x ${LOOKUPS}; ` +
        `${rounds[0].toFixed(3)} to ${rounds.at(-1).toFixed(3)})`,
    );
  }
} finally {
  await app.close();
}
console.log(`${slowest < MOST_MICROSECONDS ? 'below' : 'NOT below'} ${MOST_MICROSECONDS} microseconds`);
process.exit(slowest < MOST_MICROSECONDS ? 0 : 1);
