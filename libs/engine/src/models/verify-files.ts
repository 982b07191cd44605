import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Manifest } from './manifest';

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
      const hash = createHash('sha256');
      await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
      const actual = hash.digest('hex');
      if (actual !== sha256) throw new Error(`${name} has SHA-256 ${actual} where its manifest says ${sha256}`);
    }),
  );
}
