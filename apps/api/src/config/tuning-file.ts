import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import type { Tuning } from '@sutra-embedder/engine';
import { z } from 'zod';
import { ConfigurationError } from './configuration';

const whole = z.int().min(1);
const schema = z.strictObject({
  machine: z.string(),
  measured: z.record(z.string(), z.strictObject({ sessions: whole, threads: whole, tokenBudget: whole })),
});

/** What measurements hold for: a file made elsewhere, or before the container was resized, is not used. */
export function machineKey(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown'} x ${availableParallelism()}`;
}

/**
 * What `npm run tune` measured on this kind of machine; nothing where it never ran or ran on another.
 * @throws ConfigurationError when the file cannot be read as one
 */
export function loadTuning(path: string): Tuning {
  if (!existsSync(path)) return {};
  try {
    const { machine, measured } = schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return machine === machineKey() ? measured : {};
  } catch {
    throw new ConfigurationError([`${path} is not a file that "npm run tune" wrote; remove it, or run that again`]);
  }
}
