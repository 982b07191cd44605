import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pooling } from '@sutra-embedder/engine';
import { z } from 'zod';

/** What a folder in sentence-transformers layout says about its model. */
export interface Layout {
  /** `model_type` of config.json, e.g. bert, mpnet, xlm-roberta. */
  readonly family: string;
  readonly dimensions: number;
  readonly maxTokens: number;
  readonly pooling: Pooling;
  readonly normalize: boolean;
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPrompt: string | undefined;
  readonly padTokenId: number;
  readonly positionOffset: number;
  /** Graph and, where there is one, its weights; relative to the folder, graph first. */
  readonly graphFiles: readonly string[];
}

/** Why a folder cannot be served as its author meant it. The message is for whoever put it there. */
export class LayoutError extends Error {}

const GRAPHS = ['onnx/model.onnx', 'model.onnx'];

const Modules = z.array(z.looseObject({ type: z.string(), path: z.string() }));
const Config = z.looseObject({
  model_type: z.string(),
  hidden_size: z.int().optional(),
  dim: z.int().optional(),
  n_embd: z.int().optional(),
  max_position_embeddings: z.int().nullish(),
  n_positions: z.int().nullish(),
  pad_token_id: z.int().nullish(),
});
const PoolingConfig = z.looseObject({
  pooling_mode: z.union([z.string(), z.array(z.string())]).optional(),
  include_prompt: z.boolean().default(true),
});
const TransformerConfig = z.looseObject({
  max_seq_length: z.int().nullish(),
  do_lower_case: z.boolean().default(false),
});
const TokenizerConfig = z.looseObject({ model_max_length: z.number().nullish() });
const SentenceTransformersConfig = z.looseObject({
  prompts: z.record(z.string(), z.string()).default({}),
  default_prompt_name: z.string().nullish(),
  truncate_dim: z.int().nullish(),
});

/** Their embeddings count positions from behind the padding id. */
const POSITIONS_AFTER_PADDING = new Set(['roberta', 'xlm-roberta', 'camembert', 'mpnet', 'xlm-roberta-xl']);

/** Whether a folder looks like a model in this layout at all. */
export async function hasLayout(folder: string): Promise<boolean> {
  return (await exists(folder, 'config.json')) && (await graphOf(folder)) !== undefined;
}

/**
 * Reads a folder: modules.json, config.json, 1_Pooling, sentence_bert_config.json, config_sentence_transformers.json.
 * @throws LayoutError for what is missing and for everything that could not be honored exactly
 */
export async function readLayout(folder: string): Promise<Layout> {
  const config = await read(folder, 'config.json', Config);
  if (!config) throw new LayoutError('it has no config.json');
  const graph = await graphOf(folder);
  if (!graph) {
    throw new LayoutError(
      `it has no ONNX graph (${GRAPHS.join(' or ')}); export one, e.g. with optimum-cli export onnx`,
    );
  }
  if (!(await exists(folder, 'tokenizer.json'))) {
    throw new LayoutError('it has no tokenizer.json; save it with a fast tokenizer of the transformers library');
  }
  const modules = await read(folder, 'modules.json', Modules);
  const { poolingPath, normalize, transformerPath } = readModules(modules);
  const { pooling, includePrompt } = await readPooling(folder, poolingPath);
  const transformer = (await read(folder, join(transformerPath, 'sentence_bert_config.json'), TransformerConfig)) ?? {
    do_lower_case: false,
  };
  if (transformer.do_lower_case) await requireLowercasing(folder);
  const sentences = (await read(folder, 'config_sentence_transformers.json', SentenceTransformersConfig)) ?? {
    prompts: {},
  };
  if (sentences.truncate_dim) {
    throw new LayoutError(
      `config_sentence_transformers.json cuts vectors to ${sentences.truncate_dim} dimensions; take truncate_dim out and ask for "dimensions" instead`,
    );
  }
  const prompts = withPassage(sentences.prompts);
  if (!includePrompt && Object.values(prompts).some((prompt) => prompt !== '')) {
    throw new LayoutError('its pooling leaves the prompt out (include_prompt is false), which is not supported');
  }
  const dimensions = config.hidden_size ?? config.dim ?? config.n_embd;
  if (!dimensions) throw new LayoutError('config.json does not say hidden_size');
  const padTokenId = config.pad_token_id ?? 0;
  const positionOffset = POSITIONS_AFTER_PADDING.has(config.model_type) ? padTokenId + 1 : 0;
  const data = `${graph}_data`;
  return {
    family: config.model_type,
    dimensions,
    maxTokens: await maxTokens(folder, transformerPath, config, transformer.max_seq_length, positionOffset),
    pooling,
    normalize,
    prompts,
    defaultPrompt: sentences.default_prompt_name ? prompts[sentences.default_prompt_name] : undefined,
    padTokenId,
    positionOffset,
    graphFiles: (await exists(folder, data)) ? [graph, data] : [graph],
  };
}

/** The chain must be one that the engine runs: a transformer, its pooling, perhaps a normalization. */
function readModules(modules: z.infer<typeof Modules> | undefined) {
  // A bare transformer is mean-pooled, as sentence-transformers itself does it.
  if (!modules) return { transformerPath: '', poolingPath: undefined, normalize: false };
  const kinds = modules.map(({ type }) => type.slice(type.lastIndexOf('.') + 1));
  const unknown = kinds.filter((kind) => !['Transformer', 'Pooling', 'Normalize'].includes(kind));
  if (unknown.length > 0) {
    throw new LayoutError(
      `modules.json has ${unknown.join(', ')}, which would change its vectors and is not supported; only Transformer, Pooling and Normalize are`,
    );
  }
  const order = kinds.join(' ');
  if (order !== 'Transformer Pooling' && order !== 'Transformer Pooling Normalize') {
    throw new LayoutError(`modules.json has the chain ${order}; Transformer, Pooling and perhaps Normalize are needed`);
  }
  return {
    transformerPath: inside(modules[0]?.path ?? ''),
    poolingPath: inside(modules[1]?.path ?? ''),
    normalize: kinds.length === 3,
  };
}

const POOLING_NAMES: Readonly<Record<string, Pooling>> = { mean: 'mean', cls: 'cls', lasttoken: 'last' };
const POOLING_FLAGS: Readonly<Record<string, string>> = {
  pooling_mode_cls_token: 'cls',
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_max_tokens: 'max',
  pooling_mode_mean_sqrt_len_tokens: 'mean_sqrt_len_tokens',
  pooling_mode_weightedmean_tokens: 'weightedmean',
  pooling_mode_lasttoken: 'lasttoken',
};

async function readPooling(folder: string, path: string | undefined) {
  if (path === undefined) return { pooling: 'mean' as Pooling, includePrompt: true };
  const config = await read(folder, join(path, 'config.json'), PoolingConfig);
  if (!config) throw new LayoutError(`${path}/config.json is missing`);
  // Newer versions name the mode, older ones have a flag for each.
  const named = config.pooling_mode;
  const modes =
    named === undefined
      ? Object.entries(POOLING_FLAGS).flatMap(([flag, mode]) => (config[flag] === true ? [mode] : []))
      : [named].flat();
  const pooling = modes.length === 1 ? POOLING_NAMES[modes[0] ?? ''] : undefined;
  if (!pooling) {
    throw new LayoutError(
      `its pooling is ${modes.join(' with ') || 'not said'}; mean, cls and lasttoken are supported`,
    );
  }
  return { pooling, includePrompt: config.include_prompt };
}

async function maxTokens(
  folder: string,
  transformerPath: string,
  config: z.infer<typeof Config>,
  stated: number | null | undefined,
  positionOffset: number,
): Promise<number> {
  const tokenizer = await read(folder, join(transformerPath, 'tokenizer_config.json'), TokenizerConfig);
  const positions = config.max_position_embeddings ?? config.n_positions;
  const limits = [
    stated ?? tokenizer?.model_max_length,
    positions === undefined || positions === null ? undefined : positions - positionOffset,
  ].filter((limit): limit is number => typeof limit === 'number' && limit >= 2 && limit < 1e7);
  if (limits.length === 0) {
    throw new LayoutError('nothing says how many tokens it takes; set max_seq_length in sentence_bert_config.json');
  }
  return Math.min(...limits);
}

/** do_lower_case is only honored where the tokenizer does the same by itself. */
async function requireLowercasing(folder: string): Promise<void> {
  const { normalizer } =
    (await read(folder, 'tokenizer.json', z.looseObject({ normalizer: z.unknown().optional() }))) ?? {};
  const text = JSON.stringify(normalizer ?? null);
  if (text.includes('"lowercase":true') || text.includes('"Lowercase"')) return;
  throw new LayoutError(
    'sentence_bert_config.json asks for do_lower_case where tokenizer.json does not lowercase; add a Lowercase normalizer to it',
  );
}

/** The API's name for what most models call `document`. */
function withPassage(prompts: Record<string, string>): Record<string, string> {
  const { document } = prompts;
  return document !== undefined && prompts['passage'] === undefined ? { ...prompts, passage: document } : prompts;
}

/** A module's path, which must not lead out of its folder. */
function inside(path: string): string {
  if (path.split(/[/\\]/).includes('..') || path.startsWith('/') || path.includes('\0')) {
    throw new LayoutError(`modules.json has the path "${path}", which leads out of the folder`);
  }
  return path;
}

async function graphOf(folder: string): Promise<string | undefined> {
  for (const graph of GRAPHS) if (await exists(folder, graph)) return graph;
  return undefined;
}

async function exists(folder: string, name: string): Promise<boolean> {
  return stat(join(folder, name)).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

async function read<T extends z.ZodType>(folder: string, name: string, schema: T): Promise<z.infer<T> | undefined> {
  const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new LayoutError(`${name} is not valid JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new LayoutError(`${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}
