import { PluginError } from '@sutra-embedder/engine';
import { ConfigurationError } from './config/configuration';

/** Why a start failed: what a person can mend in a sentence, the rest with its stack. */
export function explainFailure(error: unknown): string {
  if (error instanceof ConfigurationError || PluginError.is(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
