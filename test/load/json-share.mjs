import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { median } from './report/statistics.mjs';
import { seededRandom } from './corpus/random.mjs';

const engine = fileURLToPath(new URL('../../libs/engine/dist/', import.meta.url));
const DIMENSIONS = 384;

/**
 * Milliseconds that the server's own code takes to read such a body and to write such an answer's vectors: the same
 * functions, run alone in this process.
 * @param {string} body
 * @param {number} texts in it
 */
export function jsonMilliseconds(body, texts) {
  const { floatsByteLength, writeFloats } = createRequire(import.meta.url)(`${engine}encoding/float-json.js`);
  const bytes = Buffer.from(body);
  const random = seededRandom(1);
  const vectors = Array.from({ length: texts }, () =>
    Float32Array.from({ length: DIMENSIONS }, () => (random() - 0.5) / 5),
  );
  const room = texts * (floatsByteLength(DIMENSIONS) + 1);
  const parse = () => isUtf8(bytes) && JSON.parse(bytes.toString('utf8'));
  const encode = () => {
    const out = Buffer.allocUnsafe(room);
    let at = 0;
    for (const vector of vectors) at = writeFloats(vector, out, at);
  };
  return { parse: time(parse), encode: time(encode) };
}

function time(run) {
  const times = [];
  for (let i = 0; i < 25; i++) {
    const startedAt = performance.now();
    run();
    times.push(performance.now() - startedAt);
  }
  return median(times.slice(5));
}
