import type { Strategy } from './strategy';

export interface CpuInfo {
  readonly model: string;
  /** `process.arch`: x64, arm64, ... */
  readonly architecture: string;
  /** Cores this process may use: the lowest of host, affinity and cgroup quota (rounded up, at least 1). */
  readonly cores: number;
  readonly hostCores: number;
  /** Lower-case feature names as Linux spells them, e.g. avx2, avx512_vnni, avx_vnni, amx_int8, asimddp. */
  readonly instructionSets: readonly string[];
}

export interface MemoryInfo {
  /** Bytes this process may use: the lower of host memory and cgroup limit. */
  readonly limitBytes: number;
  readonly hostBytes: number;
}

export interface Accelerator {
  readonly vendor: 'nvidia' | 'amd' | 'apple' | (string & {});
  readonly name: string;
  readonly index: number;
  readonly memoryBytes: number | null;
  readonly freeMemoryBytes: number | null;
  /** 0 to 1, or null where the driver does not say. */
  readonly utilization: number | null;
  readonly driver: string | null;
  /** CUDA compute capability such as 9.0, for NVIDIA only. */
  readonly computeCapability?: number;
}

/** What the machine has. Every missing part has a reason. */
export interface HardwareInventory {
  readonly platform: string;
  readonly cpu: CpuInfo;
  readonly memory: MemoryInfo;
  readonly accelerators: readonly Accelerator[];
  /** Why a part was not found, by probe id. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** What one probe found: any part of the inventory. Accelerators of several probes are put together. */
export type ProbeReport = Partial<Omit<HardwareInventory, 'reasons'>> & {
  /** Why nothing (or not everything) was found. */
  readonly reason?: string;
};

/** Looks at one aspect of the machine. Never throws: reports a reason. */
export interface HardwareProbe extends Strategy {
  probe(): Promise<ProbeReport>;
}
