import type { ProcessorStage, ProcessorTask, VectorStep } from '../contracts';
import { InvalidArgumentError, InvalidDimensionsError, type Rejection } from '../errors';
import type { StrategyRegistry } from '../plugins/strategy-registry';

/**
 * The processors a task needs, made ready, in order.
 * @throws InvalidDimensionsError or InvalidArgumentError when no processor can do a stage; lists why each refused
 */
export async function prepareSteps(registry: StrategyRegistry, task: ProcessorTask): Promise<VectorStep[]> {
  const steps: VectorStep[] = [];
  if (task.to < task.from) steps.push(await prepare(registry, 'reduce', task));
  if (task.to > task.from) steps.push(await prepare(registry, 'expand', task));
  if (task.scheme !== 'none') steps.push(await prepare(registry, 'quantize', { ...task, from: task.to }));
  return steps;
}

async function prepare(registry: StrategyRegistry, stage: ProcessorStage, task: ProcessorTask): Promise<VectorStep> {
  const refused: Rejection[] = [];
  for (const { strategy } of registry.list('processor')) {
    if (strategy.stage !== stage) continue;
    const accepted = strategy.accepts(task);
    if (accepted.available) return strategy.prepare(task);
    refused.push({ id: strategy.id, reason: accepted.reason });
  }
  const reasons = refused.map(({ id, reason }) => `${id}: ${reason}`).join('; ') || `no processor for it is loaded`;
  if (stage === 'quantize') {
    throw new InvalidArgumentError(`Quantization "${task.scheme}" cannot be applied: ${reasons}`, {
      field: 'config.quantization',
      quantization: task.scheme,
    });
  }
  throw new InvalidDimensionsError(
    task.to,
    `Model "${task.model.id}" gives ${task.from} dimensions and cannot be ${stage === 'reduce' ? 'reduced' : 'expanded'} to ${task.to}: ${reasons}`,
  );
}
