// CPU time of the server for a request in another product's API against the native request of the same texts, in turns.
import { parseArgs } from 'node:util';
import { Corpus } from './corpus/corpus.mjs';
import { compareCost, cpuOf } from './drive/compare-cost.mjs';
import { jsonCaller } from './drive/post-json.mjs';
import { BuiltServer } from './server/built-server.mjs';

/** What each API's clients send for some texts; the same model and numbers as the native request. */
const SURFACES = {
  openai: (model, texts) => ['/v1/embeddings', { input: texts, model, encoding_format: 'float' }],
  'openai base64': (model, texts) => ['/v1/embeddings', { input: texts, model, encoding_format: 'base64' }],
  jina: (model, texts) => ['/v1/embeddings', { input: texts, model, task: 'text-matching' }],
  tei: (_model, texts) => ['/embed', { inputs: texts }],
  cohere: (model, texts) => ['/v2/embed', { texts, model, input_type: 'search_document', embedding_types: ['float'] }],
  ollama: (model, texts) => ['/api/embed', { model, input: texts }],
};

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'efficient' },
    surfaces: { type: 'string', default: Object.keys(SURFACES).join(',') },
    requests: { type: 'string', default: '1500' },
    turns: { type: 'string', default: '5' },
    texts: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '8' },
  },
});
const [requests, turns, size, concurrency] = [values.requests, values.turns, values.texts, values.concurrency].map(
  Number,
);

const native = (format) => (model, texts) => ['/v1/embeddings', { texts, model, encoding_format: format }];
const server = await BuiltServer.start({ settings: { SUTRA_PRELOAD: values.model } });
try {
  const corpus = new Corpus('short', 5);
  const load = { requests: Array.from({ length: requests }, () => corpus.take(size)), turns, concurrency };
  const post = jsonCaller(server.url, concurrency);
  const sideOf = (bodyOf) => ({ pid: server.pid, ask: (texts) => post(...bodyOf(values.model, texts)) });
  for (const name of values.surfaces.split(',')) {
    const asked = sideOf(SURFACES[name]);
    // The same bytes are to be written on both sides.
    const reference = sideOf(native(name.endsWith('base64') ? 'base64' : 'float'));
    for (const side of [asked, reference]) await cpuOf(side, load.requests, concurrency);
    for (const { line } of await compareCost([name, asked], ['native', reference], load)) console.log(line);
  }
} finally {
  await server.stop();
}
