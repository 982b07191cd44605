import type { ClaimableRequest } from '@sutra-embedder/engine';

/** OpenAI's body has `input` where the native one has `texts`; with both or neither it is for the native API to refuse. */
export function isOpenAi({ body, unparsed }: ClaimableRequest): boolean {
  if (unparsed !== undefined) return unparsed.includes('"input"') && !unparsed.includes('"texts"');
  return typeof body === 'object' && body !== null && 'input' in body && !('texts' in body);
}
