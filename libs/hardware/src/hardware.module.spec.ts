import { Test } from '@nestjs/testing';
import { Engine, EngineModule, PluginRegistrar } from '@sutra-embedder/engine';
import { DefaultHardwareSelector } from './default-hardware-selector';
import { HardwareModule } from './hardware.module';
import { FixtureMachine } from './machine/fixture-machine';
import { MachineAccess } from './machine/machine-access';

describe('the hardware module beside the engine', () => {
  const machine = new FixtureMachine({
    hostCores: 3,
    hostMemoryBytes: 2 ** 33,
    commands: { 'nvidia-smi': { status: 'ok', stdout: '0, NVIDIA A10, 23028, 22500, 0, 550.1, 8.6, Disabled\n' } },
  });

  const boot = async () => {
    const module = await Test.createTestingModule({ imports: [EngineModule.forRoot(), HardwareModule] })
      .overrideProvider(MachineAccess)
      .useValue(machine)
      .compile();
    return module.init();
  };

  it('is registered as a plugin', async () => {
    const app = await boot();
    expect(app.get(PluginRegistrar).plugins).toContainEqual({
      name: '@sutra-embedder/hardware',
      version: '1.0.0',
      engine: '^1.0.0',
    });
    await app.close();
  });

  it('fills the inventory of the engine, with a reason for whatever was not found', async () => {
    const app = await boot();
    const { inventory } = app.get(Engine);
    expect(inventory).toMatchObject({
      platform: 'linux',
      cpu: { cores: 3 },
      memory: { limitBytes: 2 ** 33 },
      accelerators: [{ name: 'NVIDIA A10' }],
    });
    expect(Object.keys(inventory.reasons).sort()).toEqual(['amd', 'apple', 'cpu']);
    await app.close();
  });

  it('ranks for the engine', async () => {
    const app = await boot();
    // Private to the engine; that the token reaches it across modules is what is at stake.
    expect(Reflect.get(app.get(Engine), 'selector')).toBeInstanceOf(DefaultHardwareSelector);
    await app.close();
  });
});
