import type { StoredFileView } from '@portreeve/contract';
import { Fragment } from 'react';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';

/** The services that use a thing. */
export const UsedBy = ({ of }: { of: StoredFileView['usedBy'] }) =>
  of.length === 0 ? (
    <span className="dim">nothing</span>
  ) : (
    of.map((service, index) => (
      <Fragment key={service.serviceId}>
        {index > 0 && ', '}
        <Link href={paths.service(service.serviceId)}>{service.name}</Link>
      </Fragment>
    ))
  );
