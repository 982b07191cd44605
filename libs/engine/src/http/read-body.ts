import { InvalidArgumentError } from '../errors';

/** Of a zod schema, what reading a body needs: whichever copy of zod made it. */
export interface BodySchema<T> {
  safeParse(body: unknown): { success: true; data: T } | { success: false; error: { issues: readonly BodyIssue[] } };
}

interface BodyIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/**
 * A request's body as its schema has it.
 * @throws InvalidArgumentError with every problem; `details.field` names the first field
 */
export function readBody<T>(schema: BodySchema<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(({ code, path, message, keys }) => {
    const field = fieldOf(path);
    if (code === 'unrecognized_keys' && keys) {
      return keys.map((key) => ({
        field: fieldOf([...path, key]),
        message: `${fieldOf([...path, key])} is not a field of this request`,
      }));
    }
    return [{ field, message: field === '' ? `The request body: ${message}` : `${field}: ${message}` }];
  });
  throw new InvalidArgumentError(problems.map(({ message }) => message).join('; '), {
    field: problems[0]?.field,
    problems,
  });
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (field, part) =>
      typeof part === 'number' ? `${field}[${part}]` : field === '' ? String(part) : `${field}.${String(part)}`,
    '',
  );
}
