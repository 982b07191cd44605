export * from './backend-conformance';
export * from './cache-conformance';
export * from './probe-conformance';
export * from './processor-conformance';
export * from './sample-artifact';
export * from './sample-model';
export * from './source-conformance';
export * from './test-runner';
