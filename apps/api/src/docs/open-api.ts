import type { INestApplication } from '@nestjs/common';
import {
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiProperty,
  ApiResponse,
  ApiSchema,
  DocumentBuilder,
  SwaggerModule,
  type ApiPropertyOptions,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { ENGINE_VERSION } from '@sutra-embedder/engine';
import { HealthController } from '../health/health.controller';
import { accessOf } from '../security/access.guard';
import { SystemController } from '../system/system.controller';
import { MetricsController } from '../metrics/metrics.controller';
import { describedFields } from '../transports/rest/dto/field';
import * as responses from '../transports/rest/dto/responses.dto';
import { EmbeddingsController } from '../transports/rest/embeddings.controller';
import { ModelsController } from '../transports/rest/models.controller';
import { StreamController } from '../transports/rest/stream.controller';

type Method = (...args: never[]) => unknown;
type ContentObject = Record<string, { schema: { $ref: string } }>;
type Paths = OpenAPIObject['paths'];
type OperationObject = NonNullable<Paths[string]['get']>;
type Controller = new (...args: never[]) => object;

interface Operation {
  readonly controller: Controller;
  readonly method: string;
  /** Default: the method's name. */
  readonly id?: string;
  readonly summary: string;
  readonly ok: { readonly description: string; readonly type?: Controller };
  readonly errors: readonly number[];
  readonly params?: readonly { readonly name: string; readonly example: string }[];
  readonly produces?: string;
  /** Whether a setting decides who may call it. */
  readonly mayBeGuarded?: boolean;
  /** Bodies of a 200 by content type, where it is not JSON. */
  readonly bodies?: Readonly<Record<string, Controller>>;
}

/** Either of them. */
const SECURITY = [{ ApiKeyAuth: [] }, { BearerAuth: [] }];

const ERROR_WORDS: Readonly<Record<number, string>> = {
  400: 'A field has a value that cannot be served; details.field names it.',
  401: 'A valid API key or token is needed; only where the server has any configured.',
  403: 'The key or token lacks the scope.',
  404: 'No such model.',
  413: 'The body is too large.',
  415: 'The content type is not application/json.',
  429: 'Too much at once; Retry-After says when to try again.',
  500: 'A fault of the server.',
  503: 'What was asked for is not available now; the message says why.',
};

const OPERATIONS: readonly Operation[] = [
  {
    controller: EmbeddingsController,
    method: 'create',
    summary: 'Embed one or more texts',
    ok: { description: 'The vectors, in the order of the texts', type: responses.EmbeddingResponseDto },
    errors: [400, 404, 413, 415, 429, 500, 503],
  },
  {
    controller: StreamController,
    method: 'create',
    id: 'stream',
    summary: 'Embed texts as a stream, in order of completion',
    ok: {
      description:
        'One record a text, as it is finished; then {"summary": ...}, or {"error": ...} where something failed after the first record. NDJSON, or server-sent events (embedding, summary, error) where Accept prefers text/event-stream.',
    },
    bodies: {
      'application/x-ndjson': responses.StreamingResponseDto,
      'text/event-stream': responses.ServerSentEventDto,
    },
    errors: [400, 404, 413, 415, 429, 500, 503],
  },
  {
    controller: ModelsController,
    method: 'list',
    summary: 'List models',
    ok: { description: 'The models', type: responses.ModelsResponseDto },
    errors: [400],
  },
  {
    controller: ModelsController,
    method: 'get',
    summary: 'A model and how it stands: available, downloading, ready, loaded or failed',
    ok: { description: 'The model', type: responses.ModelDetailDto },
    errors: [404],
    params: [{ name: 'model_id', example: 'bge-small-en-v1.5' }],
  },
  {
    controller: ModelsController,
    method: 'download',
    summary: 'Download a model; asked again, tells how far the same download is',
    ok: { description: 'How far the download is', type: responses.DownloadResponseDto },
    errors: [404, 503],
    params: [{ name: 'model_id', example: 'bge-small-en-v1.5' }],
  },
  {
    controller: ModelsController,
    method: 'remove',
    summary: 'Cancel a download, or take a downloaded model off the disk',
    ok: { description: 'How the model stands now', type: responses.DownloadResponseDto },
    errors: [400, 404],
    params: [{ name: 'model_id', example: 'bge-small-en-v1.5' }],
  },
  {
    controller: HealthController,
    method: 'check',
    summary: 'Health of the service; 503 with the same body when unhealthy',
    ok: { description: 'The service answers', type: responses.HealthResponseDto },
    errors: [],
  },
  {
    controller: HealthController,
    method: 'live',
    summary: 'Liveness',
    ok: { description: 'The process answers' },
    errors: [],
  },
  {
    controller: HealthController,
    method: 'ready',
    summary: 'Readiness; 503 when the server wants no requests',
    ok: { description: 'The server wants requests' },
    errors: [],
  },
  {
    controller: SystemController,
    method: 'report',
    id: 'system',
    summary: 'The machine, the plugins, and what each preset runs on and why',
    ok: { description: 'For operators; the same that `npm run doctor` prints' },
    errors: [],
  },
  {
    controller: MetricsController,
    method: 'index',
    summary: 'Metrics in the Prometheus text format',
    ok: { description: 'Metrics' },
    errors: [],
    produces: 'text/plain',
    mayBeGuarded: true,
  },
];

/** The OpenAPI document of the REST interface, made from the DTOs that validate it. */
export function createDocument(app: INestApplication): OpenAPIObject {
  describeFields();
  OPERATIONS.forEach(describeOperation);
  const config = new DocumentBuilder()
    .setTitle('Sutra-Embedder API')
    .setDescription(
      'Sentence vectors over REST: exact, reproducible to the bit, honest about what ran. What is spoken here of other products’ APIs is described by those products.',
    )
    .setVersion(ENGINE_VERSION)
    .setLicense('MIT', 'https://opensource.org/licenses/MIT')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key of this server' },
      'ApiKeyAuth',
    )
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'An API key of this server, or a JSON Web Token' },
      'BearerAuth',
    )
    .addSecurityRequirements('ApiKeyAuth')
    .addSecurityRequirements('BearerAuth')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [
      responses.ErrorResponseDto,
      responses.StreamingResponseDto,
      responses.StreamSummaryDto,
      responses.ServerSentEventDto,
    ],
  });
  return { ...document, paths: describedPaths(document.paths) };
}

/**
 * Without the routes that nobody has described: of other products' APIs it would only say that they are there. A plugin's
 * route is listed by its own ApiOperation.
 */
function describedPaths(paths: Paths): Paths {
  const kept = Object.entries(paths).map(([path, { parameters, ...operations }]) => {
    const described = Object.entries(operations as Record<string, OperationObject>)
      .filter(([, { summary }]) => summary)
      .map(([method, operation]) => [method, { ...operation, parameters: parametersOf(path, operation) }]);
    return [path, { ...(parameters && { parameters }), ...(Object.fromEntries(described) as object) }] as const;
  });
  return Object.fromEntries(kept.filter(([, item]) => Object.keys(item).length > 0));
}

/** A method that serves several paths has declared the parameters that they share. */
function parametersOf(path: string, { parameters = [] }: OperationObject): NonNullable<OperationObject['parameters']> {
  const known = parameters.map((parameter) => ('name' in parameter ? parameter.name : undefined));
  const missing = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name).filter(
    (name) => !known.includes(name),
  );
  return [
    ...missing.map((name) => ({ name, in: 'path' as const, required: true, schema: { type: 'string' } })),
    ...parameters,
  ];
}

function describeFields(): void {
  for (const [target, properties] of describedFields()) {
    ApiSchema({ name: schemaName(target.constructor.name) })(target.constructor);
    for (const [name, schema] of properties) ApiProperty(schema as ApiPropertyOptions)(target, name);
  }
}

function describeOperation(operation: Operation): void {
  const { controller, method, id = method, summary, ok, errors, params = [], produces, bodies } = operation;
  const access = accessOf(controller, controller.prototype[method] as object);
  const open = access === 'public';
  const security = open ? (operation.mayBeGuarded ? [{}, ...SECURITY] : []) : SECURITY;
  const descriptor = Object.getOwnPropertyDescriptor(controller.prototype, method) as TypedPropertyDescriptor<Method>;
  const decorators = [
    ApiOperation({
      summary,
      operationId: id,
      security,
      ...(!open && { description: `Needs the scope ${access}, where the server has keys or tokens configured.` }),
    }),
    ApiResponse({ status: 200, ...ok, ...(bodies && { content: contentOf(bodies) }) }),
    ...[...errors, ...(open ? [] : [401, 403])].map((status) =>
      ApiResponse({ status, description: ERROR_WORDS[status] ?? '', type: responses.ErrorResponseDto }),
    ),
    ...params.map((param) => ApiParam(param)),
    ...(produces ? [ApiProduces(produces)] : []),
  ];
  for (const decorate of decorators) decorate(controller.prototype as object, method, descriptor);
}

function contentOf(bodies: NonNullable<Operation['bodies']>): ContentObject {
  const schemaOf = ({ name }: Controller) => ({ $ref: `#/components/schemas/${schemaName(name)}` });
  return Object.fromEntries(Object.entries(bodies).map(([type, body]) => [type, { schema: schemaOf(body) }]));
}

/** The specification names its schemas without a suffix. */
function schemaName(className: string): string {
  return className.replace(/Dto$/, '');
}
