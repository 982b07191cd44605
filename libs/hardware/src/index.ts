export * from './machine/local-machine';
export * from './machine/machine-access';
export * from './probes/amd-probe';
export * from './probes/apple-probe';
export * from './probes/cpu-probe';
export * from './probes/memory-probe';
export * from './probes/nvidia-probe';
export * from './tier';
