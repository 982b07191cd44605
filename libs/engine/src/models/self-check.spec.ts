import type { Batch, SessionHost, SessionOutput, Tokenizer } from '../contracts';
import { sampleArtifact } from '../testing/sample-artifact';
import { sampleModel } from '../testing/sample-model';
import { selfCheck } from './self-check';

const tokenizer: Tokenizer = {
  encode: (text) => ({ ids: Int32Array.from([...text].slice(0, 8), (c) => c.codePointAt(0) ?? 0), truncated: false }),
  decode: () => '',
  tokens: () => [],
  wrap: (ids) => ({ ids: Int32Array.from(ids), truncated: false }),
  vocabularySize: 1000,
};
const artifact = sampleArtifact({ probeCosine: 0.99 });

/** A host that answers with these rows, the last for all further runs. */
function hostOf(answers: readonly (readonly (readonly number[])[])[], dimensions = 2) {
  const batches: Batch[] = [];
  const host: SessionHost = {
    run: (batch): Promise<SessionOutput> => {
      const rows = answers[Math.min(batches.length, answers.length - 1)] ?? [];
      batches.push(batch);
      return Promise.resolve({ vectors: Float32Array.from(rows.flat()), dimensions, inferMs: 0 });
    },
    onExit: () => undefined,
    close: () => Promise.resolve(),
    kill: () => Promise.resolve(),
  };
  return { host, batches };
}
const failure = (host: SessionHost, model: Parameters<typeof selfCheck>[1]) =>
  selfCheck(host, model, artifact, tokenizer).then(
    () => 'passed',
    (error: { code: string; message: string }) => {
      expect(error.code).toBe('BACKEND_UNAVAILABLE');
      return error.message;
    },
  );

describe('the self-check of a model with reference vectors', () => {
  const model = sampleModel({
    dimensions: 2,
    probes: [
      { text: 'one', vector: Float32Array.of(1, 0) },
      { text: 'another', vector: Float32Array.of(0.6, 0.8) },
    ],
  });

  it.each<[string, number[][], RegExp]>([
    [
      'the reference vectors',
      [
        [1, 0],
        [0.6, 0.8],
      ],
      /^passed$/,
    ],
    [
      'vectors close enough',
      [
        [0.999, 0.0447],
        [0.6, 0.8],
      ],
      /^passed$/,
    ],
    [
      'one that is off, however good the other',
      [
        [1, 0],
        [0.8, 0.6],
      ],
      /cosine 0\.96000 .* where 0\.99 is the least/,
    ],
    [
      'the right vectors in the wrong order',
      [
        [0.6, 0.8],
        [1, 0],
      ],
      /cosine 0\.60000/,
    ],
    [
      'NaN',
      [
        [NaN, NaN],
        [0.6, 0.8],
      ],
      /cosine NaN/,
    ],
    [
      'zeros',
      [
        [0, 0],
        [0.6, 0.8],
      ],
      /cosine NaN/,
    ],
    ['a row too few', [[1, 0]], /cosine NaN/],
  ])('%#: sees %s', async (_, rows, message) => {
    expect(await failure(hostOf([rows]).host, model)).toMatch(message);
  });

  it('refuses vectors of another length than the model has', async () => {
    expect(await failure(hostOf([[[1, 0, 0]]], 3).host, model)).toMatch(/vectors have 3 dimensions where .* says 2/);
  });

  it('runs short texts in one batch of pooled, normalized vectors', async () => {
    const { host, batches } = hostOf([
      [
        [1, 0],
        [0.6, 0.8],
      ],
    ]);
    await selfCheck(host, model, artifact, tokenizer);
    expect(batches).toHaveLength(1);
    expect(batches[0]).toMatchObject({ output: 'pooled', normalize: true, lengths: Int32Array.of(3, 7) });
    expect(batches[0]?.ids).toHaveLength(10);
  });

  it('pads no short texts to the length of a long one', async () => {
    const vector = Float32Array.of(1, 0);
    const texts = ['short', 'brief', 'x'.repeat(200), 'brief'];
    const { host, batches } = hostOf([
      [
        [1, 0],
        [1, 0],
      ],
      [[1, 0]],
    ]);
    const long = { ...tokenizer, encode: (text: string) => ({ ids: new Int32Array(text.length), truncated: false }) };
    const probed = sampleModel({ dimensions: 2, probes: texts.map((text) => ({ text, vector })) });
    await selfCheck(host, probed, artifact, long);
    expect(batches.map(({ lengths }) => [...lengths])).toEqual([[5, 5], [200], [5]]);
  });

  it('passes on what the host says when it cannot run', async () => {
    const broken = { ...hostOf([]).host, run: () => Promise.reject(new Error('no memory')) };
    await expect(selfCheck(broken, model, artifact, tokenizer)).rejects.toThrow('no memory');
  });
});

describe('the self-check of a model without reference vectors', () => {
  const model = sampleModel({ dimensions: 2, probes: [] });
  const sound = [
    [1, 0],
    [0.6, 0.8],
    [0, 1],
  ];

  it.each<[string, number[][][], RegExp]>([
    ['sound vectors, the same again', [sound], /^passed$/],
    [
      'NaN',
      [
        [
          [NaN, 0],
          [0.6, 0.8],
          [0, 1],
        ],
      ],
      /hold NaN or infinite/,
    ],
    ['a row too few', [sound.slice(1)], /vectors are missing/],
    [
      'vectors of another length',
      [
        [
          [2, 0],
          [0.6, 0.8],
          [0, 1],
        ],
      ],
      /do not have length 1/,
    ],
    [
      'one vector for all texts',
      [
        [
          [1, 0],
          [1, 0],
          [1, 0],
        ],
      ],
      /different texts give the same vector/,
    ],
    [
      'other vectors the second time',
      [
        sound,
        [
          [1, 0],
          [0.8, 0.6],
          [0, 1],
        ],
      ],
      /different vectors the second time/,
    ],
  ])('%#: sees %s', async (_, answers, message) => {
    expect(await failure(hostOf(answers).host, model)).toMatch(message);
  });
});
