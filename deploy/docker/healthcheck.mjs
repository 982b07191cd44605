// Exits with 0 where the service in this container wants requests.
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

const port = process.env.SUTRA_HTTP_PORT || '8080';
// Whether the certificate is in order is for the clients to judge.
const [get, scheme] = process.env.SUTRA_TLS_CERT ? [getHttps, 'https'] : [getHttp, 'http'];
get(`${scheme}://127.0.0.1:${port}/readyz`, { rejectUnauthorized: false, timeout: 2_500 }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
)
  .on('error', () => process.exit(1))
  .on('timeout', () => process.exit(1));
