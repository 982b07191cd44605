export * from './probe-conformance';
export * from './processor-conformance';
export * from './sample-model';
export * from './test-runner';
