import { readProfile } from './read-profile.mjs';

const node = (id, functionName, url = '') => ({ id, callFrame: { functionName, url, lineNumber: 9 } });

describe('readProfile', () => {
  const profile = {
    nodes: [
      node(1, '(idle)'),
      node(2, 'parse', 'file:///p/node_modules/fastify/lib/body.js'),
      node(3, 'encode', 'file:///p/libs/engine/dist/encoding/float-json.js'),
      node(4, '(garbage collector)'),
      node(5, 'write', 'node:net'),
    ],
    samples: [1, 2, 3, 3, 4, 5],
    timeDeltas: [5000, 1000, 2000, 4000, 2000, 1000],
  };
  const read = readProfile(profile);

  it('leaves waiting out of what it shares among functions', () => {
    expect(read.total).toBe(15);
    expect(read.busy).toBe(10);
  });

  it('names the function, the file and the line', () => {
    expect(read.functions[0]).toEqual({ name: 'encode', where: 'encoding/float-json.js:10', share: 0.6 });
  });

  it('gives native code a name that means something', () => {
    const native = { nodes: [node(1, 'loadModel'), node(2, '')], samples: [1, 2], timeDeltas: [1000, 1000] };
    expect(readProfile(native).places).toEqual([{ where: '(ONNX Runtime)', share: 1 }]);
  });

  it('sums by package and by part of the project', () => {
    expect(Object.fromEntries(read.places.map(({ where, share }) => [where, share]))).toEqual({
      'engine/encoding': 0.6,
      '(garbage collector)': 0.2,
      fastify: 0.1,
      node: 0.1,
    });
  });
});
