import fc from 'fast-check';
import { dequantize } from './codes.ts';
import { readEmbedResult } from './embed-result.ts';
import { UnexpectedResponseError } from './errors.ts';
import type { EncodingFormat, QuantizationScheme } from './wire.ts';

const base64 = (bytes: ArrayBufferView) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

function answer(
  embeddings: unknown,
  dimensions: number,
  scheme: QuantizationScheme = 'none',
  more: object = {},
): Response {
  return new Response(
    JSON.stringify({
      embeddings,
      model_info: { model_id: 'm', dimensions },
      performance: {},
      metadata: { quantization: { scheme }, notes: ['naïve → ok'], ...more },
    }),
  );
}
const read = <F extends EncodingFormat>(response: Response, texts: number, encoding_format: F) =>
  readEmbedResult<F>(response, texts, { encoding_format });

describe('readEmbedResult', () => {
  it('float and base64 give the same float32 values', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }).chain((dimensions) =>
          fc.array(
            fc.float32Array({ minLength: dimensions, maxLength: dimensions, noNaN: true, noDefaultInfinity: true }),
            {
              minLength: 1,
              maxLength: 5,
            },
          ),
        ),
        async (vectors) => {
          const dimensions = vectors[0]?.length ?? 0;
          const encoded = await read(answer(vectors.map(base64), dimensions), vectors.length, 'base64');
          expect(encoded.embeddings).toEqual(vectors);
          // JSON knows no negative zero.
          const positive = vectors.map((vector) => vector.map((value) => value + 0));
          const numbers = await read(
            answer(
              positive.map((v) => [...v]),
              dimensions,
            ),
            vectors.length,
            'float',
          );
          expect(numbers.embeddings).toEqual(positive);
          expect(encoded.metadata.notes).toEqual(['naïve → ok']);
        },
      ),
    );
  });

  it('packed int8 gives Int8Array', async () => {
    const codes = Int8Array.of(-127, 0, 5, 127);
    const { embeddings } = await read(answer([base64(codes)], 4, 'int8'), 1, 'packed');
    expect(embeddings).toEqual([codes]);
    expect(dequantize(codes, 0.1)).toEqual(Float32Array.from(codes, (code) => code * Math.fround(0.1)));
  });

  it('packed int4 is unpacked, the low half first, an odd length too', async () => {
    const bytes = Uint8Array.of(0x8f, 0x70, 0x03);
    const { embeddings } = await read(answer([base64(bytes)], 5, 'int4'), 1, 'packed');
    expect(embeddings).toEqual([Int8Array.of(-1, -8, 0, 7, 3)]);
  });

  it('packed binary stays packed, and dequantizes to unit length', async () => {
    const bits = Uint8Array.of(0b10100000, 0b11000000);
    const { embeddings } = await read(answer([base64(bits)], 10, 'binary'), 1, 'packed');
    expect(embeddings).toEqual([bits]);
    const one = Math.fround(1 / Math.sqrt(10));
    expect([...dequantize(bits, 10)]).toEqual([1, -1, 1, -1, -1, -1, -1, -1, 1, 1].map((sign) => sign * one));
  });

  it('does not depend on the order of fields or on white space', async () => {
    const vector = Float32Array.of(1, 2);
    const body = { metadata: { quantization: { scheme: 'none' } }, model_info: { dimensions: 2 }, performance: {} };
    const texts = [
      JSON.stringify({ ...body, embeddings: [base64(vector)] }),
      JSON.stringify({ embeddings: [base64(vector)], ...body }, null, 2),
    ];
    for (const text of texts) expect((await read(new Response(text), 1, 'base64')).embeddings).toEqual([vector]);
  });

  it.each([
    ['no JSON', new Response('<html>')],
    ['JSON of something else', new Response('{"data":[]}')],
    ['JSON that breaks off', new Response('{"embeddings":["AAAAAA=="')],
    ['fewer vectors than texts', answer([], 2)],
    ['a vector of another length', answer([base64(new Float32Array(3)), base64(new Float32Array(3))], 2)],
    ['no base64', answer(['????????????', '????????????'], 2)],
    ['null for a vector', answer([null, null], 2)],
  ])('refuses %s by a named error', async (_name, response) => {
    await expect(read(response, 2, 'base64')).rejects.toThrow(UnexpectedResponseError);
  });
});
