import { Inject } from '@nestjs/common';

export const CONFIGURATION = Symbol('configuration');

/** Injects the frozen configuration. */
export const InjectConfiguration = () => Inject(CONFIGURATION);
