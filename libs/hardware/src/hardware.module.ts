import { Global, Module } from '@nestjs/common';
import { EmbedderPlugin, HARDWARE_SELECTOR } from '@sutra-embedder/engine';

import { DefaultHardwareSelector } from './default-hardware-selector';
import { LocalMachine } from './machine/local-machine';
import { MachineAccess } from './machine/machine-access';
import { AmdProbe } from './probes/amd-probe';
import { AppleProbe } from './probes/apple-probe';
import { CpuProbe } from './probes/cpu-probe';
import { MemoryProbe } from './probes/memory-probe';
import { NvidiaProbe } from './probes/nvidia-probe';

/** Probes of CPU, memory and accelerators, and the selector. Global: the engine injects the selector without import. */
@EmbedderPlugin({ name: '@sutra-embedder/hardware', version: '1.0.0', engine: '^1.0.0' })
@Global()
@Module({
  providers: [
    { provide: MachineAccess, useClass: LocalMachine },
    { provide: HARDWARE_SELECTOR, useClass: DefaultHardwareSelector },
    CpuProbe,
    MemoryProbe,
    NvidiaProbe,
    AmdProbe,
    AppleProbe,
  ],
  exports: [HARDWARE_SELECTOR],
})
export class HardwareModule {}
