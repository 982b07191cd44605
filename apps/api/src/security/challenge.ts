/** RFC 6750: what WWW-Authenticate tells a caller to bring. */
export const CHALLENGE = 'Bearer realm="sutra-embedder"';
