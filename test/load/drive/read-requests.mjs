import { readFileSync } from 'node:fs';

/** The bytes of one HTTP request for each line of a file of bodies. */
export function readRequests(bodies, path, host) {
  return readFileSync(bodies, 'utf8')
    .trimEnd()
    .split('\n')
    .map((body) =>
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    );
}
