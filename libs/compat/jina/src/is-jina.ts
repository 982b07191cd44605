import type { ClaimableRequest } from '@sutra-embedder/engine';

/** Fields that OpenAI's body, which is otherwise the same, has not. */
const OWN_FIELDS = ['task', 'late_chunking', 'embedding_type', 'encoding_type', 'normalized', 'return_multivector'];

/** Told from OpenAI's body by a field of its own, or by inputs that are objects. */
export function isJina({ body, unparsed }: ClaimableRequest): boolean {
  if (unparsed !== undefined) {
    return unparsed.includes('"input"') && OWN_FIELDS.some((field) => unparsed.includes(`"${field}"`));
  }
  if (typeof body !== 'object' || body === null || 'texts' in body || !('input' in body)) return false;
  if (OWN_FIELDS.some((field) => field in body)) return true;
  const [first] = Array.isArray(body.input) ? (body.input as unknown[]) : [];
  return typeof first === 'object' && first !== null && !Array.isArray(first);
}
