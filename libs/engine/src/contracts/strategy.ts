/** What every strategy has in common, whoever wrote it. */
export interface Strategy {
  /** Unique among strategies of its kind, e.g. `onnx-cpu`. */
  readonly id: string;
  /** Higher is tried first. First-party strategies stay within 0 to 100. Default 0. */
  readonly priority?: number;
  /** Called once before first use; a rejection stops the boot. */
  init?(): void | Promise<void>;
  /** Called once when the application closes. */
  destroy?(): void | Promise<void>;
}

/** Whether something can be used, and if not, a sentence that says why. */
export type Availability = { readonly available: true } | { readonly available: false; readonly reason: string };

export const AVAILABLE: Availability = Object.freeze({ available: true });

export function unavailable(reason: string): Availability {
  return { available: false, reason };
}
