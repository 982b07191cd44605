import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

type Environment = Readonly<Record<string, string | undefined>>;

/** How models are downloaded and where they are kept. */
export interface HubConfiguration {
  readonly endpoint: string;
  /** Never logged. */
  readonly token: string | undefined;
  readonly offline: boolean;
  /** Cache of the huggingface_hub library, read only. */
  readonly cacheFolder: string;
  readonly storeFolder: string;
  readonly proxies: {
    readonly http: string | undefined;
    readonly https: string | undefined;
    readonly none: string | undefined;
  };
}

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });
const YES = new Set(['1', 'true', 'yes', 'on']);

/**
 * The variables that the Hugging Face libraries read too, with the same meaning, and those of proxies.
 * @param storeFolder SUTRA_MODEL_STORE
 * @returns what is wrong beside it, one sentence each
 */
export function readHubEnvironment(
  environment: Environment,
  storeFolder: string | undefined,
): { hub: HubConfiguration; problems: string[] } {
  const get = (name: string) => environment[name] || undefined;
  // Lower case is the older custom and wins, as in curl.
  const either = (name: string) => get(name.toLowerCase()) ?? get(name);
  const cacheHome = get('XDG_CACHE_HOME') ?? join(homedir(), '.cache');
  const home = get('HF_HOME') ?? join(cacheHome, 'huggingface');
  const hub: HubConfiguration = {
    endpoint: get('HF_ENDPOINT') ?? 'https://huggingface.co',
    token: get('HF_TOKEN'),
    offline: YES.has((get('HF_HUB_OFFLINE') ?? '').toLowerCase()),
    cacheFolder: resolve(get('HF_HUB_CACHE') ?? join(home, 'hub')),
    storeFolder: resolve(storeFolder ?? join(cacheHome, 'sutra-embedder')),
    proxies: {
      http: either('HTTP_PROXY') ?? either('ALL_PROXY'),
      https: either('HTTPS_PROXY') ?? either('ALL_PROXY'),
      none: either('NO_PROXY'),
    },
  };
  const problems = [
    ['HF_ENDPOINT', hub.endpoint],
    ['HTTP_PROXY', hub.proxies.http],
    ['HTTPS_PROXY', hub.proxies.https],
  ].flatMap(([name, value]) =>
    value === undefined || address.safeParse(value).success ? [] : [`${name}: must be an http or https address`],
  );
  return { hub: Object.freeze({ ...hub, proxies: Object.freeze(hub.proxies) }), problems };
}
