import type { ReactNode } from 'react';
import type { Seen } from '../live/queries.ts';
import { Gate } from './gate.tsx';
import { type Crumb, PageHead } from './page-head.tsx';

type Props<T> = {
  of: Seen<T>;
  /** What it is, as the title until its name is known, or where there is no such thing. */
  kind: string;
  /** Where all of them are. */
  home: Crumb;
  children: (data: T) => ReactNode;
};

/** The page of one object: it has its head before its data come, and still when they never do. */
export const ObjectGate = <T,>({ of, kind, home, children }: Props<T>) => (
  <>
    {of.data === undefined && <PageHead crumbs={[home]} title={kind} />}
    <Gate of={of} lines={8}>
      {children}
    </Gate>
  </>
);
