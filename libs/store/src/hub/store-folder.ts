import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStale } from './file-lock';

/** A partial download that nobody has touched for so long is not going on. */
const ABANDONED_MS = 24 * 3600 * 1000;

/**
 * Where things are in the store:
 *   models/<owner>--<name>/<revision>/...  files, each whole since it has its name
 *   complete/<owner>--<name>.json          written last: only a model with this page is served
 *   trust/<owner>--<name>.json             hashes learned on first download
 *   partial/                               what grows, its locks, temporary files
 * All names come from the catalogue, none from a request.
 */
export class StoreFolder {
  constructor(readonly root: string) {}

  get partials(): string {
    return join(this.root, 'partial');
  }

  modelFolder(repository: string, revision: string): string {
    return join(this.root, 'models', slug(repository), revision);
  }

  completePage(repository: string): string {
    return join(this.root, 'complete', `${slug(repository)}.json`);
  }

  trustPage(repository: string): string {
    return join(this.root, 'trust', `${slug(repository)}.json`);
  }

  partial(repository: string, revision: string, path: string): string {
    return join(this.partials, `${slug(repository)}--${revision.slice(0, 12)}--${path.replaceAll('/', '--')}.part`);
  }

  /** Removes what crashed processes have left and nobody will go on with. */
  async sweep(): Promise<void> {
    for (const name of await this.partialNames()) {
      const path = join(this.partials, name);
      if (name.endsWith('.lock')) {
        if (await isStale(path)) await rm(path, { force: true });
        continue;
      }
      const age = await stat(path).then(
        (stats) => Date.now() - stats.mtimeMs,
        () => 0,
      );
      // Temporary files live for milliseconds; a minute leaves room for a process that is doing so right now.
      if (age > (name.endsWith('.tmp') ? 60_000 : ABANDONED_MS)) await rm(path, { force: true });
    }
  }

  /** From now on the model does not count as complete. */
  async forget(repository: string): Promise<void> {
    await rm(this.completePage(repository), { force: true });
  }

  /** Takes a model off the disk, what has arrived of it in part included. Its hashes stay known. */
  async remove(repository: string): Promise<boolean> {
    const complete = this.completePage(repository);
    const had = await stat(complete).then(
      () => true,
      () => false,
    );
    // First of all it stops being served.
    await this.forget(repository);
    await rm(join(this.root, 'models', slug(repository)), { recursive: true, force: true });
    for (const name of await this.partialNames()) {
      if (name.startsWith(`${slug(repository)}--`) && name.endsWith('.part')) {
        await rm(join(this.partials, name), { force: true });
      }
    }
    return had;
  }

  private async partialNames(): Promise<string[]> {
    return readdir(this.partials).catch(() => []);
  }
}

function slug(repository: string): string {
  return repository.replace('/', '--');
}
