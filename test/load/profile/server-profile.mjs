import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const preload = fileURLToPath(new URL('./preload.cjs', import.meta.url));

/** Arguments of Node that let a server be profiled; none when no folder is given. */
export function profileOptions(folder) {
  return folder === undefined ? [] : ['--require', preload];
}

/** CPU profiles of a running server, one a thread. */
export class ServerProfile {
  constructor(server, folder) {
    this.server = server;
    this.folder = resolve(folder);
    mkdirSync(this.folder, { recursive: true });
  }

  start() {
    return this.say({ profile: 'start' });
  }

  async stop(name) {
    await this.say({ profile: 'stop', folder: this.folder, file: name });
    // Worker threads write theirs without telling.
    await delay(500);
  }

  say(message) {
    return new Promise((done) => {
      const onMessage = ({ profiled }) => {
        if (profiled !== message.profile) return;
        this.server.child.off('message', onMessage);
        done();
      };
      this.server.child.on('message', onMessage);
      this.server.child.send(message);
    });
  }
}
