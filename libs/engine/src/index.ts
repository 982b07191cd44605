export * from './contracts';
export * from './errors';
export * from './plugins/decorators';
export * from './tokenization';
