import type { Artifact, EmbeddingBackend, Model, SessionHost, SessionOptions, SessionRecipe } from '../contracts';
import { LocalHost } from './local-host';
import { ThreadHost } from './thread-host';

/** Opens one session of a backend: off the main thread where it gives a recipe, where it is otherwise. */
export async function openHost(
  backend: EmbeddingBackend,
  model: Model,
  artifact: Artifact,
  options: SessionOptions,
): Promise<SessionHost> {
  const opened = await backend.open(model, artifact, options);
  return isRecipe(opened) ? ThreadHost.open(opened) : new LocalHost(opened);
}

function isRecipe(opened: SessionRecipe | object): opened is SessionRecipe {
  return 'module' in opened;
}
