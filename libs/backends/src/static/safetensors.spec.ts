import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelNotAvailableError } from '@sutra-embedder/engine/session';
import fc from 'fast-check';
import { parseHeader, readFully, readHeader } from './safetensors';

const header = (json: unknown) => Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
const tensor = (changes: object = {}) => ({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 24], ...changes });

describe('parseHeader', () => {
  it('gives each tensor its place in the file, and leaves the metadata out', () => {
    const text = header({
      __metadata__: { format: 'np' },
      a: tensor(),
      b: tensor({ shape: [1], data_offsets: [24, 28] }),
    });
    const tensors = parseHeader(text, 28, 100);
    expect([...tensors.keys()]).toEqual(['a', 'b']);
    expect(tensors.get('b')).toEqual({ name: 'b', dtype: 'F32', shape: [1], position: 124, bytes: 4 });
  });

  it.each([
    ['not JSON', '{', 'not JSON'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not JSON'],
    ['a list', [], 'not a JSON object'],
    ['a tensor that is a number', { a: 1 }, '"a" is not described'],
    ['no dtype', { a: tensor({ dtype: undefined }) }, '"a" has no dtype'],
    ['a negative axis', { a: tensor({ shape: [-2, -3] }) }, '"a" has no shape'],
    ['one offset', { a: tensor({ data_offsets: [0] }) }, '"a" has no data_offsets'],
    ['a fraction as offset', { a: tensor({ data_offsets: [0.5, 24.5] }) }, '"a" has no data_offsets'],
    ['an end before its begin', { a: tensor({ data_offsets: [24, 0] }) }, '"a" lies outside the file'],
    ['an end behind the file', { a: tensor({ data_offsets: [8, 32] }) }, '"a" lies outside the file'],
    ['a shape that needs more bytes', { a: tensor({ shape: [2, 4] }) }, '24 bytes, which is not what'],
    [
      'a shape whose product is beyond integers',
      { a: tensor({ shape: [2 ** 40, 2 ** 40] }) },
      '24 bytes, which is not what',
    ],
  ])('refuses a header with %s', (_, json, reason) => {
    const text = Buffer.isBuffer(json) ? json : header(json);
    expect(() => parseHeader(text, 24, 8)).toThrow(ModelNotAvailableError);
    expect(() => parseHeader(text, 24, 8)).toThrow(reason);
  });

  it('either reads a header whose tensors all lie in the file, or refuses it by name', () => {
    const offset = fc.oneof(fc.integer({ min: -2, max: 40 }), fc.double(), fc.string());
    const anyTensor = fc.record(
      {
        dtype: fc.oneof(fc.constantFrom('F32', 'F16', 'I8', 'BF16'), fc.integer()),
        shape: fc.oneof(fc.array(offset, { maxLength: 3 }), fc.anything()),
        data_offsets: fc.oneof(fc.array(offset, { maxLength: 3 }), fc.anything()),
      },
      { requiredKeys: [] },
    );
    const json = fc.oneof(fc.dictionary(fc.string(), fc.oneof(anyTensor, fc.jsonValue())), fc.jsonValue());
    fc.assert(
      fc.property(json, (value) => {
        let tensors;
        try {
          tensors = parseHeader(Buffer.from(JSON.stringify(value) ?? ''), 32, 8);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelNotAvailableError);
          return;
        }
        for (const { position, bytes } of tensors.values()) {
          expect(position).toBeGreaterThanOrEqual(8);
          expect(position + bytes).toBeLessThanOrEqual(40);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readHeader', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'safetensors-'))));
  afterAll(() => rm(folder, { recursive: true }));

  async function reading(bytes: Buffer) {
    const path = join(folder, 'file');
    await writeFile(path, bytes);
    const file = await open(path);
    try {
      const tensors = await readHeader(file);
      const data = Buffer.alloc(tensors.get('a')?.bytes ?? 0);
      await readFully(file, data, tensors.get('a')?.position ?? 0);
      return { tensors, data };
    } finally {
      await file.close();
    }
  }
  const prefixed = (length: bigint, rest: Buffer) => {
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(length);
    return Buffer.concat([prefix, rest]);
  };

  it('finds the bytes of a tensor', async () => {
    const text = header({ a: tensor({ dtype: 'I8', shape: [3], data_offsets: [1, 4] }) });
    const { data } = await reading(prefixed(BigInt(text.length), Buffer.concat([text, Buffer.from([9, 1, 2, 3])])));
    expect([...data]).toEqual([1, 2, 3]);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'shorter than its own header'],
    ['a header longer than the file', prefixed(100n, Buffer.from('{}')), 'longer than the file'],
    ['a header of 2^63 bytes', prefixed(2n ** 63n, Buffer.from('{}')), 'longer than the file'],
  ])('refuses %s', async (_, bytes, reason) => {
    await expect(reading(bytes)).rejects.toThrow(reason);
  });
});
