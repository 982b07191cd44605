import { PLUGIN_METADATA, STRATEGY_METADATA } from '@sutra-embedder/engine';
import { version } from '../package.json';
import * as quantization from './index';

describe('QuantizationModule', () => {
  it('is a plugin of engine 1 that lists every processor of the package', () => {
    const { QuantizationModule, ...rest } = quantization;
    const processors = Object.values<unknown>(rest).filter(
      (value) => typeof value === 'function' && Reflect.getMetadata(STRATEGY_METADATA, value) === 'processor',
    );
    expect(processors).toHaveLength(6);
    expect(new Set(Reflect.getMetadata('providers', QuantizationModule))).toEqual(new Set(processors));
    expect(Reflect.getMetadata(PLUGIN_METADATA, QuantizationModule)).toMatchObject({
      name: '@sutra-embedder/quantization',
      version,
      engine: '^1.0.0',
    });
  });
});
