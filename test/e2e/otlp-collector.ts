import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Root, type Type } from 'protobufjs';
import { until } from './counters';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Record<string, unknown>;
  readonly failed: boolean;
}

/** The part of OTLP's traces that these tests look at; what is not named here is skipped by the decoder. */
const field = (id: number, type: string, rule?: 'repeated') => ({ id, type, ...(rule && { rule }) });
const REQUEST: Type = Root.fromJSON({
  nested: {
    Value: {
      fields: { text: field(1, 'string'), flag: field(2, 'bool'), whole: field(3, 'int64'), real: field(4, 'double') },
    },
    Attribute: { fields: { key: field(1, 'string'), value: field(2, 'Value') } },
    Status: { fields: { message: field(2, 'string'), code: field(3, 'int32') } },
    Span: {
      fields: {
        traceId: field(1, 'bytes'),
        spanId: field(2, 'bytes'),
        parentSpanId: field(4, 'bytes'),
        name: field(5, 'string'),
        kind: field(6, 'int32'),
        start: field(7, 'fixed64'),
        end: field(8, 'fixed64'),
        attributes: field(9, 'Attribute', 'repeated'),
        status: field(15, 'Status'),
      },
    },
    Scope: { fields: { spans: field(2, 'Span', 'repeated') } },
    Resource: { fields: { attributes: field(1, 'Attribute', 'repeated') } },
    ResourceSpans: { fields: { resource: field(1, 'Resource'), scopes: field(2, 'Scope', 'repeated') } },
    Request: { fields: { resources: field(1, 'ResourceSpans', 'repeated') } },
  },
}).lookupType('Request');

/** Stands where an OpenTelemetry collector would: takes OTLP over HTTP in protobuf, and reads it. */
export class OtlpCollector {
  readonly spans: ReceivedSpan[] = [];
  readonly resources: Record<string, unknown>[] = [];
  readonly bodies: Buffer[] = [];
  readonly headers: Record<string, unknown>[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<OtlpCollector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const collector = new OtlpCollector(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => {
          if (request.url === '/v1/traces') collector.read(Buffer.concat(parts), request.headers);
          response.writeHead(request.url === '/v1/traces' ? 200 : 404).end();
        });
    });
    return collector;
  }

  /** The spans of a trace, once that of its request has come, which is sent last. */
  async trace(traceId: string): Promise<ReceivedSpan[]> {
    const found = () => this.spans.filter((span) => span.traceId === traceId);
    await until(() => found().some(({ name }) => name === 'request'));
    return found();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private read(body: Buffer, headers: Record<string, unknown>): void {
    this.bodies.push(body);
    this.headers.push(headers);
    // The tests look into a message that is decoded by the description above.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { resources } = REQUEST.toObject(REQUEST.decode(body), { longs: String, arrays: true }) as any;
    for (const { resource, scopes } of resources) {
      this.resources.push(toRecord(resource.attributes));
      for (const { spans } of scopes) for (const span of spans) this.spans.push(toSpan(span));
    }
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a decoded message
function toSpan({ traceId, spanId, parentSpanId, name, kind, start, end, attributes, status }: any): ReceivedSpan {
  return {
    traceId: hex(traceId),
    spanId: hex(spanId),
    parentSpanId: hex(parentSpanId),
    name,
    kind,
    start: BigInt(start),
    end: BigInt(end),
    attributes: toRecord(attributes),
    failed: status?.code === 2,
  };
}

function hex(bytes: Uint8Array | undefined): string {
  return bytes ? Buffer.from(bytes).toString('hex') : '';
}

function toRecord(attributes: { key: string; value: Record<string, unknown> }[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      'whole' in value ? Number(value['whole']) : (value['text'] ?? value['real'] ?? value['flag']),
    ]),
  );
}
