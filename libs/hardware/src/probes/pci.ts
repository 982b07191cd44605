import type { MachineAccess } from '../machine/machine-access';

const DEVICES = '/sys/bus/pci/devices';

/** PCI vendor ids (pci.ids). */
export const PCI_VENDOR = { nvidia: '0x10de', amd: '0x1002' } as const;

/**
 * Number of display controllers (class 0x03) and processing accelerators (class 0x12) of a vendor on the bus, driver or
 * not; 0 where the bus cannot be read.
 */
export async function countPciAccelerators(machine: MachineAccess, vendor: string): Promise<number> {
  const devices = await machine.list(DEVICES);
  const matches = await Promise.all(
    devices.map(async (device) => {
      const [id, deviceClass] = await Promise.all([
        machine.readFile(`${DEVICES}/${device}/vendor`),
        machine.readFile(`${DEVICES}/${device}/class`),
      ]);
      return id?.trim() === vendor && /^0x(03|12)/.test(deviceClass?.trim() ?? '');
    }),
  );
  return matches.filter(Boolean).length;
}
