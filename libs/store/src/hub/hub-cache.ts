import { copyFile, link, mkdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** An existing cache of the huggingface_hub library (`.../hub`), read only. */
export class HubCache {
  constructor(private readonly folder: string | undefined) {}

  /** The commit that `main` was when the cache last saw it. */
  async mainCommit(repository: string): Promise<string | undefined> {
    if (this.folder === undefined) return undefined;
    const text = await readFile(join(this.repositoryFolder(repository), 'refs', 'main'), 'utf8').catch(() => undefined);
    const commit = text?.trim();
    return commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
  }

  /** Path of a file's content, or undefined where the cache does not have it. */
  async find(repository: string, revision: string, path: string): Promise<string | undefined> {
    if (this.folder === undefined) return undefined;
    return realpath(join(this.repositoryFolder(repository), 'snapshots', revision, path)).catch(() => undefined);
  }

  private repositoryFolder(repository: string): string {
    return join(this.folder ?? '', `models--${repository.replace('/', '--')}`);
  }
}

/** Puts a file of the cache at another path: as a second name for the same bytes where the disk allows, else copied. */
export async function adopt(from: string, to: string, partial: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await mkdir(dirname(partial), { recursive: true });
  await rm(partial, { force: true });
  await link(from, partial).catch(() => copyFile(from, partial));
  await rename(partial, to);
}
