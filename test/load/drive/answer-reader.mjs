const HEAD_END = Buffer.from('\r\n\r\n');
const NO_BYTES = Buffer.alloc(0);

/** Finds the ends of HTTP/1.1 answers in a stream of bytes, of bodies with a length and of chunked ones. */
export class AnswerReader {
  /** @param {(status: number) => void} onAnswer called when an answer is complete */
  constructor(onAnswer) {
    this.onAnswer = onAnswer;
    this.rest = NO_BYTES;
    this.status = 0;
    /** Bytes of the body, or of the chunk, that are still to come. */
    this.missing = 0;
    /** @type {'head' | 'body' | 'chunk-size' | 'chunk'} */
    this.expects = 'head';
  }

  /** @param {Buffer} bytes */
  read(bytes) {
    let data = this.rest.length > 0 ? Buffer.concat([this.rest, bytes]) : bytes;
    this.rest = NO_BYTES;
    while (data.length > 0) {
      const used = this.step(data);
      if (used === 0) {
        this.rest = data;
        return;
      }
      data = data.subarray(used);
    }
  }

  /** @returns {number} how many bytes were used; 0 when more must come first */
  step(data) {
    switch (this.expects) {
      case 'head':
        return this.head(data);
      case 'chunk-size':
        return this.chunkSize(data);
      default: {
        const used = Math.min(this.missing, data.length);
        this.missing -= used;
        if (this.missing === 0) {
          if (this.expects === 'chunk') this.expects = 'chunk-size';
          else this.finish();
        }
        return used;
      }
    }
  }

  head(data) {
    const end = data.indexOf(HEAD_END);
    if (end < 0) return 0;
    const head = data.toString('latin1', 0, end).toLowerCase();
    this.status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (length !== undefined) {
      this.missing = Number(length);
      this.expects = 'body';
      if (this.missing === 0) this.finish();
    } else if (/\r\ntransfer-encoding: *chunked/.test(head)) this.expects = 'chunk-size';
    else throw new Error('The server answers with neither a length nor chunks');
    return end + HEAD_END.length;
  }

  chunkSize(data) {
    const end = data.indexOf('\r\n');
    if (end < 0) return 0;
    const size = parseInt(data.toString('latin1', 0, end), 16);
    if (size > 0) {
      this.missing = size + 2;
      this.expects = 'chunk';
      return end + 2;
    }
    if (data.length < end + 4) return 0;
    this.finish();
    return end + 4;
  }

  finish() {
    this.expects = 'head';
    this.onAnswer(this.status);
  }
}
