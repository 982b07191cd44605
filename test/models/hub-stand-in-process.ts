// The stand-in for the hub as a process, for tests in other languages: `node --import tsx test/models/hub-stand-in-process.ts`.
// Prints one line, {"url","catalogue","home"}, and ends with its standard input.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubStandIn } from './hub-stand-in';
import { filesOf, GRAPH, tinyEntry } from './tiny-catalogue';

async function main(): Promise<void> {
  const files = filesOf('bert-cls');
  const hub = await HubStandIn.start(files, { largeBytes: 100_000 });
  const slow = { kind: 'trickle', bytes: Math.ceil((files.get(GRAPH)?.length ?? 0) / 20), pauseMs: 100 } as const;
  hub.trouble(GRAPH, slow, slow);
  const home = mkdtempSync(join(tmpdir(), 'sutra-hub-'));
  const catalogue = join(home, 'catalogue.json');
  const models = [
    tinyEntry(),
    tinyEntry({ id: 'contradicted', repository: 'test-owner/contradicted', pooling: 'mean' }),
  ];
  writeFileSync(catalogue, JSON.stringify({ schema: 1, models }));
  console.log(JSON.stringify({ url: hub.url, catalogue, home }));
  process.stdin.resume().on('end', () => {
    rmSync(home, { recursive: true, force: true });
    void hub.close();
  });
}

void main();
