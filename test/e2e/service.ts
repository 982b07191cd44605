import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../../apps/api/src/bootstrap';
import { EmbeddingProbe } from '../../apps/api/src/health/embedding-probe';
import { loadConfiguration } from '../../apps/api/src/config/configuration';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // The tests look into answers of many shapes.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly text: string;
}

/** The real service in this process, on the real model. */
export class Service {
  private constructor(readonly app: NestFastifyApplication) {}

  static async start(environment: Record<string, string> = {}): Promise<Service> {
    const app = await createApplication(
      loadConfiguration({ SUTRA_LOG_LEVEL: 'silent', SUTRA_HTTP_PORT: '0', ...environment }),
    );
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    await app.get(EmbeddingProbe).warm;
    return new Service(app);
  }

  post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const raw = typeof body === 'string' || Buffer.isBuffer(body);
    return this.inject('POST', url, raw ? body : JSON.stringify(body), {
      'content-type': 'application/json',
      ...headers,
    });
  }

  get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.inject('GET', url, undefined, headers);
  }

  async inject(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    payload?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await this.app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
    const json = String(answer.headers['content-type'] ?? '').startsWith('application/json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: json ? (JSON.parse(answer.payload) as unknown) : undefined,
      text: answer.payload,
    };
  }

  async embed(texts: string[], more: object = {}): Promise<Float32Array[]> {
    const { status, body, text } = await this.post('/v1/embeddings', { texts, ...more });
    if (status !== 200) throw new Error(`${status}: ${text}`);
    return (body.embeddings as number[][]).map((vector) => Float32Array.from(vector));
  }

  /** Value of a metric, 0 where it has none yet. */
  async counter(name: string): Promise<number> {
    const { text } = await this.get('/v1/metrics');
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1) ?? 0,
    );
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
