import { z } from 'zod';
import { EngineError } from '../errors';
import { readBody } from './read-body';

const Body = z.strictObject({
  input: z.array(z.string()),
  options: z.strictObject({ size: z.number().max(9).nullish() }).optional(),
});
const refusal = (body: unknown) => {
  try {
    readBody(Body, body);
  } catch (error) {
    if (EngineError.is(error)) return error;
  }
  throw new Error('It was taken');
};

describe('readBody', () => {
  it('gives the body as its schema has it', () => {
    expect(readBody(Body, { input: ['a'], options: { size: null } })).toEqual({
      input: ['a'],
      options: { size: null },
    });
  });

  it.each([
    ['input[1]', { input: ['a', 1] }],
    ['options.size', { input: [], options: { size: 10 } }],
    ['options.color', { input: [], options: { color: 'red' } }],
    ['other', { input: [], other: 1 }],
    ['', 'no object'],
  ])('names the field "%s"', (field, body) => {
    expect(refusal(body)).toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
  });

  it('tells of every problem, and never what was sent', () => {
    const { message, details } = refusal({ input: 'secret', options: { size: 'secret' }, more: 'secret' });
    expect(details?.['problems']).toHaveLength(3);
    expect(message).toMatch(/input: .*; options\.size: .*; more is not a field of this request/);
    expect(JSON.stringify({ message, details })).not.toContain('secret');
  });
});
