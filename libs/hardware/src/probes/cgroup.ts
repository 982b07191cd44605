import type { MachineAccess } from '../machine/machine-access';

/** Where the files of one controller are for this process: its own group first, then each parent up to the mount. */
export interface CgroupPlace {
  readonly version: 1 | 2;
  readonly folders: readonly string[];
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Parses the cgroup lines of /proc/self/mountinfo (proc(5)). */
export function parseCgroupMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const fields = before?.split(' ') ?? [];
    const [type, , options] = after?.split(' ') ?? [];
    const root = fields[3];
    const point = fields[4];
    if (root === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    return [{ root: unescape(root), point: unescape(point), type, options: options?.split(',') ?? [] }];
  });
}

/**
 * Places to read a controller's limits from, given /proc/self/cgroup and /proc/self/mountinfo. On a hybrid system a
 * controller lives in either hierarchy, so both are returned.
 */
export function cgroupPlaces(controller: string, cgroup: string, mountinfo: string): CgroupPlace[] {
  const mounts = parseCgroupMounts(mountinfo);
  return cgroup.split('\n').flatMap((line): CgroupPlace[] => {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    const unified = id === '0' && controllers === '';
    if (!unified && !controllers?.split(',').includes(controller)) return [];
    const mount = mounts.find((candidate) =>
      unified ? candidate.type === 'cgroup2' : candidate.type === 'cgroup' && candidate.options.includes(controller),
    );
    return mount ? [{ version: unified ? 2 : 1, folders: foldersUpTo(mount, path) }] : [];
  });
}

/**
 * A container may see its own group as the root of the mount while /proc/self/cgroup names it by its path on the
 * host; a path outside of the mount then means the mount itself.
 */
function foldersUpTo(mount: Mount, path: string): string[] {
  const inside = path === mount.root || path.startsWith(mount.root === '/' ? '/' : `${mount.root}/`);
  const relative = inside && !path.includes('/..') ? path.slice(mount.root === '/' ? 0 : mount.root.length) : '';
  const parts = relative.split('/').filter(Boolean);
  return [...parts.keys(), parts.length].reverse().map((length) => [mount.point, ...parts.slice(0, length)].join('/'));
}

/** mountinfo writes spaces and the like as octal escapes. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Cores that `cpu.max` (v2) grants: quota over period; null where there is no limit. */
export function parseCpuMax(text: string): number | null {
  const [quota, period] = text.trim().split(/\s+/);
  return coresOf(quota, period ?? '100000');
}

/** Cores that `cpu.cfs_quota_us` and `cpu.cfs_period_us` (v1) grant; null where there is no limit. */
export function coresOf(quota: string | undefined, period: string | undefined): number | null {
  const cores = Number(quota?.trim() || Number.NaN) / Number(period?.trim() || Number.NaN);
  return Number.isFinite(cores) && cores > 0 ? cores : null;
}

/** Bytes of a memory limit file; null for `max`, and for v1's page-rounded 2^63 that means the same. */
export function parseMemoryLimit(text: string): number | null {
  const bytes = Number(text.trim() || Number.NaN);
  return Number.isFinite(bytes) && bytes > 0 && bytes < 2 ** 62 ? bytes : null;
}

/** The tightest limits along this process's groups; null where there is none. Parents bind their children. */
export class CgroupLimits {
  constructor(private readonly machine: MachineAccess) {}

  /** In cores, not rounded. */
  cpuQuota(): Promise<number | null> {
    return this.tightest('cpu', async (version, folder) => {
      if (version === 2) return parseCpuMax((await this.machine.readFile(`${folder}/cpu.max`)) ?? '');
      const quota = await this.machine.readFile(`${folder}/cpu.cfs_quota_us`);
      const period = await this.machine.readFile(`${folder}/cpu.cfs_period_us`);
      return coresOf(quota ?? undefined, period ?? undefined);
    });
  }

  /** In bytes. */
  memory(): Promise<number | null> {
    return this.tightest('memory', async (version, folder) => {
      if (version === 2) return parseMemoryLimit((await this.machine.readFile(`${folder}/memory.max`)) ?? '');
      const own = parseMemoryLimit((await this.machine.readFile(`${folder}/memory.limit_in_bytes`)) ?? '');
      // Includes parents that a container cannot see.
      const stat = (await this.machine.readFile(`${folder}/memory.stat`)) ?? '';
      const inherited = parseMemoryLimit(/^hierarchical_memory_limit (\d+)$/m.exec(stat)?.[1] ?? '');
      return lowest([own, inherited]);
    });
  }

  private async tightest(
    controller: string,
    read: (version: 1 | 2, folder: string) => Promise<number | null>,
  ): Promise<number | null> {
    const cgroup = (await this.machine.readFile('/proc/self/cgroup')) ?? '';
    const mountinfo = (await this.machine.readFile('/proc/self/mountinfo')) ?? '';
    const reads = cgroupPlaces(controller, cgroup, mountinfo).flatMap((place) =>
      place.folders.map((folder) => read(place.version, folder)),
    );
    return lowest(await Promise.all(reads));
  }
}

function lowest(limits: readonly (number | null)[]): number | null {
  const known = limits.filter((limit) => limit !== null);
  return known.length > 0 ? Math.min(...known) : null;
}
