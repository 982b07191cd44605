import { readOtlpEnvironment } from './otlp-environment';

const read = (environment: Record<string, string>) => readOtlpEnvironment(environment, true);

describe('readOtlpEnvironment', () => {
  it('looks at nothing while SUTRA_TRACES is off', () => {
    expect(readOtlpEnvironment({ OTEL_TRACES_SAMPLER: 'wrong' }, false)).toEqual({ tracing: undefined, problems: [] });
  });

  it('has the defaults of OpenTelemetry', () => {
    expect(read({}).tracing).toEqual({
      url: 'http://localhost:4318/v1/traces',
      headers: {},
      timeoutMs: 10_000,
      compress: false,
      serviceName: 'sutra-embedder',
      resource: {},
      sampler: 'parentbased_always_on',
      ratio: 1,
    });
  });

  it('takes what is for traces before what is for everything', () => {
    expect(
      read({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:4318/',
        OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=two%20words',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=3',
        OTEL_EXPORTER_OTLP_TIMEOUT: '5',
        OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '7',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      }).tracing,
    ).toMatchObject({
      url: 'http://all:4318/v1/traces',
      headers: { a: '3', b: 'two words' },
      timeoutMs: 7,
      compress: true,
    });
    expect(read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://own/path' }).tracing?.url).toBe('http://own/path');
  });

  it('names the service by its own variable, else by the resource', () => {
    const resource = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=by-resource,zone=a' };
    expect(read(resource).tracing).toMatchObject({ serviceName: 'by-resource', resource: { zone: 'a' } });
    expect(read({ ...resource, OTEL_SERVICE_NAME: 'own' }).tracing?.serviceName).toBe('own');
  });

  it('is off where OpenTelemetry is', () => {
    expect(read({ OTEL_SDK_DISABLED: 'true' })).toEqual({ tracing: undefined, problems: [] });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'sometoken'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'soon'],
    ['OTEL_TRACES_SAMPLER', 'some'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ])('names %s where it cannot be used, without a value that may be secret', (name, value) => {
    const { problems } = read({ [name]: value });
    expect(problems).toEqual([expect.stringContaining(name)]);
    expect(problems.join()).not.toContain('sometoken');
  });
});
