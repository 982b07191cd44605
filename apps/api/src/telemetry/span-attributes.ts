import type { CallStart, CallSummary } from './call';

type Attributes = Record<string, string | number>;

const SERVICE = 'sutra.embedder.v1.EmbedderService';

/** What a span says of its call, in OpenTelemetry's words where it has some. */
export function attributesAtStart({ transport, route, requestId }: CallStart): Attributes {
  const common = { 'sutra.transport': transport, 'sutra.request_id': requestId };
  switch (transport) {
    case 'rest': {
      const [method = '', path] = route.split(' ');
      return path === undefined ? common : { ...common, 'http.request.method': method, 'http.route': path };
    }
    case 'grpc':
      return { ...common, 'rpc.system': 'grpc', 'rpc.service': SERVICE, 'rpc.method': route };
    case 'ws':
      return { ...common, 'sutra.action': route };
    default:
      return transport satisfies never;
  }
}

export function attributesAtEnd({ transport }: CallStart, summary: CallSummary): Attributes {
  const { status, errorCode, principal, texts, tokens, cached, joined, ran } = summary;
  return {
    'sutra.status': status,
    ...(transport === 'rest' && { 'http.response.status_code': Number(status) }),
    ...(errorCode && { 'error.type': errorCode }),
    ...(principal !== undefined && { 'sutra.principal': principal }),
    ...(ran && {
      'sutra.texts': texts,
      'sutra.tokens': tokens,
      'sutra.texts.cached': cached,
      'sutra.texts.joined': joined,
      'sutra.model': ran.model,
      'sutra.backend': ran.backend,
      'sutra.precision': ran.precision,
    }),
  };
}
