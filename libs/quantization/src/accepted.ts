import { InvalidArgumentError, type ProcessorTask, type VectorProcessor } from '@sutra-embedder/engine';

/**
 * For `prepare`: refuses what `accepts` refused, with the same reason.
 * @throws InvalidArgumentError
 */
export function requireAccepted(processor: VectorProcessor, task: ProcessorTask): void {
  const answer = processor.accepts(task);
  if (!answer.available) throw new InvalidArgumentError(`Processor "${processor.id}" cannot do this: ${answer.reason}`);
}
