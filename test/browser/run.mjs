// `npm run test:browser`: the built client in headless Chromium, on a page of its own origin, against the built server:
// REST, NDJSON, SSE and WebSocket. Chromium is Debian's; where it is missing and this runs as root, it is installed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { chromium } from 'playwright-core';
import { startServer } from '../../tools/examples/server.mjs';
import { build, install, requireNode, root } from '../../tools/project.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

requireNode();
install();
build();
installChromium();

const pages = await servePages();
const origin = `http://127.0.0.1:${pages.address().port}`;
const server = await startServer({ SUTRA_CORS_ORIGINS: origin });
const profile = mkdtempSync(join(tmpdir(), 'sutra-chromium-'));
let failures = 0;
try {
  if (!server.url) throw new Error(`the server did not start:\n${server.output}`);
  const target = { api: server.url, ws: `${server.url.replace(/^http/, 'ws')}/v1/ws` };
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
  });
  console.log(`Chromium ${browser.browser()?.version() ?? ''}, page on ${origin}, server on ${server.url}`);
  const results = await onPage(browser, origin, (page) => page.evaluate((t) => window.runTests(t), target));
  for (const { name, error } of results) report(name, error);
  // The same page under another name is another origin, which the server was not told of.
  const stranger = origin.replace('127.0.0.1', 'localhost');
  const refused = await onPage(browser, stranger, (page) => page.evaluate((t) => window.runRefused(t), target));
  const expected = { rest: 'CONNECTION_ERROR', stream: 'CONNECTION_ERROR' };
  report('a page of another origin is kept out', describeDifference(refused, expected));
  report('the docs page draws itself within its own content security policy', await drawDocs(browser, server.url));
  await browser.close();
} finally {
  pages.close();
  await server.stop();
  rmSync(profile, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);

/** @returns {Promise<string | undefined>} what the browser complains of */
async function drawDocs(browser, url) {
  const page = await browser.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${url}/docs`);
  await page.waitForSelector('.opblock-summary', { timeout: 60_000 });
  await page.close();
  return complaints.join('; ') || undefined;
}

function report(name, error) {
  if (error) failures++;
  console.log(error ? `FAIL  ${name}\n${error}` : `ok    ${name}`);
}

function describeDifference(actual, expected) {
  try {
    assert.deepEqual(actual, expected);
    return null;
  } catch (error) {
    return error.message;
  }
}

async function onPage(browser, url, use) {
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(url);
  await page
    .waitForFunction(() => typeof window.runTests === 'function', undefined, { timeout: 30_000 })
    .catch(() => {
      throw new Error(`the page did not load the client: ${faults.join('; ')}`);
    });
  const result = await use(page);
  await page.close();
  return result;
}

/** The page, and the client as it is published, file by file. */
async function servePages() {
  const folders = { client: join(root, 'clients/typescript/dist/esm'), test: join(root, 'test/browser') };
  const pages = createServer((request, response) => {
    const [, folder, file] = /^\/(client|test)\/([\w./-]+\.m?js)$/.exec(request.url ?? '') ?? [];
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      return response.end('<!doctype html><script type="module" src="/test/page.mjs"></script>');
    }
    const path = folder && !file.includes('..') && join(folders[folder], file);
    if (!path || !existsSync(path)) return response.writeHead(404).end();
    response.setHeader('content-type', 'text/javascript');
    return response.end(readFileSync(path));
  });
  pages.listen(0);
  await once(pages, 'listening');
  return pages;
}

function installChromium() {
  if (existsSync(CHROMIUM)) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`There is no Chromium at ${CHROMIUM}; install it, or name another in the variable CHROMIUM.`);
    process.exit(1);
  }
  for (const args of [
    ['update', '-q'],
    ['install', '-qy', '--no-install-recommends', basename(CHROMIUM)],
  ]) {
    const { status } = spawnSync('apt-get', args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) process.exit(status ?? 1);
  }
}
