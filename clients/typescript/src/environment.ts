/** An environment variable where there is an environment: Node, Deno, Bun. Browsers have none. */
export function environmentVariable(name: string): string | undefined {
  const platform = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return platform.process?.env?.[name] || undefined;
}
