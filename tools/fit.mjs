// Fits the rotation that reduces a model's vectors: their principal axes over texts of your own.
//
// npm run fit -- MODEL TEXTS [--models FOLDER]
//   MODEL     id of a model in the folder
//   TEXTS     a file with a text a line, some thousands of the kind you embed. Its words do not go into the result
//   --models  the folder it is in (default models)
// Writes rotation.bin into the model's folder and names it in manifest.json. The server takes it up at its next start.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { openEmbedder } from './quality/engine-embed.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { models: { type: 'string', default: 'models' } },
});
const [id, file] = positionals;
if (!id || !file) {
  console.error('npm run fit -- MODEL TEXTS [--models FOLDER]');
  process.exit(2);
}

const texts = [
  ...new Set(
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim()),
  ),
].filter(Boolean);
const embedder = await openEmbedder(options.models, id).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
const { model } = embedder;
try {
  const { dimensions } = model;
  if (texts.length < 2 * dimensions) {
    throw new Error(
      `${file} has ${texts.length} different texts; ${2 * dimensions} are the least for ${dimensions} axes`,
    );
  }
  const { values: vectors } = await embedder.embed(texts);
  const rotation = principalAxes(vectors, texts.length, dimensions);
  save(rotation, dimensions);
  console.log(`Fitted on ${texts.length} texts. ${share(vectors, rotation, texts.length, dimensions)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await embedder.close();
}

/** Eigenvectors of the covariance about the mean, largest eigenvalue first, as rows; each with its largest value positive. */
function principalAxes(vectors, rows, dimensions) {
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < vectors.length; i++) mean[i % dimensions] += vectors[i] / rows;
  const covariance = Matrix.zeros(dimensions, dimensions);
  const centered = new Float64Array(dimensions);
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < dimensions; d++) centered[d] = vectors[row * dimensions + d] - mean[d];
    for (let a = 0; a < dimensions; a++) {
      for (let b = a; b < dimensions; b++) covariance.set(a, b, covariance.get(a, b) + centered[a] * centered[b]);
    }
  }
  for (let a = 0; a < dimensions; a++) for (let b = 0; b < a; b++) covariance.set(a, b, covariance.get(b, a));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((value, index) => [value, index]).sort(([a], [b]) => b - a);
  const axes = new Float32Array(dimensions * dimensions);
  order.forEach(([, column], axis) => {
    const values = eigenvectorMatrix.getColumn(column);
    const peak = values.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    values.forEach((value, d) => (axes[axis * dimensions + d] = value * Math.sign(peak)));
  });
  return axes;
}

function save(axes, dimensions) {
  const bytes = Buffer.from(axes.buffer);
  const manifestPath = join(model.folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  writeFileSync(join(model.folder, 'rotation.bin'), bytes);
  manifest.rotation = {
    file: 'rotation.bin',
    axes: dimensions,
    fitted_on: `${texts.length} texts of ${basename(file)}`,
  };
  manifest.files['rotation.bin'] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** How much of the squared length the first axes keep. */
function share(vectors, axes, rows, dimensions) {
  const kept = [dimensions / 2, dimensions / 4].map(Math.floor).map((count) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      for (let axis = 0; axis < count; axis++) {
        let dot = 0;
        for (let d = 0; d < dimensions; d++) dot += axes[axis * dimensions + d] * vectors[row * dimensions + d];
        sum += dot * dot;
      }
    }
    return `${count} of ${dimensions} axes keep ${((100 * sum) / rows).toFixed(1)} % of the squared length`;
  });
  return `${kept.join(', ')}.`;
}
