import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { InvalidArgumentError, InvalidDimensionsError } from '@sutra-embedder/engine';

interface Problem {
  readonly field: string;
  readonly message: string;
  readonly value: unknown;
}

/** Requests are checked against their DTO; a field nobody knows is refused, for ignoring it would be a lie. */
export function requestValidation(): ValidationPipe {
  return new RequestValidation({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: true },
    exceptionFactory: (errors) => toError(errors),
  });
}

class RequestValidation extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && value === undefined)
      throw new InvalidArgumentError('The request has no body; send a JSON object');
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

function toError(errors: readonly ValidationError[]): Error {
  const problems = errors.flatMap((error) => problemsOf(error, ''));
  const dimensions = problems.find(({ field }) => field === 'dimensions' || field === 'config.dimensions');
  if (dimensions && problems.length === 1) return new InvalidDimensionsError(describe(dimensions.value));
  const [first] = problems;
  return new InvalidArgumentError(problems.map(({ message }) => message).join('; ') || 'The request is not valid', {
    field: first?.field,
    problems: problems.map(({ field, message }) => ({ field, message })),
  });
}

function problemsOf({ property, constraints, children, value }: ValidationError, parent: string): Problem[] {
  const field = parent === '' ? property : /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
  const own = Object.entries(constraints ?? {})
    .slice(0, 1)
    .map(([rule, message]) => ({
      field,
      value,
      message:
        rule === 'whitelistValidation' ? `${field} is not a field of this request` : message.replace(property, field),
    }));
  return [...own, ...(children ?? []).flatMap((child) => problemsOf(child, field))];
}

/** What was sent, where it is short enough to be said back. */
function describe(value: unknown): unknown {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= 32) ? value : typeof value;
}
