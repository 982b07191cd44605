// Quality of vectors at every size: Spearman's correlation on scored pairs, nDCG@10 on retrieval, bytes a vector.
//
// npm run quality -- [--model ID] [--models FOLDER] [--plans PLANS] [--svg FOLDER] DATA...
//   DATA      a file of score<TAB>sentence<TAB>sentence lines without quoting, or a folder with corpus.jsonl,
//             queries.jsonl and qrels.tsv
//   --model   which model (default all-MiniLM-L6-v2), in fp32 and without codes
//   --models  the folder it is in (default models)
//   --plans   lengths, each with codings after a colon, e.g. 64,256:int8+binary,2048 (default: see below)
//   --svg     writes a plot of each data set into this folder
// Prints a Markdown table. Needs `npm run build`.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbedder } from './quality/engine-embed.mjs';
import { parsePlans } from './quality/plans.mjs';
import { plotQuality } from './quality/plot.mjs';
import { vectorProcess } from './quality/process-vectors.mjs';
import { readBeir } from './quality/read-beir.mjs';
import { readPairs } from './quality/read-pairs.mjs';
import { evaluatePlans } from './quality/run.mjs';
import { markdownTable } from './quality/table.mjs';

const DEFAULT_PLANS = '64,96,128,192,256,320,384,512,1024,2048,4096';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'all-MiniLM-L6-v2' },
    models: { type: 'string', default: 'models' },
    plans: { type: 'string', default: DEFAULT_PLANS },
    svg: { type: 'string' },
  },
});

if (positionals.length === 0) {
  console.error('Name at least one data set: a TSV file of scored pairs or a folder in BEIR layout.');
  process.exitCode = 2;
} else {
  await main();
}

async function main() {
  const plans = parsePlans(options.plans);
  const sets = positionals.map(readSet);
  const embedder = await openEmbedder(options.models, options.model);
  try {
    const process = vectorProcess(embedder.model);
    const results = await evaluatePlans({ plans, sets, embed: embedder.embed, process });
    console.log(table(sets, results));
    if (options.svg) drawPlots(options.svg, sets, results);
  } finally {
    await embedder.close();
  }
}

function readSet(path) {
  const kind = statSync(path).isDirectory() ? 'retrieval' : 'pairs';
  return {
    name: basename(path, extname(path)),
    kind,
    measure: kind === 'pairs' ? 'Spearman x 100' : 'nDCG@10 x 100',
    data: kind === 'pairs' ? readPairs(path) : readBeir(path),
  };
}

function table(sets, results) {
  const header = ['dimensions', 'coding', 'bytes', ...sets.map(({ name, measure }) => `${name}, ${measure}`), 'steps'];
  const rows = results.map(({ dimensions, scheme, bytes, scores, methods }) => [
    String(dimensions),
    scheme,
    String(bytes),
    ...scores.map((score) => score.toFixed(2)),
    methods.join(' > '),
  ]);
  return markdownTable(header, rows);
}

function drawPlots(folder, sets, results) {
  mkdirSync(folder, { recursive: true });
  for (const [index, { name, measure }] of sets.entries()) {
    const points = results.map(({ scores, ...rest }) => ({ ...rest, quality: scores[index] }));
    const svg = plotQuality({ title: `${options.model} on ${name}`, label: measure, points });
    writeFileSync(join(folder, `${name}.svg`), svg);
  }
}
