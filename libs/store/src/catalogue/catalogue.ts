import { readFile } from 'node:fs/promises';
import { errorMessage, HARDWARE_TIERS } from '@sutra-embedder/engine';
import { z } from 'zod';
import data from './catalogue.json';

/** Names that may become part of a path or an address: nothing in them can lead anywhere else. */
const repository = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/);
const filePath = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/)
  .refine((path) => !path.split('/').includes('..'));

const catalogueFile = z.strictObject({
  path: filePath,
  /** null: learned on first download and kept from then on. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  optional: z.boolean(),
});

/** null means that no source was found for a fact; it then comes from the model's own files. */
const catalogueModel = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  name: z.string(),
  repository,
  /** Commit of the repository; null: the one that `main` is when it is first downloaded, kept from then on. */
  revision: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .nullable(),
  family: z.string(),
  dimensions: z.int().min(1).max(4096),
  trained_dimensions: z.array(z.int().min(1)),
  max_tokens: z.int().min(2),
  pooling: z.enum(['mean', 'cls', 'last']).nullable(),
  normalize: z.boolean().nullable(),
  prompts: z.record(z.string(), z.string()),
  quality_score: z.number().min(0).max(100).nullable(),
  quality_source: z.string().nullable(),
  license: z.string().nullable(),
  size_mb: z.number().positive().nullable(),
  hardware_tier: z.enum(HARDWARE_TIERS),
  files: z.array(catalogueFile).min(1),
  /** Where the other facts were read. */
  sources: z.array(z.string()).min(1),
});

export type CatalogueModel = z.infer<typeof catalogueModel>;
export type CatalogueFile = z.infer<typeof catalogueFile>;

const catalogue = z.strictObject({ schema: z.literal(1), models: z.array(catalogueModel) });

/** @throws ZodError naming every field that is wrong */
export function parseCatalogue(json: unknown): readonly CatalogueModel[] {
  return catalogue.parse(json).models;
}

/** The models this project knows on the Hugging Face hub. Data, with the source of every fact. */
export function shippedCatalogue(): readonly CatalogueModel[] {
  return parseCatalogue(data);
}

/**
 * The shipped catalogue and an operator's own beside it; of two models with one id, the operator's.
 * @param path of a JSON file like catalogue.json
 * @throws Error that names the file and what is wrong in it
 */
export async function loadCatalogue(path?: string): Promise<readonly CatalogueModel[]> {
  if (path === undefined) return shippedCatalogue();
  let own: readonly CatalogueModel[];
  try {
    own = parseCatalogue(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new Error(`The catalogue ${path} (SUTRA_CATALOGUE) cannot be used: ${errorMessage(error)}`, { cause: error });
  }
  const ids = new Set(own.map(({ id }) => id));
  return [...own, ...shippedCatalogue().filter(({ id }) => !ids.has(id))];
}
