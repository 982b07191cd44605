import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sha256Of } from '../sentence-transformers/folder-model';
import { lockFile } from './file-lock';
import type { HubClient, RemoteFile } from './hub-client';
import { DownloadError, PassingFault } from './hub-error';
import type { Patience } from './hub-options';
import { retry } from './retry';

/** What a file must be before it counts as that file. */
export interface Expected {
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly gitSha1: string | null;
}

export interface Order {
  readonly file: RemoteFile;
  readonly expected: Expected;
  /** Where it goes once it is whole. */
  readonly path: string;
  /** Where it grows; on the same file system. Its lock stands beside it. */
  readonly partial: string;
}

/** Left free for everything else on the disk. */
const SPARE_BYTES = 32 * 2 ** 20;

/**
 * Brings one file here: goes on where an earlier try stopped, checks size and hash of what is on the disk, and only
 * then gives the file its name. Of several processes one downloads, the others wait for its file.
 * @param onBytes told how much of the file is here, whoever brings it
 * @returns SHA-256 of the file
 * @throws DownloadError with what to do
 */
export async function downloadFile(
  order: Order,
  client: HubClient,
  patience: Patience,
  signal: AbortSignal,
  onBytes: (received: number) => void,
): Promise<string> {
  const { file, expected, path, partial } = order;
  await mkdir(dirname(path), { recursive: true });
  await mkdir(dirname(partial), { recursive: true });
  const lock = await lockFile(`${partial}.lock`, signal, async () => onBytes(await sizeOf(partial)));
  try {
    const here = await matching(path, expected);
    if (here) return here;
    await rm(path, { force: true });
    for (let round = 1; ; round++) {
      await retry((moved) => receive(order, client, signal, onBytes, moved), patience, signal);
      const sha256 = await matching(partial, expected);
      if (sha256) {
        await rename(partial, path);
        await syncFolder(dirname(path));
        return sha256;
      }
      const actual = await sha256Of(partial);
      await rm(partial, { force: true });
      // A resumed file may have been spoiled on the way: one fresh try tells that from a hub that has another file.
      if (round === 2) {
        throw new DownloadError(
          `${file.path} of ${file.repository} arrived with SHA-256 ${actual}, not the one expected (${expected.sha256 ?? expected.gitSha1 ?? 'by its size'}); nothing of it was kept. If the author has published a new version, the catalogue entry or the recorded hash must be changed on purpose`,
        );
      }
    }
  } finally {
    await lock.release();
  }
}

/** The file's SHA-256 where it is whole and right. */
export async function matching(path: string, expected: Expected): Promise<string | undefined> {
  const bytes = await stat(path).then(
    (stats) => (stats.isFile() ? stats.size : undefined),
    () => undefined,
  );
  if (bytes === undefined || (expected.bytes !== null && bytes !== expected.bytes)) return undefined;
  const sha256 = await sha256Of(path);
  if (expected.sha256 !== null) return sha256 === expected.sha256 ? sha256 : undefined;
  if (expected.gitSha1 !== null) return (await gitSha1Of(path, bytes)) === expected.gitSha1 ? sha256 : undefined;
  return sha256;
}

/** @throws DownloadError when a disk has less room than that many more bytes need */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes + SPARE_BYTES) return;
  throw diskFull(bytes, bavail * bsize);
}

function diskFull(needed: number, free: number): DownloadError {
  const megabytes = (bytes: number) => Math.ceil(bytes / 1e6);
  return new DownloadError(
    `The disk of the model store has ${megabytes(free)} MB free where ${megabytes(needed)} MB are needed; make room, or set SUTRA_MODEL_STORE to a folder on another disk`,
    { free_mb: megabytes(free), needed_mb: megabytes(needed) },
  );
}

/** One try. Leaves what arrived in the partial file. */
async function receive(
  { file, expected, partial }: Order,
  client: HubClient,
  signal: AbortSignal,
  onBytes: (received: number) => void,
  moved: () => void,
): Promise<void> {
  let size = await sizeOf(partial);
  if (expected.bytes !== null && size === expected.bytes && size > 0) return;
  if (expected.bytes !== null && size > expected.bytes) {
    await rm(partial, { force: true });
    size = 0;
  }
  const download = await openFrom(client, file, size, partial, signal);
  const handle = await open(partial, download.offset > 0 ? 'r+' : 'w');
  let at = download.offset;
  try {
    for await (const chunk of download.body) {
      if (expected.bytes !== null && at + chunk.length > expected.bytes) {
        throw new DownloadError(
          `The hub sends more of ${file.path} than the ${expected.bytes} bytes it has; check HF_ENDPOINT`,
        );
      }
      await writeAll(handle, chunk, at);
      at += chunk.length;
      moved();
      onBytes(at);
    }
    await handle.sync();
  } catch (error) {
    throw await asFault(error, at, expected.bytes, partial, signal);
  } finally {
    await handle.close();
  }
  const whole = expected.bytes ?? download.totalBytes;
  if (whole !== null && at < whole) {
    throw new PassingFault(`the hub ended after ${at} of ${whole} bytes`);
  }
}

/** A partial file that the hub will not continue is begun again. */
async function openFrom(client: HubClient, file: RemoteFile, size: number, partial: string, signal: AbortSignal) {
  try {
    return await client.open(file, size, signal);
  } catch (error) {
    if (!(error instanceof DownloadError) || error.details?.['status'] !== 416) throw error;
    await rm(partial, { force: true });
    return client.open(file, 0, signal);
  }
}

async function asFault(
  error: unknown,
  at: number,
  bytes: number | null,
  partial: string,
  signal: AbortSignal,
): Promise<unknown> {
  if (signal.aborted || error instanceof DownloadError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    // A full disk hurts everybody on it: what arrived is given back at once.
    await rm(partial, { force: true });
    return diskFull((bytes ?? at) - at, 0);
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EIO') {
    return new DownloadError(`The model store cannot be written (${code}); check SUTRA_MODEL_STORE`);
  }
  return new PassingFault(`the connection broke after ${at} bytes`, undefined, { cause: error });
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

async function gitSha1Of(path: string, bytes: number): Promise<string> {
  const hash = createHash('sha1').update(`blob ${bytes}\0`);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
}

/** Makes a rename last through a power cut, where the system lets a folder be synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
