const whole = (value) => (Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '-');
const fixed = (value, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '-');
const percent = (value, digits = 0) => (Number.isFinite(value) ? `${(value * 100).toFixed(digits)} %` : '-');
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

export function printHeader({ machine, client, against }, tokensPerText) {
  console.log(
    `${against ?? 'built server'}, driven by ${client}; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB,`,
  );
  console.log(`Node ${machine.node}, onnxruntime-node ${machine.onnxruntime}, ${machine.date}`);
  const mixes = Object.entries(tokensPerText).map(([mix, tokens]) => `${mix} ${fixed(tokens)}`);
  console.log(`tokens a text: ${mixes.join(', ')}`);
}

export const printResult = {
  skipped({ graph, skipped }) {
    console.log(`\n${graph}: not measured, ${skipped}`);
  },

  limit({ graph, mix, limit }) {
    const tried = limit.tried.map(
      (one) => `${one.workers}x${one.threads}/${one.budget}: ${whole(one.tokensPerSecond)}`,
    );
    console.log(`\n${graph}, ${mix} texts`);
    console.log(`  limit search, tokens/s by workers x threads / token budget: ${tried.join('  ')}`);
  },

  scenario({ limit, connections, texts, ratio, cpuRatio, cpu, cpuShare, stages, alone, json, threads, ...figures }) {
    const what = `${connections} connection${connections > 1 ? 's' : ''} x ${texts}`;
    const spread = ratio.least === ratio.most ? '' : ` (${percent(ratio.least)} to ${percent(ratio.most)})`;
    console.log(
      `  ${what.padEnd(21)} ${percent(ratio.median).padStart(5)} of the limit${spread}: ${whole(figures.textsPerSecond)} of ` +
        `${whole(limit.textsPerSecond)} texts/s, ${whole(figures.tokensPerSecond)} tokens/s; ` +
        `p50 ${fixed(figures.p50)} p90 ${fixed(figures.p90)} p99 ${fixed(figures.p99)} ms` +
        (figures.refused + figures.broken > 0 ? `; ${figures.refused} refused, ${figures.broken} broken` : ''),
    );
    if (cpu) {
      const share = (part) => percent(part / cpu.total);
      const perRequest = Object.entries(stages ?? {}).map(([stage, ms]) => `${stage} ${fixed(ms, 2)}`);
      console.log(
        `      by CPU time, load generator included: ${percent(cpuRatio)} of the limit; main thread ${share(cpu.main)}, ` +
          `sessions ${share(cpu.sessions)}, other ${share(cpu.other)}, and the generator ${percent(figures.clientShare)} on top; the ` +
          `server had ${percent(cpuShare)} of the cores, other processes ${percent(figures.othersShare)}; padding ${percent(figures.padding, 1)}, ` +
          `${whole(figures.tokensPerBatch)} tokens a batch; ms a request: ${perRequest.join(', ')}; ` +
          `event loop p99 ${fixed(figures.eventLoopP99)} ms; RSS ${megabytes(figures.memory.now)}`,
      );
    }
    if (alone) {
      const over = Object.entries(alone).map(
        ([threads, p50]) =>
          `${fixed(p50, 2)} ms on ${threads} thread${threads > 1 ? 's' : ''} (+${fixed(figures.p50 - p50, 2)})`,
      );
      console.log(`      p50 over the runtime alone: ${over.join(', ')}`);
    }
    for (const thread of threads ?? []) printThread(thread);
    if (json) {
      const share = (json.parse + json.encode) / figures.p50;
      console.log(
        `      JSON of a request: parse ${fixed(json.parse, 2)} ms, encode ${fixed(json.encode, 2)} ms = ${percent(share, 1)} of its time`,
      );
    }
  },

  memory({ memory }) {
    if (memory) console.log(`  RSS after the load ${megabytes(memory.now)}, at most ${megabytes(memory.peak)}`);
  },
};

function printThread({ thread, total, busy, places, functions }) {
  const top = (list, count, name) =>
    list
      .slice(0, count)
      .map((one) => `${name(one)} ${percent(one.share, 1)}`)
      .join(', ');
  console.log(`      profile of ${thread}: busy ${whole(busy)} of ${whole(total)} ms`);
  console.log(`        by part: ${top(places, 14, ({ where }) => where)}`);
  console.log(`        by function: ${top(functions, 16, ({ name, where }) => `${name} ${where}`.trim())}`);
}
