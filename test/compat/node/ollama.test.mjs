// ollama, from npm, against the real server.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Ollama } from 'ollama';
import { BuiltServer } from './built-server.mjs';
import { guarded, LONG, MODEL, native, overloaded, TEXTS } from './server.mjs';

const client = (host, key) => new Ollama({ host, headers: key ? { Authorization: `Bearer ${key}` } : {} });
const vectors = ({ embeddings }) => embeddings.map((vector) => Float32Array.from(vector));
const refusedWith = (status) => (error) => error.name === 'ResponseError' && error.status_code === status;

describe('ollama', () => {
  let server;
  before(async () => void (server = await BuiltServer.start()));
  after(() => server.stop());

  it('embeds one text and several, under names with a tag too, and to the dimensions asked for', async () => {
    const embed = async (input, more) => vectors(await client(server.url).embed({ model: MODEL, input, ...more }));
    assert.deepEqual(await embed(TEXTS), await native(server.url, TEXTS));
    assert.deepEqual(await embed(TEXTS[0], { model: 'all-minilm:latest' }), await native(server.url, [TEXTS[0]]));
    assert.deepEqual(await embed(TEXTS, { dimensions: 64 }), await native(server.url, TEXTS, { dimensions: 64 }));
    assert.deepEqual(await embed([]), []);
    const { embedding } = await client(server.url).embeddings({ model: 'all-minilm', prompt: TEXTS[0] });
    assert.deepEqual([Float32Array.from(embedding)], await native(server.url, [TEXTS[0]]));
  });

  it('lists, shows and pulls models', async () => {
    const { models } = await client(server.url).list();
    assert.ok(models.some(({ name, size }) => name === `${MODEL}:latest` && size > 1e6));
    assert.deepEqual((await client(server.url).show({ model: 'all-minilm' })).capabilities, ['embedding']);
    const lines = [];
    for await (const { status } of await client(server.url).pull({ model: MODEL, stream: true })) lines.push(status);
    assert.deepEqual([lines[0], lines.at(-1)], ['pulling manifest', 'success']);
  });

  it('raises its own errors', async (t) => {
    const ask = (url, input, { key, ...more } = {}) => client(url, key).embed({ model: MODEL, input, ...more });
    await assert.rejects(ask(server.url, 'x', { model: 'nowhere' }), refusedWith(404));
    await assert.rejects(ask(server.url, 'x', { dimensions: 3 }), refusedWith(400));
    await assert.rejects(ask(server.url, 'word '.repeat(400), { truncate: false }), refusedWith(400));
    await assert.rejects(
      ask(
        server.url,
        Array.from({ length: 11_000 }, () => 'x'.repeat(1000)),
      ),
    );
    const locked = await guarded();
    t.after(locked.stop);
    assert.deepEqual(
      vectors(await client(locked.url, locked.key).embed({ model: MODEL, input: TEXTS })),
      await native(server.url, TEXTS),
    );
    await assert.rejects(ask(locked.url, 'a', { key: 'wrong' }), refusedWith(401));
    const busy = await overloaded();
    t.after(busy.stop);
    await assert.rejects(ask(busy.url, LONG), refusedWith(429));
  });
});
