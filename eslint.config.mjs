import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Dependencies point one way: apps -> libs/{backends,quantization,hardware,compat} -> libs/engine. */
const forbid = (...names) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: names.map((name) => ({
        group: [name],
        message: 'Dependencies point one way: apps -> libs/* -> libs/engine (docs/architecture.md).',
      })),
    },
  ],
});
const siblings = ['backends', 'quantization', 'hardware', 'store', 'compat*', 'api'].map(
  (name) => `@sutra-embedder/${name}`,
);
const transports = ['fastify', '@nestjs/platform-*', '@nestjs/microservices', '@nestjs/websockets', '@grpc/*', 'ws'];
const escapes = ['**/apps/**', '**/libs/**'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'models/**', 'coverage/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    // Nest's container needs constructor parameters' classes at run time: files with decorators keep value imports.
    languageOptions: { parserOptions: { emitDecoratorMetadata: true, experimentalDecorators: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: [
      'apps/api/src/config/**',
      'apps/api/src/main.ts',
      'apps/api/src/doctor.ts',
      'apps/api/src/keys.ts',
      'test/**',
      'examples/**',
      '**/*.spec.ts',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Configuration is read in apps/api/src/config and injected.' },
      ],
    },
  },
  { files: ['libs/engine/src/**/*.ts'], rules: forbid(...siblings, ...transports, ...escapes) },
  {
    files: ['libs/{backends,quantization,hardware,store,compat/*}/src/**/*.ts'],
    // Specs reach what they test by its package name where worker threads need the built files.
    ignores: ['**/*.spec.ts'],
    rules: forbid(...siblings, ...transports, ...escapes),
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        setTimeout: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        setImmediate: 'readonly',
        setInterval: 'readonly',
        Response: 'readonly',
        clearTimeout: 'readonly',
        exports: 'writable',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        TextDecoder: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['**/*.spec.mjs'],
    languageOptions: { globals: { describe: 'readonly', it: 'readonly', expect: 'readonly' } },
  },
  {
    files: ['test/browser/**'],
    languageOptions: { globals: { window: 'readonly', AbortController: 'readonly' } },
  },
  prettier,
);
