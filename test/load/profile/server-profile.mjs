import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../server/preload.mjs';
import { readProfile } from './read-profile.mjs';

/** CPU profiles of a running server, one a thread. */
export class ServerProfile {
  /** @param {import('../server/built-server.mjs').BuiltServer} server started with the preload @param {string} folder */
  constructor(server, folder) {
    this.server = server;
    this.folder = resolve(folder);
    mkdirSync(this.folder, { recursive: true });
  }

  start() {
    return ask(this.server, { task: 'start-profile' });
  }

  async stop(name) {
    this.name = name;
    await ask(this.server, { task: 'stop-profile', folder: this.folder, file: name });
    // Worker threads write theirs without telling.
    await delay(1000);
  }

  /** Where each thread's time went; call after `stop`. */
  read() {
    const files = readdirSync(this.folder).filter(
      (file) => file.startsWith(`${this.name}.`) && file.endsWith('.cpuprofile'),
    );
    return files.map((file) => ({
      thread: file.slice(this.name.length + 1, -'.cpuprofile'.length),
      ...readProfile(JSON.parse(readFileSync(join(this.folder, file), 'utf8'))),
    }));
  }
}
