import { z } from 'zod';

type Environment = Readonly<Record<string, string | undefined>>;

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Where spans go and which of them. */
export interface TracingConfiguration {
  readonly url: string;
  /** Sent with every export; may hold a token, so never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly compress: boolean;
  readonly serviceName: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: (typeof SAMPLERS)[number];
  /** Share of traces, for the samplers that take one. */
  readonly ratio: number;
}

/** A list as OpenTelemetry writes it: `a=1,b=2`, values percent-encoded. */
const pairs = z.string().transform((text, context) => {
  const found: Record<string, string> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    if (part.trim() === '') continue;
    try {
      if (at < 1) throw new Error('no name');
      found[decodeURIComponent(part.slice(0, at).trim())] = decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      // The text may hold a token: it is not repeated.
      context.addIssue('must be name=value pairs, comma-separated, percent-encoded');
      return z.NEVER;
    }
  }
  return found;
});

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });
const protocol = z.literal('http/protobuf', { error: 'only http/protobuf is spoken here' });
const timeout = z.coerce.number().int().min(1);
const compression = z.enum(['none', 'gzip']);

/** The variables of OpenTelemetry that the service honors, with the names and defaults of its specification. */
const variables = z.object({
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs.optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_TIMEOUT: timeout.optional(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: timeout.optional(),
  OTEL_EXPORTER_OTLP_COMPRESSION: compression.optional(),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: compression.optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});

/**
 * @param on SUTRA_TRACES: without it nothing of the environment is looked at
 * @returns undefined where no span is to be made; and what is wrong, one sentence each
 */
export function readOtlpEnvironment(
  environment: Environment,
  on: boolean,
): { tracing: TracingConfiguration | undefined; problems: string[] } {
  if (!on) return { tracing: undefined, problems: [] };
  const given = Object.fromEntries(
    Object.keys(variables.shape).flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  );
  const parsed = variables.safeParse(given);
  if (!parsed.success)
    return {
      tracing: undefined,
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    };
  const values = parsed.data;
  if (values.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return { tracing: undefined, problems: [] };
  const base = values.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://localhost:4318';
  return {
    problems: [],
    tracing: Object.freeze({
      url: values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? `${base.replace(/\/$/, '')}/v1/traces`,
      headers: Object.freeze({
        ...values.OTEL_EXPORTER_OTLP_HEADERS,
        ...values.OTEL_EXPORTER_OTLP_TRACES_HEADERS,
      }),
      timeoutMs: values.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? values.OTEL_EXPORTER_OTLP_TIMEOUT ?? 10_000,
      compress:
        (values.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION ?? values.OTEL_EXPORTER_OTLP_COMPRESSION ?? 'none') === 'gzip',
      serviceName: values.OTEL_SERVICE_NAME ?? values.OTEL_RESOURCE_ATTRIBUTES?.['service.name'] ?? 'sutra-embedder',
      resource: Object.freeze({ ...values.OTEL_RESOURCE_ATTRIBUTES }),
      sampler: values.OTEL_TRACES_SAMPLER,
      ratio: values.OTEL_TRACES_SAMPLER_ARG,
    }),
  };
}
