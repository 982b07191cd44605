export * from './binary';
export * from './expansion/isometry';
export * from './expansion/isometry-processor';
export * from './int4';
export * from './int8';
export * from './quantization.module';
export * from './reduction/cut-processor';
export * from './reduction/pca-processor';
