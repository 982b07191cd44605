export * from './machine/local-machine';
export * from './machine/machine-access';
<<<<<<< HEAD
export * from './probes/amd-probe';
export * from './probes/apple-probe';
export * from './probes/cpu-probe';
export * from './probes/memory-probe';
export * from './probes/nvidia-probe';
=======
export * from './probes/cpu-probe';
export * from './probes/memory-probe';
>>>>>>> 65f91b4 (Probe CPU and memory within the container's limits, and tier machines by them)
export * from './tier';
