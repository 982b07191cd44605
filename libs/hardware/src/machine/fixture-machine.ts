import { type CommandOutcome, MachineAccess } from './machine-access';

export interface MachineFixture {
  readonly platform?: string;
  readonly architecture?: string;
  readonly cpuModel?: string;
  readonly hostCores?: number;
  readonly availableCores?: number;
  readonly hostMemoryBytes?: number;
  /** Text by path. Folders follow from the paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** Outcome by program, or by program and arguments; a program that is not named is missing. */
  readonly commands?: Readonly<Record<string, CommandOutcome | ((args: readonly string[]) => CommandOutcome)>>;
}

/** A machine made of recorded files and command outputs, for tests of probes. */
export class FixtureMachine extends MachineAccess {
  readonly platform: string;
  readonly architecture: string;
  readonly cpuModel: string;
  readonly hostCores: number;
  readonly availableCores: number;
  readonly hostMemoryBytes: number;

  constructor(private readonly fixture: MachineFixture = {}) {
    super();
    this.platform = fixture.platform ?? 'linux';
    this.architecture = fixture.architecture ?? 'x64';
    this.cpuModel = fixture.cpuModel ?? '';
    this.hostCores = fixture.hostCores ?? 1;
    this.availableCores = fixture.availableCores ?? this.hostCores;
    this.hostMemoryBytes = fixture.hostMemoryBytes ?? 2 ** 30;
  }

  readFile(path: string): Promise<string | null> {
    return Promise.resolve(this.fixture.files?.[path] ?? null);
  }

  list(path: string): Promise<readonly string[]> {
    const folder = path.endsWith('/') ? path : `${path}/`;
    const names = Object.keys(this.fixture.files ?? {})
      .filter((file) => file.startsWith(folder))
      .map((file) => file.slice(folder.length).split('/')[0] ?? '');
    return Promise.resolve([...new Set(names)]);
  }

  run(program: string, args: readonly string[]): Promise<CommandOutcome> {
    const command = this.fixture.commands?.[program] ?? { status: 'missing' };
    return Promise.resolve(typeof command === 'function' ? command(args) : command);
  }
}
