import { allows, type Scope } from './principal';

describe('allows: admin holds write, write holds read', () => {
  it.each<[Scope[], Scope, boolean]>([
    [['embedding.read'], 'embedding.read', true],
    [['embedding.read'], 'embedding.write', false],
    [['embedding.read'], 'embedding.admin', false],
    [['embedding.write'], 'embedding.read', true],
    [['embedding.write'], 'embedding.write', true],
    [['embedding.write'], 'embedding.admin', false],
    [['embedding.admin'], 'embedding.read', true],
    [['embedding.admin'], 'embedding.admin', true],
    [['embedding.read', 'embedding.admin'], 'embedding.write', true],
    [[], 'embedding.read', false],
  ])('%j asked for %s: %s', (scopes, wanted, expected) => {
    expect(allows({ id: 'x', scopes }, wanted)).toBe(expected);
  });
});
