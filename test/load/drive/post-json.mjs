import { Agent, request } from 'node:http';

/**
 * A light caller that keeps its connections.
 * @param {string} url of a server @param {number} connections @param {Record<string, string>} [headers] sent with each
 * @returns {(path: string, content: object) => Promise<void>} resolves with the end of the answer
 * @throws Error for an answer other than 200
 */
export function jsonCaller(url, connections, headers = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return (path, content) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(content);
      const all = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      request(url + path, { method: 'POST', agent, headers: all }, (answer) => {
        answer.resume().on('end', () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`${path} answers ${answer.statusCode}`));
        });
      })
        .on('error', reject)
        .end(body);
    });
}
