export type PortRange = { portFrom: number; portTo: number };

/**
 * The host ports that a project may use: those that it and every project above it have in common, so that a project
 * narrowed later binds what is below it at once.
 */
export const commonPorts = (lineage: readonly PortRange[]): PortRange => ({
  portFrom: Math.max(...lineage.map(({ portFrom }) => portFrom)),
  portTo: Math.min(...lineage.map(({ portTo }) => portTo)),
});

/** A range in words; a project may have none left. */
export const portsInWords = ({ portFrom, portTo }: PortRange): string =>
  portFrom > portTo ? 'no ports' : `${portFrom}–${portTo}`;
