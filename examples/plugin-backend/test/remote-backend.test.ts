import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { EngineError, type HardwareInventory } from '@sutra-embedder/engine';
import { backendConformance } from '@sutra-embedder/engine/testing';
import { RemoteBackend } from '../src/remote-backend';
import { RemoteServer } from '../src/remote-server';
import { sample, startRemote } from './remote';

let remote: Awaited<ReturnType<typeof startRemote>>;
before(async () => void (remote = await startRemote()));
after(() => remote.close());

const backend = (url: string | undefined, timeoutMs?: number) => new RemoteBackend(new RemoteServer(url, timeoutMs));
/** It looks at no part of the machine. */
const machine = {} as HardwareInventory;

backendConformance(
  'The remote backend',
  () => backend(remote.url),
  () => sample('fp32'),
  { runner: { describe, it } },
);

describe('The remote backend', () => {
  it('leaves int8 graphs to others', async () => {
    const { artifact } = await sample('int8');
    assert.ok(!backend(remote.url).accepts(artifact).available);
  });

  for (const [what, url, reason] of [
    ['no server is configured', undefined, /REMOTE_EMBED_URL is not set/],
    ['nobody listens', 'http://127.0.0.1:9', /could not be reached/],
  ] as const) {
    it(`is unavailable with a reason when ${what}`, async () => {
      const { artifact } = await sample('fp32');
      const answer = await backend(url).probe(machine, artifact);
      assert.ok(!answer.available);
      assert.match(answer.reason, reason);
    });
  }

  it('is unavailable when the server has another model, or another precision', async () => {
    const { artifact } = await sample('fp32');
    const other = await backend(remote.url).probe(machine, { ...artifact, modelId: 'another-model' });
    assert.ok(
      !other.available && /serves sentence-transformers\/all-MiniLM-L6-v2, not another-model/.test(other.reason),
    );
    const half = await backend(remote.url).probe(machine, { ...artifact, precision: 'fp16' });
    assert.ok(!half.available && /computes in float32/.test(half.reason));
  });

  it('refuses an address that is none', () => {
    assert.throws(() => backend('not an address'), /REMOTE_EMBED_URL/);
    assert.throws(() => backend(remote.url, 0), /REMOTE_EMBED_TIMEOUT_MS/);
  });

  for (const [what, status, body, message] of [
    ['too few vectors', 200, '[]', /did not answer with 1 vectors/],
    ['a vector that is too short', 200, '[[1, 2]]', /something else than 384 numbers/],
    ['no JSON', 200, 'hello', /could not be reached/],
    ['an error', 429, '{"error":"overloaded"}', /answered \/embed with status 429/],
  ] as const) {
    it(`fails a batch by name when the answer is ${what}`, async () => {
      await withAnswer(status, body, async (url) => {
        const error = await runOne(backend(url)).catch((reason: unknown) => reason);
        assert.ok(EngineError.is(error));
        assert.equal(error.code, 'BACKEND_UNAVAILABLE');
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /127\.0\.0\.1/);
      });
    });
  }

  it('gives up on a server that does not answer', async () => {
    await withAnswer(undefined, '', async (url) => {
      await assert.rejects(runOne(backend(url, 50)), /did not answer within 50 ms/);
    });
  });
});

async function runOne(backend: RemoteBackend) {
  const { model, artifact } = await sample('fp32');
  const session = await backend.open(model, artifact, { sessions: 1, threads: 1 });
  return session.run({
    ids: Int32Array.of(101, 102),
    lengths: Int32Array.of(2),
    output: 'pooled',
    normalize: true,
  });
}

/** A server that gives everybody the same answer, or none. */
async function withAnswer(status: number | undefined, body: string, use: (url: string) => Promise<void>) {
  const server = createServer((_request, response) => {
    if (status !== undefined) response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
