import { VersionMismatchError } from './errors.ts';

/** Version of this client. Its major number is the version of the API it speaks. */
export const CLIENT_VERSION = '1.0.0';

/** Response header by which a server says which version it is. */
export const VERSION_HEADER = 'x-sutra-version';

/**
 * @param server what the server says of itself; null where it says nothing (an older one, or a proxy's own answer)
 * @throws VersionMismatchError where the two cannot understand each other, with what to install
 */
export function checkServerVersion(server: string | null | undefined, client: string = CLIENT_VERSION): void {
  const theirs = majorOf(server);
  const ours = majorOf(client);
  if (theirs === undefined || ours === undefined || theirs === ours) return;
  const remedy =
    theirs > ours
      ? `this client is too old; install @sutra-embedder/client@${theirs}`
      : `this client is too new; update the server to ${ours}.x, or install @sutra-embedder/client@${theirs}`;
  throw new VersionMismatchError(
    `The server is version ${server} and this client is version ${client}: ${remedy}`,
    String(server),
    client,
  );
}

/** Whether the server is of the same major version and older: it may not know a field that this client sends. */
export function isOlder(server: string | null | undefined, client: string = CLIENT_VERSION): boolean {
  const [theirs, ours] = [partsOf(server), partsOf(client)];
  return theirs !== undefined && ours !== undefined && theirs[0] === ours[0] && theirs[1] < ours[1];
}

function majorOf(version: string | null | undefined): number | undefined {
  return partsOf(version)?.[0];
}

function partsOf(version: string | null | undefined): readonly [number, number] | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(version ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
