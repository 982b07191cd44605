import type { Artifact, EmbeddingBackend, Model, SessionHost, SessionOptions, SessionRecipe } from '../contracts';
import type { OutputListener } from './forward-lines';
import { DEFAULT_HOSTING, type Hosting, type Isolation } from './hosting';
import { LocalHost } from './local-host';
import { ProcessHost } from './process-host';
import { ThreadHost } from './thread-host';

const HOSTS: Readonly<
  Record<Isolation, (recipe: SessionRecipe, hosting: Hosting, onOutput?: OutputListener) => Promise<SessionHost>>
> = {
  thread: (...args) => ThreadHost.open(...args),
  process: (...args) => ProcessHost.open(...args),
};

/** Opens one session of a backend: off the main thread where it gives a recipe, where it is otherwise. */
export async function openHost(
  backend: EmbeddingBackend,
  model: Model,
  artifact: Artifact,
  options: SessionOptions,
  hosting: Hosting = DEFAULT_HOSTING,
  onOutput?: OutputListener,
): Promise<SessionHost> {
  const opened = await backend.open(model, artifact, options);
  return isRecipe(opened) ? HOSTS[hosting.isolation](opened, hosting, onOutput) : new LocalHost(opened);
}

function isRecipe(opened: SessionRecipe | object): opened is SessionRecipe {
  return 'module' in opened;
}
