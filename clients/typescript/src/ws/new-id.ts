/** An id nobody else makes: a prefix and 96 random bits. crypto.randomUUID would need a secure page. */
export function newId(prefix: 'session' | 'msg' | 'chunk'): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `${prefix}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
