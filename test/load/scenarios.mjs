/**
 * @typedef {object} Scenario
 * @property {number} connections kept alive, one request at a time on each
 * @property {number} texts of a request
 */

/**
 * One text a request over so many connections; 32 texts a request over 4, as indexers send them; 1,000 short texts in
 * one request, the most a request may hold.
 * @param {string} mix
 * @param {readonly number[]} connections
 * @returns {Scenario[]}
 */
export function scenariosOf(mix, connections) {
  const single = connections.map((count) => ({ connections: count, texts: 1 }));
  return [...single, mix === 'mixed' ? { connections: 4, texts: 32 } : { connections: 1, texts: 1000 }];
}
