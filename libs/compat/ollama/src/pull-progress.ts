import { EngineError, type ModelStatus, type ModelStore } from '@sutra-embedder/engine';

/** How often a waiting caller hears how far a download is. */
const EVERY_MS = 500;

type Watched = Pick<ModelStore, 'status' | 'settled'>;

/** The lines of a pull: how far the download is, until it has ended. The last says `success`, or has an `error`. */
export async function* pullProgress(store: Watched, id: string): AsyncGenerator<string> {
  yield line({ status: 'pulling manifest' });
  const ended = store.settled(id).then(
    () => ({ error: undefined }),
    (error: unknown) => ({ error: EngineError.is(error) ? error.message : 'the download failed' }),
  );
  for (;;) {
    const status = await store.status(id);
    if (status.totalBytes !== null) yield line(progressOf(status));
    const end = await Promise.race([ended, pause()]);
    if (!end) continue;
    if (end.error === undefined) {
      yield line({ status: 'verifying sha256 digest' });
      yield line({ status: 'writing manifest' });
      yield line({ status: 'success' });
    } else {
      yield line({ error: end.error });
    }
    return;
  }
}

function progressOf({ model, receivedBytes, totalBytes }: ModelStatus): object {
  return { status: `pulling ${model}`, digest: model, total: totalBytes, completed: receivedBytes };
}

function pause(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), EVERY_MS).unref());
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
