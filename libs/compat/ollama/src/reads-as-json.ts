/** Of an HTTP request, what is looked at. */
export interface Headed {
  readonly url: string;
  readonly headers: Record<string, string | string[] | undefined>;
}

/**
 * Ollama reads every body as JSON, and its documentation's curl commands send none of its content type. A page in a
 * browser is not let through like that: what it may send without asking would then reach this server.
 */
export function readsAsJson({ url, headers }: Headed): void {
  if (!url.startsWith('/api/') || headers['origin'] !== undefined) return;
  const type = headers['content-type'];
  if (type === undefined || type === 'application/x-www-form-urlencoded') headers['content-type'] = 'application/json';
}
