// CPU time of the server for a request in another product's API against the native request of the same texts, in turns.
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { Corpus } from './corpus/corpus.mjs';
import { interleavedRatio, spread } from './report/statistics.mjs';
import { BuiltServer } from './server/built-server.mjs';
import { threadCpu } from './server/process-stat.mjs';

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
  const texts = Array.from({ length: requests }, () => corpus.take(size));
  for (const name of values.surfaces.split(',')) {
    const asked = callerOf(SURFACES[name]);
    // The same bytes are to be written on both sides.
    const reference = callerOf(native(name.endsWith('base64') ? 'base64' : 'float'));
    for (const ask of [asked, reference]) await cpuOf(ask, texts);
    const references = [await cpuOf(reference, texts)];
    const measured = [];
    for (let turn = 0; turn < turns; turn++) {
      measured.push(await cpuOf(asked, texts));
      references.push(await cpuOf(reference, texts));
    }
    const { median: ratio, least, most } = interleavedRatio(measured, references);
    console.log(
      `${name}: CPU a request of ${size} short text(s) ${spread(measured)}, native ${spread(references)}; ` +
        `ratio ${ratio.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)}, ${turns} turns)`,
    );
  }
} finally {
  await server.stop();
}

/** CPU microseconds of the server a request. */
async function cpuOf(ask, texts) {
  const seconds = () => [...threadCpu(server.pid).values()].reduce((sum, thread) => sum + thread.seconds, 0);
  const before = seconds();
  let next = 0;
  const worker = async () => {
    while (next < texts.length) await ask(texts[next++]);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return ((seconds() - before) * 1e6) / texts.length;
}

function callerOf(bodyOf) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  return (texts) =>
    new Promise((resolve, reject) => {
      const [path, content] = bodyOf(values.model, texts);
      const body = JSON.stringify(content);
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const call = request(server.url + path, { method: 'POST', agent, headers }, (answer) => {
        answer
          .on('data', () => undefined)
          .on('end', () =>
            answer.statusCode === 200 ? resolve() : reject(new Error(`${path} answers ${answer.statusCode}`)),
          );
      });
      call.on('error', reject).end(body);
    });
}
