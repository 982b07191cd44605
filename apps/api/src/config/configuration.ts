import { resolve } from 'node:path';
import { DEFAULT_HOSTING, ISOLATIONS, PRESETS, type Hosting } from '@sutra-embedder/engine';
import { z } from 'zod';
import { LIMIT_VARIABLES, readLimits, type LimitsConfiguration } from './limits-configuration';
import { readHubEnvironment, type HubConfiguration } from './hub-environment';
import { readOtlpEnvironment, type TracingConfiguration } from './otlp-environment';
import { readSecurity, SECURITY_VARIABLES, type SecurityConfiguration } from './security-configuration';

/** Read by the clients, which may share this environment. */
const OF_CLIENTS = new Set(['SUTRA_BASE_URL', 'SUTRA_API_KEY']);

/** Surfaces of other products' APIs, each a plugin: the packages @sutra-embedder/compat-*. */
export const COMPAT_SURFACES = ['openai', 'jina', 'tei', 'cohere', 'ollama', 'declined'] as const;
export type CompatSurface = (typeof COMPAT_SURFACES)[number];

const port = z.coerce.number().int().min(0).max(65535);
const whole = (least: number) => z.coerce.number().int().min(least);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

const surfaces = list.transform((names, context) =>
  names.length === 1 && names[0] === 'off'
    ? []
    : names.map((name) => {
        const known = COMPAT_SURFACES.find((surface) => surface === name);
        if (known) return known;
        context.addIssue(`"${name}" is not one of ${COMPAT_SURFACES.join(', ')}; write "off" for none`);
        return z.NEVER;
      }),
);
const aliases = list.transform((pairs, context) =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', target = ''] = pair.split('=').map((part) => part.trim());
      if (pair.split('=').length === 2 && name && target && !Object.hasOwn(PRESETS, name)) return [name, target];
      context.addIssue(`"${pair}" is not name=model, with a name that is no preset`);
      return [name, target];
    }),
  ),
);

/** Every variable the service reads, with its default. docs/configuration.md says the same in prose. */
const variables = z.strictObject({
  SUTRA_HOST: z.string().min(1).default('127.0.0.1'),
  SUTRA_HTTP_PORT: port.default(8080),
  SUTRA_GRPC_PORT: port.default(50051),
  ...SECURITY_VARIABLES,
  SUTRA_LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  SUTRA_ACCESS_LOG: z.enum(['on', 'off']).default('on'),
  SUTRA_TRACES: z.enum(['on', 'off']).default('off'),
  SUTRA_MODELS_DIR: z.string().min(1).optional(),
  SUTRA_PLUGINS: list.default([]),
  SUTRA_MODEL_STORE: z.string().min(1).optional(),
  SUTRA_CATALOGUE: z.string().min(1).optional(),
  SUTRA_MODEL_MEMORY_MB: whole(1).optional(),
  SUTRA_PRELOAD: list.default(['efficient']),
  SUTRA_BODY_LIMIT_MB: whole(1).default(10),
  SUTRA_CACHE_MB: whole(0).default(0),
  SUTRA_TUNING: z.string().min(1).optional(),
  SUTRA_TOKEN_BUDGET: whole(16).optional(),
  SUTRA_QUEUE_TOKENS: whole(1).optional(),
  SUTRA_QUEUE_MS: whole(1).optional(),
  SUTRA_ISOLATION: z.enum(ISOLATIONS).default(DEFAULT_HOSTING.isolation),
  SUTRA_BATCH_TIMEOUT_MS: whole(1).default(DEFAULT_HOSTING.batchTimeoutMs),
  SUTRA_SESSION_HEAP_MB: whole(16).default(DEFAULT_HOSTING.heapMb),
  SUTRA_SHUTDOWN_GRACE_MS: whole(0).default(30_000),
  SUTRA_HEARTBEAT_MS: whole(10).default(15_000),
  SUTRA_STREAM_BUFFER: whole(1).max(1000).default(1000),
  SUTRA_WS_SESSIONS: whole(1).default(5_000),
  SUTRA_WS_MESSAGE_KB: whole(1).default(1_024),
  SUTRA_WS_IDLE_MS: whole(10).default(60_000),
  SUTRA_WS_RESUME_MS: whole(0).default(60_000),
  SUTRA_WS_COMPRESSION: z.enum(['on', 'off']).default('off'),
  SUTRA_CORS_ORIGINS: list.default([]),
  ...LIMIT_VARIABLES,
  SUTRA_COMPAT: surfaces.default([...COMPAT_SURFACES]),
  SUTRA_ALIASES: aliases.default({}),
});

/** Names of all variables. */
export const VARIABLES: readonly string[] = Object.keys(variables.shape);

/** How the service is set up. Read once from the environment, frozen, injected. */
export interface Configuration extends LimitsConfiguration {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly security: SecurityConfiguration;
  readonly logLevel: string;
  /** Whether every call gets a line in the log. */
  readonly accessLog: boolean;
  /** Where spans go; undefined: none are made. */
  readonly tracing: TracingConfiguration | undefined;
  /** Folders with models, one a subfolder; earlier ones win. */
  readonly modelFolders: readonly string[];
  /** Packages and files with plugins, loaded in this order. */
  readonly plugins: readonly string[];
  /** Other products' APIs that are spoken beside the native one. */
  readonly compat: readonly CompatSurface[];
  /** Names that requests may use beside presets and ids, each with what it stands for. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Most memory of all loaded models together, in bytes; undefined: no bound. */
  readonly modelMemoryBytes: number | undefined;
  readonly hub: HubConfiguration;
  /** JSON file with models of the hub beside those of the shipped catalogue. */
  readonly catalogueFile: string | undefined;
  /** Presets and model ids whose sessions are opened before the first request. */
  readonly preload: readonly string[];
  readonly bodyLimitBytes: number;
  /** Most bytes of remembered vectors; 0 remembers none. */
  readonly cacheBytes: number;
  /** What `npm run tune` measured; not there where it never ran. */
  readonly tuningFile: string;
  readonly tokenBudget: number | undefined;
  readonly maxQueuedTokens: number | undefined;
  /** Longest wait that a request is admitted to. */
  readonly maxWaitMs: number | undefined;
  /** Where sessions live, and what one may take. */
  readonly hosting: Hosting;
  readonly shutdownGraceMs: number;
  /** Longest silence on a stream of server-sent events before a comment is sent. */
  readonly heartbeatMs: number;
  /** Largest buffer_size a stream may ask for, 1 to 1000. */
  readonly maxStreamBuffer: number;
  readonly ws: {
    /** Most connections, and sessions that wait to be resumed, together. */
    readonly maxSessions: number;
    readonly messageBytes: number;
    /** A client that is not heard of for half of it is asked, and for all of it is closed. */
    readonly idleMs: number;
    /** How long a session whose connection broke can be resumed. */
    readonly resumeMs: number;
    readonly compression: boolean;
    /** Origins of pages that may connect beside this server's own; `*` is any. */
    readonly origins: readonly string[];
  };
  /** Origins whose pages may call REST from a browser; `*` for all. */
  readonly corsOrigins: readonly string[];
}

/** Everything that is wrong with the environment, in one error. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.name = 'ConfigurationError';
  }
}

/** Where `npm run tune` leaves what it measured. */
export const DEFAULT_TUNING_FILE = resolve(__dirname, '../../../../.state/tuning.json');

/** The models folder that ships with the project. */
export const SHIPPED_MODELS = resolve(__dirname, '../../../../models');

/**
 * @param environment variables; beside those that begin with SUTRA_ only those of the hub, of proxies and of OpenTelemetry are looked at
 * @throws ConfigurationError listing every problem
 */
export function loadConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const ours = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name.startsWith('SUTRA_') && !OF_CLIENTS.has(name) && value !== undefined && value !== '',
    ),
  );
  const parsed = variables.safeParse(ours);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap(describeIssue);
  const { hub, problems: hubProblems } = readHubEnvironment(environment, ours['SUTRA_MODEL_STORE']);
  const { tracing, problems: tracingProblems } = readOtlpEnvironment(environment, ours['SUTRA_TRACES'] === 'on');
  const { security, problems: securityProblems } = readSecurity(ours as Record<string, string>);
  problems.push(...hubProblems, ...tracingProblems, ...securityProblems);
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  const values = parsed.data;
  return Object.freeze({
    host: values.SUTRA_HOST,
    httpPort: values.SUTRA_HTTP_PORT,
    grpcPort: values.SUTRA_GRPC_PORT,
    security: Object.freeze(security),
    logLevel: values.SUTRA_LOG_LEVEL,
    accessLog: values.SUTRA_ACCESS_LOG === 'on',
    tracing,
    modelFolders: Object.freeze([
      ...(values.SUTRA_MODELS_DIR ? [resolve(values.SUTRA_MODELS_DIR)] : []),
      SHIPPED_MODELS,
    ]),
    plugins: Object.freeze(values.SUTRA_PLUGINS),
    compat: Object.freeze(values.SUTRA_COMPAT),
    aliases: Object.freeze(values.SUTRA_ALIASES),
    modelMemoryBytes: values.SUTRA_MODEL_MEMORY_MB === undefined ? undefined : values.SUTRA_MODEL_MEMORY_MB * 1e6,
    hub,
    catalogueFile: values.SUTRA_CATALOGUE && resolve(values.SUTRA_CATALOGUE),
    preload: Object.freeze(values.SUTRA_PRELOAD),
    bodyLimitBytes: values.SUTRA_BODY_LIMIT_MB * 2 ** 20,
    cacheBytes: values.SUTRA_CACHE_MB * 2 ** 20,
    tuningFile: resolve(values.SUTRA_TUNING ?? DEFAULT_TUNING_FILE),
    tokenBudget: values.SUTRA_TOKEN_BUDGET,
    maxQueuedTokens: values.SUTRA_QUEUE_TOKENS,
    maxWaitMs: values.SUTRA_QUEUE_MS,
    hosting: Object.freeze({
      isolation: values.SUTRA_ISOLATION,
      heapMb: values.SUTRA_SESSION_HEAP_MB,
      batchTimeoutMs: values.SUTRA_BATCH_TIMEOUT_MS,
    }),
    shutdownGraceMs: values.SUTRA_SHUTDOWN_GRACE_MS,
    heartbeatMs: values.SUTRA_HEARTBEAT_MS,
    maxStreamBuffer: values.SUTRA_STREAM_BUFFER,
    ws: Object.freeze({
      maxSessions: values.SUTRA_WS_SESSIONS,
      messageBytes: values.SUTRA_WS_MESSAGE_KB * 1024,
      idleMs: values.SUTRA_WS_IDLE_MS,
      resumeMs: values.SUTRA_WS_RESUME_MS,
      compression: values.SUTRA_WS_COMPRESSION === 'on',
      origins: Object.freeze(values.SUTRA_CORS_ORIGINS),
    }),
    corsOrigins: Object.freeze(values.SUTRA_CORS_ORIGINS),
    ...readLimits(values),
  });
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (name) => `${name} is not a variable of this service; known are ${Object.keys(variables.shape).join(', ')}`,
    );
  }
  return [`${issue.path.join('.')}: ${issue.message}`];
}
