import { bytesPerVector, pairQuality, retrievalQuality } from './evaluate.mjs';

/**
 * Evaluates plans on data sets. Texts are embedded once, as the model gives them; each plan then works on those vectors
 * with the engine's own processors, as it does for a request.
 * @param {object} options
 * @param {{ dimensions: number, scheme: string }[]} options.plans
 * @param {{ name: string, kind: 'pairs' | 'retrieval', data: any }[]} options.sets
 * @param {(texts: readonly string[]) => Promise<import('./evaluate.mjs').Vectors>} options.embed
 * @param {(vectors: import('./evaluate.mjs').Vectors, plan: { dimensions: number, scheme: string }) =>
 *   Promise<{ vectors: import('./evaluate.mjs').Vectors, methods: string[] }>} options.process
 * @returns {Promise<{ dimensions: number, scheme: string, methods: string[], bytes: number, scores: number[] }[]>}
 *   scores: one a data set, x 100
 */
export async function evaluatePlans({ plans, sets, embed, process }) {
  const embedded = [];
  for (const { kind, data } of sets) {
    const [first, second] = kind === 'pairs' ? [data.first, data.second] : [data.queries, data.documents];
    embedded.push([await embed(first), await embed(second)]);
  }
  const results = [];
  for (const plan of plans) {
    const scores = [];
    let bytes = 0;
    let methods = [];
    for (const [index, { kind, data }] of sets.entries()) {
      const first = await process(embedded[index][0], plan);
      const second = await process(embedded[index][1], plan);
      const score = kind === 'pairs' ? pairQuality : retrievalQuality;
      scores.push(100 * score(kind === 'pairs' ? data.scores : data.relevant, first.vectors, second.vectors));
      bytes = bytesPerVector(first.vectors);
      methods = first.methods;
    }
    results.push({ ...plan, methods, bytes, scores });
  }
  return results;
}
