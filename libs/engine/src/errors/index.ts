export * from './engine-error';
export * from './errors';
export * from './error-message';
