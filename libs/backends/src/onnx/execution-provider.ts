/** An execution provider of ONNX Runtime with the options that its Node binding reads; it reads no others. */
export type ExecutionProvider =
  | { readonly name: 'cpu' }
  | { readonly name: 'cuda' | 'tensorrt'; readonly deviceId: number }
  | { readonly name: 'coreml'; readonly coreMlFlags: number };
