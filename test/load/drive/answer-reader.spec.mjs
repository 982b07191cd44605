import { AnswerReader } from './answer-reader.mjs';

const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED = 'HTTP/1.1 429 Too Many\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n';
const EMPTY = 'HTTP/1.1 503 Gone\r\ncontent-length: 0\r\n\r\n';

function read(pieces) {
  const statuses = [];
  const reader = new AnswerReader((status) => statuses.push(status));
  for (const piece of pieces) reader.read(Buffer.from(piece));
  return statuses;
}

describe('AnswerReader', () => {
  it('finds answers with a length, chunked ones and empty ones in one piece', () => {
    expect(read([LENGTH + CHUNKED + EMPTY + LENGTH])).toEqual([200, 429, 503, 200]);
  });

  it.each([1, 2, 7, 40])('finds them in pieces of %d bytes', (size) => {
    const all = LENGTH + CHUNKED + EMPTY;
    expect(read(all.match(new RegExp(`[^]{1,${size}}`, 'g')))).toEqual([200, 429, 503]);
  });

  it('waits for the rest', () => {
    expect(read([LENGTH.slice(0, -1)])).toEqual([]);
  });

  it('refuses an answer whose end cannot be found', () => {
    expect(() => read(['HTTP/1.1 200 OK\r\nDate: now\r\n\r\n'])).toThrow('neither');
  });
});
