import type { Model } from '../contracts';

/** A model that exists in no file, for tests of what only reads its description. */
export function sampleModel(changes: Partial<Model> = {}): Model {
  return Object.freeze({
    id: 'sample',
    name: 'Sample',
    family: 'sample',
    dimensions: 384,
    trainedDimensions: [],
    maxTokens: 256,
    pooling: 'mean',
    normalize: true,
    prompts: {},
    qualityScore: null,
    qualitySource: null,
    license: 'MIT',
    sizeMb: 0,
    hardwareTier: 'minimal',
    folder: '/nowhere',
    tokenizerPath: '/nowhere/tokenizer.json',
    rotation: null,
    artifacts: [],
    probes: [],
    ...changes,
  } satisfies Model);
}
