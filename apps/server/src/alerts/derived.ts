/** Something that needs a person, as it stands now. One is open per key. */
export type DerivedAlert = {
  key: string;
  kind: string;
  severity: 'critical' | 'warning' | 'info';
  message: string;
  hint: string;
  objectKind: string;
  objectId: string;
  projectId: string | null;
};
