import { spawn, spawnSync } from 'node:child_process';

/** A folder that a program takes for the whole file system. Needs root, on Linux. */
export class Chroot {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** Runs a command to its end. @throws when it fails */
  run(command, { env = {}, cwd = '/', user } = {}) {
    const { status } = spawnSync('unshare', this.arguments(command, { env, cwd, user }), {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) throw new Error(`"${command.join(' ')}" ended with ${status}`);
  }

  /**
   * Starts a command on a read-only file system.
   * @param {string[]} writable folders that are empty and writable
   */
  start(command, { env, cwd, user, writable }) {
    return spawn('unshare', this.arguments(command, { env, cwd, user, readOnly: true, writable }), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** In a mount namespace of its own, so that nothing has to be unmounted. */
  arguments(command, { env = {}, cwd, user, readOnly = false, writable = [] }) {
    const { folder } = this;
    const script = [
      `mount --bind ${folder} ${folder}`,
      ...(readOnly ? [`mount -o remount,bind,ro ${folder}`] : []),
      ...writable.map((path) => `mount -t tmpfs -o mode=1777 tmpfs ${folder}${path}`),
      `mount -t proc proc ${folder}/proc`,
      `mount --rbind /dev ${folder}/dev`,
      // exec, so that a signal reaches the program itself.
      `exec chroot ${user ? `--userspec=${user}` : ''} ${folder} /usr/bin/env -i -C ${cwd} "$@"`,
    ].join(' && ');
    const variables = Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', ...env });
    return ['--mount', 'sh', '-c', script, 'sh', ...variables.map(([name, value]) => `${name}=${value}`), ...command];
  }
}
