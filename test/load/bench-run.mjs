import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Corpus } from './corpus/corpus.mjs';
import { drive, hasWrk } from './drive/drive.mjs';
import { jsonMilliseconds } from './json-share.mjs';
import { cores, machineFacts } from './machine.mjs';
import { ServerProfile } from './profile/server-profile.mjs';
import { configurations, RawLimit } from './raw/raw-limit.mjs';
import { interleavedRatio, mean, median } from './report/statistics.mjs';
import { scenariosOf } from './scenarios.mjs';
import { PRELOAD } from './server/preload.mjs';
import { eventLoopP99, growth } from './server/prometheus.mjs';
import { cpuSplit, machineBusySeconds, residentBytes, threadCpu } from './server/process-stat.mjs';
import { Target } from './target.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MODEL = `${root}models/all-MiniLM-L6-v2`;
const MAX_TOKENS = 256;
const RAW_TEXTS = 3000;

/** One run: for each graph and length mix the limit is found, then server and limit are measured in turns. */
export class Bench {
  /** @param {ReturnType<typeof import('./options.mjs').readOptions>} options @param {string} folder for large inputs */
  constructor(options, folder, { onStart, onResult }) {
    this.options = options;
    this.folder = folder;
    this.onStart = onStart;
    this.onResult = onResult;
    this.raw = new RawLimit(folder);
    const used = new Set();
    this.corpora = Object.fromEntries(
      options.mixes.map((mix, i) => [mix, new Corpus(mix, options.seed * 10 + i, used)]),
    );
    if (!this.corpora.short) this.corpora.short = new Corpus('short', options.seed * 10 + 9, used);
    this.workloads = {};
  }

  async run() {
    const client = this.options.client ?? (hasWrk ? 'wrk' : 'node');
    const figures = {
      machine: machineFacts(),
      client,
      quick: this.options.quick,
      against: this.options.against,
      graphs: [],
    };
    await this.tokenize();
    this.onStart(figures, Object.fromEntries(Object.entries(this.workloads).map(([mix, w]) => [mix, w.tokensPerText])));
    for (const graph of this.options.graphs) figures.graphs.push(await this.graph(graph));
    return figures;
  }

  async close() {
    await this.target?.close();
    this.raw.close();
  }

  async tokenize() {
    const { loadTokenizer } = createRequire(import.meta.url)(`${root}libs/engine/dist/tokenization/index.js`);
    const tokenizer = await loadTokenizer(`${MODEL}/tokenizer.json`);
    for (const [mix, corpus] of Object.entries(this.corpora)) {
      const ids = corpus.take(RAW_TEXTS).map((text) => tokenizer.encode(text, MAX_TOKENS, 'end').ids);
      this.workloads[mix] = this.raw.prepare(mix, ids);
    }
  }

  async graph(graph) {
    const { options } = this;
    this.target = await Target.open({ graph, nodeOptions: options.profile === undefined ? [] : PRELOAD }, options);
    const metadata = await this.target.check();
    const result = { graph, ran: metadata?.precision, backend: metadata?.backend, mixes: [] };
    if (metadata && metadata.precision !== graph) {
      result.skipped = `this machine runs the ${graph} preset in ${metadata.precision}`;
      this.onResult.skipped?.(result);
    } else {
      for (const pool of configurations(cores)) await this.openPool(graph, pool);
      for (const mix of options.mixes) result.mixes.push(await this.mix(graph, mix));
      result.memory = this.target.pid === undefined ? undefined : residentBytes(this.target.pid);
      this.onResult.memory?.(result);
      for (const pool of configurations(cores)) await this.raw.closePool(name(graph, pool));
    }
    await this.target.close();
    this.target = undefined;
    return result;
  }

  async openPool(graph, pool) {
    await this.raw.open(name(graph, pool), { graph: `${MODEL}/graph.${graph}.onnx`, ...pool });
  }

  async mix(graph, mix) {
    const limit = await this.findLimit(graph, mix);
    this.onResult.limit?.({ graph, mix, limit });
    const scenarios = scenariosOf(mix, this.options.pace.connections);
    const reference = [await this.rawRound(limit, mix)];
    const runs = scenarios.map(() => []);
    for (let round = 0; round < this.options.pace.rounds; round++) {
      for (const [i, scenario] of scenarios.entries()) {
        const run = await this.serverRound(graph, mix, scenario, limit);
        reference.push(await this.rawRound(limit, mix));
        run.reference = reference.slice(-2);
        runs[i].push(run);
      }
    }
    const figures = {
      mix,
      tokensPerText: this.workloads[mix].tokensPerText,
      limit: this.limitFigures(limit, reference, mix),
    };
    figures.scenarios = scenarios.map((scenario, i) => {
      const summary = this.summarize(scenario, runs[i], mix);
      this.onResult.scenario?.({ graph, mix, limit: figures.limit, ...summary });
      return summary;
    });
    return figures;
  }

  /** The best of worker counts, thread counts and token budgets, by real tokens a second. */
  async findLimit(graph, mix) {
    const { search, budgets } = this.options.pace;
    const tried = [];
    for (const pool of configurations(cores)) {
      await this.raw.throughput(name(graph, pool), this.workloads[mix], budgets[0], search / 2);
      for (const budget of budgets) tried.push({ ...pool, pool: name(graph, pool), budget, tokensPerSecond: 0 });
    }
    // Twice each, the better one counts: a moment in which the machine did something else must not decide.
    for (const one of [...tried, ...tried]) {
      const { tokensPerSecond } = await this.raw.throughput(one.pool, this.workloads[mix], one.budget, search / 2);
      one.tokensPerSecond = Math.max(one.tokensPerSecond, tokensPerSecond);
    }
    const best = tried.reduce((most, one) => (one.tokensPerSecond > most.tokensPerSecond ? one : most));
    return { ...best, tried };
  }

  rawRound({ pool, budget }, mix) {
    return this.raw.throughput(pool, this.workloads[mix], budget, this.options.pace.raw);
  }

  limitFigures({ workers, threads, budget, tried }, reference, mix) {
    const tokensPerSecond = reference.map((round) => round.tokensPerSecond);
    return {
      workers,
      threads,
      budget,
      tried,
      tokensPerSecond: median(tokensPerSecond),
      textsPerSecond: median(tokensPerSecond) / this.workloads[mix].tokensPerText,
      least: Math.min(...tokensPerSecond),
      most: Math.max(...tokensPerSecond),
    };
  }

  async serverRound(graph, mix, { connections, texts }, limit) {
    const { pace, client, profile } = this.options;
    const { target } = this;
    const alone = connections === 1 && texts === 1 ? await this.aloneRound(graph, mix) : undefined;
    // Long enough that every connection has its answer a few times.
    const perSecond = limit.tokensPerSecond / this.workloads[mix].tokensPerText;
    const turn = (connections * texts) / perSecond;
    const [warm, measured] = [Math.ceil(Math.max(pace.warm, turn)), Math.ceil(Math.max(pace.measured, 4 * turn))];
    const expected = perSecond * (warm + measured) * 1.4 + connections * texts * 2;
    const bodies = Array.from({ length: Math.ceil(expected / texts) }, () =>
      target.request.body(this.corpora[mix].take(texts)),
    );
    const json = texts >= 1000 ? jsonMilliseconds(bodies[0], texts) : undefined;

    const readings = [];
    const read = async (client) => {
      const metrics = target.metrics();
      const reading = {
        client: client && threadCpu(client),
        threads: target.pid && threadCpu(target.pid),
        busy: machineBusySeconds(),
        at: performance.now(),
      };
      readings.push(reading);
      reading.metrics = await metrics;
    };
    const waiting = [];
    const recording = profile === undefined ? undefined : new ServerProfile(target.server, profile);
    const load = { url: target.url, path: target.request.path, bodies, connections, warm, measured };
    const result = await drive(load, this.folder, {
      client,
      onMeasured: (pid) => waiting.push(read(pid), recording?.start()),
      onEnd: (pid) => waiting.push(read(pid), recording?.stop(`${graph}-${mix}-${connections}x${texts}`)),
    });
    if (readings.length < 2) waiting.push(read());
    await Promise.all(waiting);
    return {
      ...result,
      ...this.compare(readings),
      alone,
      json,
      threads: recording?.read(),
      memory: target.pid && residentBytes(target.pid),
    };
  }

  async aloneRound(graph, mix) {
    const count = this.options.quick ? 120 : 400;
    const found = {};
    for (const pool of configurations(cores)) {
      found[pool.threads] ??= (await this.raw.latency(name(graph, pool), this.workloads[mix], count)).p50;
    }
    return found;
  }

  compare([before, after]) {
    const cpu = cpuSplit(this.target.pid, before.threads, after.threads);
    const client = cpuSplit(0, before.client, after.client)?.total ?? 0;
    const seconds = (after.at - before.at) / 1000;
    const found = {
      cpu,
      cpuShare: cpu && cpu.total / (seconds * cores),
      othersShare:
        cpu && after.busy !== undefined
          ? (after.busy - before.busy - cpu.total - client) / (seconds * cores)
          : undefined,
    };
    if (before.metrics === undefined) return found;
    const grown = (metric, label) => growth(before.metrics, after.metrics, metric, label);
    const texts = grown('sutra_texts_total');
    const requests = grown('embedding_request_duration_seconds_count');
    const stage = (label) => (grown('sutra_stage_duration_seconds_sum', `stage="${label}"`) * 1000) / requests;
    return {
      ...found,
      padding: grown('sutra_batch_padding_ratio_sum') / grown('sutra_batch_padding_ratio_count'),
      tokensPerBatch: grown('sutra_batch_tokens_sum') / grown('sutra_batch_tokens_count'),
      clientShare: cpu && client / (cpu.total + client),
      cpuMicrosPerToken: cpu && ((cpu.total + client) * 1e6) / grown('sutra_tokens_total'),
      stages: Object.fromEntries(['tokenize', 'queue', 'infer', 'post_process'].map((label) => [label, stage(label)])),
      textsCounted: texts,
      eventLoopP99: eventLoopP99(after.metrics),
    };
  }

  summarize(scenario, runs, mix) {
    const { tokensPerText } = this.workloads[mix];
    const over = (pick) => median(runs.map(pick));
    const tokensPerSecond = runs.map(({ perSecond }) => perSecond * scenario.texts * tokensPerText);
    const ratios = runs.map(
      (run, i) =>
        interleavedRatio(
          [tokensPerSecond[i]],
          run.reference.map((reference) => reference.tokensPerSecond),
        ).median,
    );
    const cpuRatios = runs.map(
      (run) => mean(run.reference.map((r) => r.cpuMicrosPerToken)) / (run.cpuMicrosPerToken ?? NaN),
    );
    return {
      ...scenario,
      textsPerSecond: over(({ perSecond }) => perSecond * scenario.texts),
      tokensPerSecond: median(tokensPerSecond),
      p50: over(({ p50 }) => p50),
      p90: over(({ p90 }) => p90),
      p99: over(({ p99 }) => p99),
      refused: runs.reduce((sum, { refused }) => sum + refused, 0),
      broken: runs.reduce((sum, { broken }) => sum + broken, 0),
      ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
      cpuRatio: median(cpuRatios),
      padding: over(({ padding }) => padding),
      tokensPerBatch: over((run) => run.tokensPerBatch),
      cpu: runs.at(-1).cpu,
      cpuShare: over(({ cpuShare }) => cpuShare),
      clientShare: over(({ clientShare }) => clientShare),
      othersShare: over(({ othersShare }) => othersShare),
      stages: runs.at(-1).stages,
      eventLoopP99: over(({ eventLoopP99 }) => eventLoopP99),
      alone: runs[0].alone && medians(runs.map(({ alone }) => alone)),
      json: runs[0].json,
      threads: runs.at(-1).threads,
      memory: runs.at(-1).memory,
      rounds: runs,
    };
  }
}

const name = (graph, { workers, threads }) => `${graph} ${workers}x${threads}`;

function medians(records) {
  return Object.fromEntries(Object.keys(records[0]).map((key) => [key, median(records.map((record) => record[key]))]));
}
