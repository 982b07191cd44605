import { DownloadFailedError } from './errors.ts';
import type { RequestOptions } from './http.ts';
import { sleep } from './sleep.ts';
import type { DownloadStatus } from './wire.ts';

export interface DownloadOptions extends RequestOptions {
  readonly onProgress?: (status: DownloadStatus) => void;
  /** How long to wait between two looks at a download in milliseconds. Default 1000. */
  readonly pollMs?: number;
}

const DONE = new Set(['ready', 'loaded']);
const UNDER_WAY = new Set(['downloading', 'queued', 'verifying']);

/**
 * @param begin asks for the download. Only once: asked again, a download that failed would begin anew
 * @param look how far it is
 */
export async function downloadModel(
  modelId: string,
  begin: () => Promise<DownloadStatus>,
  look: () => Promise<DownloadStatus>,
  { onProgress, pollMs = 1000, signal }: DownloadOptions,
): Promise<DownloadStatus> {
  for (let status = await begin(); ; status = await look()) {
    onProgress?.(status);
    if (DONE.has(status.status)) return status;
    if (!UNDER_WAY.has(status.status)) throw new DownloadFailedError(modelId, status.status, status.reason);
    await sleep(pollMs, signal);
  }
}
