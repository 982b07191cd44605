import { createHash } from 'node:crypto';
import { join, normalize, isAbsolute } from 'node:path';
import { z } from 'zod';
import { HARDWARE_TIERS, type Artifact, type Model } from '../contracts';

/** A file name inside the model's own folder: nothing that could lead out of it. */
const fileName = z
  .string()
  .min(1)
  .refine((name) => !isAbsolute(name) && !normalize(name).startsWith('..') && !name.includes('\0'), {
    message: 'must be a relative path inside the model folder',
  });

const manifestSchema = z.strictObject({
  schema: z.literal(1),
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/),
  name: z.string(),
  family: z.string(),
  dimensions: z.int().min(1).max(4096),
  trained_dimensions: z.array(z.int().min(1)),
  max_tokens: z.int().min(2),
  pooling: z.enum(['mean', 'cls', 'last']),
  normalize: z.boolean(),
  prompts: z.record(z.string(), z.string()),
  quality_score: z.number().min(0).max(100).nullable(),
  quality_source: z.string().nullable(),
  license: z.string(),
  size_mb: z.number().nonnegative(),
  hardware_tier: z.enum(HARDWARE_TIERS),
  tokenizer: fileName,
  rotation: z.strictObject({ file: fileName, axes: z.int().min(1), fitted_on: z.string() }).nullable(),
  artifacts: z
    .array(
      z.strictObject({
        id: z.string(),
        format: z.string(),
        precision: z.enum(['fp32', 'fp16', 'int8']),
        graph: fileName,
        files: z.array(fileName).min(1),
        ragged: z.boolean().optional(),
        requires: z.array(z.string()),
        probe_cosine: z.number().gt(0).max(1),
      }),
    )
    .min(1),
  files: z.record(fileName, z.strictObject({ bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
  probes: z.array(z.strictObject({ text: z.string(), vector: z.base64() })).min(1),
});

export type Manifest = z.infer<typeof manifestSchema>;

/**
 * Checks a manifest's shape and that every file it uses is listed with its hash.
 * @throws Error with every problem in one message
 */
export function parseManifest(json: unknown): Manifest {
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'manifest'}: ${issue.message}`).join('; '),
    );
  }
  const manifest = parsed.data;
  const used = [
    manifest.tokenizer,
    ...(manifest.rotation ? [manifest.rotation.file] : []),
    ...manifest.artifacts.flatMap(({ graph, files }) => [graph, ...files]),
  ];
  const unlisted = used.filter((name) => !(name in manifest.files));
  if (unlisted.length > 0) throw new Error(`files: no hash for ${[...new Set(unlisted)].join(', ')}`);
  const wrong = manifest.probes.filter(
    ({ vector }) => Buffer.from(vector, 'base64').length !== manifest.dimensions * 4,
  );
  if (wrong.length > 0) throw new Error(`probes: a vector must hold ${manifest.dimensions} float32 values`);
  return manifest;
}

/** A checked manifest as a model whose paths lie in `folder`. */
export function toModel(manifest: Manifest, folder: string): Model {
  const artifacts = manifest.artifacts.map((artifact): Artifact =>
    Object.freeze({
      modelId: manifest.id,
      id: artifact.id,
      format: artifact.format,
      precision: artifact.precision,
      path: join(folder, artifact.graph),
      sha256: identity(artifact.files.map((name) => manifest.files[name]?.sha256 ?? '')),
      ...(artifact.ragged && { ragged: true }),
      requires: Object.freeze(artifact.requires),
      bytes: artifact.files.reduce((sum, name) => sum + (manifest.files[name]?.bytes ?? 0), 0),
      probeCosine: artifact.probe_cosine,
    }),
  );
  return Object.freeze({
    id: manifest.id,
    name: manifest.name,
    family: manifest.family,
    dimensions: manifest.dimensions,
    trainedDimensions: Object.freeze([...manifest.trained_dimensions].sort((a, b) => b - a)),
    maxTokens: manifest.max_tokens,
    pooling: manifest.pooling,
    normalize: manifest.normalize,
    prompts: Object.freeze(manifest.prompts),
    qualityScore: manifest.quality_score,
    qualitySource: manifest.quality_source,
    license: manifest.license,
    sizeMb: manifest.size_mb,
    hardwareTier: manifest.hardware_tier,
    folder,
    tokenizerPath: join(folder, manifest.tokenizer),
    rotation: manifest.rotation && {
      path: join(folder, manifest.rotation.file),
      axes: manifest.rotation.axes,
      fittedOn: manifest.rotation.fitted_on,
    },
    artifacts: Object.freeze(artifacts),
    probes: Object.freeze(manifest.probes.map(({ text, vector }) => ({ text, vector: decodeVector(vector) }))),
  });
}

/** Identity of the bytes of an artifact: SHA-256 (hex) over the SHA-256 of each of its files. */
export function identity(hashes: readonly string[]): string {
  return createHash('sha256').update(hashes.join('\n')).digest('hex');
}

function decodeVector(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
