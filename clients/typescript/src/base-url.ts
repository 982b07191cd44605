import { environmentVariable } from './environment.ts';

const LOOPBACK = 'http://127.0.0.1:8080';

/** The root of the API's paths, without a slash at the end: of what was given, SUTRA_BASE_URL, or loopback. */
export function apiUrl(given: string | undefined): string {
  const url = new URL(given ?? environmentVariable('SUTRA_BASE_URL') ?? LOOPBACK);
  const path = url.pathname.replace(/\/+$/, '');
  return url.origin + (path.endsWith('/v1') ? path : `${path}/v1`);
}

/** Where the WebSocket is: as given where that is a ws address, else beside the API's other paths. */
export function webSocketUrl(given: string | undefined): string {
  return given !== undefined && /^wss?:/i.test(given) ? given : `${apiUrl(given).replace(/^http/, 'ws')}/ws`;
}
