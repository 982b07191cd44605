/**
 * V8 gives native code the name of some function of the same binding: that of ONNX Runtime answers to any of its
 * methods, and what runs outside of any function (sockets, HTTP parsing, waking threads) to the profiler's own call.
 */
const NATIVE = Object.freeze({
  '': '(ONNX Runtime)',
  loadModel: '(ONNX Runtime)',
  endProfiling: '(ONNX Runtime)',
  dispatch: '(outside of JavaScript)',
});

/**
 * Where a thread's time went.
 * @param {{ nodes: object[], samples: number[], timeDeltas: number[] }} profile as V8 records it
 * @returns {{ total: number, busy: number, functions: { name: string, where: string, share: number }[],
 *   places: { where: string, share: number }[] }} milliseconds; shares are of the busy time; the largest first
 */
export function readProfile({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map();
  const places = new Map();
  let total = 0;
  let busy = 0;
  samples.forEach((id, i) => {
    const time = timeDeltas[i] / 1000;
    const { functionName: named, url, lineNumber } = byId.get(id);
    const functionName = url === '' ? (NATIVE[named] ?? named) : named;
    total += time;
    if (functionName === '(idle)' || functionName === '(program)') return;
    busy += time;
    const where = placeOf(url);
    add(places, where === '' ? functionName : where, time);
    add(
      functions,
      `${functionName || '(anonymous)'}\t${where === '' ? '' : `${shortName(url)}:${lineNumber + 1}`}`,
      time,
    );
  });
  const ranked = (map) => [...map].sort((a, b) => b[1] - a[1]);
  return {
    total,
    busy,
    functions: ranked(functions).map(([key, time]) => {
      const [name, where] = key.split('\t');
      return { name, where, share: time / busy };
    }),
    places: ranked(places).map(([where, time]) => ({ where, share: time / busy })),
  };
}

function add(map, key, time) {
  map.set(key, (map.get(key) ?? 0) + time);
}

/** The package, the part of this project, or `node`; empty for what has no source, such as garbage collection. */
function placeOf(url) {
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (dependency) return dependency;
  const ours = /\/(?:libs|apps)\/([^/]+)\/dist\/((?:[^/]+\/)*)/.exec(url);
  if (ours) return `${ours[1]}/${ours[2].replace(/\/$/, '')}`;
  return url.startsWith('node:') ? 'node' : url === '' ? '' : 'other';
}

const shortName = (url) => url.split('/').slice(-2).join('/');
