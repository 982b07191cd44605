import type { Deadline } from './deadline.ts';

/**
 * The lines of a body as they arrive, without their ends (LF or CRLF). The deadline runs while the body is awaited, and
 * rests while the reader is busy.
 */
export async function* linesOf(body: ReadableStream<Uint8Array>, deadline: Deadline): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let parts: string[] = [];
  try {
    for (;;) {
      deadline.extend();
      const { done, value } = await reader.read();
      deadline.pause();
      const text = decoder.decode(value, { stream: !done });
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        parts.push(text.slice(from, end));
        yield parts.join('').replace(/\r$/, '');
        parts = [];
        from = end + 1;
      }
      if (from < text.length) parts.push(text.slice(from));
      if (!done) continue;
      if (parts.length > 0) yield parts.join('');
      return;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
