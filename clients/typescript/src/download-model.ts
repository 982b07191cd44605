import { DownloadFailedError } from './errors.ts';
import type { RequestOptions } from './http.ts';
import { sleep } from './sleep.ts';
import type { DownloadStatus } from './wire.ts';

export interface DownloadOptions extends RequestOptions {
  readonly onProgress?: (status: DownloadStatus) => void;
  /** How long to wait between two looks at a download in milliseconds. Default 1000. */
  readonly pollMs?: number;
}

const DONE = new Set(['ready', 'loaded', 'completed']);
const OVER = new Set(['failed', 'cancelled', 'canceled']);

/** Asks until the download is over: asked again, the server reports the same one. */
export async function downloadModel(
  modelId: string,
  ask: () => Promise<DownloadStatus>,
  { onProgress, pollMs = 1000, signal }: DownloadOptions,
): Promise<DownloadStatus> {
  for (;;) {
    const status = await ask();
    onProgress?.(status);
    if (DONE.has(status.status)) return status;
    if (OVER.has(status.status)) throw new DownloadFailedError(modelId, status.status);
    await sleep(pollMs, signal);
  }
}
