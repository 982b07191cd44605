import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { identity, type HardwareTier, type Model } from '@sutra-embedder/engine';
import type { Layout } from './layout';

/** What a folder does not say about its model. */
export interface Facts {
  readonly id: string;
  readonly name: string;
  readonly trainedDimensions: readonly number[];
  readonly prompts?: Readonly<Record<string, string>> | undefined;
  readonly qualityScore: number | null;
  readonly qualitySource: string | null;
  readonly license: string;
  readonly hardwareTier?: HardwareTier | undefined;
}

/** A folder in sentence-transformers layout as a model, its bytes identified by their hashes. */
export async function toModel(folder: string, layout: Layout, facts: Facts): Promise<Model> {
  const hashed = [...layout.graphFiles, 'tokenizer.json'];
  const [hashes, sizes] = await Promise.all([
    Promise.all(hashed.map((name) => sha256Of(join(folder, name)))),
    Promise.all(layout.graphFiles.map(async (name) => (await stat(join(folder, name))).size)),
  ]);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return Object.freeze<Model>({
    id: facts.id,
    name: facts.name,
    family: layout.family,
    dimensions: layout.dimensions,
    trainedDimensions: facts.trainedDimensions,
    maxTokens: layout.maxTokens,
    pooling: layout.pooling,
    normalize: layout.normalize,
    prompts: Object.freeze({ ...layout.prompts, ...facts.prompts }),
    ...(layout.defaultPrompt !== undefined && { defaultPrompt: layout.defaultPrompt }),
    padTokenId: layout.padTokenId,
    positionOffset: layout.positionOffset,
    qualityScore: facts.qualityScore,
    qualitySource: facts.qualitySource,
    license: facts.license,
    sizeMb: bytes / 1e6,
    hardwareTier: facts.hardwareTier ?? tierFor(bytes),
    folder,
    tokenizerPath: join(folder, 'tokenizer.json'),
    rotation: null,
    artifacts: Object.freeze([
      Object.freeze({
        modelId: facts.id,
        id: 'fp32',
        format: 'onnx',
        precision: 'fp32' as const,
        path: join(folder, layout.graphFiles[0] ?? ''),
        // Pooling and prompts change vectors as much as weights do, and cache keys must tell them apart.
        sha256: identity([...hashes, JSON.stringify([layout.pooling, layout.maxTokens, layout.padTokenId])]),
        bytes,
        requires: Object.freeze([]),
        probeCosine: 1,
      }),
    ]),
    probes: Object.freeze([]),
  });
}

/** The least machine for a graph: its weights should take at most an eighth of the tier's memory (8, 16, 32, 64 GB). */
export function tierFor(bytes: number): HardwareTier {
  if (bytes < 0.25e9) return 'minimal';
  if (bytes < 1e9) return 'low';
  if (bytes < 2e9) return 'medium';
  return bytes < 4e9 ? 'high' : 'extreme';
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
