/** How a server of each kind is asked: where to, and with which body. */
export const APIS = Object.freeze({
  sutra: (model) => ({
    path: '/v1/embeddings',
    // Coding the vectors is measured elsewhere; here both graphs return what they computed.
    body: (texts) => JSON.stringify({ texts, model, config: { quantization: 'none' } }),
  }),
  openai: (model) => ({ path: '/v1/embeddings', body: (texts) => JSON.stringify({ input: texts, model }) }),
  tei: () => ({ path: '/embed', body: (texts) => JSON.stringify({ inputs: texts, truncate: true }) }),
});

/** Which model or preset runs as which graph on this server. */
export const MODEL_OF_GRAPH = Object.freeze({ fp32: 'all-MiniLM-L6-v2', int8: 'efficient' });
