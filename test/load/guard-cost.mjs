// What looking at keys and tokens costs: the look alone, in this process; then the server's CPU time a request with none
// configured, with API keys, and with RS256 tokens. The three servers run side by side and take turns, so that what else the machine does meets all alike.
//   node test/load/guard-cost.mjs [--rounds 9] [--requests 600]
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import 'reflect-metadata';
import { SignJWT } from 'jose';
import { cpuOf } from './drive/compare-cost.mjs';
import { jsonCaller } from './drive/post-json.mjs';
import { median } from './report/statistics.mjs';
import { BuiltServer } from './server/built-server.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, requests: { type: 'string', default: '600' } },
});
const [rounds, requests] = [Number(values.rounds), Number(values.requests)];
const CONNECTIONS = 8;
const LOOKS = 50_000;
const built = createRequire(import.meta.url);
const { createKey } = built('../../apps/api/dist/security/keys/manage-keys.js');
const { createAuthenticator } = built('../../apps/api/dist/security/create-authenticator.js');
const { httpCredentials } = built('../../apps/api/dist/security/http-credentials.js');
const { loadConfiguration } = built('../../apps/api/dist/config/configuration.js');
const { writeKeyFile } = built('../../apps/api/dist/security/keys/key-file.js');

const folder = mkdtempSync(join(tmpdir(), 'guard-cost-'));
const keysFile = join(folder, 'keys.json');
const publicKeyFile = join(folder, 'issuer.pem');
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
writeFileSync(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
const { key, record } = createKey({ scope: 'read' }, new Date());
writeKeyFile(keysFile, [record]);
const token = await new SignJWT({ scope: 'embedding.read' })
  .setProtectedHeader({ alg: 'RS256' })
  .setIssuer('issuer')
  .setAudience('audience')
  .setSubject('load')
  .setExpirationTime('1h')
  .sign(privateKey);

/** All send a header of like length, so that only looking at it differs. */
const SERVERS = {
  open: { settings: {}, headers: { 'x-api-key': key } },
  keys: { settings: { SUTRA_KEYS_FILE: keysFile }, headers: { 'x-api-key': key } },
  tokens: {
    settings: {
      SUTRA_JWT_PUBLIC_KEY_FILE: publicKeyFile,
      SUTRA_JWT_ISSUER: 'issuer',
      SUTRA_JWT_AUDIENCE: 'audience',
    },
    headers: { authorization: `Bearer ${token}` },
  },
};
const MODELS = ['ultra-efficient', 'efficient'];

/** Milliseconds of the server's CPU a request. */
async function cost(side, model, count) {
  const texts = ['What a guard costs is best seen by a short text.'];
  const ask = () => side.post('/v1/embeddings', { texts, model });
  const { total } = await cpuOf({ pid: side.server.pid, ask }, new Array(count).fill(texts), CONNECTIONS);
  return (total * 1000) / count;
}

/** Microseconds of this process's CPU that finding out who calls takes, for a request with eight headers. */
async function look({ settings, headers }) {
  const { authenticator, close } = await createAuthenticator(loadConfiguration(settings).security);
  const rawHeaders = ['Host', 'Accept', 'User-Agent', 'Connection', 'Content-Type', 'Content-Length', 'Accept-Encoding']
    .flatMap((name) => [name, 'x'])
    .concat(Object.entries(headers).flat());
  const run = async (times) => {
    for (let i = 0; i < times; i++) {
      const found = authenticator.authenticate(httpCredentials({ rawHeaders }));
      if (found instanceof Promise) await found;
    }
  };
  await run(LOOKS);
  const before = process.cpuUsage();
  await run(LOOKS);
  const { user, system } = process.cpuUsage(before);
  close();
  return (user + system) / LOOKS;
}

for (const [name, one] of Object.entries(SERVERS)) {
  console.log(`the look alone, ${name}: ${(await look(one)).toFixed(2)} us of CPU`);
}

const running = {};
try {
  for (const [name, { settings, headers }] of Object.entries(SERVERS)) {
    const server = await BuiltServer.start({ settings });
    running[name] = { server, post: jsonCaller(server.url, CONNECTIONS, headers) };
  }
  for (const model of MODELS) {
    const count = model === 'efficient' ? requests : requests * 5;
    for (const one of Object.values(running)) await cost(one, model, Math.ceil(count / 2));
    const taken = Object.fromEntries(Object.keys(running).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      // In another order each time, so that none always follows the same one.
      const order = Object.keys(running).map((_, i, names) => names[(i + round) % names.length]);
      for (const name of order) taken[name].push(await cost(running[name], model, count));
    }
    for (const name of ['keys', 'tokens']) {
      const ratios = taken[name].map((ms, round) => ms / taken.open[round]);
      console.log(
        `${model}: ${name} ${median(taken[name]).toFixed(3)} ms, open ${median(taken.open).toFixed(3)} ms of CPU a request; ` +
          `ratio ${median(ratios).toFixed(3)} (median of ${rounds} rounds of ${count}; ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`,
      );
    }
  }
} finally {
  for (const { server } of Object.values(running)) await server.stop();
  rmSync(folder, { recursive: true });
}
