import type { Batch, SessionOutput, SessionRecipe } from '../contracts';

/** What travels between a session host and the session on its other side. */
export type ToSession =
  | { readonly kind: 'open'; readonly recipe: Omit<SessionRecipe, 'release'> }
  | { readonly kind: 'run'; readonly id: number; readonly batch: Batch }
  | { readonly kind: 'close' };

export type FromSession =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'output'; readonly id: number; readonly output: SessionOutput }
  | { readonly kind: 'error'; readonly id: number; readonly message: string }
  | { readonly kind: 'closed' };
