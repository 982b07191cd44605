import type { ExecutionProvider } from './execution-provider';

/** y = x + x over one float32, opset 13: the smallest graph that makes a provider run a kernel on its device. */
const GRAPH = 'CAgSADo5Cg4KAXgKAXgSAXkiA0FkZBIFdHJpYWxaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgQKABAN';

/** Runs in a process of its own: a provider that crashes takes this process, not the server. */
async function main(provider: ExecutionProvider): Promise<void> {
  const ort = await import('onnxruntime-node');
  const session = await ort.InferenceSession.create(Buffer.from(GRAPH, 'base64'), {
    executionProviders: [provider],
    logSeverityLevel: 4,
  });
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(21), [1]) });
  const answer = (y?.data as Float32Array | undefined)?.[0];
  if (answer !== 42) throw new Error(`it computed 21 + 21 = ${answer}`);
}

main(JSON.parse(process.argv[2] ?? 'null') as ExecutionProvider).then(
  () => process.send?.({ ok: true }),
  (error: unknown) => process.send?.({ ok: false, reason: error instanceof Error ? error.message : String(error) }),
);
