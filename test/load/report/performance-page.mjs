import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { linePlots } from './plot.mjs';

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
const BEGIN = '<!-- figures: npm run bench -- --write -->';
const END = '<!-- end of figures -->';

const whole = (value) => (Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '-');
const fixed = (value, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '-');
const percent = (value, digits = 0) => (Number.isFinite(value) ? `${(value * 100).toFixed(digits)} %` : '-');
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Puts a run's figures into docs/performance.md, between its two marks, and draws the plot beside it. */
export function writePerformancePage(figures) {
  mkdirSync(docs, { recursive: true });
  const file = `${docs}performance.md`;
  const page = existsSync(file) ? readFileSync(file, 'utf8') : `# Performance\n\n${BEGIN}\n${END}\n`;
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md lacks the lines ${BEGIN} and ${END}`);
  const plotted = plot(figures);
  if (plotted !== undefined) writeFileSync(`${docs}performance.svg`, plotted);
  writeFileSync(
    file,
    `${page.slice(0, begin)}${BEGIN}\n\n${figuresSection(figures, plotted !== undefined)}\n\n${page.slice(end)}`,
  );
}

/** @returns {string} Markdown */
export function figuresSection({ machine, client, quick, graphs }, withPlot) {
  const measured = graphs.filter(({ mixes }) => mixes.length > 0);
  const facts =
    `Measured on ${machine.date}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, ` +
    `Node ${machine.node}, onnxruntime-node ${machine.onnxruntime}; load by ${client} on the same cores` +
    `${quick ? '; a quick run, one round of each' : ''}.`;
  return [
    facts,
    ...(withPlot ? ['![Throughput and 99th percentile of latency against connections](performance.svg)'] : []),
    ...measured.flatMap(({ graph, mixes, memory }) => [
      ...mixes.map((mix) => mixSection(graph, mix)),
      ...(memory
        ? [`${graph}: ${whole(memory.now / 1e6)} MB resident after the load, at most ${whole(memory.peak / 1e6)} MB.`]
        : []),
    ]),
    ...graphs.filter(({ skipped }) => skipped).map(({ graph, skipped }) => `${graph}: not measured; ${skipped}.`),
  ].join('\n\n');
}

function mixSection(graph, { mix, tokensPerText, limit, scenarios }) {
  const best = `${limit.workers} worker${limit.workers > 1 ? 's' : ''} of ${limit.threads} thread${limit.threads > 1 ? 's' : ''}, ${limit.budget} tokens a batch`;
  const rows = scenarios.map((one) => [
    `${one.connections} x ${one.texts}`,
    `${percent(one.ratio.median)} (${percent(one.ratio.least)} to ${percent(one.ratio.most)})`,
    whole(one.textsPerSecond),
    whole(one.tokensPerSecond),
    fixed(one.p50),
    fixed(one.p90),
    fixed(one.p99),
    percent(one.padding, 1),
    one.cpu ? `${percent(one.cpu.main / one.cpu.total)} / ${percent(one.cpu.sessions / one.cpu.total)}` : '-',
  ]);
  const head = [
    'connections x texts',
    'of the limit (spread)',
    'texts/s',
    'tokens/s',
    'p50 ms',
    'p90 ms',
    'p99 ms',
    'padding',
    'CPU: main / sessions',
  ];
  const alone = scenarios.find((one) => one.alone);
  const bulk = scenarios.find((one) => one.json);
  const notes = [
    alone &&
      `One connection: p50 ${fixed(alone.p50, 2)} ms; the runtime alone takes ${Object.entries(alone.alone)
        .map(([threads, p50]) => `${fixed(p50, 2)} ms on ${threads} thread${threads > 1 ? 's' : ''}`)
        .join(', ')}.`,
    bulk &&
      `1,000 texts in one request: reading and writing JSON takes ${percent((bulk.json.parse + bulk.json.encode) / bulk.p50, 1)} of its time.`,
  ].filter(Boolean);
  return [
    `### ${graph}, ${mix} texts (${fixed(tokensPerText)} tokens a text)`,
    `Limit: ${whole(limit.textsPerSecond)} texts/s = ${whole(limit.tokensPerSecond)} tokens/s (${whole(limit.least)} to ${whole(limit.most)}), ${best}.`,
    table(head, rows),
    ...notes,
  ].join('\n\n');
}

/** Throughput and p99 against connections, of single texts; undefined where fewer than two connection counts were run. */
export function plot({ graphs }) {
  const lines = graphs.flatMap(({ graph, mixes }) =>
    mixes.map(({ mix, limit, scenarios }) => ({
      label: `${graph}, ${mix} texts`,
      limit: limit.textsPerSecond,
      single: scenarios.filter(({ texts }) => texts === 1),
    })),
  );
  if (lines.length === 0 || lines[0].single.length < 2) return undefined;
  const series = (pick, withLimit) =>
    lines.map(({ label, limit, single }) => ({
      label,
      points: single.map((one) => [one.connections, pick(one)]),
      ...(withLimit && { limit }),
    }));
  const x = 'connections, one text a request';
  return linePlots([
    { title: 'Throughput', x, y: 'texts a second', series: series((one) => one.textsPerSecond, true) },
    { title: 'Latency, 99th percentile', x, y: 'milliseconds', series: series((one) => one.p99, false) },
  ]);
}
