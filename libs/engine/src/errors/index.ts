export * from './engine-error';
export * from './errors';
