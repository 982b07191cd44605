import type { Artifact } from '../contracts';

/** An artifact that exists in no file, for tests of what only reads its description. */
export function sampleArtifact(changes: Partial<Artifact> = {}): Artifact {
  return Object.freeze({
    modelId: 'sample',
    id: 'fp32',
    format: 'onnx',
    precision: 'fp32',
    path: '/nowhere/graph.onnx',
    sha256: '0'.repeat(64),
    requires: [],
    probeCosine: 0.999,
    ...changes,
  } satisfies Artifact);
}
