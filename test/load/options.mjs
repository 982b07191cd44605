import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [options]

  --quick               about two minutes, one round of each scenario; the default is about fifteen, three rounds
  --graph fp32|int8     one graph only; both by default
  --mix short|mixed     one length mix only; both by default
  --connections 1,32    instead of the standard ones
  --client wrk|node     wrk where it is installed, by default
  --against URL         measure a server that is already running, with the same texts and the same limit
  --api sutra|openai|tei  what it speaks; --model NAME and --pid PID (for CPU and memory) may be added
  --profile DIR         leave CPU profiles of the server in DIR and print where its time goes
  --set NAME=VALUE      a variable of the service; may be repeated
  --json FILE           leave all figures in FILE
  --write               rewrite docs/performance.md and its plot with this run's figures
  --seed N              other texts`;

const number = (text) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${text} is not a whole number above 0`);
  return value;
};
const oneOf = (name, value, known) => {
  if (value !== undefined && !known.includes(value)) throw new Error(`--${name} is one of ${known.join(', ')}`);
  return value;
};

/** How long each part takes, in seconds, and what is tried. */
const QUICK = {
  rounds: 1,
  warm: 1,
  measured: 3,
  raw: 1.2,
  search: 0.6,
  budgets: [256, 512],
  connections: [1, 32, 128],
};
const FULL = {
  rounds: 3,
  warm: 2,
  measured: 8,
  raw: 3,
  search: 1.5,
  budgets: [128, 256, 512, 1024],
  connections: [1, 32, 128, 256],
};

/** @param {string[]} argv @throws Error that says what is wrong with the arguments */
export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      graph: { type: 'string' },
      mix: { type: 'string' },
      connections: { type: 'string' },
      client: { type: 'string' },
      against: { type: 'string' },
      api: { type: 'string', default: 'sutra' },
      model: { type: 'string' },
      pid: { type: 'string' },
      profile: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  const graph = oneOf('graph', values.graph, ['fp32', 'int8']);
  const mix = oneOf('mix', values.mix, ['short', 'mixed']);
  const pace = values.quick ? QUICK : FULL;
  if (values.against !== undefined && values.profile !== undefined)
    throw new Error('--profile works on the server that the benchmark starts itself');
  return {
    help: values.help,
    quick: values.quick,
    graphs: graph ? [graph] : values.against === undefined ? ['fp32', 'int8'] : ['fp32'],
    mixes: mix ? [mix] : ['short', 'mixed'],
    pace: { ...pace, connections: values.connections?.split(',').map(number) ?? pace.connections },
    client: oneOf('client', values.client, ['wrk', 'node']),
    against: values.against?.replace(/\/$/, ''),
    api: oneOf('api', values.api, ['sutra', 'openai', 'tei']),
    model: values.model,
    pid: values.pid === undefined ? undefined : number(values.pid),
    profile: values.profile,
    settings: Object.fromEntries(
      values.set.map((pair) => {
        const [name, ...value] = pair.split('=');
        return [name, value.join('=')];
      }),
    ),
    json: values.json,
    write: values.write,
    seed: number(values.seed),
  };
}
