import { FixtureMachine } from '../machine/fixture-machine';
import { CgroupLimits, cgroupPlaces, coresOf, parseCpuMax, parseMemoryLimit } from './cgroup';

const V2_MOUNT = '30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate';
const V1_MOUNTS = [
  '32 31 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct',
  '35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,nosuid shared:10 - cgroup cgroup rw,memory',
].join('\n');
const V1_CGROUP = '9:name=systemd:/docker/abc\n4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n';

describe('where the files of a controller are', () => {
  it.each([
    [
      'v2 on a host: every parent up to the mount',
      'memory',
      '0::/user.slice/app.scope\n',
      V2_MOUNT,
      [
        {
          version: 2,
          folders: ['/sys/fs/cgroup/user.slice/app.scope', '/sys/fs/cgroup/user.slice', '/sys/fs/cgroup'],
        },
      ],
    ],
    ['v2 in a namespace', 'cpu', '0::/\n', V2_MOUNT, [{ version: 2, folders: ['/sys/fs/cgroup'] }]],
    [
      'v2 below a namespace that the process was moved out of',
      'cpu',
      '0::/../other\n',
      V2_MOUNT,
      [{ version: 2, folders: ['/sys/fs/cgroup'] }],
    ],
    [
      'v1 in a container whose group is the root of the mount',
      'cpu',
      V1_CGROUP,
      V1_MOUNTS,
      [{ version: 1, folders: ['/sys/fs/cgroup/cpu,cpuacct'] }],
    ],
    [
      'v1 with a group below the mounted one',
      'memory',
      '4:memory:/docker/abc/worker\n',
      V1_MOUNTS,
      [{ version: 1, folders: ['/sys/fs/cgroup/memory/worker', '/sys/fs/cgroup/memory'] }],
    ],
    [
      'v1 whose path is not below the mount',
      'memory',
      '4:memory:/docker/abcdef\n',
      V1_MOUNTS,
      [{ version: 1, folders: ['/sys/fs/cgroup/memory'] }],
    ],
    ['no cgroup mount', 'memory', V1_CGROUP, '22 1 8:1 / / rw - ext4 /dev/sda1 rw', []],
    ['nothing readable', 'memory', '', '', []],
  ])('%s', (_, controller, cgroup, mountinfo, expected) => {
    expect(cgroupPlaces(controller, cgroup, mountinfo)).toEqual(expected);
  });

  it('decodes the octal escapes of mountinfo', () => {
    const mount = '30 24 0:26 / /mnt/my\\040groups rw - cgroup2 cgroup2 rw';
    expect(cgroupPlaces('cpu', '0::/', mount)[0]?.folders).toEqual(['/mnt/my groups']);
  });
});

describe('limit files', () => {
  it.each([
    ['max 100000\n', null],
    ['200000 100000\n', 2],
    ['50000 100000\n', 0.5],
    ['150000\n', 1.5],
    ['', null],
    ['garbage', null],
  ])('cpu.max %j grants %p cores', (text, cores) => {
    expect(parseCpuMax(text)).toBe(cores);
  });

  it.each([
    ['-1\n', '100000\n', null],
    ['250000\n', '100000\n', 2.5],
    ['100000', undefined, null],
    ['100000', '0', null],
  ])('cfs quota %j over %j grants %p cores', (quota, period, cores) => {
    expect(coresOf(quota, period)).toBe(cores);
  });

  it.each([
    ['max\n', null],
    ['9223372036854771712\n', null],
    ['536870912\n', 536_870_912],
    ['', null],
  ])('memory limit %j is %p bytes', (text, bytes) => {
    expect(parseMemoryLimit(text)).toBe(bytes);
  });
});

describe('the tightest limit', () => {
  it('is that of a parent where the parent has less', async () => {
    const limits = new CgroupLimits(
      new FixtureMachine({
        files: {
          '/proc/self/cgroup': '0::/kubepods/pod1/app\n',
          '/proc/self/mountinfo': V2_MOUNT,
          '/sys/fs/cgroup/kubepods/pod1/app/cpu.max': 'max 100000\n',
          '/sys/fs/cgroup/kubepods/pod1/cpu.max': '150000 100000\n',
          '/sys/fs/cgroup/kubepods/cpu.max': '800000 100000\n',
          '/sys/fs/cgroup/kubepods/pod1/app/memory.max': '8589934592\n',
          '/sys/fs/cgroup/kubepods/pod1/memory.max': '4294967296\n',
        },
      }),
    );
    expect(await limits.cpuQuota()).toBe(1.5);
    expect(await limits.memory()).toBe(4 * 2 ** 30);
  });

  it('includes, on v1, parents that only memory.stat tells of', async () => {
    const limits = new CgroupLimits(
      new FixtureMachine({
        files: {
          '/proc/self/cgroup': V1_CGROUP,
          '/proc/self/mountinfo': V1_MOUNTS,
          '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '200000\n',
          '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
          '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
          '/sys/fs/cgroup/memory/memory.stat': 'cache 0\nrss 4096\nhierarchical_memory_limit 1073741824\n',
        },
      }),
    );
    expect(await limits.cpuQuota()).toBe(2);
    expect(await limits.memory()).toBe(2 ** 30);
  });

  it('is none without any cgroup', async () => {
    const limits = new CgroupLimits(new FixtureMachine());
    expect(await limits.cpuQuota()).toBeNull();
    expect(await limits.memory()).toBeNull();
  });
});
