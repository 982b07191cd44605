/**
 * The whole body. Where its length is announced, the parts are put in place as they arrive; `arrayBuffer()` would
 * first gather them and then copy the whole.
 */
export async function bodyBytes(response: Response): Promise<Uint8Array> {
  const { body, headers } = response;
  const announced = headers.has('content-encoding') ? NaN : Number(headers.get('content-length') ?? NaN);
  if (!body || !(announced > 0)) return new Uint8Array(await response.arrayBuffer());
  const bytes = new Uint8Array(announced);
  const reader = body.getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    // A length that does not hold is a broken connection to every fetch; RangeError would be thrown by set.
    if (done) return bytes.subarray(0, at);
    bytes.set(value, at);
    at += value.length;
  }
}
