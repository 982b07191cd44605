// openai, from npm, against the real server.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import OpenAI from 'openai';
import { BuiltServer } from './built-server.mjs';
import { guarded, LONG, MODEL, native, overloaded, TEXTS } from './server.mjs';

const client = (url, apiKey = 'sk-anything') => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const vectors = ({ data }) => data.map(({ embedding }) => Float32Array.from(embedding));

describe('openai', () => {
  let server;
  before(async () => void (server = await BuiltServer.start()));
  after(() => server.stop());

  it('embeds in its default format, which is base64, and as numbers', async () => {
    const expected = await native(server.url, TEXTS);
    for (const encoding_format of [undefined, 'float', 'base64']) {
      const answer = await client(server.url).embeddings.create({ model: MODEL, input: TEXTS, encoding_format });
      if (encoding_format !== 'base64') assert.deepEqual(vectors(answer), expected);
      else assert.equal(typeof answer.data[0].embedding, 'string');
      assert.ok(answer.usage.prompt_tokens > TEXTS.length);
    }
  });

  it('embeds one text, a large batch, and to the dimensions asked for', async () => {
    const embed = async (input, more) =>
      vectors(await client(server.url).embeddings.create({ model: MODEL, input, ...more }));
    assert.deepEqual(await embed(TEXTS[1]), await native(server.url, [TEXTS[1]]));
    const many = Array.from({ length: 2048 }, (_, i) => `text ${i}`);
    assert.deepEqual((await embed(many))[2047], (await native(server.url, ['text 2047']))[0]);
    assert.deepEqual(await embed(TEXTS, { dimensions: 64 }), await native(server.url, TEXTS, { dimensions: 64 }));
  });

  it('lists models', async () => {
    const ids = [];
    for await (const { id } of client(server.url).models.list()) ids.push(id);
    assert.ok(ids.includes(MODEL) && ids.includes('efficient'));
    assert.equal((await client(server.url).models.retrieve(MODEL)).object, 'model');
    await assert.rejects(client(server.url).models.retrieve('gpt-4'), OpenAI.NotFoundError);
  });

  for (const [name, body] of Object.entries({
    'an empty text': { input: '' },
    'no texts': { input: [] },
    'too many texts': { input: Array.from({ length: 2049 }, () => 'x') },
    'dimensions out of range': { input: 'a', dimensions: 3 },
    'ids of another tokenizer': { input: [[15339, 1917]] },
  })) {
    it(`raises BadRequestError for ${name}`, async () => {
      await assert.rejects(client(server.url).embeddings.create({ model: MODEL, ...body }), (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError);
        assert.equal(error.type, 'invalid_request_error');
        return true;
      });
    });
  }

  it('raises NotFoundError for a model that is not here', async () => {
    const asked = client(server.url).embeddings.create({ model: 'text-embedding-3-small', input: 'a' });
    await assert.rejects(asked, (error) => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found');
  });

  it('raises AuthenticationError for a wrong key', async (t) => {
    const other = await guarded();
    t.after(other.stop);
    await client(other.url, other.key).embeddings.create({ model: MODEL, input: 'a' });
    const asked = client(other.url, 'sk-wrong').embeddings.create({ model: MODEL, input: 'a' });
    await assert.rejects(
      asked,
      (error) => error instanceof OpenAI.AuthenticationError && error.code === 'invalid_api_key',
    );
  });

  it('raises RateLimitError for overload', async (t) => {
    const other = await overloaded();
    t.after(other.stop);
    const asked = client(other.url).embeddings.create({ model: MODEL, input: LONG });
    await assert.rejects(
      asked,
      (error) => error instanceof OpenAI.RateLimitError && Number(error.headers.get('retry-after')) >= 1,
    );
  });
});
