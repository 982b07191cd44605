import { ModelNotAvailableError } from '../errors';
import { sampleModel } from '../testing/sample-model';
import { chooseModel } from './choose-model';

const fixed = sampleModel({ id: 'sutra-static-en', dimensions: 384, qualityScore: null });
const small = sampleModel({ id: 'small', dimensions: 384, qualityScore: 56 });
const large = sampleModel({ id: 'large', dimensions: 768, qualityScore: 64 });
const twin = sampleModel({ id: 'a-twin-of-small', dimensions: 384, qualityScore: 56 });

describe('chooseModel', () => {
  it.each([
    ['the best by quality', [small, large, fixed], undefined, 'medium', 'large'],
    ['the best of those that are wide enough', [small, large, fixed], 768, 'medium', 'large'],
    ['the best of all where none is wide enough', [small, large], 1024, 'medium', 'large'],
    ['the first by id among equals, in whatever order', [small, twin], undefined, 'server', 'a-twin-of-small'],
    ['the static model on minimal', [large, small, fixed], undefined, 'minimal', 'sutra-static-en'],
    ['the static model on minimal for a shorter length', [large, small, fixed], 256, 'minimal', 'sutra-static-en'],
    ['a wider model on minimal where the static one would be expanded', [large, fixed], 768, 'minimal', 'large'],
    ['the best by quality on minimal where no static model is ready', [small, large], undefined, 'minimal', 'large'],
    ['a static model that is alone, anywhere', [fixed], undefined, 'extreme', 'sutra-static-en'],
  ] as const)('takes %s', (_, ready, dimensions, profile, expected) => {
    const { model, note } = chooseModel(ready, dimensions, profile);
    expect(model.id).toBe(expected);
    expect(note).toContain(`custom was resolved to ${expected}`);
  });

  it('says why', () => {
    expect(chooseModel([small, fixed], undefined, 'minimal').note).toContain('comes first on the profile minimal');
    expect(chooseModel([small, fixed], undefined, 'low').note).toContain('by quality score');
    expect(chooseModel([small], 512, 'low').note).toContain('expanded');
  });

  it.each([
    ['a model that the profile carries, before a better one that it does not', 'low', 'fitting'],
    ['the better one where the profile carries both', 'high', 'heavy'],
    ['the better one where a named profile carries both', 'server', 'heavy'],
  ] as const)('takes %s', (_, profile, expected) => {
    const heavy = sampleModel({ id: 'heavy', qualityScore: 64, hardwareTier: 'high' });
    const fitting = sampleModel({ id: 'fitting', qualityScore: 56, hardwareTier: 'low' });
    for (const ready of [
      [heavy, fitting],
      [fitting, heavy],
    ]) {
      expect(chooseModel(ready, undefined, profile).model.id).toBe(expected);
    }
    expect(chooseModel([heavy], undefined, 'low').note).toContain('large for the profile low');
  });

  it('refuses by name where nothing is ready', () => {
    expect(() => chooseModel([], undefined, 'low')).toThrow(ModelNotAvailableError);
  });
});
