export * from './machine/local-machine';
export * from './machine/machine-access';
export * from './probes/cpu-probe';
export * from './probes/memory-probe';
export * from './tier';
