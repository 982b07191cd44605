import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrecompiledCharsmap } from './precompiled-charsmap';

const fixture = join(__dirname, '../../../../test/fixtures/tokenizers/unigram.json');
const { normalizer } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  normalizer: { normalizers: [{ precompiled_charsmap: string }] };
};

// The rules are those of tools/make-tokenizer-fixtures.py; that the ids come out right, general-tokenizer.spec.ts shows.
describe('PrecompiledCharsmap', () => {
  const rules = new PrecompiledCharsmap(normalizer.normalizers[0].precompiled_charsmap);

  it('replaces sequences and characters by its rules and keeps all else', () => {
    expect(rules.normalize('e\u0301\u2026\ufb01\u200b\u00a0ABC')).toBe('\u00e9...fi ABC');
    expect(rules.normalize('👩\u200d👩 x\u0301 \u03a9')).toBe('👩\u200d👩 x\u0301 \u03a9');
  });

  it('takes a cluster for one where its beginning has a rule, if it has fewer than six bytes', () => {
    expect(rules.normalize('\r\n')).toBe(' ');
    expect(rules.normalize('\n\r')).toBe('  ');
    expect(rules.normalize('e\u0301\u0323')).toBe('\u00e9');
    expect(rules.normalize('e\u0301\u0323\u0323')).toBe('e\u0301\u0323\u0323');
  });

  it('refuses bytes that are no rules', () => {
    for (const broken of ['', 'AAAA', '/////w==']) expect(() => new PrecompiledCharsmap(broken)).toThrow(/broken/);
  });
});
