import { BackendUnavailableError } from '../errors';

/** A session host died with a batch on it. Nothing of the batch was sent, so it can be run again elsewhere. */
export class SessionLostError extends BackendUnavailableError {
  /** @param begun whether the session may have been running this batch; those that waited behind it are beyond suspicion */
  constructor(
    readonly begun: boolean,
    cause?: unknown,
  ) {
    super('A session died while it was in use; try again', [], cause);
  }
}

/** Whether what failed may be to blame for it. */
export function hadBegun(reason: unknown): boolean {
  return !(reason instanceof SessionLostError) || reason.begun;
}
