import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from './manifest';

const CHUNK_BYTES = 1 << 18;

/**
 * Compares every listed file with its size and SHA-256.
 * @throws Error naming the first file that is missing or differs
 */
export async function verifyFiles(manifest: Manifest, folder: string): Promise<void> {
  await Promise.all(
    Object.entries(manifest.files).map(async ([name, { bytes, sha256 }]) => {
      const path = join(folder, name);
      const size = await stat(path).then(
        (stats) => stats.size,
        () => undefined,
      );
      if (size === undefined) throw new Error(`${name} is missing`);
      if (size !== bytes) throw new Error(`${name} has ${size} bytes where its manifest says ${bytes}`);
      const actual = await sha256Of(path);
      if (actual !== sha256) throw new Error(`${name} has SHA-256 ${actual} where its manifest says ${sha256}`);
    }),
  );
}

/** Through one buffer: a stream would leave a copy of the whole model to the garbage collector. */
async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
