/** Opcodes of RFC 6455, 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Message {
  readonly opcode: number;
  readonly data: Uint8Array;
}

/** A whole message as one masked frame, as a client must send it. */
export function maskedFrame(opcode: number, data: Uint8Array): Uint8Array {
  const extended = data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(6 + extended + data.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? data.length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, data.length);
  if (extended === 8) view.setBigUint64(2, BigInt(data.length));
  const mask = crypto.getRandomValues(new Uint8Array(4));
  const start = 6 + extended;
  frame.set(mask, start - 4);
  for (let i = 0; i < data.length; i++) frame[start + i] = (data[i] as number) ^ (mask[i & 3] as number);
  return frame;
}

/** Puts messages together from the bytes of a connection, however they are cut. */
export class FrameReader {
  private pending: Uint8Array = new Uint8Array(0);
  private parts: Uint8Array[] = [];
  private opcode = 0;

  /** Takes bytes; returns the messages they complete. Control frames may come between the parts of a message. */
  push(bytes: Uint8Array): Message[] {
    this.pending = this.pending.length === 0 ? bytes : concat([this.pending, bytes]);
    const messages: Message[] = [];
    for (let message = this.frame(); message !== undefined; message = this.frame()) if (message) messages.push(message);
    return messages;
  }

  /** One frame: a message, null where it completes none, undefined where its bytes are not all there. */
  private frame(): Message | null | undefined {
    const bytes = this.pending;
    if (bytes.length < 2) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const [first, short] = [bytes[0] as number, (bytes[1] as number) & 127];
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < start) return undefined;
    const length = short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
    if (bytes.length < start + length) return undefined;
    // A copy: the bytes belong to the connection, and a message may outlive them.
    const data = bytes.slice(start, start + length);
    this.pending = bytes.subarray(start + length);
    const opcode = first & 15;
    if (opcode >= 8) return { opcode, data };
    if (opcode !== OPCODE.continuation) this.opcode = opcode;
    this.parts.push(data);
    if ((first & 0x80) === 0) return null;
    const message = { opcode: this.opcode, data: this.parts.length === 1 ? data : concat(this.parts) };
    this.parts = [];
    return message;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
