import { disguiseOf, type ServiceSpec } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { FilePin } from '../stacks/rows.ts';

/**
 * A spec as its host will see it: a volume that was taken over and is a folder of the host in disguise is written as
 * the bind that it is, so that every rule for binds holds for it.
 */
export const specOnHost = async (
  db: Tx,
  { spec, filePins }: { spec: ServiceSpec; filePins: readonly FilePin[] },
): Promise<ServiceSpec> => {
  const pins = filePins.filter(({ kind }) => kind === 'volume');
  if (pins.length === 0) return spec;
  const rows = await db.volume.findMany({ where: { id: { in: pins.map(({ objectId }) => objectId) } } });
  const folders = new Map(
    rows.flatMap(({ id, driver, driverOptions }) => {
      const is = disguiseOf(driver, driverOptions as Record<string, string>);
      const pin = pins.find(({ objectId }) => objectId === id);
      return is?.kind === 'bind' && pin ? [[pin.source, is.source] as const] : [];
    }),
  );
  const mounts = spec.mounts.map((mount) => {
    if (mount.kind !== 'volume' || mount.source === undefined) return mount;
    const source = folders.get(mount.source);
    if (source === undefined) return mount;
    const { target, readOnly } = mount;
    return { kind: 'bind' as const, source, target, readOnly, createHostPath: false };
  });
  return { ...spec, mounts };
};
