// ai (Vercel) with @ai-sdk/openai, from npm, against the real server.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, embed, embedMany, TooManyEmbeddingValuesForCallError } from 'ai';
import { BuiltServer } from './built-server.mjs';
import { guarded, LONG, MODEL, native, overloaded, TEXTS } from './server.mjs';

const model = (url, apiKey = 'sk-anything') => createOpenAI({ baseURL: `${url}/v1`, apiKey }).embedding(MODEL);
const refusedWith = (status) => (error) => APICallError.isInstance(error) && error.statusCode === status;

describe('ai with @ai-sdk/openai', () => {
  let server;
  before(async () => void (server = await BuiltServer.start()));
  after(() => server.stop());

  it('embeds one text and many', async () => {
    const one = await embed({ model: model(server.url), value: TEXTS[0] });
    assert.deepEqual([Float32Array.from(one.embedding)], await native(server.url, [TEXTS[0]]));
    assert.ok(one.usage.tokens > 2);
    const { embeddings } = await embedMany({ model: model(server.url), values: TEXTS });
    assert.deepEqual(
      embeddings.map((vector) => Float32Array.from(vector)),
      await native(server.url, TEXTS),
    );
  });

  it('embeds to the dimensions asked for', async () => {
    const providerOptions = { openai: { dimensions: 64 } };
    const { embeddings } = await embedMany({ model: model(server.url), values: TEXTS, providerOptions });
    assert.deepEqual(
      embeddings.map((vector) => Float32Array.from(vector)),
      await native(server.url, TEXTS, { dimensions: 64 }),
    );
  });

  it('raises its own errors', async (t) => {
    const ask = (url, value, key) => embed({ model: model(url, key), value, maxRetries: 0 });
    await assert.rejects(ask(server.url, ''), refusedWith(400));
    const values = Array.from({ length: 2049 }, () => 'x');
    await assert.rejects(
      model(server.url).doEmbed({ values }),
      (error) => TooManyEmbeddingValuesForCallError?.isInstance?.(error) ?? /too many/i.test(error.message),
    );
    const locked = await guarded();
    t.after(locked.stop);
    await assert.rejects(ask(locked.url, 'a', 'sk-wrong'), refusedWith(401));
    const busy = await overloaded();
    t.after(busy.stop);
    await assert.rejects(ask(busy.url, LONG), refusedWith(429));
  });
});
