export * from './int8';
export * from './quantization.module';
