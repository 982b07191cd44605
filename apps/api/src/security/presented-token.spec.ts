import { EngineError } from '@sutra-embedder/engine';
import { presentedToken } from './presented-token';

const outcome = (apiKeys: string[], authorizations: string[]) => {
  try {
    return presentedToken({ apiKeys, authorizations });
  } catch (error) {
    return EngineError.is(error) ? error.code : error;
  }
};

describe('presentedToken', () => {
  it.each<[string, string[], string[], string | undefined]>([
    ['nothing', [], [], undefined],
    ['a key', ['k'], [], 'k'],
    ['a bearer', [], ['Bearer k'], 'k'],
    ['the scheme in any case', [], ['bEARER k'], 'k'],
    ['more than one space, as RFC 9110 has it', [], ['Bearer   k'], 'k'],
    ['the same key in both places', ['k'], ['Bearer k'], 'k'],
    ['the same key twice', ['k', 'k'], [], 'k'],
  ])('takes %s', (_name, apiKeys, authorizations, expected) => {
    expect(outcome(apiKeys, authorizations)).toBe(expected);
  });

  it.each<[string, string[], string[]]>([
    ['places that disagree', ['a'], ['Bearer b']],
    ['a header sent twice', ['a', 'b'], []],
    ['Authorization sent twice', [], ['Bearer a', 'Bearer b']],
    ['a good one beside one of another scheme', ['a'], ['Basic YTpi']],
    ['keys joined by a comma', ['a, b'], []],
    ['bearers joined by a comma', [], ['Bearer a, Bearer b']],
    ['another scheme', [], ['Basic YTpi']],
    ['no scheme', [], ['a']],
    ['no token', [], ['Bearer']],
    ['an empty key', [''], []],
    ['a tab for a space', [], ['Bearer\ta']],
    ['two tokens', [], ['Bearer a b']],
    ['a space within a key', ['a b'], []],
    ['letters beyond ASCII', ['\u0430'], []],
    ['parameters', [], ['Bearer a;b=c']],
  ])('refuses %s', (_name, apiKeys, authorizations) => {
    expect(outcome(apiKeys, authorizations)).toBe('UNAUTHENTICATED');
  });
});
