import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from './download-file';

const pages = z.strictObject({
  schema: z.literal(1),
  repository: z.string(),
  revision: z.string(),
  files: z.record(z.string(), z.strictObject({ bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/** What a repository was when it was first downloaded. It outlives the download: the next one must be the same. */
export type TrustPage = z.infer<typeof pages>;

/** @returns undefined where there is none, or none that can be read */
export async function readPage(path: string): Promise<TrustPage | undefined> {
  try {
    return pages.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Replaces the file as a whole or not at all. */
export async function writePage(path: string, page: TrustPage, temporaryFolder: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await mkdir(temporaryFolder, { recursive: true });
  const temporary = join(temporaryFolder, `${randomUUID()}.tmp`);
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(`${JSON.stringify(page, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}
