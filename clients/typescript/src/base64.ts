/** What the platform has: Node's Buffer, or the base64 methods that browsers have had since 2025. */
interface NodeBuffer {
  write(text: string, offset: number, length: number, encoding: 'base64'): number;
  toString(encoding: 'latin1', from: number, to: number): string;
}
interface NodeBufferClass {
  from(buffer: ArrayBufferLike, offset: number, length: number): NodeBuffer;
}
interface WithBase64 extends Uint8Array {
  setFromBase64?(text: string): { written: number };
}

const { Buffer: nodeBuffer } = globalThis as { Buffer?: NodeBufferClass };

/** Bytes that a padded base64 text stands for. */
export function decodedLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/**
 * Decodes padded base64 (RFC 4648) into bytes of exactly its length.
 * @throws RangeError where the text is not base64, or stands for another number of bytes
 */
export function decodeBase64(text: string, into: Uint8Array): void {
  if (decodedLength(text) !== into.length || write(text, into) !== into.length) {
    throw new RangeError(`The text is not base64 of ${into.length} bytes`);
  }
}

/** Returns how many bytes could be decoded. */
function write(text: string, into: WithBase64): number {
  if (nodeBuffer) {
    return nodeBuffer.from(into.buffer, into.byteOffset, into.length).write(text, 0, into.length, 'base64');
  }
  try {
    if (into.setFromBase64) return into.setFromBase64(text).written;
    const characters = atob(text);
    for (let i = 0; i < characters.length; i++) into[i] = characters.charCodeAt(i);
    return characters.length;
  } catch {
    return -1;
  }
}

const decoder = new TextDecoder();

/** The text that a part of a body holds, where it is known to be ASCII. */
export function asciiText(bytes: Uint8Array, from: number, to: number): string {
  if (nodeBuffer) return nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to);
  return decoder.decode(bytes.subarray(from, to));
}
