import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** A holder touches its lock this often. */
const BEAT_MS = 2_000;
/** One that was not touched for so long has lost its holder. Generous: a busy machine may be late. */
const STALE_MS = 20_000;
const POLL_MS = 200;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly nonce: string;
}

export interface FileLock {
  release(): Promise<void>;
}

/**
 * Takes a lock file that only one process can hold, waiting while another one does. A lock whose process is gone (same
 * machine) or has stopped touching it (any machine) is taken over. What it guards is checked by hash all the same: the
 * lock saves work, it is not what keeps a wrong file out.
 * @param onWait called at every look while another process holds it
 */
export async function lockFile(path: string, signal: AbortSignal, onWait: () => Promise<void>): Promise<FileLock> {
  const mine: Holder = { pid: process.pid, host: hostname(), nonce: randomUUID() };
  for (;;) {
    signal.throwIfAborted();
    try {
      const handle = await open(path, 'wx');
      await handle.writeFile(JSON.stringify(mine));
      await handle.close();
      return hold(path, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isStale(path)) await takeAway(path);
    else {
      await onWait();
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}

/** Whether a lock file belongs to nobody any more. */
export async function isStale(path: string): Promise<boolean> {
  const age = await stat(path).then(
    (stats) => Date.now() - stats.mtimeMs,
    () => undefined,
  );
  if (age === undefined) return false;
  if (age > STALE_MS) return true;
  const holder = await holderOf(path);
  // A holder that has not written its name yet is alive: it does so right after it made the file.
  return holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
}

function hold(path: string, mine: Holder): FileLock {
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS).unref();
  return {
    release: async () => {
      clearInterval(beat);
      if ((await holderOf(path))?.nonce === mine.nonce) await rm(path, { force: true });
    },
  };
}

/** Moved aside before it is deleted: of several that see the same stale lock, one wins the move. */
async function takeAway(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if (await isStale(aside)) await rm(aside, { force: true });
  // Between the look and the move somebody else took it over: it is theirs.
  else await rename(aside, path).catch(() => undefined);
}

async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
