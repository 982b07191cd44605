import { ENGINE_VERSION } from '@sutra-embedder/engine';

/** Tells a person what to do next. Goes to stderr: stdout holds the log, one JSON object a line. */
export function printWelcome(url: string, grpcPort: number, guarded: boolean): void {
  const key = guarded ? ` -H "x-api-key: $SUTRA_API_KEY"` : '';
  process.stderr.write(`
Sutra-Embedder ${ENGINE_VERSION} listens on ${url}, gRPC on port ${grpcPort}

  curl -s ${url}/v1/embeddings -H 'content-type: application/json'${key} -d '{"texts":["hello world"]}'

API: ${url}/docs   Health: ${url}/v1/health   Stop: Ctrl+C
`);
}
