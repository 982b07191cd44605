export * from './as-engine-error';
export * from './call-context';
export * from './envelope-filter';
export * from './http-status';
export * from './read-body';
