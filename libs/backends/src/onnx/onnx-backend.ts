import {
  AVAILABLE,
  unavailable,
  type Accelerator,
  type Artifact,
  type Availability,
  type DeviceKind,
  type EmbeddingBackend,
  type HardwareInventory,
  type Model,
  type SessionOptions,
  type SessionRecipe,
} from '@sutra-embedder/engine';
import type { ExecutionProvider } from './execution-provider';
import type { OnnxSessionOptions } from './onnx-session';
import { tryProvider } from './provider-trial';

/** What the backends on ONNX Runtime have in common: everything but their execution provider. */
export abstract class OnnxBackend implements EmbeddingBackend {
  abstract readonly id: string;
  abstract readonly device: DeviceKind;
  abstract readonly priority: number;

  accepts(artifact: Artifact): Availability {
    return artifact.format === 'onnx' ? AVAILABLE : unavailable(`it runs onnx artifacts, not ${artifact.format}`);
  }

  abstract probe(inventory: HardwareInventory, artifact: Artifact): Availability | Promise<Availability>;

  /** Session options in the provider's own terms; pure. */
  abstract provider(options: SessionOptions): ExecutionProvider;

  /** What of the options the runtime's Node binding has no way to honor, in words for the caller. */
  notes(_options: SessionOptions): readonly string[] {
    return [];
  }

  open(model: Model, artifact: Artifact, options: SessionOptions): Promise<SessionRecipe> {
    const sessionOptions: OnnxSessionOptions = {
      path: artifact.path,
      pooling: model.pooling,
      threads: options.threads,
      padTokenId: model.padTokenId,
      positionOffset: model.positionOffset,
      // What the provider has no kernel for runs on the CPU, as ONNX Runtime does it.
      executionProviders: [this.provider(options)],
    };
    return Promise.resolve({ module: require.resolve('./onnx-session'), options: sessionOptions });
  }
}

/** A backend on an accelerator: the device must be there, and the provider must have run a trial graph on it. */
export abstract class OnnxAcceleratorBackend extends OnnxBackend {
  private readonly trials = new Map<string, Promise<Availability>>();

  /** @param attempt runs the trial; another one in tests */
  constructor(private readonly attempt: (provider: ExecutionProvider) => Promise<Availability> = tryProvider) {
    super();
  }

  /** Whether an accelerator is one of its kind. */
  protected abstract drives(accelerator: Accelerator): boolean;
  /** What to say and do when there is none. */
  protected abstract readonly missing: string;
  /** What the provider needs besides the device. */
  protected abstract readonly needs: string;

  probe(inventory: HardwareInventory): Availability | Promise<Availability> {
    const device = inventory.accelerators.find((accelerator) => this.drives(accelerator));
    if (!device) {
      const reasons = Object.values(inventory.reasons).join('; ');
      return unavailable(`${this.missing}${reasons === '' ? '' : ` (${reasons})`}`);
    }
    const provider = this.provider({ sessions: 1, threads: 1, deviceId: device.index });
    const key = JSON.stringify(provider);
    let trial = this.trials.get(key);
    if (!trial) this.trials.set(key, (trial = this.try(provider)));
    return trial;
  }

  private async try(provider: ExecutionProvider): Promise<Availability> {
    const result = await this.attempt(provider);
    return result.available ? result : unavailable(`${result.reason}; ${this.needs}`);
  }

  override notes({ memoryLimitBytes, fp16 }: SessionOptions): readonly string[] {
    return [
      ...(memoryLimitBytes === undefined ? [] : [`${this.id}: the runtime's Node binding takes no memory limit`]),
      ...(fp16
        ? [`${this.id}: fp16 is the provider's own choice; the runtime's Node binding has no switch for it`]
        : []),
    ];
  }
}
