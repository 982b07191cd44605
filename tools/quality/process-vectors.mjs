import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const {
  BinaryProcessor,
  CutProcessor,
  Int4Processor,
  Int8Processor,
  IsometryProcessor,
  PcaProcessor,
} = require('@sutra-embedder/quantization');

const PROCESSORS = [
  new PcaProcessor(),
  new CutProcessor(),
  new IsometryProcessor(),
  new Int8Processor(),
  new Int4Processor(),
  new BinaryProcessor(),
].sort((a, b) => b.priority - a.priority);

/**
 * What the engine does to finished vectors: reduce or expand, then code, each by the first processor that accepts.
 * @param {object} model the model as its manifest describes it
 * @returns {(vectors: import('./evaluate.mjs').Vectors, plan: { dimensions: number, scheme: string }) =>
 *   Promise<{ vectors: import('./evaluate.mjs').Vectors, methods: string[] }>}
 */
export function vectorProcess(model) {
  return async (vectors, { dimensions, scheme }) => {
    const task = { model, from: vectors.dimensions, to: dimensions, scheme, normalize: true };
    const stages = [];
    if (dimensions < task.from) stages.push(['reduce', task]);
    if (dimensions > task.from) stages.push(['expand', task]);
    if (scheme !== 'none') stages.push(['quantize', { ...task, from: dimensions }]);
    const methods = [];
    let current = vectors;
    for (const [stage, stageTask] of stages) {
      const processor = PROCESSORS.find((one) => one.stage === stage && one.accepts(stageTask).available);
      if (!processor) throw new Error(`No processor can ${stage} from ${stageTask.from} to ${stageTask.to}`);
      const step = await processor.prepare(stageTask);
      current = step.apply(current);
      methods.push(step.method);
    }
    return { vectors: current, methods };
  };
}
