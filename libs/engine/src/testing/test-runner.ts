/** The two functions that Jest, Vitest, Mocha and node:test have in common. */
export interface TestRunner {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly it: (title: string, body: () => void | Promise<void>) => unknown;
}

/**
 * The runner's global `describe` and `it`.
 * @throws Error where they are not global; pass them to the conformance suite then.
 */
export function globalRunner(): TestRunner {
  // Not typed by a runner's own package, so that plugin authors are free to use another.
  const { describe, it } = globalThis as unknown as Partial<TestRunner>;
  if (!describe || !it) {
    throw new Error('No global describe and it: pass { describe, it } of your test runner as the last argument');
  }
  return { describe, it };
}
