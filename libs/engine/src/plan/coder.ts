import type { QuantizationScheme } from '../contracts';
import { InternalError } from '../errors';
import type { Plan, PlanRequest } from './plan';

/** Codes one finished vector. */
export type Coder = (values: Float32Array) => Uint8Array;

/**
 * Codes finished vectors in a scheme besides that of their own plan, for answers that carry a vector in several forms.
 * @throws InvalidArgumentError where the scheme cannot be applied to such vectors
 */
export async function coderOf(
  scheme: Exclude<QuantizationScheme, 'none'>,
  request: PlanRequest,
  plans: { plan(request: PlanRequest): Promise<Plan> },
): Promise<Coder> {
  const { steps } = await plans.plan({ ...request, quantization: scheme });
  // The stage that codes is the last.
  const code = steps.at(-1);
  return (values) => {
    const coded = code?.apply({ rows: 1, dimensions: values.length, values }).codes;
    if (!coded) throw new InternalError(`The processor for ${scheme} gave no codes`);
    return coded.bytes;
  };
}
